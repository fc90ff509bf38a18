"""Every delimiter of a well-formed program, deleted or doubled, is found again; tokens are what they say."""

from itertools import pairwise

import pytest

from tars.rust.rules_support.brokenness import brokenness, brokenness_after
from tars.rust.rules_support.delimiters import mends
from tars.rust.rules_support.layout import imbalance, marks_of, misfit, unpaired_part
from tars.rust.rules_support.quotes import odd_lines, pairings
from tars.rust.rules_support.tokens import CLOSERS, tokens_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Place

PROGRAM = """\
use std::collections::HashMap;

/// Counts `words` { without these.
pub struct Counts<'a> {
    all: HashMap<&'a str, usize>,
}

impl<'a> Counts<'a> {
    pub fn of(text: &'a str) -> Counts<'a> {
        let mut all = HashMap::new();
        for word in text.split(|sign: char| !sign.is_alphabetic() && sign != '{') {
            if word.len() > 3 {
                *all.entry(word).or_insert(0) += 1;
            } else if word == "a) {" {
                continue;
            }
        }
        Counts { all }
    }

    pub fn most(&self) -> Option<(&'a str, usize)> {
        self.all
            .iter()
            .map(|(word, count)| {
                let known = [1, 2, *count];
                (*word, known[2])
            })
            .max_by_key(|&(_, count)| count)
    }
}
"""
FILE = SourceFile("a.rs", PROGRAM.encode())
DELIMITERS = [token for token in tokens_of(FILE) if token.opens or token.closes]
OFFERED = 6


def without_blanks(data: bytes) -> bytes:
    return b"".join(data.split())


def offered(data: bytes, at: int) -> list[bytes]:
    broken = SourceFile("a.rs", data)
    found = mends(broken, [Place("a.rs", at, at + 1)])[:OFFERED]
    assert all(not imbalance(marks_of(broken.changed((one.change,)))) for one in found)
    return [without_blanks(broken.changed((one.change,)).data) for one in found]


def test_tokens_are_the_text_without_blanks_and_comments() -> None:
    tokens = tokens_of(FILE)
    assert all(FILE.data[one.start : one.end] == one.text for one in tokens)
    between = [FILE.data[a.end : b.start] for a, b in pairwise(tokens)]
    assert all(not gap.strip() or gap.strip().startswith(b"//") for gap in between)
    assert {one.kind for one in tokens} == {"word", "number", "text", "lifetime", "sign"}
    assert [one.text for one in tokens if one.kind == "text"] == [b"'{'", b'"a) {"']


def test_a_formatted_program_fits_its_layout() -> None:
    assert misfit(marks_of(FILE), 4) == 0
    assert brokenness(FILE) == (0, 0)


@pytest.mark.parametrize("index", range(len(DELIMITERS)))
def test_a_missing_delimiter_is_found(index: int) -> None:
    token = DELIMITERS[index]
    data = FILE.data[: token.start] + FILE.data[token.end :]
    assert without_blanks(FILE.data) in offered(data, token.start)


@pytest.mark.parametrize("index", range(len(DELIMITERS)))
def test_a_doubled_delimiter_is_found(index: int) -> None:
    token = DELIMITERS[index]
    data = FILE.data[: token.end] + token.text + FILE.data[token.end :]
    assert without_blanks(FILE.data) in offered(data, token.end)


def test_reading_a_change_again_is_as_reading_all_again() -> None:
    for token in DELIMITERS:
        change = FILE.delete(Place("a.rs", token.start, token.end))
        assert brokenness_after(FILE, change) == brokenness(FILE.changed((change,)))
        assert brokenness_after(FILE, change) > (0, 0) or token.text in CLOSERS


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ('print!("a {}, b);', 'print!("a {}", b);'),
        ('print!(a {}", b);', 'print!("a {}", b);'),
        ("let a = b'x;", "let a = b'x';"),
        ("let a = f(\"x');", 'let a = f("x");'),
    ],
)
def test_quotes_are_paired(line: str, mended: str) -> None:
    file = SourceFile("a.rs", f"fn f() {{\n    {line}\n}}\n".encode())
    odd = odd_lines(file, len("fn f() {\n"))
    results = [file.changed((change,)).data.decode() for change, _, _ in pairings(file, odd[0])]
    assert f"fn f() {{\n    {mended}\n}}\n" in results


BOUNDS = """\
impl<T> Buffer<T> {
    #[cfg(feature = "std")]
    use_it!();

    pub fn of<A, F>(low: A, make: F) -> Result<Self, ()>
    where
        A: Fn() -> T,
        F: Fn(&mut A, T) -> T,
    {
        let one = make(&mut low, low()).clone();
        let two = Version::from(one.as_ref()).ok_or(())?;
        Ok(Buffer { one, two, more: low.more().clone() })
    }

    pub fn drop_all(&mut self) {
        unsafe { self.drop_range(0..1) };
    }

    pub fn clear(&mut self) {}

    pub fn least(&self) -> usize {
        if self.one.is_empty() {
            if self.two.is_empty() {
                log();
            }
        } else {
            log();
        }
        fn least_of(name: &str) -> usize {
            name.find(1)
        }

        least_of(self)
    }
}

const ROWS: &[(u8, u8)] = &[
    (1, 2),
    (3, 4),
    (5, 6),
];
"""


@pytest.mark.parametrize(
    ("before", "lost"),
    [
        ("F: Fn", "("),
        ("T) -> T,\n    ", "{"),
        ("make(&mut low, low()).clone", "("),
        (".ok_or(", "("),
        ("drop_range(0..1) };\n    ", "}"),
        ("Fn(&mut A, T", ")"),
        ("low.more().clone", "("),
        ("log();\n            }\n        ", "}"),
        ("name.find(1)\n        ", "}"),
        ("(1, 2),\n    ", "("),
        ("(3, 4", ")"),
    ],
)
def test_a_delimiter_that_the_layout_does_not_tell_is_offered_first(before: str, lost: str) -> None:
    at = BOUNDS.index(before) + len(before)
    assert BOUNDS[at] == lost
    broken = (BOUNDS[:at] + BOUNDS[at + 1 :]).encode()
    assert offered(broken, at)[0] == without_blanks(BOUNDS.encode())


@pytest.mark.parametrize("lost", ["}", "{", "("])
def test_of_a_long_file_only_the_items_are_read_where_delimiters_do_not_pair(lost: str) -> None:
    item = "fn all(one: u8) -> u8 {\n    if one > 3 {\n        more(one)\n    } else {\n        less(one)\n    }\n}\n\n"
    before, after = item * 600, item * 700
    at = item.index(lost, item.index("else") if lost != "}" else item.index("    }"))
    broken = SourceFile("a.rs", (before + item[:at] + item[at + 1 :] + after).encode())
    assert len(broken.data) > 100_000
    low, high = unpaired_part(marks_of(broken))
    assert (low, high) == (len(before), len(before) + len(item) - 1)
    found = mends(broken, [Place("a.rs", len(broken.data), len(broken.data))])
    assert without_blanks(broken.changed((found[0].change,)).data) == without_blanks((before + item + after).encode())
