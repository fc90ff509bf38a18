"""Matches as many elements as an array has, and slices of what is no array."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, enclosing_function, parts, patch
from tars.rust.rules_support.signatures import uses
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    pattern = site.up("slice_pattern")
    if pattern is None:
        return
    code = site.diagnostic.code
    given = [site.file.text(one) for one in parts(site.file, pattern)]
    numbers = [int(word) for word in site.diagnostic.message.split() if word.isdigit()]
    if code == "E0527" and len(numbers) == 2:
        needs, has = numbers
        if needs < has:
            yield patch("leave the rest open", 0.65, site.file.replace(pattern, f"[{', '.join([*given, '..'])}]"))
        else:
            yield from _fewer(site, pattern, given, needs - has)
    elif code == "E0528" and len(numbers) == 2:
        yield from _fewer(site, pattern, given, numbers[0] - numbers[1])
    elif code == "E0529":
        yield from _of_another(site, pattern, given)
    elif code == "E0730":
        yield from _sliced(site)


def _fewer(site: Site, pattern: Node, given: list[str], surplus: int) -> Iterator[Patch]:
    """As many as there are: those go first that nothing uses."""
    around = enclosing_function(pattern) or site.file.root
    single = [one for one in given if ".." not in one]
    unused = [one for one in single if one == "_" or uses(site.file, around, one) == 1]
    gone = unused[-surplus:] if len(unused) >= surplus else []
    if gone:
        kept = [one for one in given if one not in gone]
        yield patch("match as many as there are", 0.5, site.file.replace(pattern, f"[{', '.join(kept)}]"))
        return
    rest = next((one.partition("@")[0].strip() for one in given if ".." in one), "")
    if rest and len(single) > surplus:
        kept = single[:-surplus]
        yield patch("match as many as there are", 0.25, site.file.replace(pattern, f"[{', '.join(kept)}, {rest} @ ..]"))


def _of_another(site: Site, pattern: Node, given: list[str]) -> Iterator[Patch]:
    type_ = parse_type(site.words[-1]) if site.words else parse_type("_")
    match = site.up("match_expression", "let_condition", "let_declaration")
    value = match.child_by_field_name("value") if match else None
    if type_.peeled.head in ("Vec", "VecDeque", "String", "Box") and value is not None:
        how = {"VecDeque": ".make_contiguous()", "String": ".as_bytes()", "Box": ".as_ref()"}.get(type_.peeled.head)
        yield patch("match the slice of it", 0.65, site.file.insert(value.end_byte, how or ".as_slice()"))
    elif type_.peeled.head == "()" and len(type_.peeled.arguments) == len(given):
        yield patch("match the parts of the tuple", 0.65, site.file.replace(pattern, f"({', '.join(given)})"))
    elif type_.peeled.head in ("Option", "Result"):
        maker = "Some" if type_.peeled.head == "Option" else "Ok"
        yield patch("match what it holds", 0.4, site.file.replace(pattern, f"{maker}({site.file.text(pattern)})"))


def _sliced(site: Site) -> Iterator[Patch]:
    """An array whose length is a parameter: match its slice."""
    match = site.up("match_expression", "let_condition")
    value = match.child_by_field_name("value") if match else None
    if value is not None:
        yield patch("match the slice of it", 0.75, site.file.insert(value.end_byte, ".as_slice()"))


PLUGIN = Mend(
    codes=("E0527", "E0528", "E0529", "E0730"),
    title="match the elements that there are",
    cites=("docs:reference/patterns.html#slice-patterns", "docs:error_codes/E0527.html"),
    examples=(
        Example(
            """
pub fn first(all: [u8; 3]) -> u8 {
    let [one] = all;
    one
}
""",
            """
pub fn first(all: [u8; 3]) -> u8 {
    let [one, ..] = all;
    one
}
""",
        ),
        Example(
            """
pub fn first(all: [u8; 1]) -> u8 {
    let [one, _, ..] = all;
    one
}
""",
            """
pub fn first(all: [u8; 1]) -> u8 {
    let [one, ..] = all;
    one
}
""",
        ),
        Example(
            """
pub fn one(all: Vec<u8>) -> u8 {
    match all {
        [_] => 1,
        _ => 0,
    }
}
""",
            """
pub fn one(all: Vec<u8>) -> u8 {
    match all.as_slice() {
        [_] => 1,
        _ => 0,
    }
}
""",
        ),
        Example(
            """
pub fn one<const N: usize>(all: [u8; N]) -> bool {
    match all {
        [1, ..] => true,
        _ => false,
    }
}
""",
            """
pub fn one<const N: usize>(all: [u8; N]) -> bool {
    match all.as_slice() {
        [1, ..] => true,
        _ => false,
    }
}
""",
        ),
    ),
    patches=_patches,
)
