"""Looks through a type parameter whose bound gives what is asked for: `options.as_ref()` of an `O: AsRef<Options>`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.methods import declared_value
from tars.rust.values import Example, Patch

_FIELD = re.compile(r"no field `\w+` on type `(?:&(?:mut )?)?(\w+)`")
_GIVING = {"AsRef": "as_ref", "AsMut": "as_mut", "Borrow": "borrow", "BorrowMut": "borrow_mut"}
_OWNERS = ("impl_item", "function_item", "trait_item")


def _patches(site: Site) -> Iterator[Patch]:
    found = _FIELD.match(site.diagnostic.message)
    access = site.up("field_expression")
    receiver = access.child_by_field_name("value") if access is not None else None
    if found is None or receiver is None:
        return
    for method in _methods(site, found[1]):
        value = declared_value(site, site.file.text(receiver), site.place.start)
        if value is not None:
            yield patch(f"take what `{method}` gives", 0.8, site.file.insert(value.end_byte, f".{method}()"))
        yield patch(f"take what `{method}` gives there", 0.6, site.file.insert(receiver.end_byte, f".{method}()"))


def _methods(site: Site, parameter: str) -> list[str]:
    """The methods of the bounds of a type parameter that lend something else."""
    owners: list[Node] = [one for one in ancestors(site.node) if one.type in _OWNERS]
    heads = [
        site.file.data[one.start_byte : body.start_byte].decode("utf-8", "replace")
        for one in owners
        if (body := one.child_by_field_name("body")) is not None
    ]
    told = [one for head in heads for one in re.findall(rf"\b{parameter}\s*:\s*([^,{{]*)", head)]
    return [method for trait, method in _GIVING.items() if any(re.search(rf"\b{trait}\s*<", one) for one in told)]


PLUGIN = Mend(
    codes=("E0609",),
    title="look through a type parameter by what its bound gives",
    cites=("docs:error_codes/E0609.html", "docs:std/convert/trait.AsRef.html"),
    examples=(
        Example(
            """
pub struct Options {
    pub size: usize,
}
pub struct Shown<O> {
    options: O,
}
impl<O: AsRef<Options>> Shown<O> {
    pub fn twice(&self) -> usize {
        let options = &self.options;
        options.size * 2
    }
}
""",
            """
pub struct Options {
    pub size: usize,
}
pub struct Shown<O> {
    options: O,
}
impl<O: AsRef<Options>> Shown<O> {
    pub fn twice(&self) -> usize {
        let options = &self.options.as_ref();
        options.size * 2
    }
}
""",
        ),
    ),
    patches=_patches,
)
