"""Passages are whole lines, in order, none twice, and all that is not blank; symbols and headings name them."""

from itertools import pairwise
from pathlib import Path

import pytest

from tars.memory.recall.chunking import CHARACTERS_MAX, LINES_MAX, sections

ROOT = Path(__file__).resolve().parents[3]
FILES = [ROOT / "src/tars/store/lock.py", ROOT / "docs/architecture.md", ROOT / "pyproject.toml", Path(__file__)]


def lines_of(text: str) -> list[str]:
    return [f"{line}\n" for line in text.split("\n")]


@pytest.mark.parametrize("text", [*(path.read_text("utf-8") for path in FILES), "", "\n\n", "x", "def f(:\n" * 300])
@pytest.mark.parametrize("path", ["a.py", "a.md", "a.txt", "a.rs", "a.go", "a.ts", "a.tsx", "a.js", "none"])
def test_every_line_is_in_one_passage(path: str, text: str) -> None:
    lines = lines_of(text)
    found = sections(path, lines)
    assert all(one.last < other.first for one, other in pairwise(found))
    held = {number for one in found for number in range(one.first, one.last + 1)}
    assert {number for number, line in enumerate(lines, 1) if line.strip()} <= held
    for one in found:
        size = sum(map(len, lines[one.first - 1 : one.last]))
        assert one.last - one.first < LINES_MAX
        assert size <= CHARACTERS_MAX or one.first == one.last
        assert lines[one.first - 1].strip()
        assert lines[one.last - 1].strip()


@pytest.mark.parametrize(
    ("path", "text", "titles"),
    [
        ("a.rs", "/// Doc.\nfn one() {}\n\nimpl Two {\n    fn three() {}\n}\n", ["one", "Two"]),
        ("a.go", "package x\n\nfunc One() {\n}\n", ["", "One"]),
        ("a.ts", "export class One {\n  two() {}\n}\nexport function three() {}\n", ["One", "three"]),
        ("a.py", "import os\n\n@cache\ndef one(): ...\n", ["", "one"]),
        ("a.md", "# A\n\n```sh\n# no heading\n```\n\n## B\n\nx\n\n# C\n", ["A", "A > B", "C"]),
    ],
)
def test_passages_are_named(path: str, text: str, titles: list[str]) -> None:
    assert [one.title for one in sections(path, lines_of(text))] == titles
