"""Slips that build and do the wrong thing, taken back where tests fail: each with what the Reference says of it."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.failing.told import Failure
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place
from tars.slips import rust

_REFERENCE: Final = "docs:reference/expressions/"
_CITED: Final = {
    "binary_expression": "operator-expr.html#arithmetic-and-logical-binary-operators",
    "compound_assignment_expr": "operator-expr.html#compound-assignment-expressions",
    "range_expression": "range-expr.html", "integer_literal": "literal-expr.html#integer-literal-expressions",
    "boolean_literal": "literal-expr.html#boolean-literal-expressions",
    "string_literal": "literal-expr.html#string-literal-expressions", "if_expression": "if-expr.html",
    "while_expression": "loop-expr.html#predicate-loops", "unary_expression": "operator-expr.html#negation-operators",
    "arguments": "call-expr.html", "identifier": "path-expr.html", "field_identifier": "method-call-expr.html",
    "call_expression": "method-call-expr.html", "break_expression": "loop-expr.html#break-expressions",
    "continue_expression": "loop-expr.html#continue-expressions",
}  # fmt: skip
"""What the Reference says of the kind of node in which a slip is."""


class Slip(Prefab, frozen=True):
    """A change that takes back one slip, how likely it is the one that was made, what it does in words, and where the
    Reference speaks of what is changed."""

    change: Change
    chance: float
    reason: str
    citation: str


def slips_in(file: SourceFile, function: Node, failures: Sequence[Failure] = ()) -> Iterator[Slip]:
    """What may have been slipped in a function, in the order of its text. `failures` tell what was expected."""
    for one in rust.slips_in(function, _wanted(failures)):
        change = Change(Place(file.path, one.start, one.end), one.text)
        yield Slip(change, one.chance, one.reason, _REFERENCE + _CITED[one.kind])


def _wanted(failures: Sequence[Failure]) -> list[str]:
    """The texts that tests expected, without their quotes: which side of an assertion that is nobody says."""
    sides = [side for one in failures for side in (one.left, one.right)]
    return list(dict.fromkeys(text for side in sides for text in re.findall(r'"((?:[^"\\]|\\.)+)"', side)))
