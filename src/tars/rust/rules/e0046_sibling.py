"""Adds the method that an implementation misses as another type has it, where both have what it speaks of."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_type, fields, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.signatures import implementations
from tars.rust.rules_support.types import parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_MISSING = re.compile(r"missing: `(\w+)`$")
_OFFERED_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    impl = site.up("impl_item")
    body = impl.child_by_field_name("body") if impl is not None else None
    missing = _MISSING.search(site.diagnostic.message)
    if impl is None or body is None or missing is None:
        return
    trait, own = parse_type(trait_of(site.file, impl)).head, name_of(site.file, impl)
    known = _parts(site, site.file.text(impl.child_by_field_name("type") or impl))
    seen: set[str] = set()
    for file, function in implementations(site.context, trait, missing[1]):
        holder = next(one for one in ancestors(function) if one.type == "impl_item")
        text = re.sub(rf"\b{re.escape(name_of(file, holder))}\b", own, file.text(function))
        if holder == impl or text in seen or not set(re.findall(r"\bself\.(\w+)\b(?!\()", text)) <= known:
            continue
        seen.add(text)
        written = _laid_out(site.file, impl, body, file.indent(function.start_byte), text)
        yield patch(f"implement `{missing[1]}` as `{name_of(file, holder)}` does", 0.5 - 0.1 * len(seen), written)
        if len(seen) == _OFFERED_MAX:
            return


def _parts(site: Site, type_: str) -> set[str]:
    """The names of a type's fields."""
    declared = declared_type(site.context, type_)
    return {name for name, _ in fields(*declared)} if declared is not None else set()


def _laid_out(site: SourceFile, impl: Node, body: Node, before: str, text: str) -> Change:
    """The function as the last one of the implementation."""
    inner = f"{site.indent(impl.start_byte)}    "
    text = text.replace(f"\n{before}", f"\n{inner}")
    start = site.line_start(body.end_byte - 1)
    alone = not site.data[start : body.end_byte - 1].strip()
    at = start if alone else body.end_byte - 1
    return site.insert(at, f"{inner}{text}\n" if alone else f"\n{inner}{text}\n{site.indent(impl.start_byte)}")


PLUGIN = Mend(
    codes=("E0046",),
    title="implement a method as another type does",
    cites=("docs:error_codes/E0046.html", "docs:reference/items/implementations.html#trait-implementations"),
    examples=(
        Example(
            """
pub struct Odd(u8);
pub struct Even(u8);
impl Iterator for Odd {
    type Item = u8;
    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.checked_add(2)?;
        Some(self.0)
    }
}
impl Iterator for Even {
    type Item = u8;
}
""",
            """
pub struct Odd(u8);
pub struct Even(u8);
impl Iterator for Odd {
    type Item = u8;
    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.checked_add(2)?;
        Some(self.0)
    }
}
impl Iterator for Even {
    type Item = u8;
    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.checked_add(2)?;
        Some(self.0)
    }
}
""",
        ),
    ),
    patches=_patches,
)
