"""Mends strings and characters whose quotes do not pair, by the line on which one has no partner."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.quotes import (
    Odd,
    lifetimes_as_letters,
    line_after,
    lone_letters,
    odd_lines,
    pairings,
    plausible,
    swallowing,
)
from tars.rust.rules_support.syntax import Edit, is_syntax, offered
from tars.rust.values import Example, Patch

_SIGNS = (
    "unknown start of token",
    "prefix ",
    "unterminated",
    "expected",
    "format argument",
    "character literal",
    "unexpected lifetime",
    "labeled expression",
    "lifetime",
    "mismatched closing delimiter",
    "unexpected closing delimiter",
    "this file contains an unclosed delimiter",
)


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code or (site.diagnostic.message.startswith(_SIGNS) and is_syntax(site)):
        yield from offered(site.file, _edits(site))


def _edits(site: Site) -> Iterator[Edit]:
    if "label" in site.diagnostic.message or "lifetime" in site.diagnostic.message:
        yield from (
            Edit((one,), what, likely) for one, what, likely in lifetimes_as_letters(site.file, site.place.start)
        )
    if "character literal" in site.diagnostic.message or "token: \\" in site.diagnostic.message:
        yield from (Edit((one,), what, likely) for one, what, likely in lone_letters(site.file, site.place.start))
    for number, odd in enumerate(_odd(site)):
        for change, what, likely in pairings(site.file, odd):
            fits = plausible(line_after(site.file, odd, change))
            yield Edit((change,), what, min(likely * fits, 0.95) * 0.7**number)


def _odd(site: Site) -> list[Odd]:
    """The odd lines before the first complaint about the file, behind which texts are read as code, then those before
    this one, the nearest first, and where a text begins that seems to hold code."""
    swallowed = swallowing(site.file)
    if "delimiter" in site.diagnostic.message:
        return swallowed
    labels = [label.place for one in site.context.diagnostics for label in one.labels[:1]]
    first = min((one.start for one in labels if one.path == site.file.path), default=site.place.start)
    odd = [one for until in (first, site.place.start) for one in odd_lines(site.file, until)]
    return list({one.start: one for one in (*odd, *swallowed[:1])}.values())


PLUGIN = Mend(
    codes=("E0765", "E0762", "E0763", "E0766", "E0758", ""),
    title="pair the quotes of a string or character",
    cites=("docs:error_codes/E0765.html", "docs:reference/tokens.html#string-literals"),
    examples=(
        Example(
            'pub fn show(x: i32) {\n    println!("x is {}, x);\n}\n',
            'pub fn show(x: i32) {\n    println!("x is {}", x);\n}\n',
        ),
        Example("pub fn sign() -> char {\n    '+\n}\n", "pub fn sign() -> char {\n    '+'\n}\n"),
        Example("pub fn sign() -> u8 {\n    b'+\n}\n", "pub fn sign() -> u8 {\n    b'+'\n}\n"),
        Example(
            'pub fn comment(text: &str) -> bool {\n    text.starts_with(/*")\n}\n',
            'pub fn comment(text: &str) -> bool {\n    text.starts_with("/*")\n}\n',
        ),
        Example(
            'pub fn is(it: &str) -> u8 {\n    if it == "one {\n        1\n    } else if it == "two" {\n        2\n'
            "    } else {\n        3\n    }\n}\n",
            'pub fn is(it: &str) -> u8 {\n    if it == "one" {\n        1\n    } else if it == "two" {\n        2\n'
            "    } else {\n        3\n    }\n}\n",
        ),
        Example(
            'pub const DAYS: [&str; 3] = ["Mon", "Tue, "Wed"];\npub const SIGN: &str = "a";\n',
            'pub const DAYS: [&str; 3] = ["Mon", "Tue", "Wed"];\npub const SIGN: &str = "a";\n',
        ),
        Example(
            "pub fn quotes(c: char) -> bool {\n    matches!(c, '\\' | '!')\n}\n",
            "pub fn quotes(c: char) -> bool {\n    matches!(c, '\\'' | '!')\n}\n",
        ),
        Example(
            "pub fn odd(c: char) -> bool {\n    c == '\\u{00F1}\n}\n",
            "pub fn odd(c: char) -> bool {\n    c == '\\u{00F1}'\n}\n",
        ),
        Example('pub fn two() -> [u8; 2] {\n    *b"ab\n}\n', 'pub fn two() -> [u8; 2] {\n    *b"ab"\n}\n'),
        Example(
            'pub fn show() {\n    println!(hi");\n    println!("ho");\n}\n',
            'pub fn show() {\n    println!("hi");\n    println!("ho");\n}\n',
        ),
    ),
    patches=_patches,
)
