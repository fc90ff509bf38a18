"""Mends two loans within one statement by taking what only reads out of it, into a `let` before it."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import Loan, is_copy, loan_of, place_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.opened import opened
from tars.rust.rules_support.statements import bound_names, free_name, mentions, put_before, siblings
from tars.rust.values import Example, Patch

_LOOPS = ("for_expression", "while_expression", "loop_expression")


def _patches(site: Site) -> Iterator[Patch]:
    loan = loan_of(site)
    if loan is None:
        return
    found = siblings(site.file, loan.first, loan.conflict)
    if found is None:
        return
    if found[0].id != found[1].id:
        yield from _bound_argument(site, found[0])
        return
    statement = found[0]
    yield from _copied_argument(site, loan)
    yield from _read_before(site, loan, statement)


def _copied_argument(site: Site, loan: Loan) -> Iterator[Patch]:
    """`text.push_str(&text)`: what is read, cloned where it stands."""
    for place in (loan.conflict, loan.first):
        node = site.file.exactly(place) or site.file.node_at(place)
        if node.type == "reference_expression" and not _is_mutable(node):
            inner = node.child_by_field_name("value")
            if inner is not None and inner.type in ("identifier", "field_expression", "self"):
                yield patch("read a clone", 0.74, site.file.insert(inner.end_byte, ".clone()"))
        elif node.type in ("identifier", "field_expression") and _within_arguments(node):
            yield patch("read a clone", 0.5, site.file.insert(node.end_byte, ".clone()"))


def _bound_argument(site: Site, first: Node) -> Iterator[Patch]:
    """A variable that holds the loan, handed to the call that changes what is lent: the call is given a copy."""
    file = opened(site.file)
    call = file.exactly(site.place) or file.node_at(site.place)
    given = call.child_by_field_name("arguments") if call.type == "call_expression" else None
    names = bound_names(site.file, first)
    for argument in given.named_children if given is not None else ():
        if argument.type == "identifier" and file.text(argument) in names:
            type_ = site.context.types([place_of(site.file, argument)])[0] or ""
            if type_.startswith("&") and not type_.startswith("&mut"):
                method = "to_string" if type_ == "&str" else "to_vec" if type_.startswith("&[") else "clone"
                text = f"&{file.text(argument)}.{method}()"
                yield patch("hand over a copy", 0.66, site.file.replace(place_of(site.file, argument), text))


def _read_before(site: Site, loan: Loan, statement: Node) -> Iterator[Patch]:
    """The reading expression as a `let` before the statement, or before the loop that the statement is."""
    file = site.file
    for place in (loan.conflict, loan.first):
        node = _whole(site, file.exactly(place) or file.node_at(place))
        if node is None or node.id == statement.id:
            continue
        value = node.child_by_field_name("value") if node.type == "reference_expression" else node
        if value is None or any(mentions(file, value, name) for name in _bound_between(site, value, statement)):
            continue
        type_ = site.context.types([place_of(file, value)])[0]
        if type_ is None or (type_.startswith("&") and not is_copy(type_.lstrip("&"))) or "::" in type_:
            continue
        name = free_name(file, node, _name_for(site, value))
        star = "*" if type_.startswith("&") and value is node else ""
        clone = "" if is_copy(type_) or value.type == "call_expression" else ".clone()"
        here = f"&{name}" if value is not node or star else name
        before = put_before(file, statement, f"let {name} = {star}{file.text(value)}{clone};")
        sure = 0.5 if value.type == "identifier" else 0.72
        yield patch("read this first", sure, before, file.replace(node, here))


def _whole(site: Site, node: Node) -> Node | None:
    """The reading expression that a label points at the beginning of: its whole chain of calls and fields."""
    if node.type == "reference_expression" and _is_mutable(node):
        call = next((one for one in ancestors(node) if one.type == "call_expression"), node)
        return call if call.parent is not None and call.parent.type == "arguments" else None
    found: Node | None = node if node.type in ("reference_expression", "call_expression", "index_expression") else None
    for around in (node, *ancestors(node)):
        if around.type in ("call_expression", "index_expression", "reference_expression"):
            if around.type == "reference_expression" and _is_mutable(around):
                return None
            if around.start_byte <= node.start_byte and (
                found is None or around.type != "call_expression" or _is_receiver(found)
            ):
                found = around
            if around.parent is not None and around.parent.type in ("arguments", "binary_expression"):
                return found
        elif around.type in ("expression_statement", "let_declaration", "block", "closure_expression", "arguments"):
            return found
    return found


def _is_receiver(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "field_expression"


def _within_arguments(node: Node) -> bool:
    """Whether a variable or field is what a method is called on within the arguments of another call."""
    calls = (one for one in ancestors(node) if one.type not in ("field_expression", "call_expression"))
    around = next(calls, None)
    return _is_receiver(node) and around is not None and around.type == "arguments"


def _is_mutable(node: Node) -> bool:
    return any(child.type == "mutable_specifier" for child in node.children)


def _bound_between(site: Site, node: Node, statement: Node) -> list[str]:
    """The names that are bound between a statement and an expression within it: what these need cannot go before."""
    names: list[str] = []
    for around in ancestors(node):
        if around.id == statement.id:
            pattern = around.child_by_field_name("pattern")
        else:
            pattern = around.child_by_field_name("pattern") or around.child_by_field_name("parameters")
        if pattern is not None:
            names += [site.file.text(one) for one in site.file.walk("identifier", within=pattern)]
        if around.type == "block":
            for one in around.named_children:
                bound = one.child_by_field_name("pattern") if one.type == "let_declaration" else None
                names += [site.file.text(each) for each in site.file.walk("identifier", within=bound)] if bound else []
        if around.id == statement.id:
            break
    return names


def _name_for(site: Site, value: Node) -> str:
    """A name for what an expression gives: its method's or field's, else `value`."""
    function = value.child_by_field_name("function")
    named = function.child_by_field_name("field") if function and function.type == "field_expression" else None
    text = site.file.text(named) if named is not None else ""
    for prefix in ("get_", "to_", "as_"):
        text = text.removeprefix(prefix)
    return text if text.isidentifier() and text not in ("get", "unwrap", "clone", "iter") else "value"


PLUGIN = Mend(
    codes=("E0502", "E0499"),
    title="read before the statement that changes",
    cites=("docs:error_codes/E0502.html", "docs:nomicon/references.html"),
    examples=(
        Example(
            "pub fn add(all: &mut Vec<u8>, x: &u8) {\n    all.push(*x);\n}\n\n"
            "pub fn again(mut all: Vec<u8>) {\n    add(&mut all, &all[0]);\n}\n",
            "pub fn add(all: &mut Vec<u8>, x: &u8) {\n    all.push(*x);\n}\n\n"
            "pub fn again(mut all: Vec<u8>) {\n    let value = all[0];\n    add(&mut all, &value);\n}\n",
        ),
        Example(
            "pub fn twice(mut text: String) -> String {\n    text.push_str(&text);\n    text\n}\n",
            "pub fn twice(mut text: String) -> String {\n    text.push_str(&text.clone());\n    text\n}\n",
        ),
        Example(
            "pub fn next(x: &mut u8) -> u8 {\n    *x += 1;\n    *x\n}\n\npub fn add(x: &mut u8, y: u8) {\n"
            "    *x += y;\n}\n\n"
            "pub fn both(mut x: u8) {\n    add(&mut x, next(&mut x));\n}\n",
            "pub fn next(x: &mut u8) -> u8 {\n    *x += 1;\n    *x\n}\n\npub fn add(x: &mut u8, y: u8) {\n"
            "    *x += y;\n}\n\n"
            "pub fn both(mut x: u8) {\n    let value = next(&mut x);\n    add(&mut x, value);\n}\n",
        ),
        Example(
            "pub fn again(mut text: String) -> String {\n    let first = text.trim();\n"
            "    text.push_str(first);\n    text\n}\n",
            "pub fn again(mut text: String) -> String {\n    let first = text.trim();\n"
            "    text.push_str(&first.to_string());\n    text\n}\n",
        ),
    ),
    patches=_patches,
)
