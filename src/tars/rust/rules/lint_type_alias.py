"""Gives a very complex type a name."""

from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from tars.rust.rules_support.items import beginning
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.names import fresh, written
from tars.rust.values import Change, Example, Patch

_NAMED = ("parameter", "field_declaration", "let_declaration", "static_item", "const_item")


def _patches(site: Site) -> Iterator[Patch]:
    node = site.node
    around = [node, *ancestors(node)]
    item = next((one for one, outer in pairwise(around) if _is_module(outer)), None)
    if item is None or any(True for _ in site.file.walk("lifetime", "self", within=node)) or _is_generic(site, node):
        return
    name = _free(site, _name(site, node))
    line = f"type {name} = {site.text};\n\n{site.file.indent(item.start_byte)}"
    yield patch(
        "give the type a name", 0.7, site.file.insert(beginning(item).start_byte, line), Change(site.place, name)
    )


def _is_module(node: Node) -> bool:
    parent = node.parent
    return node.type == "source_file" or (
        node.type == "declaration_list" and parent is not None and parent.type == "mod_item"
    )


def _is_generic(site: Site, node: Node) -> bool:
    """Whether the type mentions a parameter of an item around it, or `Self`."""
    used = {site.file.text(one) for one in site.file.walk("type_identifier", "identifier", within=node)}
    declared = {"Self"}
    for one in ancestors(node):
        parameters = one.child_by_field_name("type_parameters")
        if parameters is not None:
            declared |= written(site.file, parameters)
    return bool(used & declared) or "impl " in site.text


def _name(site: Site, node: Node) -> str:
    """A name for the type, after what has it."""
    for one in ancestors(node):
        if one.type in _NAMED:
            named = one.child_by_field_name("pattern") or one.child_by_field_name("name")
            words = site.file.text(named).removeprefix("mut ").split("_") if named is not None else []
            made = "".join(word.capitalize() for word in words if word.isidentifier())
            return made if len(made) > 1 else "Complex"
        if one.type == "function_item" and (named := one.child_by_field_name("name")) is not None:
            return "".join(word.capitalize() for word in site.file.text(named).split("_")) + "Result"
    return "Complex"


def _free(site: Site, name: str) -> str:
    taken = written(site.file, site.file.root)
    return fresh(name, taken) if name in taken else name


PLUGIN = Mend(
    codes=("clippy::type_complexity",),
    title="give a very complex type a name",
    cites=("tool:clippy::type_complexity", "docs:reference/items/type-aliases.html"),
    examples=(
        Example(
            """
pub fn call(hooks: Vec<Box<dyn Fn(Vec<Option<(i32, String)>>) -> Result<Vec<(u8, u16)>, Box<dyn std::error::Error>>>>) {
    drop(hooks);
}
""",
            """
type Hooks = Vec<Box<dyn Fn(Vec<Option<(i32, String)>>) -> Result<Vec<(u8, u16)>, Box<dyn std::error::Error>>>>;

pub fn call(hooks: Hooks) {
    drop(hooks);
}
""",
        ),
    ),
    patches=_patches,
)
