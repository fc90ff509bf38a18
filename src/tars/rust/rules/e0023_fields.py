"""Gives a tuple pattern as many parts as its struct or variant has."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, enclosing_function, parts, patch
from tars.rust.rules_support.signatures import uses
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    pattern = site.up("tuple_struct_pattern")
    if pattern is None:
        return
    numbers = [int(word) for word in site.diagnostic.message.split() if word.isdigit()]
    given = parts(site.file, pattern)
    if len(numbers) != 2 or len(given) != numbers[0]:
        return
    has, wants = numbers
    if has < wants:
        at = given[-1].end if given else pattern.end_byte - 1
        yield patch("ignore the other parts", 0.6, site.file.insert(at, (", " if given else "") + ".."))
        return
    unused = [part for part in given if not _is_used(site, pattern, part)]
    if len(unused) >= has - wants:
        kept = [site.file.text(part) for part in given if part not in unused[wants - has :]]
        name = site.file.text(pattern.named_children[0])
        sure = 0.6 if has - wants == 1 else 0.5
        change = site.file.replace(pattern, f"{name}({', '.join(kept)})" if kept else name)
        yield patch("bind only the parts that there are", sure, change)


def _is_used(site: Site, pattern: Node, part: Place) -> bool:
    """Whether the name that the part binds stands anywhere else in the function."""
    name = site.file.text(part)
    around = enclosing_function(pattern) or site.file.root
    return name not in ("_", "..") and uses(site.file, around, name) > 1


PLUGIN = Mend(
    codes=("E0023",),
    title="match as many parts as the variant has",
    cites=("docs:error_codes/E0023.html", "docs:reference/patterns.html"),
    examples=(
        Example(
            """
pub enum Shape {
    Box(f64, f64),
    Dot,
}
pub fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Box(wide, high, _) => wide * high,
        Shape::Dot => 0.0,
    }
}
""",
            """
pub enum Shape {
    Box(f64, f64),
    Dot,
}
pub fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Box(wide, high) => wide * high,
        Shape::Dot => 0.0,
    }
}
""",
        ),
        Example(
            """
pub enum Shape {
    Box(f64, f64, f64),
    Dot,
}
pub fn wide(shape: &Shape) -> f64 {
    match shape {
        Shape::Box(wide) => *wide,
        Shape::Dot => 0.0,
    }
}
""",
            """
pub enum Shape {
    Box(f64, f64, f64),
    Dot,
}
pub fn wide(shape: &Shape) -> f64 {
    match shape {
        Shape::Box(wide, ..) => *wide,
        Shape::Dot => 0.0,
    }
}
""",
        ),
    ),
    patches=_patches,
)
