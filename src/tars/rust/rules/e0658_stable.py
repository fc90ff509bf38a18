"""Says in stable Rust what needs an experimental feature."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, delete_from_list, deleted_line, patch
from tars.rust.rules_support.names import mentions
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    message = site.diagnostic.message
    for said, mend in _MENDS.items():
        if said in message:
            yield from mend(site)
            return


def _trait_alias(site: Site) -> Iterator[Patch]:
    """`trait Both = A + B;` is a trait with both above it, and an `impl` for all that have both."""
    found = re.fullmatch(r"((?:pub(?:\([^)]*\))?\s+)?)trait\s+(\w+)\s*=\s*([^;<]+?)\s*;", site.text.strip())
    if found is not None:
        public, name, bounds = found.groups()
        indent = site.file.indent(site.place.start)
        text = f"{public}trait {name}: {bounds} {{}}\n{indent}impl<T: {bounds} + ?Sized> {name} for T {{}}"
        yield patch("a trait with these above it, for all that have them", 0.7, site.file.replace(site.place, text))


def _never(site: Site) -> Iterator[Patch]:
    yield patch("`Infallible` has no value either", 0.6, site.file.replace(site.place, "std::convert::Infallible"))


def _default_type(site: Site) -> Iterator[Patch]:
    """The default goes; implementations that relied on it say it themselves."""
    holder = site.up("trait_item")
    found = re.match(r"type\s+(\w+)([^=]*)=\s*(.+?)\s*;$", site.text, re.DOTALL)
    if holder is None or found is None:
        return
    name, bounds, value = found.groups()
    changes = [site.file.replace(site.place, f"type {name}{bounds.rstrip()};")]
    trait = name_of(site.file, holder)
    for impl in site.file.walk("impl_item"):
        wanted, body = impl.child_by_field_name("trait"), impl.child_by_field_name("body")
        if wanted is None or body is None or re.sub(r"<.*", "", site.file.text(wanted)) != trait:
            continue
        if not any(name_of(site.file, one) == name for one in children(body, "type_item")):
            indent = site.file.indent(impl.start_byte)
            inner = f"\n{indent}    type {name} = {value};"
            changes.append(site.file.insert(body.start_byte + 1, inner if children(body) else f"{inner}\n{indent}"))
    yield patch("let each implementation say the type", 0.66, *changes)


def _inherent_type(site: Site) -> Iterator[Patch]:
    """An alias beside the `impl` instead of in it."""
    alias, impl = site.up("type_item", "associated_type"), site.up("impl_item")
    if alias is None or impl is None:
        return
    name = name_of(site.file, alias)
    indent = site.file.indent(impl.start_byte)
    text = re.sub(r"\n\s*", f"\n{indent}", site.file.text(alias))
    used = [
        Place(site.file.path, one.start_byte, one.end_byte)
        for one in site.file.walk("scoped_type_identifier", "scoped_identifier")
        if site.file.text(one) == f"Self::{name}"
    ]
    changes = [site.file.insert(impl.start_byte, f"{text}\n\n{indent}"), deleted_line(site.file, alias)]
    yield patch("an alias beside the `impl`", 0.66, *changes, *(site.file.replace(place, name) for place in used))


def _specialised(site: Site) -> Iterator[Patch]:
    item = site.node if site.text.startswith("default") else None
    start = site.place.start
    if item is not None:
        end = start + len("default")
        end += len(site.file.data[end:]) - len(site.file.data[end:].lstrip())
        yield patch("an implementation as any other", 0.6, Change(Place(site.file.path, start, end), ""))


def _attribute(site: Site) -> Iterator[Patch]:
    """An attribute of an expression belongs to its statement; a hint to the compiler need not be."""
    statement = site.file.statement(site.place)
    end = site.place.end
    end += len(site.file.data[end:]) - len(site.file.data[end:].lstrip())
    gone = Change(Place(site.file.path, site.place.start, end), "")
    if statement is not None and statement.start_byte < site.place.start:
        indent = site.file.indent(statement.start_byte)
        moved = site.file.insert(statement.start_byte, f"{site.text}\n{indent}")
        yield patch("put the attribute on the statement", 0.6, moved, gone)
    if re.match(r"#\[\s*(inline|cold|must_use|rustfmt)", site.text):
        yield patch("leave out a hint that changes nothing", 0.4, gone)


def _opaque_alias(site: Site) -> Iterator[Patch]:
    """The functions that give the alias say what it stands for."""
    alias = site.up("type_item")
    if alias is None:
        return
    name = name_of(site.file, alias)
    used = [
        one for one in mentions(site.file, site.file.root, name) if not alias.start_byte <= one.start < alias.end_byte
    ]
    if used and all(_is_result(site, one) for one in used):
        changes = [site.file.replace(one, site.text) for one in used]
        yield patch(f"say {site.text} where it is given", 0.6, deleted_line(site.file, alias), *changes)


def _allocator(site: Site) -> Iterator[Patch]:
    """A second type for `Box` or `Vec` is an allocator, which is hardly ever meant."""
    listed = site.up("type_arguments")
    given = children(listed) if listed is not None else []
    own = next((one for one in given if one.start_byte <= site.place.start and site.place.end <= one.end_byte), None)
    if own is not None and len(given) > 1:
        yield patch("give one type only", 0.7, delete_from_list(site.file, given, own))


def _is_result(site: Site, place: Place) -> bool:
    node: Node = site.file.node_at(place)
    function = next((one for one in ancestors(node) if one.type == "function_item"), None)
    result = function.child_by_field_name("return_type") if function is not None else None
    return result is not None and result.start_byte <= place.start < result.end_byte


_MENDS = {
    "trait aliases": _trait_alias,
    "the `!` type": _never,
    "associated type defaults": _default_type,
    "inherent associated types": _inherent_type,
    "specialization": _specialised,
    "attributes on expressions": _attribute,
    "in type aliases": _opaque_alias,
    "`allocator_api`": _allocator,
}

PLUGIN = Mend(
    codes=("E0658",),
    title="say it in stable Rust",
    cites=(
        "docs:error_codes/E0658.html",
        "docs:reference/items/traits.html",
        "docs:reference/attributes.html",
        "docs:std/convert/enum.Infallible.html",
    ),
    examples=(
        Example(
            """
pub trait Both = Clone + Send;
pub fn keep<T: Both>(one: T) -> T {
    one.clone()
}
""",
            """
pub trait Both: Clone + Send {}
impl<T: Clone + Send + ?Sized> Both for T {}
pub fn keep<T: Both>(one: T) -> T {
    one.clone()
}
""",
        ),
        Example(
            """
pub fn sure() -> Result<u8, !> {
    Ok(1)
}
""",
            """
pub fn sure() -> Result<u8, std::convert::Infallible> {
    Ok(1)
}
""",
        ),
        Example(
            """
pub trait Unit {
    type Of = u8;
    fn one(&self) -> Self::Of;
}
impl Unit for u8 {
    fn one(&self) -> Self::Of {
        1
    }
}
""",
            """
pub trait Unit {
    type Of;
    fn one(&self) -> Self::Of;
}
impl Unit for u8 {
    type Of = u8;
    fn one(&self) -> Self::Of {
        1
    }
}
""",
        ),
        Example(
            """
pub struct Meter;
impl Meter {
    pub type Unit = f64;
    pub fn one() -> Self::Unit {
        1.0
    }
}
""",
            """
pub struct Meter;
pub type Unit = f64;

impl Meter {
    pub fn one() -> Unit {
        1.0
    }
}
""",
        ),
        Example(
            """
pub fn boxed(one: u8) -> Box<u8, u8> {
    Box::new(one)
}
""",
            """
pub fn boxed(one: u8) -> Box<u8> {
    Box::new(one)
}
""",
        ),
        Example(
            """
pub fn call() -> u8 {
    let one = #[inline] || 1;
    one()
}
""",
            """
pub fn call() -> u8 {
    let one = || 1;
    one()
}
""",
        ),
        Example(
            """
type Numbers = impl Iterator<Item = u8>;
pub fn numbers() -> Numbers {
    0..3
}
""",
            """
pub fn numbers() -> impl Iterator<Item = u8> {
    0..3
}
""",
        ),
    ),
    patches=_patches,
)
