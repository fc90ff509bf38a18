"""Adds the arm of a variant where every arm only says what its variant is: in the words of the variant's name."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.patterns import add_arm, arms, value_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch

_NAMED = re.compile(r"`&*((?:\w+::)*([A-Z]\w*)(?:\([_, ]*\)| \{ \.\. \})?)` not covered")


def _patches(site: Site) -> Iterator[Patch]:
    match = site.up("match_expression")
    missing = _NAMED.search(site.diagnostic.message)
    others = arms(match) if match is not None else []
    if match is None or missing is None or len(others) < 2 or not all(_tells(site.file, one) for one in others):
        return
    plain = [one for one in others if _literal(site.file, one) is not None]
    if not plain:
        return
    literal = _literal(site.file, plain[0])
    assert literal is not None
    value = value_of(site.file, plain[0]).replace(site.file.text(literal), f'"{_words(missing[2])}"')
    pattern = _as_others(site.file, others, missing[1])
    change = add_arm(site.file, match, pattern, value)
    if change is not None:
        yield patch(f"say of `{missing[2]}` what it is called", 0.35, change)


def _tells(file: SourceFile, arm: Node) -> bool:
    """Whether an arm does nothing but give or write a text."""
    value = arm.child_by_field_name("value")
    text = file.text(value) if value is not None else ""
    return re.match(r'"|\{?\s*(write!|writeln!|format!|\w+\.(write_str|write_fmt|pad)\()', text) is not None


def _literal(file: SourceFile, arm: Node) -> Node | None:
    """The one text of an arm that is nothing but that text."""
    value = arm.child_by_field_name("value")
    texts = list(file.walk("string_literal", within=value)) if value is not None else []
    return texts[0] if len(texts) == 1 and "{" not in file.text(texts[0]) else None


def _as_others(file: SourceFile, others: list[Node], pattern: str) -> str:
    """The path of the variant as the other arms write theirs."""
    first = others[0].child_by_field_name("pattern")
    written = re.match(r"&?((?:\w+::)*)[A-Z]\w*", file.text(first) if first is not None else "")
    return (written[1] if written is not None else "") + pattern.rpartition("::")[2]


def _words(name: str) -> str:
    """`UnexpectedEnd` as `unexpected end`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


PLUGIN = Mend(
    codes=("E0004",),
    title="say of a variant what it is called, as its siblings do",
    cites=("docs:error_codes/E0004.html", "docs:std/fmt/trait.Display.html"),
    examples=(
        Example(
            """
pub enum Fault {
    Empty,
    UnexpectedEnd(char),
    Full,
}
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Empty => f.write_str("it is empty"),
            Fault::Full => f.write_str("it is full"),
        }
    }
}
""",
            """
pub enum Fault {
    Empty,
    UnexpectedEnd(char),
    Full,
}
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Empty => f.write_str("it is empty"),
            Fault::Full => f.write_str("it is full"),
            Fault::UnexpectedEnd(_) => f.write_str("unexpected end"),
        }
    }
}
""",
        ),
    ),
    patches=_patches,
)
