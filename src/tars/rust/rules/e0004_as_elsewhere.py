"""Gives in the arm that a `match` misses what other matches here give for everything else."""

import re
from collections import Counter
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, return_type
from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.patterns import add_arm, arms, pattern_of, value_of
from tars.rust.rules_support.scope import locals_before
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch

_LEAVES = re.compile(r"(return|continue|break)\b")
_OFFERED_MAX = 2


def _patches(site: Site) -> Iterator[Patch]:
    match = site.up("match_expression")
    function = enclosing_function(match) if match is not None else None
    if match is None or function is None:
        return
    bound = {one.name for one in locals_before(site.file, match)}
    found: Counter[str] = Counter()
    for file, other in _others(site, function, match):
        for arm in arms(other):
            value, known = value_of(file, arm), {one.name for one in locals_before(file, arm)}
            fits = pattern_of(file, arm) == "_" and _may_stand(match, other, function, value)
            if fits and not (known - bound) & set(re.findall(r"\w+", value)):
                found[value] += 3 if enclosing_function(other) == function else 1
    for number, (value, _) in enumerate(found.most_common(_OFFERED_MAX)):
        change = add_arm(site.file, match, "_", value)
        if change is not None:
            yield patch("match everything else as other matches do", 0.4 - 0.1 * number, change)


def _others(site: Site, function: Node, match: Node) -> Iterator[tuple[SourceFile, Node]]:
    """The other matches of functions that return the same."""
    returned = return_type(site.file, function)
    for file, one in items(site.context, "function_item"):
        if return_type(file, one) == returned:
            for other in file.walk("match_expression", within=one):
                if other != match and enclosing_function(other) == one:
                    yield file, other


def _may_stand(match: Node, other: Node, function: Node, value: str) -> bool:
    """Whether the value of an arm there is one for an arm here: it leaves, or both matches are what is returned."""
    leaves = _LEAVES.match(value)
    if leaves is None:
        holder = enclosing_function(other)
        return _is_result(match, function) and holder is not None and _is_result(other, holder)
    around = {one.type for one in ancestors(match)} if leaves[1] != "return" else {"loop_expression"}
    return bool(around & {"loop_expression", "while_expression", "for_expression"})


def _is_result(match: Node, function: Node) -> bool:
    """Whether a match is the last thing in its function."""
    node = match.parent if match.parent is not None and match.parent.type == "expression_statement" else match
    body = function.child_by_field_name("body")
    return node is not None and node.parent == body and node.next_named_sibling is None


PLUGIN = Mend(
    codes=("E0004",),
    title="match everything else as other matches do",
    cites=("docs:error_codes/E0004.html", "docs:book/ch06-03-if-let.html", "docs:reference/patterns.html"),
    examples=(
        Example(
            """
pub fn month(name: &[u8]) -> Result<u8, ()> {
    let number = match name {
        b"Jan" => 1,
        b"Feb" => 2,
    };
    Ok(number)
}
pub fn day(name: &[u8]) -> Result<u8, ()> {
    let number = match name {
        b"Mon" => 1,
        b"Tue" => 2,
        _ => return Err(()),
    };
    Ok(number)
}
""",
            """
pub fn month(name: &[u8]) -> Result<u8, ()> {
    let number = match name {
        b"Jan" => 1,
        b"Feb" => 2,
        _ => return Err(()),
    };
    Ok(number)
}
pub fn day(name: &[u8]) -> Result<u8, ()> {
    let number = match name {
        b"Mon" => 1,
        b"Tue" => 2,
        _ => return Err(()),
    };
    Ok(number)
}
""",
        ),
        Example(
            """
pub fn sign(letter: char) -> Option<i8> {
    match letter {
        '+' => Some(1),
        '-' => Some(-1),
        _ => None,
    }
}
pub fn digit(letter: char) -> Option<i8> {
    match letter {
        '0' => Some(0),
        '1' => { Some(1) }
    }
}
""",
            """
pub fn sign(letter: char) -> Option<i8> {
    match letter {
        '+' => Some(1),
        '-' => Some(-1),
        _ => None,
    }
}
pub fn digit(letter: char) -> Option<i8> {
    match letter {
        '0' => Some(0),
        '1' => { Some(1) }
        _ => None,
    }
}
""",
        ),
    ),
    patches=_patches,
)
