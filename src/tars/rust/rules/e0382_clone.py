"""Mends a value that is used after it was moved: it is used before, lent, or a clone is moved."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.opened import opened
from tars.rust.rules_support.statements import bound_names, index_in, mentions, moved_before, siblings, statements
from tars.rust.values import Example, Label, Patch

_EMPTY = ("String", "Vec<", "HashMap<", "HashSet<", "BTreeMap<", "VecDeque<", "std::collections::")
_FILLED = r"\.\s*(push|push_str|insert|extend|append|push_back)\b"
_LOOPS = ("for_expression", "while_expression", "loop_expression")
_TYPE = re.compile(r"has type `([^`]*)`")
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
        yield from _taken(site, moved)
        if node.parent is not None and node.parent.type == "let_declaration":
            yield patch("lend it", 0.5, site.file.insert(moved.place.start, "&"))
        walked = node.parent is not None and node.parent.type == "for_expression"
        if walked:
            yield patch("go over loans of the elements", 0.75, site.file.insert(moved.place.start, "&"))
        sure = 0.3 if walked or _is_filled_again(site, moved) else 0.55
        yield patch("move a clone", sure, site.file.insert(moved.place.end, ".clone()"))
    yield from _struct_update(site, node)
    if any(_ITERATOR.search(label.text) for label in site.diagnostic.labels) and "method call" in moved.text:
        yield patch("go on with the same iterator", 0.6, site.file.insert(moved.place.start - 1, ".by_ref()"))


def _taken(site: Site, moved: Label) -> Iterator[Patch]:
    """A collection that is given away now and then, and filled again: an empty one is left behind."""
    if _is_filled_again(site, moved):
        place = moved.place
        around = (site.file.insert(place.start, "std::mem::take(&mut "), site.file.insert(place.end, ")"))
        yield patch("give it away, and leave an empty one", 0.93, *around)


def _is_filled_again(site: Site, moved: Label) -> bool:
    """Whether a loop gives a collection away under a condition, and fills it elsewhere."""
    type_ = next((one for label in site.diagnostic.labels if (one := _TYPE.search(label.text))), None)
    loop, when = site.file.node_of(moved.place, *_LOOPS), site.file.node_of(moved.place, "if_expression", "match_arm")
    if type_ is None or not type_[1].startswith(_EMPTY) or loop is None or when is None:
        return False
    name = re.escape(site.file.text(moved.place))
    inside = loop.start_byte < when.start_byte
    return inside and re.search(rf"(?<![\w.]){name}\s*({_FILLED}|\+=)", site.file.text(loop)) is not None


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
        Example(
            "pub fn lines(words: &[&str]) -> Vec<String> {\n    let mut all = Vec::new();\n"
            "    let mut line = String::new();\n"
            "    for word in words {\n        if line.len() > 9 {\n            all.push(line);\n        }\n"
            "        line.push_str(word);\n    }\n    all\n}\n",
            "pub fn lines(words: &[&str]) -> Vec<String> {\n    let mut all = Vec::new();\n"
            "    let mut line = String::new();\n"
            "    for word in words {\n        if line.len() > 9 {\n"
            "            all.push(std::mem::take(&mut line));\n        }\n"
            "        line.push_str(word);\n    }\n    all\n}\n",
        ),
    ),
    patches=_patches,
)
