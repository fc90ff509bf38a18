"""Mends `Copy` where it cannot be: lets the fields' types be copied too, or does without it."""

import re
from collections.abc import Iterator

from ducktools.classbuilder.prefab import replace

from tars.rust.rules_support.items import TYPES, derived, item_below
from tars.rust.rules_support.mend import Mend, Site, deleted_line, patch
from tars.rust.rules_support.traits import derives, without_derive
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    code = site.diagnostic.code
    attribute = site.up("attribute_item")
    node = item_below(attribute) if attribute else site.up(*TYPES)
    if code == "E0206":
        bare = re.sub(r"^&\s*('\w+\s+)?(mut\s+)?", "", site.text)
        if bare != site.text:
            yield patch("implement it for the type itself", 0.5, site.file.replace(site.place, bare))
        return
    if code == "E0204":
        yield from _fields_too(site)
    impl = site.up("impl_item")
    if code == "E0204" and impl is not None:
        yield replace(
            patch("do without `Copy`, which it cannot be", 0.4, deleted_line(site.file, impl)), risk="deletion"
        )
    if node is None:
        return
    if code == "E0119":
        trait = site.words[0] if site.words else ""
        own = without_derive(site.file, node, parse_type(trait).head)
        if own is not None:
            yield patch(f"derive no `{trait}`: it is implemented below", 0.75, own)
        return
    own = without_derive(site.file, node, "Copy")
    mutable = "&mut" in site.file.text(node) or re.search(r"&\s*'\w+\s+mut\b", site.file.text(node))
    if own is not None and mutable and "Clone" in derived(site.file, node):
        both = _without_both(site, own)
        if both is not None:
            yield patch("do without `Copy` and `Clone`", 0.55, both)
    if own is not None:
        yield patch("do without `Copy`", 0.6 if code == "E0184" else 0.5, own)


def _fields_too(site: Site) -> Iterator[Patch]:
    """The fields' types that could be copied."""
    changes: dict[Change, None] = {}
    for label in site.labels():
        if "does not implement `Copy`" in label.text:
            text = site.file_of(label.place).text(label.place).rpartition(": ")[2]
            made = derives(site.context, parse_type(text).head, "Copy")
            if made is None:
                return
            changes |= dict.fromkeys(made)
    if changes:
        yield patch("let what it holds be copied too", 0.65, *changes)


def _without_both(site: Site, first: Change) -> Change | None:
    """The derive without `Copy` and `Clone`."""
    kept = re.sub(r"\bClone\b,?\s*|,\s*Clone\b", "", first.text)
    if kept == first.text:
        return None
    return Change(first.place, "" if re.search(r"\(\s*\)", kept) else kept)


PLUGIN = Mend(
    codes=("E0119", "E0184", "E0204", "E0206"),
    title="derive only what the type can be",
    cites=("docs:error_codes/E0204.html", "docs:std/marker/trait.Copy.html"),
    examples=(
        Example(
            """
#[derive(Debug, Clone)]
pub struct Tag(pub u8);
impl Clone for Tag {
    fn clone(&self) -> Tag {
        Tag(self.0)
    }
}
""",
            """
#[derive(Debug)]
pub struct Tag(pub u8);
impl Clone for Tag {
    fn clone(&self) -> Tag {
        Tag(self.0)
    }
}
""",
        ),
        Example(
            """
#[derive(Clone, Copy)]
pub struct Gate;
impl Drop for Gate {
    fn drop(&mut self) {
        println!("shut");
    }
}
""",
            """
#[derive(Clone)]
pub struct Gate;
impl Drop for Gate {
    fn drop(&mut self) {
        println!("shut");
    }
}
""",
        ),
        Example(
            """
#[derive(Clone)]
pub struct Age(pub u8);
#[derive(Clone, Copy)]
pub struct Dog {
    pub age: Age,
}
""",
            """
#[derive(Clone, Copy)]
pub struct Age(pub u8);
#[derive(Clone, Copy)]
pub struct Dog {
    pub age: Age,
}
""",
        ),
        Example(
            """
#[derive(Clone)]
pub struct Age(pub u8);
impl Copy for &'static mut Age {}
""",
            """
#[derive(Clone)]
pub struct Age(pub u8);
impl Copy for Age {}
""",
        ),
    ),
    patches=_patches,
)
