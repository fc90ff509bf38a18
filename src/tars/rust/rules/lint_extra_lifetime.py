"""Removes a lifetime that an item declares and nothing uses."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    declared = site.up("type_parameters")
    if declared is None:
        return
    items = children(declared)
    item = next((one for one in items if one.start_byte <= site.place.start < one.end_byte), None)
    if item is not None:
        change = site.file.delete(declared) if len(items) == 1 else delete_from_list(site.file, items, item)
        yield patch("remove the lifetime", 0.9, change)


PLUGIN = Mend(
    codes=("clippy::extra_unused_lifetimes",),
    title="remove a lifetime that nothing uses",
    cites=("tool:clippy::extra_unused_lifetimes", "docs:reference/items/generics.html"),
    examples=(
        Example(
            "pub fn first<'a>(text: &str) -> usize {\n    text.len()\n}\n",
            "pub fn first(text: &str) -> usize {\n    text.len()\n}\n",
        ),
        Example(
            "pub fn first<'a, 'b>(text: &'b str, _: u8) -> &'b str {\n    text\n}\n",
            "pub fn first<'b>(text: &'b str, _: u8) -> &'b str {\n    text\n}\n",
        ),
    ),
    patches=_patches,
)
