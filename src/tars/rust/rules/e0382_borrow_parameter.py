"""Mends a value that is needed after a call took it: the called function borrows it."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.opened import opened
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    taken = next((label for label in site.labels() if "takes ownership of the value" in label.text), None)
    if taken is None:
        return
    file = site.file_of(taken.place)
    parameter = file.node_of(taken.place, "parameter")
    function = file.node_of(taken.place, "function_item")
    name = function.child_by_field_name("name") if function is not None else None
    if parameter is None or function is None or name is None:
        return
    index = next(number for number, one in enumerate(parameters(function)) if one.id == parameter.id)
    written = parameter.child_by_field_name("type")
    calls = list(_arguments(site, file.text(name), index, parameters(function)))
    if written is None or not calls:
        return
    type_ = file.text(written)
    owned = _is_changed(file, function, parameter)
    for view, sure in _views(type_):
        changes = [file.replace(written, view), *calls]
        yield patch(f"borrow the argument as `{view}`", sure if not owned else 0.3, *changes)


def _views(type_: str) -> list[tuple[str, float]]:
    """A loan of a type as it is usually written, and as it is."""
    usual = ""
    if type_ == "String":
        usual = "&str"
    elif found := re.fullmatch(r"Vec<(.*)>", type_, re.S):
        usual = f"&[{found[1]}]"
    elif found := re.fullmatch(r"Box<(.*)>", type_, re.S):
        usual = f"&{found[1]}" if not (found[1].startswith("dyn") and "+" in found[1]) else ""
    return [(usual, 0.86), (f"&{type_}", 0.6)] if usual else [(f"&{type_}", 0.86)]


def _is_changed(file: SourceFile, function: Node, parameter: Node) -> bool:
    """Whether the function changes the parameter, or gives it on or back: then it needs the value itself."""
    pattern, body = parameter.child_by_field_name("pattern"), function.child_by_field_name("body")
    if pattern is None or body is None:
        return False
    if any(child.type == "mutable_specifier" for child in parameter.children):
        return True
    last = body.named_children[-1] if body.named_children else None
    return last is not None and file.text(last) == file.text(pattern)


def _arguments(site: Site, name: str, index: int, declared: list[Node]) -> Iterator[Change]:
    """Each argument that the function is given there, borrowed."""
    method = bool(declared) and declared[0].type == "self_parameter"
    for path in sorted(site.context.files):
        file = opened(site.context.files[path])
        for call in file.walk("call_expression"):
            function = call.child_by_field_name("function")
            given = call.child_by_field_name("arguments")
            if function is None or given is None or not _is_named(file, function, name):
                continue
            shift = 1 if method and function.type == "field_expression" else 0
            found = children(given)
            if len(found) > index - shift >= 0 and found[index - shift].type != "reference_expression":
                yield Change(Place(path, found[index - shift].start_byte, found[index - shift].start_byte), "&")


def _is_named(file: SourceFile, function: Node, name: str) -> bool:
    last = function.child_by_field_name("field") or function.child_by_field_name("name") or function
    return file.text(last) == name


PLUGIN = Mend(
    codes=("E0382",),
    title="borrow in the called function what is needed after the call",
    cites=("docs:error_codes/E0382.html", "docs:book/ch04-02-references-and-borrowing.html"),
    examples=(
        Example(
            "fn size(text: String) -> usize {\n    text.len()\n}\n\npub fn show(text: String) {\n"
            '    println!("{} {}", size(text), text);\n}\n',
            "fn size(text: &str) -> usize {\n    text.len()\n}\n\npub fn show(text: String) {\n"
            '    println!("{} {}", size(&text), text);\n}\n',
        ),
        Example(
            "pub struct One(u8);\n\nfn value(one: One) -> u8 {\n    one.0\n}\n\npub fn twice(one: One) -> u8 {\n"
            "    value(one) + value(one)\n}\n",
            "pub struct One(u8);\n\nfn value(one: &One) -> u8 {\n    one.0\n}\n\npub fn twice(one: One) -> u8 {\n"
            "    value(&one) + value(&one)\n}\n",
        ),
    ),
    patches=_patches,
)
