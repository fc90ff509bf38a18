"""What Rust files do, counted on their syntax trees: so that a mend cannot do less than what it mends.

Comments and layout do not count, nor where something stands; what is written into the definition of a macro, a string
or a comment does not count as done.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from tree_sitter import Node

from tars.rust.source import SourceFile
from tars.rust.values import Place

COMMENTS = frozenset({"line_comment", "block_comment"})
_LITERALS = frozenset(
    {"string_literal", "raw_string_literal", "char_literal", "integer_literal", "float_literal", "boolean_literal"}
)
_CONTROL = frozenset({"if_expression", "match_expression", "while_expression", "for_expression", "loop_expression"})
_STORES = frozenset({"let_declaration", "assignment_expression", "compound_assignment_expr"})
_CONTAINERS = frozenset({"mod_item", "impl_item", "trait_item"})
_ITEMS = frozenset({"struct_item", "enum_item", "union_item", "trait_item", "function_signature_item"})
_MEMBERS = frozenset({"field_declaration", "enum_variant"})
_ATTRIBUTES = frozenset({"attribute_item", "inner_attribute_item"})
_SKIPPED = COMMENTS | {"use_declaration", "extern_crate_declaration", "macro_definition"}
_OPERATORS = frozenset({"+", "-", "%", "==", "!=", "<=", ">=", "&&", "||"})
_LOOPS = frozenset({"while_expression", "for_expression", "loop_expression"})
ASSERTION = re.compile(r"(debug_|prop_)?assert(_\w+)?")
_TEST = re.compile(r"#\s*\[\s*(\w+\s*::\s*)*(test|rstest|test_case|quickcheck|proptest|bench)\b")

_FOR_TESTS = re.compile(rf"{_TEST.pattern}|#\s*\[\s*cfg\s*\(\s*test\b")


@dataclass(slots=True)
class Acts:
    """Counts of what some parts of files do."""

    acts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """`call`, `store`, `control`, `arm`, `operator`, `item`, `closure`, `statement`, `break`, with their names."""
    names: Counter[str] = field(default_factory=Counter)
    """Names used as values."""
    literals: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    """Their texts, without blanks."""
    tests: int = 0
    checks: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Macros, literals and comparisons of assertions."""
    examples: Counter[str] = field(default_factory=Counter)
    """Lines of code in documentation, which run as tests."""
    loose: set[str] = field(default_factory=set)
    """Private functions outside of traits and implementations."""
    arguments: int = 0
    """What is handed over in calls."""
    dummies: int = 0
    """Functions whose whole body is a default value."""
    idle: int = 0
    """Conditions that are a literal, loops without a body, closures and futures that are given to nobody."""
    broken: bool = False
    """Whether something of it could not be read as Rust, so that counts of its acts mean little."""


def compared(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[Acts, Acts]:
    """What is done by the parts that only one of the two has. Equal parts count once, so that a duplicate can go; so do
    members of one name in the implementation of a trait, which has a place for only one of them."""
    paths = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    old = {key: unit for path in sorted(paths) for key, unit in _units_of(before.get(path, b""))}
    new = {key: unit for path in sorted(paths) for key, unit in _units_of(after.get(path, b""))}
    members = Counter(unit.member for unit in old.values())
    kept = {unit.member for unit in new.values()}
    lost = [unit for key, unit in old.items() if key not in new]
    lost = [unit for unit in lost if not unit.member or members[unit.member] < 2 or unit.member not in kept]
    return _acts(lost), _acts([unit for key, unit in new.items() if key not in old])


def is_test_code(file: SourceFile, place: Place) -> bool:
    """Whether a place belongs to tests: a file in `tests` or `benches`, a test function, a module for tests."""
    if {"tests", "benches"} & set(file.path.split("/")[:-1]):
        return True
    node: Node | None = file.node_at(place)
    while node is not None:
        above = node.prev_named_sibling
        while above is not None and above.type in COMMENTS | {"attribute_item"}:
            if node.type in ("function_item", "mod_item") and _FOR_TESTS.match(_text(above)):
                return True
            above = above.prev_named_sibling
        node = node.parent
    return False


@dataclass(frozen=True, slots=True)
class _Unit:
    """An item with what stands above it; of a container only its head."""

    above: tuple[Node, ...]
    node: Node
    head: bool = False
    inside: bool = False
    """Whether it stands in an implementation or a trait."""
    member: tuple[bytes, str, str] | None = None
    """Of a member of a trait's implementation: that implementation, its kind and its name."""


@lru_cache(maxsize=64)
def _units_of(data: bytes) -> tuple[tuple[bytes, _Unit], ...]:
    return tuple(_units(SourceFile("", data).root, b"", inside=False))


def _units(container: Node, context: bytes, *, inside: bool) -> Iterator[tuple[bytes, _Unit]]:
    above: list[Node] = []
    around = container.parent
    of_trait = around is not None and around.type == "impl_item" and around.child_by_field_name("trait") is not None
    for child in container.children:
        if child.type in COMMENTS or child.type == "attribute_item":
            above.append(child)
            continue
        key = context + b"\n".join([*(one.text or b"" for one in above), child.text or b""])
        body = child.child_by_field_name("body") if child.type in _CONTAINERS else None
        if body is None or body.has_error:
            member = (context, child.type, _name(child)) if of_trait and _name(child) else None
            yield key, _Unit(tuple(above), child, inside=inside, member=member)
        else:
            head = key[: len(key) - (child.end_byte - body.start_byte)]
            yield head, _Unit(tuple(above), child, head=True)
            yield from _units(body, head, inside=child.type != "mod_item")
        above = []
    if above:
        yield context + b"\n".join(one.text or b"" for one in above), _Unit(tuple(above[:-1]), above[-1])


def _acts(units: list[_Unit]) -> Acts:
    acts = Acts()
    for unit in units:
        for one in unit.above:
            _read(one, acts)
        acts.broken |= unit.node.has_error and not unit.head
        acts.tests += _is_test(unit)
        if unit.node.type == "function_item" and not unit.inside and not _is_test(unit):
            public = any(child.type == "visibility_modifier" for child in unit.node.children)
            acts.loose |= set() if public else {_name(unit.node)}
        if unit.head:
            acts.acts[("item", unit.node.type)] += unit.node.type == "trait_item"
        else:
            _read(unit.node, acts)
    return acts


def _is_test(unit: _Unit) -> bool:
    return unit.node.type == "function_item" and any(_TEST.match(_text(one)) for one in unit.above)


def _read(top: Node, acts: Acts) -> None:
    stack = [top]
    while stack:
        node = stack.pop()
        kind = node.type
        if kind in COMMENTS:
            _read_documentation(node, acts)
        if kind in _ATTRIBUTES:
            acts.attributes[re.sub(r"\s+", "", _text(node))] += 1
        elif kind == "token_tree":
            _read_tokens(node, acts, checked=False)
        elif kind == "macro_invocation":
            _read_macro(node, acts)
        elif kind not in _SKIPPED:
            _count(node, kind, acts)
            stack.extend(node.children)


def _count(node: Node, kind: str, acts: Acts) -> None:
    if kind == "identifier" or kind == "self":
        if _is_value(node):
            acts.names[_text(node)] += 1
    elif kind in _LITERALS:
        acts.literals[_text(node)] += 1
    elif kind == "call_expression":
        acts.acts[("call", _called(node))] += 1
        arguments = node.child_by_field_name("arguments")
        acts.arguments += len([one for one in arguments.named_children if one.type not in COMMENTS]) if arguments else 0
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
        acts.acts[("operator", _text(node.child_by_field_name("operator")))] += 1
    elif kind == "unary_expression" and node.children[0].type in "!-":
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
        acts.acts[("item", f"{_name(owner)}.{_name(node)}" if owner else _name(node))] = 1


def _count_function(node: Node, acts: Acts) -> None:
    body = node.child_by_field_name("body")
    inner = [child for child in body.named_children if child.type not in COMMENTS] if body else []
    if inner:
        acts.acts[("item", "function")] += 1
    if len(inner) == 1 and inner[0].type == "call_expression" and _called(inner[0]) == "default":
        acts.dummies += 1


def _read_macro(node: Node, acts: Acts) -> None:
    name = _text(node.child_by_field_name("macro")).rpartition("::")[2]
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
        elif child.type in ("identifier", "self"):
            name = _text(child)
            if after is not None and after.type == "token_tree" and _text(after).startswith("("):
                acts.acts[("call", name)] += 1
            elif after is not None and after.type == "!":
                acts.acts[("call", f"{name}!")] += 1
                if ASSERTION.fullmatch(name):
                    acts.checks[("macro", name)] += 1
            else:
                acts.names[name] += 1
        elif child.type in _LITERALS:
            acts.literals[_text(child)] += 1
            if checked:
                acts.checks[("literal", _plain(_text(child)))] += 1
        elif child.type in _OPERATORS:
            acts.acts[("operator", child.type)] += 1
            if checked and child.type not in ("-", "+"):
                acts.checks[("operator", child.type)] += 1


def _read_documentation(node: Node, acts: Acts) -> None:
    text = _text(node)
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
            return _text(function)
        function = inner
    return ""


def _bound(node: Node) -> str:
    return _text(node.parent.child_by_field_name("pattern")) if node.parent else ""


def _name(node: Node | None) -> str:
    return _text(node.child_by_field_name("name")) if node is not None else ""


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
