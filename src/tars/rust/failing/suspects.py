"""Where a failing test leads to: the functions that it calls, by their names, most suspicious first.

A function counts the more, the more of the failing tests reach it and the fewer of the passing ones (Ochiai, "Zoltar",
ASE 2009), and the nearer it is to the test. Names are all that is looked at: of two that are called alike both count.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.failing.told import Failure
from tars.rust.syntax.acts import name_of, text_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Tested

DEPTH_MAX: Final = 5
SUSPECTS_MAX: Final = 40
_NEARER: Final = 0.75
"""What each call between a test and a function takes from its suspicion."""
_TEST: Final = re.compile(r"#\s*\[\s*(\w+\s*::\s*)*(test|bench|rstest|test_case|case)\b")
_TEST_MODULE: Final = re.compile(r"#\s*\[\s*cfg\s*\(.*\btest\b", re.S)
_UNSEEN: Final[Mapping[str, tuple[str, ...]]] = {
    "to_string": ("fmt",), "format": ("fmt",), "println": ("fmt",), "write": ("fmt",), "parse": ("from_str",),
    "into": ("from",), "collect": ("from_iter", "next"), "sum": ("next",), "map": ("next",), "sort": ("cmp",),
    "max": ("cmp",), "min": ("cmp",), "assert_eq": ("eq",), "assert_ne": ("eq",), "try_into": ("try_from",),
    "for": ("next",), "extend": ("next",), "drop": ("drop",), "+": ("add",), "-": ("sub", "neg"), "*": ("mul",),
    "/": ("div",), "%": ("rem",), "==": ("eq",), "<": ("partial_cmp", "cmp"), "+=": ("add_assign",), "!": ("not",),
}  # fmt: skip
"""Functions that are called without being named."""


class Suspect(Prefab, frozen=True):
    """A function that failing tests lead to, and how suspicious it is, in (0, 1]."""

    file: SourceFile
    node: Node
    score: float


class _Function(Prefab, frozen=True):
    file: SourceFile
    node: Node
    name: str
    is_test: bool
    calls: frozenset[str]


def suspects(files: Mapping[str, SourceFile], failures: Sequence[Failure], tested: Tested) -> tuple[Suspect, ...]:
    """The functions that are not tests and that the failing ones lead to, the most suspicious first; where their names
    lead nowhere, all functions."""
    functions = [one for path in sorted(files) for one in _functions(files[path])]
    by_name: dict[str, list[int]] = {}
    for number, one in enumerate(functions):
        by_name.setdefault(one.name, []).append(number)
    failing = [_reached(functions, by_name, one.name) for one in failures]
    passing = [_reached(functions, by_name, name) for name in tested.passed]
    found = []
    for number, one in enumerate(functions):
        if one.is_test:
            continue
        depths = [reached[number] for reached in failing if number in reached]
        if depths:
            passed = sum(number in reached for reached in passing)
            ochiai = len(depths) / math.sqrt(len(failing) * (len(depths) + passed))
            found.append(Suspect(one.file, one.node, ochiai * _NEARER ** (min(depths) - 1)))
    found = found or [Suspect(one.file, one.node, 0.1) for one in functions if not one.is_test]
    found = [_stopped_in(one, failures) for one in found]
    return tuple(sorted(found, key=lambda one: (-one.score, one.file.path, one.node.start_byte))[:SUSPECTS_MAX])


def _stopped_in(suspect: Suspect, failures: Sequence[Failure]) -> Suspect:
    """Where a test stopped within the function itself, that is the likeliest one."""
    first, last = suspect.node.start_point.row + 1, suspect.node.end_point.row + 1
    stopped = any(one.path == suspect.file.path and first <= one.line <= last for one in failures)
    return Suspect(suspect.file, suspect.node, 1.0 if stopped else _NEARER * suspect.score)


def _reached(functions: Sequence[_Function], by_name: Mapping[str, Sequence[int]], test: str) -> dict[int, int]:
    """The functions that a test leads to, with how many calls are between."""
    last = re.split(r"::| - ", re.sub(r" #\d+$", "", test))[-1].strip()
    own = [number for number in by_name.get(last, ()) if functions[number].is_test or " - " in test]
    reached = {number: 0 if functions[number].is_test else 1 for number in own}
    edge = list(own)
    while edge:
        number = edge.pop(0)
        depth = reached[number] + 1
        if depth > DEPTH_MAX:
            break
        for name in sorted(functions[number].calls):
            for called in by_name.get(name, ()):
                if called not in reached and not _is_foreign(functions[called]):
                    reached[called] = depth
                    edge.append(called)
    return reached


def _is_foreign(function: _Function) -> bool:
    return function.is_test and bool(_TEST.search(_attributes(function.node)))


def _functions(file: SourceFile) -> Iterator[_Function]:
    tests_only = file.path.split("/")[-2:-1] in (["tests"], ["benches"])
    for node in file.walk("function_item"):
        body = node.child_by_field_name("body")
        if body is not None and not node.has_error:
            calls = frozenset(_called(file, body))
            yield _Function(file, node, name_of(node), tests_only or _is_test_code(node), calls)


def _called(file: SourceFile, body: Node) -> Iterator[str]:
    for node in file.walk("identifier", "field_identifier", "for", *_UNSEEN, within=body):
        text = text_of(node)
        yield text
        yield from _UNSEEN.get(text, ())


def _is_test_code(node: Node) -> bool:
    above: Node | None = node
    while above is not None:
        attributes = _attributes(above)
        if _TEST.search(attributes) or (above.type == "mod_item" and _TEST_MODULE.search(attributes)):
            return True
        above = above.parent
    return False


def _attributes(node: Node) -> str:
    texts = []
    before = node.prev_named_sibling
    while before is not None and before.type in ("attribute_item", "line_comment", "block_comment"):
        if before.type == "attribute_item":
            texts.append(text_of(before))
        before = before.prev_named_sibling
    return "\n".join(texts)
