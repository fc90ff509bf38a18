"""Mends a change of what an `Rc` or `Arc` holds: through `make_mut`, which clones it first where others hold it too."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    found = re.search(r"data in an `(Rc|Arc)`", site.diagnostic.message)
    if found is None:
        return
    node = site.node
    if node.type in ("assignment_expression", "compound_assignment_expr"):
        node = node.child_by_field_name("left") or node
    while node.type in ("field_expression", "index_expression") and not _is_pointer(site, site.file.text(node)):
        node = node.child_by_field_name("value") or node.named_children[0]
    starred = node.type == "unary_expression"
    owner = node.named_children[0] if starred else node
    if owner.type not in ("identifier", "field_expression"):
        return
    pointer, text = _name(site.file, found[1]), site.file.text(owner)
    star = "*" if starred else ""
    yield patch("change a value of its own", 0.6, site.file.replace(node, f"{star}{pointer}::make_mut(&mut {text})"))
    only = f"{star}{pointer}::get_mut(&mut {text}).unwrap()"
    yield patch("change it as its only holder", 0.35, site.file.replace(node, only))


def _is_pointer(site: Site, text: str) -> bool:
    """Whether the message names this text as what holds the value."""
    return f"`{text}`" in site.diagnostic.message


def _name(file: SourceFile, pointer: str) -> str:
    """The pointer's name as this file can write it."""
    if re.search(rb"use\s+std::(rc|sync)::[^;]*\b" + pointer.encode() + rb"\b", file.data):
        return pointer
    return f"std::{'rc' if pointer == 'Rc' else 'sync'}::{pointer}"


PLUGIN = Mend(
    codes=("E0596", "E0594"),
    title="change what a shared pointer holds through `make_mut`",
    cites=("docs:error_codes/E0596.html", "docs:std/rc/struct.Rc.html#method.make_mut"),
    examples=(
        Example(
            "use std::rc::Rc;\n\npub fn add(mut all: Rc<Vec<u8>>) {\n    all.push(2);\n}\n",
            "use std::rc::Rc;\n\npub fn add(mut all: Rc<Vec<u8>>) {\n    Rc::make_mut(&mut all).push(2);\n}\n",
        ),
        Example(
            "use std::sync::Arc;\n\n#[derive(Clone)]\npub struct One {\n    x: u8,\n}\n\n"
            "pub fn add(mut one: Arc<One>) {\n    one.x = 2;\n}\n",
            "use std::sync::Arc;\n\n#[derive(Clone)]\npub struct One {\n    x: u8,\n}\n\n"
            "pub fn add(mut one: Arc<One>) {\n    Arc::make_mut(&mut one).x = 2;\n}\n",
        ),
    ),
    patches=_patches,
)
