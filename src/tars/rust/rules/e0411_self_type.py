"""Names the type for a `Self` outside of an `impl`."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_type, fields, items, name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.rules_support.names import mentions
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if site.text != "Self":
        return
    function = enclosing_function(site.node)
    within = function or site.file.root
    places = mentions(site.file, within, "Self") or [site.place]
    for number, wanted in enumerate(_types(site, within)[:3]):
        changes = [site.file.replace(place, wanted) for place in places]
        yield patch(f"`Self` is `{wanted}`", 0.6 / (number + 1), *changes)


def _types(site: Site, within: Node) -> list[str]:
    """The types that may be meant: whose fields a literal of `Self` has, that a parameter has, or the only one."""
    found: list[str] = []
    for literal in site.file.walk("struct_expression", within=within):
        name, body = literal.child_by_field_name("name"), literal.child_by_field_name("body")
        if name is None or body is None or site.file.text(name) != "Self":
            continue
        asked = set()
        for one in body.named_children:
            field = one.child_by_field_name("field")
            asked.add(site.file.text(field) if field is not None else site.file.text(one))
        found += [
            name_of(file, node) for file, node in items(site.context, "struct_item")
            if {field for field, _ in fields(file, node)} == asked
        ]  # fmt: skip
    for one in parameters(within) if within.type == "function_item" else ():
        kind = one.child_by_field_name("type")
        declared = declared_type(site.context, site.file.text(kind)) if kind is not None else None
        found += [name_of(*declared)] if declared is not None else []
    here = [name_of(file, node) for file, node in items(site.context, "struct_item", "enum_item")]
    return list(dict.fromkeys([*found, *(here if len(here) == 1 else [])]))


PLUGIN = Mend(
    codes=("E0411",),
    title="name the type for a `Self` outside of an `impl`",
    cites=("docs:error_codes/E0411.html", "docs:reference/paths.html#self-1"),
    examples=(
        Example(
            """
pub struct Point {
    pub x: i32,
}
pub struct Other;
pub fn origin() -> Self {
    Self { x: 0 }
}
""",
            """
pub struct Point {
    pub x: i32,
}
pub struct Other;
pub fn origin() -> Point {
    Point { x: 0 }
}
""",
        ),
    ),
    patches=_patches,
)
