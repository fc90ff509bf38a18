"""Mends a move of one of the crate's own values that is still needed: its type derives `Clone`, or `Copy`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.traits import derives
from tars.rust.values import Change, Example, Patch, Place

_COULD = re.compile(r"if `([\w:]+)(?:<[^`]*>)?` implemented `Clone`")


def _patches(site: Site) -> Iterator[Patch]:
    note = next((one for one in site.diagnostic.notes if _COULD.search(one.message)), None)
    found = _COULD.search(note.message) if note is not None else None
    if note is None or found is None:
        yield from _copied(site)
        return
    name = found[1].rpartition("::")[2]
    value = next((label.place for label in note.labels if "could clone" in label.text), None)
    clone = derives(site.context, name, "Clone")
    copy = derives(site.context, name, "Copy")
    if copy:
        yield patch(f"derive `Copy` for `{name}`", 0.6, *copy)
    if clone and value is not None and value.path in site.context.files:
        changes = (*clone, *_cloned(site, value))
        yield patch(f"derive `Clone` for `{name}` and clone", 0.62, *changes)


def _cloned(site: Site, value: Place) -> Iterator[Change]:
    file = site.file_of(value)
    node = file.exactly(value) or file.node_at(value)
    if node.type == "unary_expression" and file.text(node).startswith("*"):
        inner = node.named_children[0]
        yield file.replace(node, f"{file.text(inner)}.clone()")
    else:
        yield file.insert(value.end, ".clone()")


def _copied(site: Site) -> Iterator[Patch]:
    """A type of the crate that is cloned already may be so small that it can be copied."""
    texts = [*(label.text for label in site.diagnostic.labels), *(note.message for note in site.diagnostic.notes)]
    for text in texts:
        if found := re.search(r"has type `([^`]*)`, which does not implement the `Copy` trait", text):
            yield from _held(site, found[1])
        if found := re.search(r"has type `&?([A-Z]\w*)`, which does not implement the `Copy` trait", text):
            changes = derives(site.context, found[1], "Copy")
            if changes:
                yield patch(f"derive `Copy` for `{found[1]}`", 0.5, *changes)
            return


def _held(site: Site, type_: str) -> Iterator[Patch]:
    """A value that holds one of the crate's: that one derives `Clone`, and a clone is moved."""
    moved = next((one for one in site.diagnostic.labels if one.text.startswith("value moved here")), None)
    if moved is None or moved.place.path != site.file.path or not re.fullmatch(r"[\w.]+", site.file.text(moved.place)):
        return
    for name in dict.fromkeys(re.findall(r"\b[A-Z]\w*", type_)):
        changes = derives(site.context, name, "Clone")
        if changes and name != type_:
            clone = site.file.insert(moved.place.end, ".clone()")
            yield patch(f"derive `Clone` for `{name}` and clone", 0.55, *changes, clone)


PLUGIN = Mend(
    codes=("E0382", "E0507", "E0508"),
    title="derive `Clone` or `Copy` for a type whose values are needed twice",
    cites=("docs:error_codes/E0382.html", "docs:std/clone/trait.Clone.html"),
    examples=(
        Example(
            "pub struct One(String);\n\npub fn twice(one: One) -> (One, One) {\n    (one, one)\n}\n",
            "#[derive(Clone)]\npub struct One(String);\n\npub fn twice(one: One) -> (One, One) {\n"
            "    (one.clone(), one)\n}\n",
        ),
        Example(
            "pub struct One(u8);\n\npub fn first(all: &[One]) -> One {\n    all[0]\n}\n",
            "#[derive(Clone, Copy)]\npub struct One(u8);\n\npub fn first(all: &[One]) -> One {\n    all[0]\n}\n",
        ),
        Example(
            "pub struct One(String);\n\npub fn first(all: &Vec<One>) -> One {\n    all[0]\n}\n",
            "#[derive(Clone)]\npub struct One(String);\n\npub fn first(all: &Vec<One>) -> One {\n"
            "    all[0].clone()\n}\n",
        ),
    ),
    patches=_patches,
)
