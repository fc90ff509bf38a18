"""Lends every element of a list to write that is gone through to write: one `&` among them makes all of them such."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    label = site.label("this iterator yields `&` references")
    if label is None:
        return
    file = site.file_of(label.place)
    lists = [one for one in file.walk("array_expression") if label.place.start <= one.start_byte < label.place.end]
    changes = [change for one in lists[:1] for element in children(one) if (change := _to_write(file, element))]
    if changes:
        yield patch("lend every one of them to write", 0.85, *changes)


def _to_write(file: SourceFile, element: Node) -> Change | None:
    if element.type != "reference_expression" or any(one.type == "mutable_specifier" for one in element.children):
        return None
    value = element.child_by_field_name("value")
    return file.insert(value.start_byte, "mut ") if value is not None else None


PLUGIN = Mend(
    codes=("E0594",),
    title="lend every element of a list to write",
    cites=("docs:error_codes/E0594.html", "docs:book/ch04-02-references-and-borrowing.html"),
    examples=(
        Example(
            """
pub fn zero(mut one: u8, mut two: u8, mut three: u8) -> u8 {
    for part in [&mut one, &two, &mut three] {
        if *part > 1 {
            *part = 0;
        }
    }
    one + two + three
}
""",
            """
pub fn zero(mut one: u8, mut two: u8, mut three: u8) -> u8 {
    for part in [&mut one, &mut two, &mut three] {
        if *part > 1 {
            *part = 0;
        }
    }
    one + two + three
}
""",
        ),
    ),
    patches=_patches,
)
