"""Mends borrowed data that goes where it must live for ever: a copy of its own goes, or only what lives for ever."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.opened import opened
from tars.rust.rules_support.statements import put_before
from tars.rust.values import Example, Patch

_REFERENCE = re.compile(r"&\s*(?:'\w+\s+)?(?P<mut>mut\s+)?(?P<of>.*)", re.S)


def _patches(site: Site) -> Iterator[Patch]:
    label = site.label("is a reference that is only valid in the")
    if label is None or label.place.path != site.file.path:
        return
    file = site.file
    named = re.match(r"`(\w+)`", label.text)
    parameter = file.node_of(label.place, "parameter", "self_parameter")
    statement = file.statement(site.place)
    if named is None or parameter is None or statement is None:
        return
    name = named[1]
    if parameter.type == "self_parameter":
        yield from _of_self(site, statement)
        return
    written = parameter.child_by_field_name("type")
    found = _REFERENCE.fullmatch(file.text(written)) if written is not None else None
    if written is None or found is None:
        return
    if not found["mut"]:
        method = "to_string" if found["of"] == "str" else "to_vec" if found["of"].startswith("[") else "clone"
        yield patch("hand over a copy of its own", 0.7, put_before(file, statement, f"let {name} = {name}.{method}();"))
    at = written.start_byte + 1
    yield patch("ask for what lives for ever", 0.5, file.insert(at, "'static "))


def _of_self(site: Site, statement: Node) -> Iterator[Patch]:
    """A closure that needs fields of `self`: they are cloned before it."""
    file = opened(site.file)
    held = [
        one for one in file.walk("closure_expression") if statement.start_byte <= one.start_byte < statement.end_byte
    ]
    closure = next(iter(held), None)
    if closure is None:
        return
    fields = [one for one in file.walk("field_expression", within=closure) if _is_own(file.text(one))]
    if not fields or any(_is_method(one) for one in fields):
        return
    names = sorted({file.text(one).removeprefix("self.") for one in fields})
    text = " ".join(f"let {name} = self.{name}.clone();" for name in names)
    changes = [file.replace(one, file.text(one).removeprefix("self.")) for one in fields]
    moving = [] if file.text(closure).startswith("move") else [file.insert(closure.start_byte, "move ")]
    yield patch("hand over copies of the fields", 0.65, put_before(file, statement, text), *moving, *changes)


def _is_own(text: str) -> bool:
    return re.fullmatch(r"self\.[a-z_]\w*", text) is not None


def _is_method(node: Node) -> bool:
    parent = next(ancestors(node), None)
    return parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == node


PLUGIN = Mend(
    codes=("E0521",),
    title="hand over data that may leave the function",
    cites=("docs:error_codes/E0521.html", "docs:std/thread/fn.spawn.html"),
    examples=(
        Example(
            "use std::thread;\n\npub fn show(all: &Vec<u8>) {\n"
            '    thread::spawn(move || println!("{all:?}")).join().unwrap();\n}\n',
            "use std::thread;\n\npub fn show(all: &Vec<u8>) {\n    let all = all.clone();\n"
            '    thread::spawn(move || println!("{all:?}")).join().unwrap();\n}\n',
        ),
        Example(
            "use std::thread;\n\npub struct One {\n    text: String,\n}\n\nimpl One {\n    pub fn show(&self) {\n"
            '        thread::spawn(move || println!("{}", self.text)).join().unwrap();\n    }\n}\n',
            "use std::thread;\n\npub struct One {\n    text: String,\n}\n\nimpl One {\n    pub fn show(&self) {\n"
            "        let text = self.text.clone();\n"
            '        thread::spawn(move || println!("{}", text)).join().unwrap();\n    }\n}\n',
        ),
    ),
    patches=_patches,
)
