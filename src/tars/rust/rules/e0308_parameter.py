"""Mends declarations whose generic arguments are mixed up: of a parameter, or of what a function returns."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_type, fields, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, enclosing_function, patch
from tars.rust.rules_support.types import Mismatch, mismatch, parse_type
from tars.rust.values import Example, Patch, RustDiagnostic


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    if types is None:
        return
    yield from _retyped(site, types)
    yield from _redeclared(site, types)
    yield from _returned(site)


def _retyped(site: Site, types: Mismatch) -> Iterator[Patch]:
    """The value is a parameter of the function: it is declared as what is wanted of it."""
    function = enclosing_function(site.node)
    generic = any("type parameter" in label.text for label in site.labels())
    if function is None or not types.wanted.known:
        return
    for one in parameters(function):
        pattern, type_ = one.child_by_field_name("pattern"), one.child_by_field_name("type")
        if pattern is not None and type_ is not None and site.file.text(pattern) == site.text:
            sure = 0.5 if generic else 0.25
            yield patch(f"take `{site.text}` as `{types.wanted}`", sure, site.file.replace(type_, str(types.wanted)))


def _redeclared(site: Site, types: Mismatch) -> Iterator[Patch]:
    """The value is a variable: it is declared as what is wanted of it."""
    name = re.sub(r"^&\s*(?:mut\s+)?", "", site.text)
    wanted = types.wanted.inner if name != site.text and types.wanted.head in ("&", "&mut ") else types.wanted
    for let in site.file.walk("let_declaration"):
        pattern, type_ = let.child_by_field_name("pattern"), let.child_by_field_name("type")
        if pattern is None or type_ is None or site.file.text(pattern) != name or let.end_byte > site.place.start:
            continue
        if wanted.known and wanted.head not in ("str", "[]"):
            yield patch(f"declare `{name}` as `{wanted}`", 0.3, site.file.replace(type_, str(wanted)))


def _returned(site: Site) -> Iterator[Patch]:
    """The function gives a generic struct whose arguments stand in another order than it says."""
    struct = next((one for one in ancestors(site.node) if one.type == "struct_expression"), None)
    function = enclosing_function(site.node)
    written = function.child_by_field_name("return_type") if function else None
    arguments = written.child_by_field_name("type_arguments") if written else None
    name = struct.child_by_field_name("name") if struct else None
    found = declared_type(site.context, site.file.text(name)) if name else None
    if struct is None or arguments is None or found is None:
        return
    listed = found[1].child_by_field_name("type_parameters")
    order = [found[0].text(one).partition(":")[0].strip() for one in children(listed)] if listed else []
    held = dict(fields(*found))
    given = [site.file.text(one) for one in children(arguments)]
    if len(given) != len(order):
        return
    changed = list(given)
    for one in site.context.diagnostics:
        field = _field(site, one, struct)
        types = mismatch(one) if field else None
        if field is not None and types is not None and held.get(field) in order and types.found.known:
            changed[order.index(held[field])] = str(types.found)
    if changed != given and parse_type(site.file.text(written) if written else "").arguments:
        yield patch(f"return `<{', '.join(changed)}>`", 0.55, site.file.replace(arguments, f"<{', '.join(changed)}>"))


def _field(site: Site, diagnostic: RustDiagnostic, struct: Node) -> str | None:
    """The field of the struct expression whose value the diagnostic points at."""
    place = diagnostic.primary
    if diagnostic.code != "E0308" or place is None or place.path != site.file.path:
        return None
    if not struct.start_byte <= place.start < struct.end_byte:
        return None
    own = site.file.node_of(place, "field_initializer", "shorthand_field_initializer")
    return site.file.text(own.named_children[0]) if own is not None and own.named_children else None


PLUGIN = Mend(
    codes=("E0308",),
    title="declare the generic arguments that are meant",
    cites=("docs:book/ch10-01-syntax.html", "docs:reference/items/generics.html"),
    examples=(
        Example(
            """
pub struct Pair<A, B> {
    pub one: A,
    pub other: B,
}
impl<A, B> Pair<A, B> {
    pub fn new(one: A, other: A) -> Self {
        Pair { one, other }
    }
}
""",
            """
pub struct Pair<A, B> {
    pub one: A,
    pub other: B,
}
impl<A, B> Pair<A, B> {
    pub fn new(one: A, other: B) -> Self {
        Pair { one, other }
    }
}
""",
        ),
        Example(
            """
pub struct Pair<A, B> {
    pub one: A,
    pub other: B,
}
impl<A, B> Pair<A, B> {
    pub fn swap(self) -> Pair<A, B> {
        Pair { one: self.other, other: self.one }
    }
}
""",
            """
pub struct Pair<A, B> {
    pub one: A,
    pub other: B,
}
impl<A, B> Pair<A, B> {
    pub fn swap(self) -> Pair<B, A> {
        Pair { one: self.other, other: self.one }
    }
}
""",
        ),
    ),
    patches=_patches,
)
