"""Asks of a type parameter that a loop goes over that it gives what the loop takes: `for (key, value) in pairs`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, children, enclosing_function, patch
from tars.rust.rules_support.names import mentions
from tars.rust.values import Example, Patch

_FOUND = re.compile(r"`(\w+)` is not an iterator$")


def _patches(site: Site) -> Iterator[Patch]:
    found, loop = _FOUND.match(site.diagnostic.message), site.up("for_expression")
    function = enclosing_function(site.node)
    listed = function.child_by_field_name("type_parameters") if function is not None else None
    if found is None or function is None or listed is None:
        return
    declared = {name_of(site.file, one): one for one in children(listed, "type_parameter")}
    own = declared.get(found[1])
    if own is None or own.child_by_field_name("bounds") is not None:
        return
    taken = [one for one in parameters(function) if one.type == "parameter"]
    free = [name for name in declared if not any(mentions(site.file, one, name) for one in taken)]
    pattern = loop.child_by_field_name("pattern") if loop is not None else None
    for number, item in enumerate(_items(pattern, free)):
        bound = f": IntoIterator<Item = {item}>"
        yield patch(f"ask for what gives `{item}`", 0.8 - 0.2 * number, site.file.insert(own.end_byte, bound))


def _items(pattern: Node | None, free: list[str]) -> list[str]:
    """What the loop may take, of the parameters that nothing else says anything of."""
    parts = children(pattern) if pattern is not None and pattern.type == "tuple_pattern" else []
    if parts and len(parts) == len(free):
        return [f"({', '.join(free)})"]
    return [] if parts else free[:2]


PLUGIN = Mend(
    codes=("E0277",),
    title="ask of a type parameter that a loop can go over it",
    cites=("docs:error_codes/E0277.html", "docs:std/iter/trait.IntoIterator.html"),
    examples=(
        Example(
            """
use std::collections::BTreeMap;
pub fn group<K: Ord, V, I>(pairs: I) -> BTreeMap<K, Vec<V>> {
    let mut found: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in pairs {
        found.entry(key).or_default().push(value);
    }
    found
}
""",
            """
use std::collections::BTreeMap;
pub fn group<K: Ord, V, I: IntoIterator<Item = (K, V)>>(pairs: I) -> BTreeMap<K, Vec<V>> {
    let mut found: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in pairs {
        found.entry(key).or_default().push(value);
    }
    found
}
""",
        ),
    ),
    patches=_patches,
)
