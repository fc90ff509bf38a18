"""What agents write becomes lines that are safe to show, whatever the bytes and however they are cut."""

import pytest

from tars.ui.cli.display.board import seconds_text
from tars.ui.cli.lines import LINE_BYTES_MAX, Lines
from tars.ui.cli.printable import decoded, printable, shortened
from tars.ui.cli.times import size_text

PRINTABLE = {
    "plain": "plain",
    "tabs\tand\nlines": "tabs\tand\nlines",
    "\x1b[31mred\x1b[0m": "red",
    "\x1b[2J\x1b[1;1Hcleared": "cleared",
    "\x1b]0;title\x07text": "text",
    "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\": "link",
    "\x1b]52;c;aGk=\x07clipboard": "clipboard",
    "\x1b]never ended": "",
    "\x1bPdevice\x1b\\text": "text",
    "\x1bc reset": " reset",
    "\x9b31mred": "red",
    "bell\x07": "bell\\x07",
    "back\x08space": "back\\x08space",
    "return\rhere": "return\\x0dhere",
    "\u202eright to left": "\\u202eright to left",
    "\udcff": "\\udcff",
    "ä→🙂": "ä→🙂",
}


@pytest.mark.parametrize(("text", "shown"), PRINTABLE.items())
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


LINES: list[tuple[list[bytes], list[str]]] = [
    ([b"one\ntwo\n"], ["one", "two"]),
    ([b"on", b"e\ntw", b"o"], ["one", "two"]),
    ([b"windows\r\nlines\r\n"], ["windows", "lines"]),
    ([b"10%\r50%\r100%\n"], ["100%"]),
    ([b"10%\r", b"50%\r"], ["50%"]),
    ([b"\xff\xfe\x00\n"], ["\\xff\\xfe\\x00"]),
    ([b"\xc3", b"\xa4\n"], ["ä"]),
    ([b"\n\n"], ["", ""]),
    ([b"x" * (LINE_BYTES_MAX + 1) + b"\n"], ["x" * LINE_BYTES_MAX, "x"]),
    ([b"x" * (LINE_BYTES_MAX * 3)], ["x" * LINE_BYTES_MAX] * 3),
    ([], []),
]


@pytest.mark.parametrize(("pieces", "expected"), LINES)
def test_lines(pieces: list[bytes], expected: list[str]) -> None:
    lines = Lines(100)
    found = [line for piece in pieces for line in lines.feed(piece)]
    assert found + lines.finish() == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_lines_do_not_depend_on_how_they_are_cut(size: int) -> None:
    data = "ä\r10%\rdone\nlong \x1b[31mred\n\n".encode() * 3
    whole, cut = Lines(100), Lines(100)
    whole.feed(data)
    for start in range(0, len(data), size):
        cut.feed(data[start : start + size])
    assert list(whole.kept) == list(cut.kept)


def test_a_glance_keeps_memory_bounded() -> None:
    lines = Lines(3)
    for _ in range(10):
        lines.glance(b"x" * 10_000_000)
    assert len(lines.kept) <= 3
    assert lines.last == "x" * len(lines.last) != ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 ms"), (0.04, "40 ms"), (0.9996, "1.0 s"), (1.25, "1.2 s"), (99.96, "1 min 40 s"), (3725, "1 h 02 min")],
)
def test_seconds(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1 << 40, "1.0 TiB")])
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


def test_decoded_and_shortened() -> None:
    assert decoded(b"caf\xc3\xa9 \xff") == "café \\xff"
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abcd", 4) == "abcd"
