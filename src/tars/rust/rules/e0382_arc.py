"""Mends a value that several threads, started in a loop, are to share: it is held by an `Arc`, each gets a clone."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import declaration, path_of_blocks, put_before
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_OF = re.compile(r"move occurs because `(\w+)` has type `([^`]*)`")


def _patches(site: Site) -> Iterator[Patch]:
    closure = next((one for one in site.diagnostic.labels if "moved into closure here" in one.text), None)
    found = next((one for label in site.diagnostic.labels if (one := _OF.search(label.text))), None)
    if closure is None or found is None or closure.place.path != site.file.path:
        return
    name, type_ = found[1], found[2]
    statement = declaration(site.file, name, closure.place)
    blocks = path_of_blocks(site.file, closure.place)
    if statement is None or not blocks:
        return
    inner = blocks[0][1]
    if re.match(r"(std::sync::)?Arc<|(std::rc::)?Rc<|.*Sender<", type_):
        cloned = f"{name}.clone()" if "Sender<" in type_ else f"{_path(site.file, type_)}::clone(&{name})"
        yield patch("give each closure a clone", 0.72, put_before(site.file, inner, f"let {name} = {cloned};"))
        return
    value = statement.child_by_field_name("value")
    if value is None or "thread" not in site.file.text(inner):
        return
    changes = _shared(site.file, value)
    clone = put_before(site.file, inner, f"let {name} = Arc::clone(&{name});")
    written = statement.child_by_field_name("type")
    if written is not None:
        changes.append(site.file.replace(written, f"Arc<{site.file.text(written)}>"))
    yield patch("share it through an `Arc`", 0.72, *changes, clone)


def _path(file: SourceFile, type_: str) -> str:
    name = "Arc" if "Arc<" in type_.partition("<")[0] + "<" else "Rc"
    imported = re.search(rb"use\s+std::(sync|rc)[^;]*\b" + name.encode() + rb"\b", file.data)
    return name if imported else f"std::{'sync' if name == 'Arc' else 'rc'}::{name}"


def _shared(file: SourceFile, value: Node) -> list[Change]:
    """The value within an `Arc`, which is imported where it is not yet."""
    changes = [file.insert(value.start_byte, "Arc::new("), file.insert(value.end_byte, ")")]
    if not re.search(rb"use\s+std::sync[^;]*\bArc\b", file.data):
        if single := re.search(rb"use\s+std::sync::(\w+)\s*;", file.data):
            changes.append(Change(Place(file.path, single.start(1), single.end(1)), f"{{Arc, {single[1].decode()}}}"))
        elif several := re.search(rb"use\s+std::sync::\{", file.data):
            changes.append(file.insert(several.end(), "Arc, "))
        else:
            changes.append(file.insert_use("std::sync::Arc", Place(file.path, value.start_byte, value.end_byte)))
    return changes


PLUGIN = Mend(
    codes=("E0382",),
    title="share a value between threads through an `Arc`",
    cites=("docs:error_codes/E0382.html", "docs:book/ch16-03-shared-state.html"),
    examples=(
        Example(
            "use std::sync::Mutex;\nuse std::thread;\n\npub fn count() {\n    let sum = Mutex::new(0);\n"
            "    for _ in 0..2 {\n        thread::spawn(move || {\n            *sum.lock().unwrap() += 1;\n"
            "        });\n    }\n}\n",
            "use std::sync::{Arc, Mutex};\nuse std::thread;\n\npub fn count() {\n"
            "    let sum = Arc::new(Mutex::new(0));\n"
            "    for _ in 0..2 {\n        let sum = Arc::clone(&sum);\n        thread::spawn(move || {\n"
            "            *sum.lock().unwrap() += 1;\n        });\n    }\n}\n",
        ),
        Example(
            "use std::sync::{Arc, Mutex};\nuse std::thread;\n\npub fn count(n: u8) {\n"
            "    let sum = Arc::new(Mutex::new(n));\n"
            "    for _ in 0..2 {\n        thread::spawn(move || {\n            *sum.lock().unwrap() += 1;\n"
            "        });\n    }\n}\n",
            "use std::sync::{Arc, Mutex};\nuse std::thread;\n\npub fn count(n: u8) {\n"
            "    let sum = Arc::new(Mutex::new(n));\n"
            "    for _ in 0..2 {\n        let sum = Arc::clone(&sum);\n        thread::spawn(move || {\n"
            "            *sum.lock().unwrap() += 1;\n        });\n    }\n}\n",
        ),
    ),
    patches=_patches,
)
