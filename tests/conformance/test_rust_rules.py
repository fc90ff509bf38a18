"""Every repair rule against its own examples: the broken file has the diagnostic, and the rule's patch mends it."""

import re
from collections.abc import Mapping

import pytest

from tars.rust.checking.rustc import LoneCrate
from tars.rust.graph import symbols_of
from tars.rust.mending.context import Workbench
from tars.rust.mending.rule import RULES, Rule
from tars.rust.syntax.source import SourceFile, apply_changes
from tars.rust.values import Example, Patch, RustDiagnostic

RETIRED = {"E0263", "E0412", "E0430", "E0431", "E0744"}
"""What older compilers say; today's have other codes for it, or none, so no example can show it."""


def files_of(example: Example, root: str) -> dict[str, bytes]:
    return {**{path: text.encode() for path, text in example.files.items()}, "main.rs": root.encode()}


def patched(files: Mapping[str, bytes], patch: Patch) -> dict[str, bytes]:
    return {
        path: apply_changes(data, (one for one in patch.changes if one.place.path == path))
        for path, data in files.items()
    }


@pytest.mark.parametrize("name", RULES.names())
def test_a_rule_says_what_it_does_and_why(name: str) -> None:
    rule = RULES.load(name)
    assert re.fullmatch(r"(e\d{4}|syntax|lint|lifetime|macro|slip)_[a-z0-9_]+", name)
    assert rule.codes
    assert rule.title
    assert rule.title[0].islower()
    assert not rule.title.endswith(".")
    assert rule.cites
    assert all(re.fullmatch(r"(docs):[\w./-]+\.html(#[\w.-]+)?", cite) for cite in rule.cites)


@pytest.mark.parametrize("name", RULES.names())
def test_a_rule_mends_its_examples(name: str) -> None:
    rule = RULES.load(name)
    shown = set()
    for example in rule.examples:
        shown |= mended(rule, example)
    assert set(rule.codes) <= shown | RETIRED, f"no example shows {set(rule.codes) - shown}"


def mended(rule: Rule, example: Example) -> set[str]:
    """The codes that the broken example has, once the rule has mended it."""
    files = files_of(example, example.broken)
    with LoneCrate("main.rs", edition=example.edition) as crate:
        checked = crate.check(files)
        assert not checked.ok, "the example is not broken"
        sources = {path: SourceFile(path, data) for path, data in files.items()}
        bench = Workbench(
            sources, checked.diagnostics, symbols_of, example.edition,
            lambda places: crate.types(sources, places),
        )  # fmt: skip

        def proposals(of: RustDiagnostic) -> list[Patch]:
            return list(rule.propose(of, bench))

        served = [one for one in checked.diagnostics if one.code in rule.codes]
        found = [patch for one in served for patch in proposals(one)]
        assert found == [patch for one in served for patch in proposals(one)], "not deterministic"
        assert all(0 < patch.confidence < 1 and patch.reason for patch in found)
        results = [patched(files, patch)["main.rs"].decode() for patch in found]
        assert example.fixed in results, "\n-----\n".join(["none gives the fixed file:", *results])
        fixed = crate.check(files_of(example, example.fixed))
        assert fixed.ok, "\n".join(one.rendered for one in fixed.errors)
        return {one.code for one in checked.errors}
