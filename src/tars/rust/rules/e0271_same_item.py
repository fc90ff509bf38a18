"""Says that two parameters have the same associated type, where one's is handed over as the other's."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch

_SIDES = re.compile(r"expected (?:associated type )?`(.+?)`\s+found (?:associated type )?`(.+?)`", re.S)
_OF = re.compile(r"<(\w+) as (?:\w+::)*(\w+)(?:<.*?>)?>::(\w+)")
_OWNERS = ("function_item", "function_signature_item", "impl_item", "trait_item")


def _patches(site: Site) -> Iterator[Patch]:
    note = next((one.message for one in site.diagnostic.notes if _SIDES.search(one.message)), "")
    sides = _SIDES.search(note)
    if sides is None:
        return
    wanted, found = sides.groups()
    for one, other in ((found, wanted), (wanted, found)):
        open_ = _OF.fullmatch(one)
        if open_ is not None and (known := _OF.fullmatch(other) or re.fullmatch(r"\w+", other)) is not None:
            text = f"{known[1]}::{known[3]}" if known.re is _OF else other
            parameter, trait, item = open_.groups()
            yield from _bound(site, parameter, trait, item, text)


def _bound(site: Site, parameter: str, trait: str, item: str, known: str) -> Iterator[Patch]:
    """The bound `parameter: trait`, in brackets or in a `where`, that leaves the item open."""
    for owner in ancestors(site.node):
        if owner.type not in _OWNERS:
            continue
        for bounds in site.file.walk("trait_bounds", within=owner):
            holder = bounds.parent
            left = holder.child_by_field_name("left") if holder is not None else None
            named = site.file.text(left) if left is not None else name_of(site.file, holder) if holder else ""
            body = owner.child_by_field_name("body")
            if named != parameter or (body is not None and bounds.start_byte > body.start_byte):
                continue
            for one in bounds.named_children:
                if one.type in ("type_identifier", "scoped_type_identifier") and site.file.text(one).endswith(trait):
                    change = site.file.insert(one.end_byte, f"<{item} = {known}>")
                    yield patch(f"ask that `{parameter}::{item}` is `{known}`", 0.7, change)


PLUGIN = Mend(
    codes=("E0271", "E0308"),
    title="ask that two parameters have the same associated type",
    cites=("docs:error_codes/E0271.html", "docs:reference/trait-bounds.html"),
    examples=(
        Example(
            """
pub trait Store {
    type Item;
    fn put(&mut self, item: Self::Item);
    fn take(&mut self) -> Option<Self::Item>;
}
pub fn pour<A: Store, B: Store>(from: &mut A, to: &mut B) {
    while let Some(item) = from.take() {
        to.put(item);
    }
}
""",
            """
pub trait Store {
    type Item;
    fn put(&mut self, item: Self::Item);
    fn take(&mut self) -> Option<Self::Item>;
}
pub fn pour<A: Store<Item = B::Item>, B: Store>(from: &mut A, to: &mut B) {
    while let Some(item) = from.take() {
        to.put(item);
    }
}
""",
        ),
        Example(
            """
pub trait Array {
    type Item;
}
pub struct Many<A: Array>(Vec<A::Item>);
impl<A: Array> Many<A> {
    pub fn append<B>(&mut self, other: Many<B>)
    where
        B: Array,
    {
        self.0.extend(other.0);
    }
}
""",
            """
pub trait Array {
    type Item;
}
pub struct Many<A: Array>(Vec<A::Item>);
impl<A: Array> Many<A> {
    pub fn append<B>(&mut self, other: Many<B>)
    where
        B: Array<Item = A::Item>,
    {
        self.0.extend(other.0);
    }
}
""",
        ),
    ),
    patches=_patches,
)
