"""Mends uses of a call's result where the call gives none: it changes its receiver, or it asks for another question."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import RustType, mismatch
from tars.rust.values import Example, Patch

_TEXT = RustType("&", (RustType("str"),))


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    if types is None:
        return
    in_place = any("modifies its receiver" in note.message for note in site.diagnostic.notes)
    receiver = _receiver(site.node)
    parent = site.node.parent
    declares = parent is not None and parent.type == "let_declaration"
    if in_place and declares and receiver is not None and receiver.type == "identifier":
        name = site.file.text(receiver)
        yield patch(
            f"give `{name}`, once it is changed", 0.6, site.file.replace(site.node, f"{{ {site.text}; {name} }}")
        )
    call = site.up("call_expression")
    method = call.child_by_field_name("function") if call else None
    field = method.child_by_field_name("field") if method else None
    value = method.child_by_field_name("value") if method else None
    if call is None or field is None or value is None or site.file.text(field) != "contains":
        return
    if types.wanted == RustType("&", (RustType("String"),)) and types.found == _TEXT:
        text = f"{site.file.text(value)}.iter().any(|one| one == {site.text})"
        yield patch("ask whether any is equal", 0.6, site.file.replace(call, text))


def _receiver(node: Node) -> Node | None:
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    return function.child_by_field_name("value") if function is not None else None


PLUGIN = Mend(
    codes=("E0308",),
    title="use the value that a call changed, or ask another question",
    cites=("docs:std/primitive.slice.html#method.sort", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
pub fn ranked(mut all: Vec<i32>) -> i32 {
    let ranked: Vec<i32> = all.sort();
    ranked[0]
}
""",
            """
pub fn ranked(mut all: Vec<i32>) -> i32 {
    let ranked: Vec<i32> = { all.sort(); all };
    ranked[0]
}
""",
        ),
        Example(
            "pub fn knows(all: &[String], name: &str) -> bool {\n    all.contains(name)\n}\n",
            "pub fn knows(all: &[String], name: &str) -> bool {\n    all.iter().any(|one| one == name)\n}\n",
        ),
    ),
    patches=_patches,
)
