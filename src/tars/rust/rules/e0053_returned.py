"""Lets a method of a trait return what all its implementations do, where its declaration says nothing of it."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import items, name_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_METHOD = re.compile(r"method `(\w+)` has an incompatible type for trait")
_NOTE = re.compile(r"expected signature `(?:unsafe )?fn\(.*\)`\s*found signature `(?:unsafe )?fn\(.*\) -> (.+)`")


def _patches(site: Site) -> Iterator[Patch]:
    method = _METHOD.match(site.diagnostic.message)
    returned = next((one for note in site.diagnostic.notes if (one := _NOTE.search(note.message))), None)
    if method is None or returned is None:
        return
    impl = site.up("impl_item")
    own = name_of(site.file, impl) if impl is not None else ""
    # In a macro's text a parameter stands for each type that the trait is implemented for.
    text = "Self" if site.text.startswith("$") or site.text == own else site.text
    for file, node in items(site.context, "function_signature_item", name=method[1]):
        listed = node.child_by_field_name("parameters")
        if listed is not None and node.child_by_field_name("return_type") is None:
            yield patch(f"return `{text}`, as it is implemented", 0.75, file.insert(listed.end_byte, f" -> {text}"))


PLUGIN = Mend(
    codes=("E0053",),
    title="let a method of a trait return what its implementations do",
    cites=("docs:error_codes/E0053.html", "docs:reference/items/traits.html"),
    examples=(
        Example(
            """
pub trait Fused {
    type Output;
    fn fused(self, by: Self, and: Self);
}
impl Fused for f32 {
    type Output = f32;
    fn fused(self, by: f32, and: f32) -> Self::Output {
        self * by + and
    }
}
""",
            """
pub trait Fused {
    type Output;
    fn fused(self, by: Self, and: Self) -> Self::Output;
}
impl Fused for f32 {
    type Output = f32;
    fn fused(self, by: f32, and: f32) -> Self::Output {
        self * by + and
    }
}
""",
        ),
    ),
    patches=_patches,
)
