"""Writes the fields that are assigned right after `Default::default()` where the value is made."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import line_place
from tars.rust.values import Example, Patch, Place

_WHOLE = re.compile(r"consider initializing the variable with `(.+)` and removing relevant reassignments", re.S)
_SAME = re.compile(r"\b(\w+): \1(?=[,} ])")
_WIDTH_MAX = 90


def _patches(site: Site) -> Iterator[Patch]:
    told = next((found for one in site.diagnostic.notes if (found := _WHOLE.search(one.message))), None)
    place = site.noted("consider initializing")
    let = site.file.node_of(place, "let_declaration") if place is not None else None
    value = let.child_by_field_name("value") if let is not None else None
    pattern = let.child_by_field_name("pattern") if let is not None else None
    if told is None or let is None or value is None or pattern is None:
        return
    name = site.file.text(pattern).removeprefix("mut ")
    gone = list(_assigned(site, let, name))
    cut = [site.file.delete(line_place(site.file, one)) for one in gone]
    clippys, _, fields = told[1].partition(" {")
    text = f"{_type(site, let, value) or clippys.rpartition('::')[2]} {{" + _SAME.sub(r"\1", fields)
    made = site.file.replace(value, _laid_out(text, site.file.indent(let.start_byte)))
    mutable = next((one for one in let.children if one.type == "mutable_specifier"), None)
    if mutable is not None:
        still = site.file.delete(Place(site.file.path, mutable.start_byte, pattern.start_byte))
        yield patch("write the fields where the value is made", 0.9, still, made, *cut)
    yield patch("write the fields where the value is made", 0.8, made, *cut)


def _type(site: Site, let: Node, value: Node) -> str:
    """The struct as it is named here, where it is; clippy names it as from the crate's root."""
    written = let.child_by_field_name("type")
    named = site.file.text(value).removesuffix("::default()")
    named = site.file.text(written) if written is not None else "" if named == "Default" else named
    return named.partition("<")[0].removesuffix("::") if re.match(r"[\w:]+(<|$)", named) else ""


def _assigned(site: Site, let: Node, name: str) -> Iterator[Node]:
    """The statements right after the `let` that assign a field."""
    at = let.next_named_sibling
    while at is not None and re.match(rf"{re.escape(name)}\s*\.\s*\w+\s*=[^=]", site.file.text(at)):
        yield at
        at = at.next_named_sibling


def _laid_out(text: str, indent: str) -> str:
    """The struct expression, over several lines where it is long."""
    if len(indent) + len(text) <= _WIDTH_MAX:
        return text
    head, _, fields = text.partition("{")
    inner = f",\n{indent}    ".join(_fields(fields.rpartition("}")[0].strip()))
    end = "" if inner.rpartition("\n")[2].strip().startswith("..") else ","
    return f"{head}{{\n{indent}    {inner}{end}\n{indent}}}"


def _fields(text: str) -> Iterator[str]:
    """What stands between the outermost commas."""
    depth, start = 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


PLUGIN = Mend(
    codes=("clippy::field_reassign_with_default",),
    title="write the fields where the value is made",
    cites=("tool:clippy::field_reassign_with_default", "docs:book/ch05-01-defining-structs.html"),
    examples=(
        Example(
            """
pub mod parts {
    #[derive(Default)]
    pub struct Size {
        pub width: u32,
        pub height: u32,
    }

    pub fn flat(width: u32) -> Size {
        let mut size: Size = Default::default();
        size.width = width;
        size
    }
}
""",
            """
pub mod parts {
    #[derive(Default)]
    pub struct Size {
        pub width: u32,
        pub height: u32,
    }

    pub fn flat(width: u32) -> Size {
        let size: Size = Size { width, ..Default::default() };
        size
    }
}
""",
        ),
        Example(
            """
#[derive(Default)]
pub struct Style {
    pub width: u32,
    pub height: u32,
    pub name: String,
}

pub fn square(side: u32) -> Style {
    let mut style = Style::default();
    style.width = side;
    style.height = side;
    style
}
""",
            """
#[derive(Default)]
pub struct Style {
    pub width: u32,
    pub height: u32,
    pub name: String,
}

pub fn square(side: u32) -> Style {
    let style = Style { width: side, height: side, ..Default::default() };
    style
}
""",
        ),
    ),
    patches=_patches,
)
