"""What parts of Rust files do, counted on their syntax trees: so that a mend cannot do less than what it mends.

Comments and layout do not count, nor where something stands; what is written into the definition of a macro, a string
or a comment does not count as done.
"""

import re
from collections import Counter

from ducktools.classbuilder.prefab import Prefab, attribute
from tree_sitter import Node

COMMENTS = frozenset({"line_comment", "block_comment"})
_LITERALS = frozenset(
    {"string_literal", "raw_string_literal", "char_literal", "integer_literal", "float_literal", "boolean_literal"}
)
_CONTROL = frozenset({"if_expression", "match_expression", "while_expression", "for_expression", "loop_expression"})
_STORES = frozenset({"let_declaration", "assignment_expression", "compound_assignment_expr"})
_ITEMS = frozenset({"struct_item", "enum_item", "union_item", "trait_item", "function_signature_item"})
_MEMBERS = frozenset({"field_declaration", "enum_variant"})
_ATTRIBUTES = frozenset({"attribute_item", "inner_attribute_item"})
_SKIPPED = COMMENTS | {"use_declaration", "extern_crate_declaration", "macro_definition"}
_OPERATORS = frozenset({"+", "-", "%", "==", "!=", "<=", ">=", "&&", "||"})
_LOOPS = frozenset({"while_expression", "for_expression", "loop_expression"})
ASSERTION = re.compile(r"(debug_|prop_)?assert(_\w+)?")


class Acts(Prefab):
    """Counts of what some parts of files do."""

    acts: Counter[tuple[str, str]] = attribute(default_factory=Counter)
    """`call`, `store`, `control`, `arm`, `operator`, `item`, `closure`, `statement`, `break`, with their names."""
    names: Counter[str] = attribute(default_factory=Counter)
    """Names used as values."""
    literals: Counter[str] = attribute(default_factory=Counter)
    attributes: Counter[str] = attribute(default_factory=Counter)
    """Their texts, without blanks."""
    tests: int = 0
    checks: Counter[tuple[str, str]] = attribute(default_factory=Counter)
    """Macros, literals and comparisons of assertions."""
    examples: Counter[str] = attribute(default_factory=Counter)
    """Lines of code in documentation, which run as tests."""
    loose: set[str] = attribute(default_factory=set)
    """Private functions outside of traits and implementations."""
    arguments: int = 0
    """What is handed over in calls."""
    dummies: int = 0
    """Functions whose whole body is a default value."""
    idle: int = 0
    """Conditions that are a literal, loops without a body, closures and futures that are given to nobody."""
    broken: bool = False
    """Whether something of it could not be read as Rust, so that counts of its acts mean little."""


def read_acts(top: Node, acts: Acts) -> None:
    """Adds what a node does, and all within it."""
    stack = [top]
    while stack:
        node = stack.pop()
        kind = node.type
        if kind in COMMENTS:
            _read_documentation(node, acts)
        if kind in _ATTRIBUTES:
            acts.attributes[re.sub(r"\s+", "", text_of(node))] += 1
        elif kind == "token_tree":
            _read_tokens(node, acts, checked=False)
        elif kind == "macro_invocation":
            _read_macro(node, acts)
        elif kind not in _SKIPPED:
            _count(node, kind, acts)
            stack.extend(_told_once(node) if kind == "arguments" else node.children)


def _told_once(arguments: Node) -> list[Node]:
    """The arguments, those left out that say an earlier one again: the call does no less without them."""
    told: set[str] = set()
    kept: list[Node] = []
    for one in arguments.children:
        text = text_of(one)
        if not one.type.endswith(("_expression", "_block")) or text not in told:
            kept.append(one)
        told.add(text)
    return kept


def _count(node: Node, kind: str, acts: Acts) -> None:
    if kind == "identifier" or kind == "self":
        if _is_value(node):
            acts.names[text_of(node)] += 1
    elif kind in _LITERALS:
        acts.literals[text_of(node)] += 1
    elif kind == "call_expression":
        acts.acts[("call", _called(node))] += 1
        arguments = node.child_by_field_name("arguments")
        acts.arguments += len([one for one in arguments.named_children if one.type not in COMMENTS]) if arguments else 0
    elif _is_misread(node):
        acts.acts[("operator", "!=")] += 1
    elif kind in _STORES:
        acts.acts[("store", "")] += 1
    elif kind in _CONTROL:
        acts.acts[("control", kind)] += 1
        acts.idle += _is_idle(node)
    elif kind == "match_arm":
        acts.acts[("arm", "")] += 1
    elif kind == "match_pattern" and node.child_by_field_name("condition") is not None:
        acts.acts[("control", "guard")] += 1
    elif kind == "binary_expression":
        acts.acts[("operator", text_of(node.child_by_field_name("operator")))] += 1
    elif kind == "unary_expression" and node.children[0].type in "!-" and not _is_misread(node.parent):
        acts.acts[("operator", "not")] += 1
    elif kind in ("closure_expression", "async_block"):
        acts.acts[("closure", "")] += 1
        acts.idle += node.parent is not None and node.parent.type == "let_declaration" and _bound(node) == "_"
    elif kind == "block":
        acts.acts[("statement", "")] += sum(
            child.is_named and child.type not in _SKIPPED and not child.type.endswith(("_item", "empty_statement"))
            for child in node.children
        )
    elif kind == "break_expression" or kind == "continue_expression":
        acts.acts[("break", "")] += _in_loop(node)
    elif kind == "function_item":
        _count_function(node, acts)
    elif kind in _ITEMS:
        acts.acts[("item", kind)] += 1
    elif kind in _MEMBERS:
        owner = node.parent.parent if node.parent else None
        acts.acts[("item", f"{name_of(owner)}.{name_of(node)}" if owner else name_of(node))] = 1


def _is_misread(node: Node | None) -> bool:
    """Whether it is `one =! two`, which is read as the assignment of `!two` and means `one != two`."""
    right = node.child_by_field_name("right") if node is not None and node.type == "assignment_expression" else None
    if node is None or right is None or right.type != "unary_expression" or right.children[0].type != "!":
        return False
    operator = next(child for child in node.children if child.type == "=")
    return operator.end_byte == right.start_byte


def _count_function(node: Node, acts: Acts) -> None:
    body = node.child_by_field_name("body")
    inner = [child for child in body.named_children if child.type not in COMMENTS] if body else []
    if inner:
        acts.acts[("item", "function")] += 1
    if len(inner) == 1 and inner[0].type == "call_expression" and _called(inner[0]) == "default":
        acts.dummies += 1


def _read_macro(node: Node, acts: Acts) -> None:
    name = text_of(node.child_by_field_name("macro")).rpartition("::")[2]
    is_check = ASSERTION.fullmatch(name) is not None
    acts.acts[("call", f"{name}!")] += 1
    if is_check:
        acts.checks[("macro", name)] += 1
    for child in node.children:
        if child.type == "token_tree":
            _read_tokens(child, acts, checked=is_check)


def _read_tokens(tree: Node, acts: Acts, *, checked: bool) -> None:
    """What the arguments of a macro do: their tokens are all that is known of them."""
    children = tree.children
    for index, child in enumerate(children):
        after = children[index + 1] if index + 1 < len(children) else None
        if child.type == "token_tree":
            _read_tokens(child, acts, checked=checked)
        elif child.type in COMMENTS:
            # What a mend closes may have been read as standing outside of the macro before.
            _read_documentation(child, acts)
        elif child.type in ("identifier", "self"):
            name = text_of(child)
            if after is not None and after.type == "token_tree" and text_of(after).startswith("("):
                acts.acts[("call", name)] += 1
            elif after is not None and after.type == "!":
                acts.acts[("call", f"{name}!")] += 1
                if ASSERTION.fullmatch(name):
                    acts.checks[("macro", name)] += 1
            else:
                acts.names[name] += 1
        elif child.type in _LITERALS:
            acts.literals[text_of(child)] += 1
            if checked:
                acts.checks[("literal", _plain(text_of(child)))] += 1
        elif child.type in _OPERATORS:
            acts.acts[("operator", child.type)] += 1
            if checked and child.type not in ("-", "+"):
                acts.checks[("operator", child.type)] += 1


def _read_documentation(node: Node, acts: Acts) -> None:
    text = text_of(node)
    if text.startswith(("///", "//!")) and (line := text[3:].strip()):
        acts.examples[line] += 1
    elif text.startswith(("/**", "/*!")):
        acts.examples.update(line.strip(" *") for line in text[3:-2].splitlines() if line.strip(" *"))


def _plain(literal: str) -> str:
    """A literal without what only its type asks for: `1_000u64`, `1000.0` and `"1000"` are one."""
    text = literal.strip("b").strip('"').removesuffix(".0").replace("_", "")
    return re.sub(r"(?<=\d)(\.0)?[iuf](8|16|32|64|128|size)$", "", text)


def _is_value(node: Node) -> bool:
    """Whether a name stands for a value, not for what is bound, called or a path's part."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type in ("let_declaration", "parameter", "for_expression", "closure_parameters", "field_initializer"):
        value = parent.child_by_field_name("value")
        return value is not None and value.id == node.id
    if parent.type in ("binary_expression", "arguments", "block", "field_expression", "return_expression"):
        return True
    return parent.type.endswith(("_expression", "_statement", "_expr")) and parent.type != "call_expression"


def _is_idle(node: Node) -> bool:
    condition = node.child_by_field_name("condition")
    if condition is not None:
        return any(one.type == "boolean_literal" for one in (condition, *condition.children))
    body = node.child_by_field_name("body")
    return node.type == "loop_expression" and body is not None and not body.named_children


def _in_loop(node: Node) -> bool:
    above = node.parent
    while above is not None and above.type not in ("function_item", "closure_expression"):
        if above.type in _LOOPS:
            return True
        above = above.parent
    return False


def _called(node: Node) -> str:
    """The name of what a call calls: `new` of `Box::<u8>::new(1)`, `len` of `x.len()`."""
    function = node.child_by_field_name("function")
    while function is not None:
        inner = function.child_by_field_name("function" if function.type == "generic_function" else "name")
        inner = inner or function.child_by_field_name("field")
        if inner is None:
            return text_of(function)
        function = inner
    return ""


def _bound(node: Node) -> str:
    return text_of(node.parent.child_by_field_name("pattern")) if node.parent else ""


def name_of(node: Node | None) -> str:
    """The name that an item has; empty for none."""
    return text_of(node.child_by_field_name("name")) if node is not None else ""


def text_of(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
