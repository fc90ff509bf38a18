"""Declares a variable that is only assigned to, or filled: with `let`, and what it begins with."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.expected import known_type
from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, enclosing_function, patch
from tars.rust.rules_support.types import FLOATS, INTEGERS
from tars.rust.rules_support.unknown import same_missing, unknown_at
from tars.rust.values import Change, Example, Patch, Place

_CHANGES = re.compile(
    r"\s*(?:(?:[-+*/%&|^]|<<|>>)?=(?!=)|\.(?:push|insert|extend|clear|sort|remove|pop|append|retain)\w*\()"
)
_FILLED = {
    "push": "Vec::new()", "push_str": "String::new()", "push_back": "std::collections::VecDeque::new()",
    "push_front": "std::collections::VecDeque::new()", "entry": "std::collections::HashMap::new()",
    "extend": "Vec::new()",
}  # fmt: skip
_LOOPS = ("for_expression", "while_expression", "loop_expression")


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    function = enclosing_function(site.node)
    if missing is None or function is None or missing.is_type or missing.is_call or not missing.here:
        return
    if not re.fullmatch(r"[a-z_]\w*", missing.name):
        return
    places = same_missing(site, missing.name)
    if site.place != places[0]:
        return
    first = site.node_of(places[0])
    statement = first.parent
    if statement is not None and statement.type == "assignment_expression" and _is_left(statement, first):
        changed = any(_changes(site, place) for place in places[1:])
        outer = statement.parent
        if outer is not None and outer.type == "expression_statement":
            word = "let mut " if changed else "let "
            meant = _is_field(site, missing.name) or _is_misspelt(site, missing.name)
            sure = 0.45 if meant else 0.76
            yield patch(
                f"declare `{missing.name}` with `{word.strip()}`", sure, site.file.insert(first.start_byte, word)
            )
    for number, value in enumerate(_beginnings(site, function, places)[:3]):
        change = _declaration(site, function, places, f"let mut {missing.name} = {value};")
        if change is not None:
            yield patch(f"let `{missing.name}` begin as `{value}`", 0.5 - 0.15 * number, change)


def _is_field(site: Site, name: str) -> bool:
    """Whether the type, in whose `impl` this stands, has a field of that name: then `self` is what is missing."""
    impl = site.up("impl_item")
    subject = impl.child_by_field_name("type") if impl is not None else None
    fields = site.context.symbols.fields_of(site.file.text(subject)) if subject is not None else ()
    return name in {field for field, _, _ in fields}


def _is_misspelt(site: Site, name: str) -> bool:
    """Whether a variable that is in scope is called nearly so."""
    return bool(nearest(name, [one.name for one in site.context.symbols.locals_at(site.place) if one.kind == "let"]))


def _is_left(statement: Node, node: Node) -> bool:
    left = statement.child_by_field_name("left")
    return left is not None and left.start_byte == node.start_byte and left.end_byte == node.end_byte


def _changes(site: Site, place: Place) -> bool:
    """Whether the name at the place is assigned to or changed by a method."""
    rest = site.file.data[place.end : place.end + 80].decode("utf-8", "replace")
    before = site.file.data[max(0, place.start - 5) : place.start]
    return _CHANGES.match(rest) is not None or before.endswith(b"&mut ")


def _beginnings(site: Site, function: Node, places: list[Place]) -> list[str]:
    """Values that the variable may begin with, by how it is used."""
    found: list[str] = []
    for place in places:
        node = site.node_of(place)
        parent = node.parent
        if parent is None:
            continue
        if parent.type == "compound_assignment_expr" and _is_left(parent, node):
            right, operator = parent.child_by_field_name("right"), parent.child_by_field_name("operator")
            kind = known_type(site, right) if right is not None else ""
            kind = kind.lstrip("&") or str(return_type(site.file, function) or "")
            one = "1" if operator is not None and operator.type == "*=" else "0"
            if kind in FLOATS:
                found.append(f"{one}.0")
            elif kind in ("String", "str"):
                found.append("String::new()")
            else:
                found += [one] if kind in INTEGERS else [one, f"{one}.0"]
        elif parent.type == "field_expression" and (field := parent.child_by_field_name("field")) is not None:
            found += _filled(site, parent, site.file.text(field))
        elif parent.type == "binary_expression" and any(_changes(site, one) for one in places):
            found.append("0")
    scope = set(site.context.symbols.names_in("self", site.place))
    short = [one.removeprefix("std::collections::") for one in found]
    named = [text if text.partition("::")[0] in scope else one for one, text in zip(found, short, strict=True)]
    return list(dict.fromkeys(named))


def _filled(site: Site, access: Node, method: str) -> list[str]:
    call = access.parent
    listed = call.child_by_field_name("arguments") if call is not None else None
    given = children(listed) if listed is not None else []
    if method == "push" and len(given) == 1 and given[0].type == "char_literal":
        return ["String::new()", "Vec::new()"]
    if method == "insert" and given:
        kind = "HashMap" if len(given) == 2 else "HashSet"
        return [f"std::collections::{kind}::new()"]
    return [_FILLED[method]] if method in _FILLED else []


def _declaration(site: Site, function: Node, places: list[Place], text: str) -> Change | None:
    """A line before the outermost loop that uses the variable, or before its first use."""
    body = function.child_by_field_name("body")
    node: Node | None = site.file.node_at(places[0])
    if body is None or node is None:
        return None
    last = places[-1]
    chosen: Node | None = None
    for one in ancestors(node):
        parent = one.parent
        covers = one.start_byte <= places[0].start and last.end <= one.end_byte
        if parent is not None and parent.type == "block":
            chosen = one
            inner = one.children[0] if one.type == "expression_statement" and one.children else one
            if parent.id == body.id or (covers and inner.type not in _LOOPS and not _in_loop(one, body)):
                break
    if chosen is None:
        return None
    return site.file.insert(chosen.start_byte, f"{text}\n{site.file.indent(chosen.start_byte)}")


def _in_loop(node: Node, body: Node) -> bool:
    return any(one.type in _LOOPS for one in ancestors(node) if one.start_byte > body.start_byte)


PLUGIN = Mend(
    codes=("E0425",),
    title="declare the variable that is assigned to",
    cites=("docs:error_codes/E0425.html", "docs:book/ch03-01-variables-and-mutability.html"),
    examples=(
        Example(
            """
pub fn five() -> i32 {
    x = 4;
    x += 1;
    x
}
""",
            """
pub fn five() -> i32 {
    let mut x = 4;
    x += 1;
    x
}
""",
        ),
        Example(
            """
pub fn sum(numbers: &[i32]) -> i32 {
    for number in numbers {
        total += number;
    }
    total
}
""",
            """
pub fn sum(numbers: &[i32]) -> i32 {
    let mut total = 0;
    for number in numbers {
        total += number;
    }
    total
}
""",
        ),
        Example(
            """
pub fn doubled(numbers: &[i32]) -> Vec<i32> {
    for number in numbers {
        all.push(number * 2);
    }
    all
}
""",
            """
pub fn doubled(numbers: &[i32]) -> Vec<i32> {
    let mut all = Vec::new();
    for number in numbers {
        all.push(number * 2);
    }
    all
}
""",
        ),
    ),
    patches=_patches,
)
