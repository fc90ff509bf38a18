"""The proposers of the compiler's suggestions and of the rules."""

from dataclasses import dataclass

import pytest

from tars.core.errors import TarsError
from tars.rust.checking.rustc import LoneCrate
from tars.rust.graph import symbols_of
from tars.rust.mending.context import Workbench
from tars.rust.mending.proposer import RUST_PROPOSERS
from tars.rust.mending.rule import RULES
from tars.rust.proposers import rules
from tars.rust.syntax.source import SourceFile
from tars.rust.values import (
    Applicability,
    Change,
    Kind,
    Label,
    Note,
    Patch,
    Place,
    RustDiagnostic,
    Suggestion,
)


def test_every_rule_is_found_for_each_of_its_codes_without_importing_the_others() -> None:
    """The files are looked through for a code in quotes; a rule that writes it otherwise would never be asked."""
    for name in RULES.names():
        for code in RULES.load(name).codes:
            assert name in {found for found, _ in rules.rules_for(code)}, f"{name} does not write {code!r} in its text"
    assert rules.rules_for("E9999") == ()


def bench(text: str) -> Workbench:
    return Workbench({"a.rs": SourceFile("a.rs", text.encode())}, (), symbols_of, "2021", lambda places: ())


def proposed(name: str, text: str, *suggestions: Suggestion) -> list[Patch]:
    error = RustDiagnostic(
        "E0308", "error", Kind.TYPE, "wrong", (Label(Place("a.rs", 0, 1), "", True),), (Note("help", "x"),), suggestions
    )
    return list(RUST_PROPOSERS.load(name).propose(error, bench(text)))


def suggestion(how: Applicability, *parts: tuple[int, int, str], path: str = "a.rs") -> Suggestion:
    return Suggestion("do this:", tuple(Change(Place(path, start, end), text) for start, end, text in parts), how)


def test_suggestions_become_patches_the_surest_first() -> None:
    found = proposed(
        "compiler", "let a = b;",
        suggestion(Applicability.MAYBE, (8, 9, "&b")),
        suggestion(Applicability.MACHINE, (8, 9, "c")),
    )  # fmt: skip
    assert [patch.changes[0].text for patch in found] == ["c", "&b"]
    assert found[0].confidence > found[1].confidence
    assert (found[0].producer, found[0].reason) == ("compiler", "the compiler suggests: do this")


def test_what_is_in_scope_anyway_is_not_named_with_its_path() -> None:
    with LoneCrate("a.rs") as crate:
        text = "#![no_std]\npub fn some() -> Option<u8> {\n    7\n}\n"
        (error,) = crate.check({"a.rs": text.encode()}).errors
    patches = list(RUST_PROPOSERS.load("compiler").propose(error, bench(text)))
    texts = {change.text for patch in patches for change in patch.changes}
    assert "Some(" in texts
    assert "prelude" not in str(patches)


def test_parts_of_a_suggestion_count_less_than_the_whole() -> None:
    whole = suggestion(Applicability.MACHINE, (0, 0, "("), (3, 3, ")"))
    part = suggestion(Applicability.MACHINE, (0, 0, "("))
    first, second = proposed("compiler", "abc", part, whole)
    assert (first.changes, second.changes) == (whole.changes, part.changes)
    assert second.confidence < first.confidence / 2


def test_what_is_removed_leaves_no_empty_line() -> None:
    text = "use a::B;\n\nfn f() {\n    let x = 1; // one\n    g();\n}\n"
    line, part = suggestion(Applicability.MACHINE, (0, 9, "")), suggestion(Applicability.MACHINE, (23, 33, ""))
    assert [patch.changes[0].place for patch in proposed("compiler", text, line)] == [Place("a.rs", 0, 10)]
    assert [patch.changes[0].place for patch in proposed("compiler", text, part)] == [Place("a.rs", 23, 33)]
    beside = suggestion(Applicability.MACHINE, (0, 9, ""), (10, 10, "use c::D;\n"))
    assert [patch.changes for patch in proposed("compiler", text, beside)] == [beside.changes]


def test_holes_other_files_and_what_changes_nothing_are_left_out() -> None:
    assert proposed("compiler", "f()", suggestion(Applicability.PLACEHOLDERS, (2, 2, "/* value */"))) == []
    assert proposed("compiler", "f()", suggestion(Applicability.MACHINE, (0, 1, "g"), path="/std/lib.rs")) == []
    assert proposed("compiler", "f()", suggestion(Applicability.MACHINE, (0, 1, "f"))) == []


RESULT = """
struct A(u8);
impl A {
    fn new(n: u8) -> A {
        A(n)
    }
    fn one(&self) -> u8 {
        self.0
    }
}
fn make() {
    A::new(1)
}
pub fn f() -> u8 {
    make().one()
}
"""


@pytest.mark.parametrize(
    ("code", "wrong", "right"),
    [
        ("pub fn f(x: u8) -> bool {\n    if x =! 0 {\n        return true;\n    }\n    false\n}\n", "==!", "!="),
        ("pub fn f(x: u8) -> u8 {\n    byte + x\n}\n", "u8 + x", ""),
        (RESULT, "A::new(1);", "fn make() -> A {"),
    ],
)
def test_what_the_compiler_suggests_against_what_is_known_counts_little(code: str, wrong: str, right: str) -> None:
    file = SourceFile("main.rs", code.encode())
    with LoneCrate("main.rs") as crate:
        diagnostics = crate.check({"main.rs": file.data}).diagnostics
    whole = Workbench({"main.rs": file}, diagnostics, symbols_of, "2021", lambda places: [None for _ in places])
    found: dict[str, float] = {}
    for proposer in (RUST_PROPOSERS.load(name) for name in ("compiler", "rules")):
        for patch in (patch for one in diagnostics for patch in proposer.propose(one, whole)):
            found.setdefault(file.changed(patch.changes).data.decode(), patch.confidence)
    likely = [text for text, sure in found.items() if sure > 0.3]
    assert not any(wrong in text for text in likely)
    assert any(right in text for text in likely)
    assert any(wrong in text for text in found)


@dataclass(frozen=True)
class Failing:
    error: Exception
    cites = ("docs:error_codes/E0308.html",)

    def propose(self, diagnostic: RustDiagnostic, context: Workbench) -> list[Patch]:
        raise self.error


def test_a_rule_that_breaks_down_is_named_and_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = rules.rules_for("E0308")
    monkeypatch.setattr(rules, "rules_for", lambda code: (("e0308_bad", Failing(IndexError("oh"))), *kept))
    text = "fn main() { let a: f64 = 1; }"
    error = RustDiagnostic(
        "E0308", "error", Kind.TYPE, "mismatched types", (Label(Place("a.rs", 25, 26), "expected `f64`", True),)
    )
    table = bench(text)
    assert list(rules.PLUGIN.propose(error, table)) is not None
    assert table.faults == ["rule e0308_bad on E0308: IndexError('oh')"]
    monkeypatch.setattr(rules, "rules_for", lambda code: (("e0308_bad", Failing(TarsError("over budget"))),))
    with pytest.raises(TarsError):
        list(rules.PLUGIN.propose(error, table))
