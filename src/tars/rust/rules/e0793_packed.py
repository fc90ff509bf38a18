"""Copies a field of a packed struct instead of borrowing it."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    node = site.node
    if node.type == "reference_expression":
        value = node.child_by_field_name("value")
        mutable = any(child.type == "mutable_specifier" for child in node.children)
        if value is not None and not mutable:
            yield patch("borrow a copy of it", 0.65, site.file.replace(value, f"{{ {site.file.text(value)} }}"))
    elif node.type == "field_expression":
        yield patch("take a copy of it", 0.7, site.file.replace(node, f"{{ {site.text} }}"))
    elif node.type == "call_expression":
        function = node.child_by_field_name("function")
        value = function.child_by_field_name("value") if function else None
        if value is not None and len(children(node)) > 0:
            yield patch("call it on a copy", 0.5, site.file.replace(value, f"{{ {site.file.text(value)} }}"))


PLUGIN = Mend(
    codes=("E0793",),
    title="copy a field of a packed struct instead of borrowing it",
    cites=("docs:error_codes/E0793.html", "docs:reference/type-layout.html#the-alignment-modifiers"),
    examples=(
        Example(
            """
#[repr(packed)]
pub struct Head {
    pub length: u32,
    pub kind: u8,
}
pub fn show(head: &Head) -> String {
    format!("{}", head.length)
}
""",
            """
#[repr(packed)]
pub struct Head {
    pub length: u32,
    pub kind: u8,
}
pub fn show(head: &Head) -> String {
    format!("{}", { head.length })
}
""",
        ),
    ),
    patches=_patches,
)
