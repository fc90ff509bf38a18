"""Adds the method that an implementation misses where the type has another that does it: `Some(self.cmp(other))`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import Found, declared_trait, implements, items, name_of, parameters, trait_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch

_OWNERS = ("impl_item", "trait_item")
_SHOWN = "fn fmt(&self, f: &mut {std}::fmt::Formatter<'_>) -> {std}::fmt::Result"


def _patches(site: Site) -> Iterator[Patch]:
    impl = site.up("impl_item")
    body = impl.child_by_field_name("body") if impl is not None else None
    missing = re.search(r"missing: `(\w+)`$", site.diagnostic.message)
    if impl is None or body is None or missing is None:
        return
    bare = any(b"no_std" in file.data for file in site.context.files.values())
    indent = site.file.indent(impl.start_byte)
    for signature, value, sure in _ways(site, (site.file, impl), missing[1]):
        whole = f"    {signature} {{\n        {value}\n    }}\n"
        text = whole.replace("{std}", "core" if bare else "std").replace("\n", f"\n{indent}")
        start = site.file.line_start(body.end_byte - 1)
        alone = not site.file.data[start : body.end_byte - 1].strip()
        before = start if alone else body.end_byte - 1
        written = f"{indent}{text}".removesuffix(indent) if alone else f"\n{indent}{text}"
        yield patch(f"implement `{missing[1]}` through what there is", sure, site.file.insert(before, written))


def _ways(site: Site, own: Found, name: str) -> Iterator[tuple[str, str, float]]:
    """Signatures and bodies, with how likely each is meant."""
    trait, type_ = parse_type(trait_of(*own)).head, name_of(*own)
    if (trait, name) == ("PartialOrd", "partial_cmp") and implements(site.context, type_, "Ord"):
        yield "fn partial_cmp(&self, other: &Self) -> Option<{std}::cmp::Ordering>", "Some(self.cmp(other))", 0.9
    elif (trait, name) == ("Default", "default") and any(_makes(site, type_)):
        yield "fn default() -> Self", "Self::new()", 0.9
    elif (trait, name) == ("Clone", "clone") and implements(site.context, type_, "Copy"):
        yield "fn clone(&self) -> Self", "*self", 0.9
    elif (trait, name) == ("Debug", "fmt") and implements(site.context, type_, "Display"):
        yield _SHOWN, "{std}::fmt::Display::fmt(self, f)", 0.4
    elif (trait, name) == ("Display", "fmt") and any(
        m.name == "as_str" for m in site.context.symbols.methods_of(type_)
    ):
        yield _SHOWN, "f.write_str(self.as_str())", 0.5
    elif (trait, name) == ("Display", "fmt") and implements(site.context, type_, "Debug"):
        yield _SHOWN, "{std}::fmt::Debug::fmt(self, f)", 0.2
    yield from _by_function(site, trait, name)


def _by_function(site: Site, trait: str, name: str) -> Iterator[tuple[str, str, float]]:
    """A method of one of the crate's traits through the function of its name, which takes the value first."""
    declared = declared_trait(site.context, trait)
    for file, signature in items(site.context, "function_signature_item") if declared is not None else ():
        if declared is None or name_of(file, signature) != name or declared[1] not in ancestors(signature):
            continue
        others = [one.child_by_field_name("pattern") for one in parameters(signature)[1:]]
        given = ["self", *(file.text(one) for one in others if one is not None)]
        free = [
            one
            for _, one in items(site.context, "function_item", name=name)
            if len(parameters(one)) == len(given) and not any(around.type in _OWNERS for around in ancestors(one))
        ]
        if free and parameters(signature) and parameters(signature)[0].type == "self_parameter":
            yield file.text(signature).rstrip("; "), f"{name}({', '.join(given)})", 0.6


def _makes(site: Site, type_: str) -> Iterator[bool]:
    """Whether each `new` of the type takes nothing."""
    for file, function in items(site.context, "function_item", name="new"):
        holder = next((one for one in ancestors(function) if one.type == "impl_item"), None)
        if holder is not None and name_of(file, holder) == type_:
            yield not parameters(function)


PLUGIN = Mend(
    codes=("E0046",),
    title="implement a method through another",
    cites=("docs:error_codes/E0046.html", "docs:std/cmp/trait.PartialOrd.html"),
    examples=(
        Example(
            """
use std::cmp::Ordering;
#[derive(PartialEq, Eq)]
pub struct Day(u8);
impl Ord for Day {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl PartialOrd for Day {
}
""",
            """
use std::cmp::Ordering;
#[derive(PartialEq, Eq)]
pub struct Day(u8);
impl Ord for Day {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl PartialOrd for Day {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
""",
        ),
        Example(
            """
pub fn halved(one: &u8, by: u8) -> u8 {
    one / by
}
pub trait Halved {
    fn halved(&self, by: u8) -> u8;
}
impl Halved for u8 {
}
""",
            """
pub fn halved(one: &u8, by: u8) -> u8 {
    one / by
}
pub trait Halved {
    fn halved(&self, by: u8) -> u8;
}
impl Halved for u8 {
    fn halved(&self, by: u8) -> u8 {
        halved(self, by)
    }
}
""",
        ),
        Example(
            """
#[derive(Debug)]
pub struct Empty;
impl std::fmt::Display for Empty {
}
""",
            """
#[derive(Debug)]
pub struct Empty;
impl std::fmt::Display for Empty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}
""",
        ),
        Example(
            """
pub struct Buffer([u8; 40]);
impl Buffer {
    pub fn new() -> Buffer {
        Buffer([0; 40])
    }
}
impl Default for Buffer {
}
""",
            """
pub struct Buffer([u8; 40]);
impl Buffer {
    pub fn new() -> Buffer {
        Buffer([0; 40])
    }
}
impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}
""",
        ),
    ),
    patches=_patches,
)
