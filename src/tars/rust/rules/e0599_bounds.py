"""Meets the bounds that a method asks for, on the parameter of the `impl` or function."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.methods import between, missing_method
from tars.rust.values import Change, Example, Patch

_BOUND = re.compile(r"^`(\w+): ([\w:]+)(<[^`]*>)?`", re.M)
_PATHS = {
    "Hash": "std::hash::Hash", "Display": "std::fmt::Display", "Debug": "std::fmt::Debug", "Add": "std::ops::Add",
    "Mul": "std::ops::Mul", "Sub": "std::ops::Sub", "Error": "std::error::Error",
}  # fmt: skip
"""Traits that are not in scope by themselves."""
_HOLDERS = ("function_item", "impl_item", "trait_item")


def _patches(site: Site) -> Iterator[Patch]:
    notes = "\n".join(note.message for note in site.diagnostic.notes)
    missing = missing_method(site)
    if missing is not None and missing.receiver is not None and missing.name == "join" and "Join<" in notes:
        texts = ".iter().map(|one| one.to_string()).collect::<Vec<_>>()"
        yield patch("join their texts", 0.65, between(site, missing.receiver, texts))
    wanted: dict[str, list[str]] = {}
    for name, trait, _ in _BOUND.findall(notes):
        wanted.setdefault(name, []).append(_written(site, trait))
    for name, traits in wanted.items():
        change = _bounded(site, name, traits)
        if change is not None:
            yield patch(f"ask `{name}` for {' + '.join(traits)}", 0.65, change)


def _written(site: Site, trait: str) -> str:
    """The trait as this file can write it."""
    name = trait.rpartition("::")[2]
    path = _PATHS.get(name, trait)
    imported = re.search(rf"\buse\b[^;]*\b{name}\b".encode(), site.file.data)
    return name if imported or path == trait == name else path


def _bounded(site: Site, name: str, traits: list[str]) -> Change | None:
    """The declaration of the parameter, nearest around the place, with the traits that it lacks."""
    for around in ancestors(site.node):
        listed = around.child_by_field_name("type_parameters") if around.type in _HOLDERS else None
        for one in children(listed) if listed else ():
            text = site.file.text(one)
            if re.match(rf"{re.escape(name)}\b", text):
                return _added(site, around, one, name, traits)
    return None


def _added(site: Site, holder: Node, parameter: Node, name: str, traits: list[str]) -> Change | None:
    text = site.file.text(parameter)
    where = next((child for child in holder.children if child.type == "where_clause"), None)
    for predicate in children(where) if where else ():
        if re.match(rf"{re.escape(name)}\s*:", site.file.text(predicate)):
            new = [one for one in traits if not re.search(rf"\b{one.rpartition('::')[2]}\b", site.file.text(predicate))]
            return site.file.insert(predicate.end_byte, "".join(f" + {one}" for one in new)) if new else None
    new = [one for one in traits if not re.search(rf"\b{one.rpartition('::')[2]}\b", text)]
    joined = " + ".join(new)
    return site.file.insert(parameter.end_byte, (" + " if ":" in text else ": ") + joined) if new else None


PLUGIN = Mend(
    codes=("E0599",),
    title="meet the bounds that the method asks for",
    cites=("docs:reference/trait-bounds.html", "docs:error_codes/E0599.html"),
    examples=(
        Example(
            """
use std::collections::HashSet;
pub struct Seen<K>(HashSet<K>);
impl<K: Eq> Seen<K> {
    pub fn see(&mut self, key: K) -> bool {
        self.0.insert(key)
    }
}
""",
            """
use std::collections::HashSet;
pub struct Seen<K>(HashSet<K>);
impl<K: Eq + std::hash::Hash> Seen<K> {
    pub fn see(&mut self, key: K) -> bool {
        self.0.insert(key)
    }
}
""",
        ),
        Example(
            """
pub fn show(all: &[u8]) -> String {
    all.join(", ")
}
""",
            """
pub fn show(all: &[u8]) -> String {
    all.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", ")
}
""",
        ),
    ),
    patches=_patches,
)
