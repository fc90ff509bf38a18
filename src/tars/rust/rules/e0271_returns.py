"""Lets the bound of a closure say what the closure gives: `P: FnMut(&T)` → `P: FnMut(&T) -> bool`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.values import Example, Patch

_SAID = re.compile(r"expected `(\w+)` to return `(.+)`, but it returns `\(\)`")


def _patches(site: Site) -> Iterator[Patch]:
    said = _SAID.search(site.diagnostic.message)
    for owner in ancestors(site.node) if said is not None else ():
        for bounds in _bounds(site, owner, said[1] if said is not None else ""):
            for one in site.file.walk("function_type", within=bounds):
                if said is not None and one.child_by_field_name("return_type") is None:
                    yield patch(f"it gives `{said[2]}`", 0.85, site.file.insert(one.end_byte, f" -> {said[2]}"))
                    return


def _bounds(site: Site, owner: Node, name: str) -> Iterator[Node]:
    """What is asked of the parameter of that name, in brackets and in a `where`."""
    listed = owner.child_by_field_name("type_parameters")
    declared = [one for one in children(listed, "type_parameter") if name_of(site.file, one) == name] if listed else []
    for clause in children(owner, "where_clause"):
        for one in children(clause, "where_predicate"):
            left = one.child_by_field_name("left")
            declared += [one] if left is not None and site.file.text(left) == name else []
    yield from (bounds for one in declared if (bounds := one.child_by_field_name("bounds")) is not None)


PLUGIN = Mend(
    codes=("E0271",),
    title="say what a closure gives",
    cites=("docs:error_codes/E0271.html", "docs:reference/paths.html"),
    examples=(
        Example(
            """
pub struct While<I, P> {
    inner: I,
    test: P,
}
impl<I: Iterator, P> While<I, P>
where
    P: FnMut(&I::Item),
{
    pub fn all(self) -> Vec<I::Item> {
        self.inner.filter(self.test).collect()
    }
}
""",
            """
pub struct While<I, P> {
    inner: I,
    test: P,
}
impl<I: Iterator, P> While<I, P>
where
    P: FnMut(&I::Item) -> bool,
{
    pub fn all(self) -> Vec<I::Item> {
        self.inner.filter(self.test).collect()
    }
}
""",
        ),
    ),
    patches=_patches,
)
