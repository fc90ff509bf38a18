"""Names another variable that is in scope, where that has the type and nothing else uses it; iterates by value."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.scope import locals_before
from tars.rust.rules_support.signatures import uses
from tars.rust.rules_support.types import RustType, fits, mismatch, parse_type
from tars.rust.values import Example, Patch, Place

_NAMES_MAX = 2


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    around = enclosing_function(site.node)
    if types is None or around is None:
        return
    if site.node.type.endswith("_literal") and any("type parameter" in label.text for label in site.labels()):
        yield from _generic(site, around, types.wanted)
    if site.node.type != "identifier":
        return
    unused = [
        local for local in locals_before(site.file, site.node)
        if local.name not in ("self", site.text) and uses(site.file, around, local.name) == 1
        and (not local.type or fits(parse_type(local.type), types.wanted))
    ]  # fmt: skip
    for local in unused[:_NAMES_MAX]:
        yield patch(f"`{local.name}` is meant, which nothing uses", 0.5, site.file.replace(site.place, local.name))
    if types.found.head == "&" and fits(types.found.inner, types.wanted):
        yield from _by_value(site)


def _generic(site: Site, function: Node, wanted: RustType) -> Iterator[Patch]:
    """A literal is not of whatever type the caller likes: the parameter of it is meant, where nothing uses that."""
    for local in locals_before(site.file, site.node):
        if local.type and parse_type(local.type) == wanted and uses(site.file, function, local.name) == 1:
            yield patch(f"`{local.name}` is meant, which nothing uses", 0.5, site.file.replace(site.place, local.name))


def _by_value(site: Site) -> Iterator[Patch]:
    """The variable of a `for` over a loan: over the list itself."""
    loop = next((one for one in ancestors(site.node) if _binds(site, one)), None)
    value: Node | None = loop.child_by_field_name("value") if loop else None
    if value is not None and value.type == "reference_expression":
        loan = Place(site.file.path, value.start_byte, value.start_byte + 1)
        yield patch("go through the elements themselves", 0.45, site.file.delete(loan))
    elif value is not None and site.file.text(value).endswith(".iter()"):
        text = site.file.text(value).removesuffix(".iter()")
        yield patch("go through the elements themselves", 0.4, site.file.replace(value, text))


def _binds(site: Site, node: Node) -> bool:
    pattern = node.child_by_field_name("pattern") if node.type == "for_expression" else None
    return pattern is not None and site.file.text(pattern) == site.text


PLUGIN = Mend(
    codes=("E0308",),
    title="name the variable that is meant",
    cites=("docs:error_codes/E0308.html", "docs:book/ch03-05-control-flow.html"),
    examples=(
        Example(
            """
pub fn above(most: Option<(u8, f64)>, n: f64) -> bool {
    most.map_or(true, |(_, high)| n > most)
}
""",
            """
pub fn above(most: Option<(u8, f64)>, n: f64) -> bool {
    most.map_or(true, |(_, high)| n > high)
}
""",
        ),
        Example(
            """
pub struct Parcel(pub u32);
fn weigh(one: Parcel) -> u32 {
    one.0
}
pub fn total(all: Vec<Parcel>) -> u32 {
    let mut sum = 0;
    for one in &all {
        sum += weigh(one);
    }
    sum
}
""",
            """
pub struct Parcel(pub u32);
fn weigh(one: Parcel) -> u32 {
    one.0
}
pub fn total(all: Vec<Parcel>) -> u32 {
    let mut sum = 0;
    for one in all {
        sum += weigh(one);
    }
    sum
}
""",
        ),
    ),
    patches=_patches,
)
