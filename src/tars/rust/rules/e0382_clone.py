"""Mends a value that is used after it was moved: it is used before, lent, or a clone is moved."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.opened import opened
from tars.rust.rules_support.statements import bound_names, index_in, mentions, moved_before, siblings, statements
from tars.rust.values import Example, Label, Patch

_ITERATOR = re.compile(r"has type `[^`]*(Iter|Lines|Chars|Map|Filter|Peekable|Enumerate|Split|IntoIter|Args|Bytes)")


def _patches(site: Site) -> Iterator[Patch]:
    moved = next((one for one in site.diagnostic.labels if not one.primary and _is_move(one)), None)
    if moved is None or moved.place.path != site.file.path:
        return
    file = opened(site.file)
    node = file.exactly(moved.place) or file.node_at(moved.place)
    text = file.text(moved.place)
    if "iteration of" not in moved.text:
        yield from _used_before(site, moved)
    if re.fullmatch(r"[\w.]+", text) and node.type in ("identifier", "field_expression", "self"):
        walked = node.parent is not None and node.parent.type == "for_expression"
        if walked:
            yield patch("go over loans of the elements", 0.75, site.file.insert(moved.place.start, "&"))
        yield patch("move a clone", 0.3 if walked else 0.55, site.file.insert(moved.place.end, ".clone()"))
    yield from _struct_update(site, node)
    if any(_ITERATOR.search(label.text) for label in site.diagnostic.labels) and "method call" in moved.text:
        yield patch("go on with the same iterator", 0.6, site.file.insert(moved.place.start - 1, ".by_ref()"))


def _is_move(label: Label) -> bool:
    return "moved" in label.text and "into closure" not in label.text and "occurs because" not in label.text


def _used_before(site: Site, moved: Label) -> Iterator[Patch]:
    """The use put before the move, where it is a statement that needs nothing from between them."""
    found = siblings(site.file, moved.place, site.place)
    if found is None or found[0].start_byte >= found[1].start_byte or found[0].parent is None:
        return
    first, use = found
    if use.type == "let_declaration" or not site.file.text(use).endswith(";"):
        return
    block = statements(found[0].parent)
    between = block[index_in(block, first) : index_in(block, use)]
    names = [name for one in between for name in bound_names(site.file, one)]
    if not any(mentions(site.file, use, name) for name in names):
        yield patch("use it before it is moved", 0.5, *moved_before(site.file, use, first))


def _struct_update(site: Site, node: Node) -> Iterator[Patch]:
    """`Type { a, ..other }`: the moved fields of the other are cloned."""
    base = next(iter(site.file.walk("base_field_initializer", within=node)), None)
    found = re.search(r"moved value: `(\w+)\.(\w+)`", site.diagnostic.message)
    if base is None or found is None:
        return
    field = f"{found[2]}: {found[1]}.{found[2]}.clone(), "
    yield patch("clone the field", 0.7, site.file.insert(base.start_byte, field))
    yield patch("fill up from a clone", 0.5, site.file.insert(base.end_byte, ".clone()"))


PLUGIN = Mend(
    codes=("E0382",),
    title="use a value before it is moved, or move a clone",
    cites=("docs:error_codes/E0382.html", "docs:book/ch04-01-what-is-ownership.html"),
    examples=(
        Example(
            "use std::sync::mpsc::Sender;\n\npub fn send(to: Sender<String>, text: String) {\n"
            '    to.send(text).unwrap();\n    println!("{text}");\n}\n',
            "use std::sync::mpsc::Sender;\n\npub fn send(to: Sender<String>, text: String) {\n"
            '    println!("{text}");\n    to.send(text).unwrap();\n}\n',
        ),
        Example(
            "pub struct One {\n    a: String,\n    b: String,\n}\n\npub fn other(one: One) -> (One, String) {\n"
            '    let two = One { b: "b".into(), ..one };\n    (two, one.a)\n}\n',
            "pub struct One {\n    a: String,\n    b: String,\n}\n\npub fn other(one: One) -> (One, String) {\n"
            '    let two = One { b: "b".into(), a: one.a.clone(), ..one };\n    (two, one.a)\n}\n',
        ),
    ),
    patches=_patches,
)
