"""Compiler messages, normalised: classes, places, notes, and suggestions in every reading of the flattened list."""

import json
from typing import Any

import pytest

from tars.rust.checking.diagnostics import kind_of, read_messages
from tars.rust.checking.rustc import LoneCrate
from tars.rust.syntax.source import apply_changes
from tars.rust.values import Applicability, Kind, RustDiagnostic


def span(path: str, start: int, end: int, **more: Any) -> dict[str, Any]:
    primary = {"file_name": path, "byte_start": start, "byte_end": end, "is_primary": True, "label": None}
    return {**primary, "suggested_replacement": None, "suggestion_applicability": None, "expansion": None, **more}


def message(text: str = "wrong", **more: Any) -> dict[str, Any]:
    plain = {"message": text, "code": {"code": "E0308"}, "level": "error", "children": [], "rendered": "shown\n"}
    return {**plain, "spans": [span("src/lib.rs", 1, 2)], **more}


def lines(*messages: Any) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in messages)


def asked(text: str, edition: str = "2021") -> tuple[RustDiagnostic, ...]:
    with LoneCrate("main.rs", edition=edition) as crate:
        return crate.check({"main.rs": text.encode()}).diagnostics


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        ("E0382", "", Kind.MOVE),
        ("E0499", "", Kind.BORROW),
        ("E0106", "", Kind.LIFETIME),
        ("E0277", "", Kind.TRAIT),
        ("E0308", "", Kind.TYPE),
        ("E0603", "", Kind.VISIBILITY),
        ("E0425", "", Kind.RESOLVE),
        ("E0765", "", Kind.SYNTAX),
        ("unused_variables", "", Kind.LINT),
        ("clippy::needless_return", "", Kind.LINT),
        ("", "lifetime may not live long enough", Kind.LIFETIME),
        ("", "`impl` item signature doesn't match `trait` item signature", Kind.LIFETIME),
        ("", "expected one of `;` or `}`, found `let`", Kind.SYNTAX),
        ("", "this file contains an unclosed delimiter", Kind.SYNTAX),
        ("", "cannot find macro `foo` in this scope", Kind.RESOLVE),
        ("", "format argument must be a string literal", Kind.OTHER),
    ],
)
def test_classes(code: str, text: str, kind: Kind) -> None:
    assert kind_of(code, text) is kind


@pytest.mark.parametrize(
    ("text", "code", "kind", "at"),
    [
        ("fn main() { let x = 1\n let y = 2; }", "", Kind.SYNTAX, "\n"),
        ("fn main() { let s = String::new(); drop(s); drop(s); }", "E0382", Kind.MOVE, "s"),
        ("fn main() { let é = 1u8; let x: &str = é; }", "E0308", Kind.TYPE, "é"),
        ("fn main() { unknown!(); }", "", Kind.RESOLVE, "unknown"),
        ("fn f<'a, 'b>(x: &'a u8, _: &'b u8) -> &'b u8 { x }", "", Kind.LIFETIME, "x"),
    ],
)
def test_what_the_compiler_says(text: str, code: str, kind: Kind, at: str) -> None:
    (error,) = [one for one in asked(text) if one.level == "error"]
    assert (error.code, error.kind) == (code, kind)
    assert error.primary is not None
    place = text.encode()[error.primary.start : error.primary.end].decode()
    assert place == at or (not place and at == "\n")
    assert error.message in error.rendered


def test_definitions_stand_in_notes() -> None:
    text = "mod a { fn hidden() {} }\nfn main() { a::hidden(); }"
    (error,) = [one for one in asked(text) if one.level == "error"]
    texts = [text[label.place.start : label.place.end] for note in error.notes for label in note.labels]
    assert "fn hidden()" in texts
    assert next(label for label in error.all_labels() if label.primary).place == error.primary


def test_a_suggestion_of_several_parts_is_one_change_and_each_part_alone() -> None:
    text = "fn f(x: &str, y: &str) -> &str { x }"
    (error,) = asked(text)
    whole = max(error.suggestions, key=lambda one: len(one.changes))
    assert apply_changes(text.encode(), iter(whole.changes)) == b"fn f<'a>(x: &'a str, y: &'a str) -> &'a str { x }"
    assert whole.applicability is Applicability.MACHINE or whole.applicability is Applicability.MAYBE
    assert {len(one.changes) for one in error.suggestions} == {1, len(whole.changes)}


def test_alternatives_at_one_place_are_never_one_change() -> None:
    spans = [span("a.rs", 4, 4, suggested_replacement=text, suggestion_applicability="MaybeIncorrect") for text in "xy"]
    spans.append(span("a.rs", 2, 6, suggested_replacement="z", suggestion_applicability="Nonsense"))
    child = {"message": "try", "level": "help", "spans": spans}
    (error,) = read_messages(lines(message(children=[child])))
    assert [[change.text for change in one.changes] for one in error.suggestions] == [["x"], ["y"], ["z"]]
    assert [one.applicability for one in error.suggestions] == [
        Applicability.MAYBE, Applicability.MAYBE, Applicability.UNSPECIFIED,
    ]  # fmt: skip


def test_equal_messages_are_told_once_and_errors_come_first() -> None:
    warning = message("unused", level="warning", code={"code": "unused_variables"})
    found = read_messages(lines(warning, message(), message(), warning))
    assert [one.level for one in found] == ["error", "warning"]


def test_cargos_wrapping_and_closing_lines() -> None:
    wrapped = {"reason": "compiler-message", "package_id": "x", "target": {}, "message": message()}
    closing = message("aborting due to 1 previous error", code=None, spans=[])
    summary = message("1 warning emitted", level="warning", code=None, spans=[])
    others = {"reason": "compiler-artifact", "message": "no"}, {"reason": "build-finished", "success": False}
    found = read_messages(lines(wrapped, closing, summary, *others))
    assert [one.message for one in found] == ["wrong"]


def test_an_error_without_a_place_counts() -> None:
    (error,) = read_messages(lines(message("linking failed", code=None, spans=[])))
    assert (error.message, error.primary, error.kind) == ("linking failed", None, Kind.OTHER)


def test_places_in_expansions_are_where_the_macro_is_used() -> None:
    use = {"span": span("src/lib.rs", 10, 20), "macro_decl_name": "m!"}
    foreign = span("/rustc/0000/library/core/src/macros.rs", 1, 2, expansion=use)
    unnamed = span("<anon>", 1, 2, expansion={"span": foreign, "macro_decl_name": "m!"})
    own = span("src/macros.rs", 3, 4, expansion=use)
    places = [read_messages(lines(message(spans=[one])))[0].primary for one in (foreign, unnamed, own)]
    assert [(one.path, one.start) for one in places if one] == [
        ("src/lib.rs", 10),
        ("src/lib.rs", 10),
        ("src/macros.rs", 3),
    ]


def test_a_base_stands_before_relative_paths_only() -> None:
    found = read_messages(lines(message(), message(spans=[span("/abs/lib.rs", 1, 2)])), base="crates/a/")
    assert [one.primary.path for one in found if one.primary] == ["crates/a/src/lib.rs", "/abs/lib.rs"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"", b"not json", b"{", b"{}", b"[]",
        b'{"reason":"compiler-message"}', b'{"spans":5,"message":1,"level":"error"}',
        b'{"reason":"compiler-message","message":{"spans":[{}],"message":"m","level":"error","children":[]}}',
        b'{"message":"m","level":"error","spans":[],"children":7}', b"\xff\xfe{", b'{"\xff":1}', b"{" * 100_000,
        b'{"a":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_a_macro_writes_between_the_lines_does_no_harm(garbage: bytes) -> None:
    assert [one.message for one in read_messages(garbage + b"\n" + lines(message()))] == ["wrong"]
