"""Mends a change through a shared reference where the reference came from: `get` becomes `get_mut`, `&x` `&mut x`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import calls_of, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.statements import declaration
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_MUTABLE = {
    "get": "get_mut", "first": "first_mut", "last": "last_mut", "iter": "iter_mut", "as_ref": "as_mut",
    "borrow": "borrow_mut", "values": "values_mut", "peek": "peek_mut", "as_deref": "as_deref_mut", "read": "write",
    "chunks": "chunks_mut", "front": "front_mut", "back": "back_mut", "as_slice": "as_mut_slice",
    "split_at": "split_at_mut", "deref": "deref_mut", "chunks_exact": "chunks_exact_mut",
}  # fmt: skip
"""The methods that lend what is theirs, and those that lend it mutably."""
_BINDERS = ("for_expression", "if_expression", "while_expression", "match_expression", "let_condition")


def _patches(site: Site) -> Iterator[Patch]:
    message = site.diagnostic.message
    name = _name(site)
    if "dereference of `Ref<" in message or "dereference of `RwLockReadGuard<" in message:
        yield from _guarded(site)
    if "behind a `&` reference" not in message and "`&` reference" not in message:
        return
    node = site.file.node_at(site.place)
    for changes, what, sure in _sources(site.file, name, node):
        yield patch(what, sure, *changes)
    yield from _parameter(site, name, node)


def _guarded(site: Site) -> Iterator[Patch]:
    """A guard for reading asked for as one for writing, where it is used or where it was bound."""
    node = site.node
    bound = declaration(site.file, site.text, site.place) if node.type == "identifier" else None
    value = bound.child_by_field_name("value") if bound is not None else node
    if value is not None:
        for changes, what, _ in _made_mutable(site.file, value, None):
            yield patch(what, 0.85, *changes)


def _name(site: Site) -> str:
    """The variable that a change goes through: `s` of "cannot borrow `*s` as mutable"."""
    found = re.search(r"`[*(&]*(\w+)", site.diagnostic.message)
    return found[1] if found else ""


def _sources(file: SourceFile, name: str, node: Node) -> Iterator[tuple[list[Change], str, float]]:
    """What gave the variable its reference, made to give a mutable one."""
    statement = declaration(file, name, Place(file.path, node.start_byte, node.end_byte))
    value = statement.child_by_field_name("value") if statement is not None else None
    around = [one for one in ancestors(node) if one.type in (*_BINDERS, "closure_expression")]
    for one in around:
        pattern, source = _bound(file, one, name)
        if pattern is not None and source is not None:
            yield from _made_mutable(file, source, pattern)
            return
    if value is not None:
        yield from _made_mutable(file, value, None)


def _bound(file: SourceFile, binder: Node, name: str) -> tuple[Node | None, Node | None]:
    """The pattern of a loop, condition, arm or closure that binds the name, and what it takes apart."""
    if binder.type == "closure_expression":
        pattern = binder.child_by_field_name("parameters")
        call = next((one for one in ancestors(binder) if one.type == "call_expression"), None)
        function = call.child_by_field_name("function") if call is not None else None
        return (pattern, function) if pattern is not None and _binds(file, pattern, name) else (None, None)
    if binder.type == "match_expression":
        for arm in file.walk("match_arm", within=binder):
            pattern = arm.child_by_field_name("pattern")
            if pattern is not None and _binds(file, pattern, name):
                return pattern, binder.child_by_field_name("value")
        return None, None
    holder = binder.child_by_field_name("condition") or binder
    pattern = holder.child_by_field_name("pattern")
    if pattern is not None and _binds(file, pattern, name):
        return pattern, holder.child_by_field_name("value")
    return None, None


def _binds(file: SourceFile, pattern: Node, name: str) -> bool:
    kinds = ("identifier", "shorthand_field_identifier")
    return any(file.text(one) == name for one in file.walk(*kinds, within=pattern))


def _made_mutable(file: SourceFile, source: Node, pattern: Node | None) -> Iterator[tuple[list[Change], str, float]]:
    if pattern is not None and (word := re.search(r"\bref\s+(?!mut\b)", file.text(pattern))):
        at = pattern.start_byte + len(file.text(pattern)[: word.end()].encode())
        yield [file.insert(at, "mut ")], "bind with `ref mut`", 0.75
    if source.type == "reference_expression":
        value = source.child_by_field_name("value")
        if value is not None and not any(child.type == "mutable_specifier" for child in source.children):
            yield [file.insert(value.start_byte, "mut ")], "borrow mutably", 0.75
        return
    changes = [
        file.replace(one, _MUTABLE[file.text(one)])
        for one in file.walk("field_identifier", within=source)
        if file.text(one) in _MUTABLE and _is_called(one)
    ]
    if changes:
        yield changes, "ask for mutable references", 0.78
    elif source.type in ("identifier", "field_expression", "self"):
        yield [file.insert(source.start_byte, "&mut ")], "borrow mutably", 0.5


def _is_called(name: Node) -> bool:
    access = name.parent
    call = access.parent if access is not None else None
    if call is not None and call.type == "generic_function":
        call = call.parent
    return call is not None and (call.type == "call_expression" or call.type == "ERROR" or access == call)


def _parameter(site: Site, name: str, node: Node) -> Iterator[Patch]:
    """A parameter's type made `&mut`, with the arguments that it is given."""
    file = site.file
    function = next((one for one in ancestors(node) if one.type == "function_item"), None)
    if function is None:
        return
    for index, parameter in enumerate(one for one in parameters(function) if one.type == "parameter"):
        pattern, type_ = parameter.child_by_field_name("pattern"), parameter.child_by_field_name("type")
        if pattern is None or type_ is None or file.text(pattern).removeprefix("mut ") != name:
            continue
        inner = list(file.walk("reference_type", within=type_))
        if not inner or any(child.type == "mutable_specifier" for child in inner[-1].children):
            return
        target = inner[-1].child_by_field_name("type")
        called = function.child_by_field_name("name")
        if target is None or called is None:
            return
        changes = [file.insert(target.start_byte, "mut ")]
        for other, call in calls_of(site.context, file.text(called)):
            given = call.child_by_field_name("arguments")
            argument = children(given)[index] if given is not None and len(children(given)) > index else None
            value = argument.child_by_field_name("value") if argument is not None else None
            if argument is None or argument.type != "reference_expression" or value is None:
                continue
            if not any(child.type == "mutable_specifier" for child in argument.children):
                changes.append(other.insert(value.start_byte, "mut "))
        yield patch("take a mutable reference", 0.72, *changes)
        return


PLUGIN = Mend(
    codes=("E0596", "E0594"),
    title="make the reference mutable where it comes from",
    cites=("docs:error_codes/E0596.html", "docs:book/ch04-02-references-and-borrowing.html#mutable-references"),
    examples=(
        Example(
            "pub fn add(all: &mut Vec<String>) {\n    let one = all.get(0).unwrap();\n    one.push('a');\n}\n",
            "pub fn add(all: &mut Vec<String>) {\n    let one = all.get_mut(0).unwrap();\n    one.push('a');\n}\n",
        ),
        Example(
            "pub fn add(mut all: Vec<(u8, u8)>) {\n    for (a, b) in &all {\n        *a += *b;\n    }\n"
            "    all.clear();\n}\n",
            "pub fn add(mut all: Vec<(u8, u8)>) {\n    for (a, b) in &mut all {\n        *a += *b;\n    }\n"
            "    all.clear();\n}\n",
        ),
        Example(
            "fn add(text: &String) {\n    text.push('a');\n}\n\npub fn both(mut text: String) {\n"
            "    add(&text);\n    text.clear();\n}\n",
            "fn add(text: &mut String) {\n    text.push('a');\n}\n\npub fn both(mut text: String) {\n"
            "    add(&mut text);\n    text.clear();\n}\n",
        ),
    ),
    patches=_patches,
)
