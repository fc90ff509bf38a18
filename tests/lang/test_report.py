"""Diagnostics are shown as rustc shows them, whatever the text holds, and are the same facts as JSON and SARIF."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tars.core.values import Diagnostic, Edit, Related, Severity, Span
from tars.lang.report import Lines, render_plain, segments, to_json, to_sarif

TEXT = 'python_module "a" {\n\tfile = "日本.py" # é\n  cache = "yes"\n}\n'


def finding(start: int, end: int, related: tuple[Related, ...] = (), fix: tuple[Edit, ...] = ()) -> Diagnostic:
    return Diagnostic("T0034", Severity.ERROR, "wrong type", Span("m.tars", start, end), "write true", related, fix)


WRONG = "error[T0034]: wrong type"
HINT = "  = hint: write true"

SHOWN = {
    "plain": (
        TEXT.index('"yes"'),
        5,
        [WRONG, " --> m.tars:3:11", "  |", '3 |   cache = "yes"', "  |           ^^^^^", HINT],
    ),
    "tabs and wide characters": (
        TEXT.index("日"),
        2,
        [WRONG, " --> m.tars:2:10", "  |", '2 |     file = "日本.py" # é', "  |             ^^^^", HINT],
    ),
    "at the end": (len(TEXT), 0, [WRONG, " --> m.tars:5:1", "  |", "5 | ", "  | ^", HINT]),
    "over several lines": (
        0,
        len(TEXT),
        [WRONG, " --> m.tars:1:1", "  |", '1 | python_module "a" {', "  | " + "^" * 19, HINT],
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_shown(name: str) -> None:
    start, length, expected = SHOWN[name]
    assert render_plain([finding(start, start + length)], {"m.tars": TEXT}).splitlines() == expected


def test_related_places_and_missing_texts() -> None:
    related = (Related(Span("m.tars", 0, 13), "the first one"), Related(Span("other.tars", 5, 6), "and there"))
    shown = render_plain([finding(22, 26, related=related)], {"m.tars": TEXT})
    assert "------------- the first one" in shown
    assert ":::" in shown
    assert "other.tars:1:1" in shown
    nowhere = Diagnostic("T0066", Severity.WARNING, "no such variable")
    assert render_plain([nowhere], {}) == "warning[T0066]: no such variable\n"


def test_segments_say_what_they_are() -> None:
    made = segments(finding(0, 6), {"m.tars": TEXT})
    assert made[0] == ("error[T0034]", "error")
    assert ("hint", "hint") in made
    assert "".join(text for text, _ in made) == render_plain([finding(0, 6)], {"m.tars": TEXT})


def test_nothing_steers_the_terminal() -> None:
    text = 'a = "\x1b[31m\u202e"\r\n'
    shown = render_plain(
        [Diagnostic("T0044", Severity.ERROR, "no \x1b]0;x\x07", Span("\x1b.tars", 4, 6))], {"\x1b.tars": text}
    )
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_a_long_line_is_cut_around_the_place() -> None:
    text = "x" * 5000 + "HERE" + "y" * 5000
    shown = render_plain([finding(5000, 5004)], {"m.tars": text})
    assert max(map(len, shown.splitlines())) < 200
    lines = shown.splitlines()
    assert lines[3].index("HERE") == lines[4].index("^^^^")


def test_json_counts_from_one() -> None:
    start = TEXT.index('"yes"')
    edit = Edit(Span("m.tars", start, start + 5), "true")
    made = to_json([finding(start, start + 5, fix=(edit,))], {"m.tars": TEXT})
    place = {
        "path": "m.tars",
        "start": start,
        "end": start + 5,
        "line": 3,
        "column": 11,
        "end_line": 3,
        "end_column": 16,
    }
    assert made == [
        {
            "code": "T0034", "severity": "error", "message": "wrong type", "hint": "write true", "place": place,
            "related": [], "fix": [{"text": "true", "place": place}],
        }
    ]  # fmt: skip
    assert json.loads(json.dumps(made)) == made


def test_sarif() -> None:
    edit = Edit(Span("a b.tars", 0, 1), "x")
    found = [
        Diagnostic(
            "T0034",
            Severity.ERROR,
            "wrong",
            Span("a b.tars", 2, 3),
            "h",
            (Related(Span("a b.tars", 0, 1), "r"),),
            (edit,),
        ),
        Diagnostic("T0066", Severity.NOTE, "lost"),
    ]
    made = to_sarif(found, {"a b.tars": "ab\ncd"}, version="1.2.3")
    assert made["version"] == "2.1.0"
    run = made["runs"][0]  # type: ignore[index, call-overload]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["T0034", "T0066"]  # type: ignore[index, call-overload]
    first, second = run["results"]  # type: ignore[index, call-overload, misc]
    location = first["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20b.tars"
    assert location["region"]["startLine"] == 1
    assert location["region"]["startColumn"] == 3
    assert (first["level"], second["level"], second["locations"]) == ("error", "note", [])
    assert first["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == "x"


def test_a_text_of_many_lines_costs_no_memory() -> None:
    """The text itself is 8 MB; a list of its lines took 300 MB, and seconds."""
    text = "\n" * 8_000_000 + "a = \n"
    tracemalloc.start()
    try:
        shown = render_plain([finding(place, place + 1) for place in (7_000_000, 8_000_004)], {"m.tars": text})
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "m.tars:7000001:1" in shown
    assert "8000001 | a = " in shown
    assert peak_bytes < 1_000_000


def test_places_are_found_in_any_order() -> None:
    text = "".join(f"{'x' * 999}\n" for _ in range(20))
    lines = Lines(text)
    for place in (15_500, 2_000, 19_999, 1_999, 0, 15_999, 16_000):
        assert lines.position(place) == (place // 1000 + 1, place % 1000 + 1)


@given(st.text("ab\n\r\té日\u0301\U0001f600\x00"), st.integers(0, 30), st.integers(0, 30))
def test_every_place_of_every_text_can_be_shown(text: str, start: int, length: int) -> None:
    shown = render_plain([finding(start, start + length)], {"m.tars": text})
    assert shown.count("\n") in (3, 6)
    position = Lines(text).position(min(start, len(text)))
    before = text[: min(start, len(text))]
    assert position == (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
