"""What the repair rules propose: each diagnostic is shown to the rules that serve its code.

Of the rules for messages without a code, those named `syntax_…` and `lifetime_…` see only messages of their class.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from tars.rust.context import Workbench
from tars.rust.proposer import Proposer
from tars.rust.rule import RULES, Rule
from tars.rust.values import Kind, Patch, RustDiagnostic


class Rules:
    name = "rules"
    stage = 0

    def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
        found: list[Patch] = []
        for name, rule in _by_code().get(diagnostic.code, ()):
            if not _serves(name, diagnostic):
                continue
            for patch in rule.propose(diagnostic, bench):
                producer, citations = patch.producer or f"rule:{name}", patch.citations or rule.cites
                found.append(replace(patch, producer=producer, citations=citations))
        yield from sorted(found, key=lambda patch: -patch.confidence)


def _serves(name: str, diagnostic: RustDiagnostic) -> bool:
    if diagnostic.code:
        return True
    if name.startswith("lifetime_"):
        return diagnostic.kind is Kind.LIFETIME
    return not name.startswith("syntax_") or diagnostic.kind in (Kind.SYNTAX, Kind.OTHER)


@cache
def _by_code() -> dict[str, tuple[tuple[str, Rule], ...]]:
    found: dict[str, list[tuple[str, Rule]]] = {}
    for name in RULES.names():
        rule = RULES.load(name)
        for code in rule.codes:
            found.setdefault(code, []).append((name, rule))
    return {code: tuple(rules) for code, rules in found.items()}


PLUGIN: Proposer = Rules()
