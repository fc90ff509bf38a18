"""The tokens that two texts do not have in common, found without reading the rest."""

import random

import pytest

from tars.rust.syntax import tokens
from tars.rust.syntax.tokens import differing, tokens_of

TEXT = b"""//! A note.
/* a /* nested */ comment */
pub fn show<'a>(text: &'a str) -> String {
    let all = vec!['"', '\\'', b'x'];
    // "not a text
    format!("{} \\" {:?}", text, r#"raw "text""#)
}
"""
BITS = (
    b'"',
    b"'",
    b"/*",
    b"*/",
    b"//",
    b'r#"',
    b'"#',
    b"\n",
    b"name",
    b" ",
    b"b'",
    b"///",
    b"\\",
    b"(",
    b"\xc3\xa9",
    b"!",
)


@pytest.mark.parametrize("seed", range(40))
def test_it_is_the_same_as_reading_both(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        before = after = TEXT[chance.randrange(40) :]
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(after) + 1)
            after = after[:at] + chance.choice(BITS) + after[at + chance.randrange(4) :]
        if chance.random() < 0.5:
            before, after = after, before
        one, other = tokens_of(before), tokens_of(after)
        assert differing(before, after) == (one - other, other - one), (before, after)


def test_a_text_is_not_read_again_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    before = TEXT * 200
    differing(before, before + b"x")
    read: list[int] = []
    monkeypatch.setattr("tars.rust.syntax.tokens._TOKEN", _Noting(read))
    at = before.rindex(b"pub fn")
    assert differing(before, before[:at] + b"async " + before[at:]) == ({}, {b"async": 1})
    assert len(read) < 20


class _Noting:
    """The pattern of tokens, with a note of every use."""

    def __init__(self, read: list[int]) -> None:
        self.pattern, self.read = tokens._TOKEN, read

    def match(self, data: bytes, at: int) -> object:
        self.read.append(at)
        return self.pattern.match(data, at)
