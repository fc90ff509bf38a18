"""The type that a place expects, as far as the text tells: declared types around it, and the literals beside it."""

import re

from tree_sitter import Node

from tars.rust.rules_support.items import calls_of, declared_type, fields, items, name_of, parameters
from tars.rust.rules_support.mend import Site, children, enclosing_function
from tars.rust.rules_support.types import COPIED, parse_type
from tars.rust.values import Place

_LITERALS = {
    "integer_literal": "i32", "float_literal": "f64", "boolean_literal": "bool", "string_literal": "&str",
    "char_literal": "char",
}  # fmt: skip
_LOOSE = ("parenthesized_expression", "reference_expression", "unary_expression", "try_expression")


def literal_type(site: Site, value: Node) -> str:
    """The type of a literal; empty for anything else. A suffix tells: `1u8`."""
    if value.type == "unary_expression" and value.named_children:
        return literal_type(site, value.named_children[0])
    suffix = re.search(r"\d_?([iu](?:8|16|32|64|128|size)|f32|f64)$", site.file.text(value))
    if value.type in ("integer_literal", "float_literal") and suffix:
        return suffix[1]
    return _LITERALS.get(value.type, "")


def expected_type(site: Site, place: Place) -> str:
    """The type that the expression at the place should have; empty where nothing near tells it."""
    node = site.node_of(place)
    while node.parent is not None and node.parent.type in _LOOSE[:1]:
        node = node.parent
    parent = node.parent
    if parent is None:
        return ""
    if parent.type == "reference_expression":
        outer = expected_type(site, site.file.place(parent))
        return outer.removeprefix("&").removeprefix("mut ").strip() if outer.startswith("&") else ""
    found = _field_type(site, node, parent) or _argument_type(site, node, parent) or _result_type(site, node, parent)
    if found:
        return found
    if parent.type == "let_declaration" and (kind := parent.child_by_field_name("type")) is not None:
        return site.file.text(kind)
    if parent.type == "match_expression":
        return _matched_type(site, parent)
    if parent.type in ("binary_expression", "assignment_expression", "compound_assignment_expr"):
        return _other_side(site, node, parent)
    return ""


def known_type(site: Site, node: Node) -> str:
    """The type of an expression that is a literal, a local with a written type, or a field of one; empty else."""
    if node.type in ("parenthesized_expression", "unary_expression") and children(node):
        return known_type(site, children(node)[-1])
    if node.type in ("scoped_identifier", "struct_expression"):
        return _path_type(site, node)
    told = literal_type(site, node)
    if told or node.type not in ("identifier", "field_expression", "call_expression", "index_expression"):
        return told
    if node.type == "identifier":
        return local_type(site, site.file.text(node), site.file.place(node))
    if node.type == "index_expression":
        outer = parse_type(known_type(site, children(node)[0])).peeled
        return str(outer.inner) if outer.head in ("Vec", "[]", "[;]", "VecDeque") else ""
    if node.type == "call_expression":
        return _call_type(site, node)
    value, field = node.child_by_field_name("value"), node.child_by_field_name("field")
    if value is None or field is None:
        return ""
    owner = _self_type(site) if site.file.text(value) == "self" else known_type(site, value)
    found = declared_type(site.context, owner) if owner else None
    return dict(fields(*found)).get(site.file.text(field), "") if found is not None else ""


def _path_type(site: Site, node: Node) -> str:
    """Of a variant its enum, of a literal its struct."""
    named = node.child_by_field_name("path" if node.type == "scoped_identifier" else "name")
    text = site.file.text(named) if named is not None else ""
    return text if declared_type(site.context, text) is not None else ""


def _matched_type(site: Site, match: Node) -> str:
    """The enum that the arms name."""
    for pattern in site.file.walk("scoped_identifier", within=match.child_by_field_name("body")):
        around = pattern.parent
        if around is not None and around.type in ("match_pattern", "tuple_struct_pattern", "or_pattern"):
            return _path_type(site, pattern)
    return ""


def local_type(site: Site, name: str, near: Place) -> str:
    """The type of a local, written or told by the literal that it begins with."""
    local = next((one for one in site.context.symbols.locals_at(near) if one.name == name), None)
    if local is None or local.type or local.place.path != site.file.path:
        return local.type if local is not None else ""
    let = site.file.node_of(local.place, "let_declaration")
    value = let.child_by_field_name("value") if let is not None and local.kind == "let" else None
    return known_type(site, value) if value is not None and value.start_byte > local.place.start else ""


def _call_type(site: Site, call: Node) -> str:
    function = call.child_by_field_name("function")
    if function is None:
        return ""
    if function.type == "field_expression":
        value, field = function.child_by_field_name("value"), function.child_by_field_name("field")
        owner = known_type(site, value) if value is not None else ""
        methods = site.context.symbols.methods_of(owner) if owner and field is not None else ()
        name = site.file.text(field) if field is not None else ""
        return next((one.returns for one in methods if one.name == name and one.returns in COPIED), "")
    name = site.file.text(function).rpartition("::")[2]
    for file, item in items(site.context, "function_item", name=name):
        result = item.child_by_field_name("return_type")
        return file.text(result) if result is not None else "()"
    return ""


def _self_type(site: Site) -> str:
    impl = site.up("impl_item")
    subject = impl.child_by_field_name("type") if impl is not None else None
    return site.file.text(subject) if subject is not None else ""


def _field_type(site: Site, node: Node, parent: Node) -> str:
    """Of a value in a struct literal."""
    initial = node if node.type == "shorthand_field_initializer" else parent
    if initial.type not in ("field_initializer", "shorthand_field_initializer"):
        return ""
    field = initial.child_by_field_name("field") or initial
    literal = initial.parent.parent if initial.parent is not None else None
    name = literal.child_by_field_name("name") if literal is not None else None
    if name is None:
        return ""
    written = site.file.text(name)
    owner = _self_type(site) if written == "Self" else written
    found = declared_type(site.context, owner)
    if found is None:
        for file, enum in items(site.context, "enum_item"):
            for variant in file.walk("enum_variant", within=enum):
                if name_of(file, variant) == written.rpartition("::")[2]:
                    return dict(fields(file, variant)).get(site.file.text(field), "")
        return ""
    return dict(fields(*found)).get(site.file.text(field), "")


def _argument_type(site: Site, node: Node, parent: Node) -> str:
    """Of an argument of one of the crate's functions or tuples."""
    call = parent.parent
    function = call.child_by_field_name("function") if call is not None else None
    if parent.type != "arguments" or function is None:
        return ""
    index = [one.id for one in children(parent)].index(node.id)
    method = function.type == "field_expression"
    named = function.child_by_field_name("field") if method else function
    name = site.file.text(named).rpartition("::")[2] if named is not None else ""
    for file, item in items(site.context, "function_item", "function_signature_item", name=name):
        taken = [one for one in parameters(item) if not (method and one.type == "self_parameter")]
        kind = taken[index].child_by_field_name("type") if index < len(taken) else None
        return file.text(kind) if kind is not None else ""
    for file, item in items(site.context, "struct_item", name=name):
        kinds = [kind for _, kind in fields(file, item)]
        return kinds[index] if index < len(kinds) else ""
    return _standard_argument(site, function, name, index)


def _standard_argument(site: Site, function: Node, name: str, index: int) -> str:
    """Of an argument of one of the standard library's methods or functions, where no type parameter is open."""
    symbols = site.context.symbols
    value, path = function.child_by_field_name("value"), function.child_by_field_name("path")
    if value is not None:
        owner = known_type(site, value)
        known = symbols.methods_of(owner) if owner else ()
    else:
        known = symbols.functions_of(site.file.text(path)) if path is not None else ()
    found = next((one for one in known if one.name == name), None)
    taken = [text for text in parameters_in(found.signature) if not text.endswith("self")] if found is not None else []
    kind = taken[index].partition(":")[2].strip() if index < len(taken) else ""
    return "" if re.search(r"\b[A-Z]\b|\bimpl\b|\bSelf\b", kind) else kind


def parameters_in(signature: str) -> list[str]:
    """The parameters in a declaration, as written."""
    start = signature.find("(")
    depth, at = 0, start + 1
    found: list[str] = []
    for index in range(start, len(signature)):
        letter = signature[index]
        depth += (letter in "(<[") - (letter in ")]" or (letter == ">" and signature[index - 1] != "-"))
        if depth == 0 or (depth == 1 and letter == ","):
            found.append(signature[at:index].strip())
            at = index + 1
        if depth == 0:
            break
    return [text for text in found if text]


def _result_type(site: Site, node: Node, parent: Node) -> str:
    """Of what a function gives: its last expression, or what `return` has."""
    function = enclosing_function(node)
    result = function.child_by_field_name("return_type") if function is not None else None
    body = function.child_by_field_name("body") if function is not None else None
    if result is None or body is None:
        return ""
    last = parent.id == body.id and children(body) and children(body)[-1].id == node.id
    return site.file.text(result) if last or parent.type == "return_expression" else ""


def _other_side(site: Site, node: Node, parent: Node) -> str:
    left, right = parent.child_by_field_name("left"), parent.child_by_field_name("right")
    operator = parent.child_by_field_name("operator")
    if left is None or right is None:
        return ""
    if operator is not None and operator.type in ("&&", "||"):
        return "bool"
    other = right if left.id == node.id else left
    told = known_type(site, other)
    if told or parent.type != "binary_expression" or (operator is not None and operator.type in _COMPARISONS):
        return told
    return expected_type(site, site.file.place(parent))


_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")


def callers(site: Site, function: Node) -> list[list[str]]:
    """The arguments, as written, of every call of a function in the crate."""
    name = name_of(site.file, function)
    found = []
    for file, call in calls_of(site.context, name):
        listed = call.child_by_field_name("arguments")
        found.append([file.text(one) for one in children(listed)] if listed is not None else [])
    return found
