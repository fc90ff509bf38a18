"""Mends data that does not live as long as it must: the bound that the compiler misses between two lifetimes."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.lifetimes import bound, declared, owner_of, renamed
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch, Place

_ADVICE = re.compile(r"adding the following bound: `('\w+): ('\w+)`")
_DEFINED = re.compile(r"lifetime `('\w+)` (?:as )?defined")


def _patches(site: Site) -> Iterator[Patch]:
    places = dict(_defined(site))
    for longer, shorter in _wanted(site):
        if longer not in places or shorter == "'static":
            continue
        file = site.file_of(places[longer])
        change = bound(file, places[longer], shorter)
        if change is not None:
            yield patch(f"`{longer}` outlives `{shorter}`", 0.85, change)
        owner = owner_of(file.node_at(places[longer]))
        if owner is not None and {longer, shorter} <= set(declared(file, owner)) and owner.type.startswith("function"):
            body = owner.child_by_field_name("parameters")
            if body is not None:
                yield patch(f"use `{shorter}` for both", 0.3, *renamed(file, body, longer, shorter))


def _defined(site: Site) -> Iterator[tuple[str, Place]]:
    """The lifetimes that the message speaks of, and where they are declared."""
    for label in site.labels():
        if found := _DEFINED.search(label.text):
            yield found[1], label.place
    for note in site.diagnostic.notes:
        found = _DEFINED.search(note.message)
        if found and note.labels and note.labels[0].place.path in site.context.files:
            yield found[1], note.labels[0].place


def _wanted(site: Site) -> list[tuple[str, str]]:
    """The bounds that are missing: those of the advice, else what the message's labels speak of."""
    found = [match for note in site.diagnostic.notes for match in _ADVICE.findall(note.message)]
    if found or not site.diagnostic.code:
        return found
    names = list(dict.fromkeys(name for name, _ in _defined(site)))
    return [(names[0], names[1]), (names[1], names[0])] if len(names) == 2 else []


PLUGIN = Mend(
    codes=("", "E0478", "E0491"),
    title="declare that one lifetime outlives the other",
    cites=("docs:nomicon/subtyping.html", "docs:reference/trait-bounds.html#lifetime-bounds"),
    examples=(
        Example(
            "pub fn longer<'a, 'b>(x: &'a str, y: &'b str) -> &'a str {\n"
            "    if x.len() > y.len() { x } else { y }\n}\n",
            "pub fn longer<'a, 'b: 'a>(x: &'a str, y: &'b str) -> &'a str {\n"
            "    if x.len() > y.len() { x } else { y }\n}\n",
        ),
        Example(
            "pub trait Old<'a>: 'a {}\n\npub struct New<'a, 'b>(pub Box<dyn Old<'a> + 'b>);\n",
            "pub trait Old<'a>: 'a {}\n\npub struct New<'a, 'b: 'a>(pub Box<dyn Old<'a> + 'b>);\n",
        ),
        Example(
            "pub struct One<'a>(pub fn(&'a u8));\n\npub trait Out<'a, 'b> {\n    type Out;\n}\n\n"
            "impl<'a, 'b> Out<'a, 'b> for u8 {\n    type Out = &'a One<'b>;\n}\n",
            "pub struct One<'a>(pub fn(&'a u8));\n\npub trait Out<'a, 'b> {\n    type Out;\n}\n\n"
            "impl<'a, 'b: 'a> Out<'a, 'b> for u8 {\n    type Out = &'a One<'b>;\n}\n",
        ),
    ),
    patches=_patches,
)
