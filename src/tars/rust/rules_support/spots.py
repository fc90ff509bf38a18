"""The expressions that an error may come from: what is pointed at, its parts, and what their names were bound to."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Site, ancestors, children
from tars.rust.rules_support.statements import declaration, parameter_of

_SPOTS_MAX = 9
_PARTS = ("left", "right", "value", "argument", "function", "condition", "body")
_NAMES = ("identifier", "self")
_PATTERNS = ("match_arm", "let_condition", "let_declaration", "parameter", "closure_parameters", "for_expression")


def spots(site: Site) -> list[Node]:
    """The likeliest first, each once; only of the file that the diagnostic points into."""
    found: dict[int, Node] = {}
    for node in _spots(site):
        found.setdefault(node.id, node)
        if len(found) == _SPOTS_MAX:
            break
    return list(found.values())


def is_expression(node: Node) -> bool:
    """Whether a node is a value by itself, and neither a name that is bound nor a part of a path."""
    if node.type.endswith("_expression") or node.type.endswith("_literal") or node.type == "macro_invocation":
        return node.type not in ("else_clause", "closure_expression", "return_expression", "break_expression")
    parent = node.parent
    if node.type == "scoped_identifier":
        return parent is not None and parent.type not in ("use_declaration", "scoped_identifier", "call_expression")
    if node.type not in _NAMES or parent is None:
        return False
    if parent.type in (
        "scoped_identifier",
        "closure_parameters",
        "self_parameter",
        "scoped_use_list",
        "macro_invocation",
    ):
        return False
    taken = (parent.child_by_field_name(field) for field in ("pattern", "name", "macro", "label"))
    return "pattern" not in parent.type and all(one is None or one.id != node.id for one in taken)


def _spots(site: Site) -> Iterator[Node]:
    here = site.node
    seeds = [here, *(site.node_of(one.place) for one in site.labels() if one.place.path == site.file.path)]
    statement = site.file.statement(site.place)
    near = [one for one in seeds if statement is None or statement.start_byte <= one.start_byte < statement.end_byte]
    for node in near or [here]:
        yield from _of(site, node)
    for node in near or [here]:
        for name in _names(_holding(node) or (node if node.is_named else node.parent or node)):
            yield from _bound_to(site, name)
    for node in ancestors(here):
        if node.type == "block" or not is_expression(node):
            break
        yield node


def _of(site: Site, node: Node) -> Iterator[Node]:
    if not is_expression(node):
        around = next((one for one in (node, *ancestors(node)) if one.type in _PATTERNS), None)
        match = next((one for one in ancestors(node) if one.type == "match_expression"), None)
        holder = match if around is not None and around.type == "match_arm" else around
        value = holder.child_by_field_name("value") if holder is not None else None
        holds = _holding(node)
        if holds is not None:
            yield from _parts(holds)
        elif value is not None:
            yield value
            yield from _parts(value)
    else:
        yield node
        yield from _parts(node)


def _holding(node: Node) -> Node | None:
    """The expression that a mark, the name of a field, or a part of a path belongs to."""
    while node.parent is not None and node.parent.type in ("scoped_identifier", "generic_function"):
        node = node.parent
    parent = node.parent
    if parent is None or parent.type not in ("binary_expression", "field_expression", "call_expression"):
        return parent if parent is not None and not node.is_named and is_expression(parent) else None
    return parent


def _parts(node: Node) -> Iterator[Node]:
    """The operands, the receiver and the arguments of an expression."""
    inner = [part for field in _PARTS if (part := node.child_by_field_name(field)) is not None]
    inner += [one for one in children(node) if node.type in ("unary_expression", "reference_expression")]
    arguments = node.child_by_field_name("arguments")
    inner += children(arguments) if arguments is not None else []
    for part in inner:
        if part.type == "field_expression" and node.type == "call_expression":
            value = part.child_by_field_name("value")
            if value is not None:
                yield value
                yield from (one for one in _parts(value) if value.type != "field_expression")
        elif is_expression(part) and part.type != "match_expression":
            yield part


def _names(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        one = stack.pop()
        if one.type == "identifier" and is_expression(one):
            yield one
        stack.extend(reversed(one.children if one.type != "block" else []))


def _bound_to(site: Site, name: Node) -> Iterator[Node]:
    """What a name was bound to: in a `let`, a loop, or a condition."""
    text = site.file.text(name)
    let = declaration(site.file, text, site.file.place(name))
    value = let.child_by_field_name("value") if let is not None else None
    if value is not None:
        yield value
        yield from _parts(value) if value.type == "call_expression" else ()
        return
    for around in ancestors(name):
        if around.type in ("for_expression", "let_condition", "match_expression"):
            pattern, value = around.child_by_field_name("pattern"), around.child_by_field_name("value")
            if value is not None and pattern is not None and text in site.file.text(pattern):
                yield value
                return
        if around.type == "function_item":
            return


def parameter_type(site: Site, name: Node) -> Node | None:
    """The written type of the parameter that a name means."""
    found = parameter_of(site.file, site.file.text(name), name)
    return found.child_by_field_name("type") if found is not None and found.type == "parameter" else None


def names_at(site: Site) -> list[Node]:
    """The variables that the diagnostic's own place mentions."""
    return list(_names(site.node))
