"""Gives methods to types of other crates through a trait of one's own."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.signatures import signature_end
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    impl = site.up("impl_item")
    body = impl.child_by_field_name("body") if impl else None
    type_ = impl.child_by_field_name("type") if impl else None
    if impl is None or body is None or type_ is None or impl.child_by_field_name("trait") is not None:
        return
    members = [one for one in children(body) if one.type != "attribute_item"]
    if not all(one.type in ("function_item", "const_item") for one in members):
        return
    signatures = [_signature(site, one) for one in members]
    head = parse_type(site.file.text(type_)).peeled.head
    name = _free_name(site, (head if re.fullmatch(r"[A-Za-z]\w+", head) else "Any").title().replace("_", "") + "Ext")
    indent = site.file.indent(impl.start_byte)
    inner = "".join(f"{indent}    {signature};\n" for signature in signatures)
    trait = f"trait {name} {{\n{inner}{indent}}}\n\n{indent}" if members else f"trait {name} {{}}\n\n{indent}"
    changes: list[Change] = [
        site.file.insert(impl.start_byte, trait),
        site.file.insert(type_.start_byte, f"{name} for "),
    ]
    for member in members:
        for child in children(member, "visibility_modifier"):
            changes.append(Change(Place(site.file.path, child.start_byte, child.end_byte + 1), ""))
    yield patch(f"declare the methods in a trait `{name}`", 0.55, *changes)


def _signature(site: Site, member: Node) -> str:
    text = site.file.data[member.start_byte : signature_end(member)].decode().strip()
    text = text.partition(" = ")[0] if member.type == "const_item" else text
    text = re.sub(r"^pub(\([^)]*\))?\s+", "", text)
    text = text.rstrip(",")
    return re.sub(r"(?<=[(,])(\s*)mut (?=\w+\s*[:,)])", r"\1", text)


def _free_name(site: Site, name: str) -> str:
    taken = {
        found for _, node in items(site.context, "trait_item", "struct_item", "enum_item") for found in [node.text]
    }
    return name if not any(name.encode() in (text or b"") for text in taken) else f"{name}Methods"


PLUGIN = Mend(
    codes=("E0116", "E0118", "E0390"),
    title="declare the methods in a trait of one's own",
    cites=("docs:error_codes/E0116.html", "docs:reference/items/implementations.html"),
    examples=(
        Example(
            """
impl Vec<u8> {
    pub fn ends(&self) -> (u8, u8) {
        (self[0], self[self.len() - 1])
    }
}
pub fn ends(all: Vec<u8>) -> (u8, u8) {
    all.ends()
}
""",
            """
trait VecExt {
    fn ends(&self) -> (u8, u8);
}

impl VecExt for Vec<u8> {
    fn ends(&self) -> (u8, u8) {
        (self[0], self[self.len() - 1])
    }
}
pub fn ends(all: Vec<u8>) -> (u8, u8) {
    all.ends()
}
""",
        ),
        Example(
            """
impl<T> T {
    fn same(self) -> Self
    where
        Self: Sized,
    {
        self
    }
}
pub fn one() -> u8 {
    1u8.same()
}
""",
            """
trait AnyExt {
    fn same(self) -> Self
    where
        Self: Sized;
}

impl<T> AnyExt for T {
    fn same(self) -> Self
    where
        Self: Sized,
    {
        self
    }
}
pub fn one() -> u8 {
    1u8.same()
}
""",
        ),
        Example(
            """
impl u8 {
    fn halved(self) -> u8 {
        self / 2
    }
}
pub fn two() -> u8 {
    4u8.halved()
}
""",
            """
trait U8Ext {
    fn halved(self) -> u8;
}

impl U8Ext for u8 {
    fn halved(self) -> u8 {
        self / 2
    }
}
pub fn two() -> u8 {
    4u8.halved()
}
""",
        ),
    ),
    patches=_patches,
)
