"""Lets `PartialOrd` agree with an `Ord` that was written by hand."""

from collections.abc import Iterator

from tars.rust.rules_support.items import items
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.traits import without_derive
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    block = site.up("impl_item")
    owner = block.child_by_field_name("type") if block is not None else None
    if block is None or owner is None:
        return
    name = site.file.text(owner)
    generics = block.child_by_field_name("type_parameters")
    indent = site.file.indent(block.start_byte)
    lines = [
        f"impl{site.file.text(generics) if generics else ''} PartialOrd for {name} {{",
        "    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {",
        "        Some(self.cmp(other))",
        "    }",
        "}",
    ]
    made = site.file.insert(block.start_byte, f"\n{indent}".join(lines) + f"\n\n{indent}")
    for file, item in items(site.context, "struct_item", "enum_item", name=name.partition("<")[0]):
        change = without_derive(file, item, "PartialOrd")
        if change is not None:
            yield patch("compare as `Ord` does", 0.85, change, made)


PLUGIN = Mend(
    codes=("clippy::derive_ord_xor_partial_ord",),
    title="let `PartialOrd` compare as `Ord` does",
    cites=("tool:clippy::derive_ord_xor_partial_ord", "docs:std/cmp/trait.Ord.html"),
    examples=(
        Example(
            """
use std::cmp::Ordering;

#[derive(PartialEq, Eq, PartialOrd)]
pub struct Rank(u8);

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.cmp(&self.0)
    }
}
""",
            """
use std::cmp::Ordering;

#[derive(PartialEq, Eq)]
pub struct Rank(u8);

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.cmp(&self.0)
    }
}
""",
        ),
    ),
    patches=_patches,
)
