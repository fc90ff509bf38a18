"""Implements a trait for the elements that its method asks for: `FromIterator<u8>` beside `IntoIterator<Item = u8>`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch

_RESOLVES = re.compile(r"type mismatch resolving `<(\w+) as [^`]*>::(\w+) == (.+)`$")
_SIDES = re.compile(r"expected (?:\w+ )?`(.+)`, found (?:\w+ )?`(.+)`$")


def _patches(site: Site) -> Iterator[Patch]:
    asked = _RESOLVES.search(site.diagnostic.message)
    sides = next((found for one in site.labels() if (found := _SIDES.search(one.text))), None)
    impl = next((one for one in ancestors(site.node) if one.type == "impl_item"), None)
    trait = impl.child_by_field_name("trait") if impl is not None else None
    if asked is None or sides is None or trait is None or trait.type != "generic_type":
        return
    arguments = trait.child_by_field_name("type_arguments")
    for one in arguments.named_children if arguments is not None else ():
        for old, new in (sides.groups(), sides.groups()[::-1]):
            if site.file.text(one) == old and new == asked[3]:
                yield patch(f"implement it for `{new}`, which is asked for", 0.75, site.file.replace(one, new))


PLUGIN = Mend(
    codes=("E0271",),
    title="implement a trait for the elements that its method asks for",
    cites=("docs:error_codes/E0271.html", "docs:reference/items/implementations.html#trait-implementations"),
    examples=(
        Example(
            """
pub struct Sizes(Vec<usize>);
impl FromIterator<u32> for Sizes {
    fn from_iter<I: IntoIterator<Item = usize>>(all: I) -> Self {
        Sizes(all.into_iter().collect())
    }
}
""",
            """
pub struct Sizes(Vec<usize>);
impl FromIterator<usize> for Sizes {
    fn from_iter<I: IntoIterator<Item = usize>>(all: I) -> Self {
        Sizes(all.into_iter().collect())
    }
}
""",
        ),
    ),
    patches=_patches,
)
