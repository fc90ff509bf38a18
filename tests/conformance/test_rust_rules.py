"""Every repair rule against its own examples: the broken file has the diagnostic, and the rule's patch mends it."""

import re
import subprocess
from collections.abc import Mapping

import pytest

from tars.rust.checking.rustc import LoneCrate, rustc
from tars.rust.graph import symbols_of
from tars.rust.mending.context import Workbench
from tars.rust.mending.rule import RULES, Rule
from tars.rust.syntax.source import SourceFile, apply_changes
from tars.rust.values import Example, Patch, RustDiagnostic

EXPECTED = """
E0004 E0023 E0026 E0027 E0040 E0046 E0050 E0053 E0061 E0063 E0106 E0107 E0117 E0133 E0185 E0186 E0191 E0195 E0200 E0201
E0204 E0220 E0223 E0225 E0229 E0252 E0255 E0261 E0263 E0267 E0268 E0277 E0282 E0283 E0308 E0310 E0365 E0369 E0373 E0382
E0384 E0403 E0404 E0405 E0407 E0408 E0412 E0415 E0416 E0423 E0424 E0425 E0426 E0428 E0429 E0430 E0431 E0432 E0433 E0434
E0435 E0449 E0451 E0499 E0502 E0505 E0506 E0507 E0515 E0560 E0562 E0565 E0571 E0572 E0594 E0596 E0597 E0599 E0600 E0603
E0604 E0605 E0606 E0607 E0608 E0609 E0610 E0614 E0615 E0616 E0618 E0620 E0621 E0623 E0635 E0658 E0689 E0700 E0716 E0728
E0732 E0744 E0746 E0764
"""
"""What people meet; what has no code (the syntax, lifetimes) is served by rules for the code ""."""
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
    known = r"docs:[\w./-]+\.html(#[\w.-]+)?|tool:clippy::\w+"
    assert all(re.fullmatch(known, cite) for cite in rule.cites)
    assert name.startswith("lint_") == any(code.startswith("clippy::") for code in rule.codes)


def test_what_people_meet_has_a_rule() -> None:
    served = {code for name in RULES.names() for code in RULES.load(name).codes}
    assert set(EXPECTED.split()) <= served
    assert "" in served


@pytest.mark.parametrize("code", sorted(RETIRED))
def test_the_compiler_says_that_a_retired_code_is_retired(code: str) -> None:
    """Else a rule for it could have an example, and must."""
    done = subprocess.run([rustc(), "--explain", code], capture_output=True, text=True, check=True, timeout=60)
    assert "this error code is no longer emitted by the compiler" in done.stdout


@pytest.mark.parametrize("name", RULES.names())
def test_a_rule_mends_its_examples(name: str) -> None:
    rule = RULES.load(name)
    shown = set()
    for example in rule.examples:
        shown |= mended(rule, example, lints=name.startswith("lint_"))
    assert set(rule.codes) <= shown | RETIRED, f"no example shows {set(rule.codes) - shown}"


def mended(rule: Rule, example: Example, *, lints: bool) -> set[str]:
    """The codes that the broken example has, once the rule has mended it."""
    files = files_of(example, example.broken)
    with LoneCrate("main.rs", edition=example.edition) as crate:
        check = crate.clippy if lints else crate.check
        checked = check(files)
        assert checked.diagnostics if lints else not checked.ok, "the example is not broken"
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
        fixed = check(files_of(example, example.fixed))
        assert fixed.ok, "\n".join(one.rendered for one in fixed.errors)
        left = [one.rendered for one in fixed.diagnostics if lints and one.code in rule.codes]
        assert not left, "\n".join(left)
        return {one.code for one in (checked.diagnostics if lints else checked.errors)}
