"""Probes for types: one question for many expressions, those within one another too."""

from collections.abc import Mapping

from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.type_probe import types_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Place, RustDiagnostic

CODE = b"""fn main() {
    let \xc3\xbc = vec![Some(1u8), None];
    let sum: u32 = \xc3\xbc.iter().flatten().map(|one| *one as u32).sum::<u32>() + 2;
    match sum.swap_bytes() { 0 => {} _ => {} }
}
"""
FILE = SourceFile("main.rs", CODE)


def at(text: str) -> Place:
    """Where it stands last."""
    start = CODE.rindex(text.encode())
    return Place("main.rs", start, start + len(text.encode()))


def asked(*texts: str) -> tuple[tuple[str | None, ...], int]:
    """The types of these expressions, and how often the compiler was asked."""
    questions: list[Mapping[str, bytes]] = []
    with LoneCrate("main.rs") as crate:

        def ask(files: Mapping[str, bytes]) -> tuple[RustDiagnostic, ...]:
            questions.append(files)
            return crate.check(files).diagnostics

        found = types_of({"main.rs": FILE}, [at(one) for one in texts], ask)
    return found, len(questions)


def test_expressions_within_one_another_are_asked_about_at_once() -> None:
    whole = "ü.iter().flatten().map(|one| *one as u32).sum::<u32>()"
    found = asked(f"{whole} + 2", whole, "ü.iter()", "ü", "ü.iter().flatten()", "sum.swap_bytes()")
    types = ("u32", "u32", "std::slice::Iter<'_, Option<u8>>", "Vec<Option<u8>>")
    assert found == ((*types, "Flatten<std::slice::Iter<'_, Option<u8>>>", "u32"), 1)


def test_of_those_that_are_no_expressions_only_the_innermost_is_given_up() -> None:
    assert asked("sum.swap_bytes()", "let sum", "ü.iter()") == (("u32", None, "std::slice::Iter<'_, Option<u8>>"), 2)
    assert asked("{ 0 => {} _ => {} }", "sum", "let sum") == ((None, "u32", None), 3)


def test_an_expression_asked_about_twice_is_told_twice() -> None:
    assert asked("sum", "sum") == (("u32", "u32"), 1)
    assert asked() == ((), 0)
