"""What the repair rules propose: each diagnostic is shown to the rules that serve its code.

Of the rules for messages without a code, those named `syntax_…` and `lifetime_…` see only messages of their class.
Those named `slip_…` only guess, and are asked where a search has nothing better.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ducktools.classbuilder.prefab import replace

import tars.rust.rules
from tars.core.errors import TarsError
from tars.rust.mending.context import Workbench
from tars.rust.mending.proposer import Proposer
from tars.rust.mending.rule import RULES, Rule
from tars.rust.values import Kind, Patch, RustDiagnostic


class Rules:
    """A rule that breaks down takes no other with it: what it raises is noted in `Workbench.faults`."""

    name = "rules"
    stage = 0

    def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
        found: list[Patch] = []
        for name, rule in rules_for(diagnostic.code):
            if not _serves(name, diagnostic) or name.startswith("slip_") is not bench.guesses:
                continue
            bench.resources.look()
            try:
                patches = list(rule.propose(diagnostic, bench))
            except TarsError:
                raise
            except Exception as error:
                bench.faults.append(f"rule {name} on {diagnostic.code or diagnostic.message}: {error!r}")
                continue
            for patch in patches:
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
def rules_for(code: str) -> tuple[tuple[str, Rule], ...]:
    """The rules that serve a code, with their names. Only files whose text has the code in quotes are imported."""
    quoted = re.compile(rf'(?<!")"{re.escape(code)}"(?!")')
    loaded = ((name, RULES.load(name)) for name in RULES.names() if quoted.search(_text(name)))
    return tuple((name, rule) for name, rule in loaded if code in rule.codes)


@cache
def _text(name: str) -> str:
    """The source of a rule; of one that is installed by another package, what matches every code."""
    for folder in tars.rust.rules.__path__:
        path = Path(folder) / f"{name}.py"
        if path.is_file():
            return path.read_text("utf-8")
    return " ".join(f'"{code}"' for code in ("", *RULES.load(name).codes))


PLUGIN: Proposer = Rules()
