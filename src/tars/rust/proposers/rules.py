"""What the repair rules propose: each diagnostic is shown to the rules that serve its code."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from tars.rust.context import Workbench
from tars.rust.proposer import Proposer
from tars.rust.rule import RULES, Rule
from tars.rust.values import Patch, RustDiagnostic


class Rules:
    name = "rules"
    stage = 0

    def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
        found: list[Patch] = []
        for name, rule in _by_code().get(diagnostic.code, ()):
            for patch in rule.propose(diagnostic, bench):
                producer, citations = patch.producer or f"rule:{name}", patch.citations or rule.cites
                found.append(replace(patch, producer=producer, citations=citations))
        yield from sorted(found, key=lambda patch: -patch.confidence)


@cache
def _by_code() -> dict[str, tuple[tuple[str, Rule], ...]]:
    found: dict[str, list[tuple[str, Rule]]] = {}
    for name in RULES.names():
        rule = RULES.load(name)
        for code in rule.codes:
            found.setdefault(code, []).append((name, rule))
    return {code: tuple(rules) for code, rules in found.items()}


PLUGIN: Proposer = Rules()
