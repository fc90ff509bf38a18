"""How broken a text is: what the syntax tree cannot read, counted, so that candidates for a mend can be ranked."""

from functools import lru_cache

from tree_sitter import Point, Tree

from tars.rust.rules_support.opened import opened, without_macros
from tars.rust.syntax.source import SourceFile, parser
from tars.rust.values import Change

Brokenness = tuple[int, int]
"""Places that cannot be read, and their bytes; `(0, 0)` for a text that reads."""


def weight(broken: Brokenness) -> int:
    """How broken it is, in one number: one place that takes in half of a file is worse than several small ones."""
    return broken[0] + broken[1] // 100


@lru_cache(maxsize=32)
def brokenness(file: SourceFile) -> Brokenness:
    """That of a file; the macros that take expressions are looked into."""
    return _count(opened(file).tree)


@lru_cache(maxsize=4096)
def brokenness_after(file: SourceFile, *changes: Change) -> Brokenness:
    """As `brokenness`, with changes of the file made; where it is one, only what it touches is read again.

    Raises `ValueError` where the changes overlap.
    """
    if len(changes) != 1:
        return brokenness(file.changed(changes))
    change = changes[0]
    start, end = change.place.start, change.place.end
    text = change.text.encode()
    first, last = file.line_start(start), file.line_end(end)
    line = without_macros(file.data[first:start] + text + file.data[end:last])
    plain = _plain(file)
    data = plain[:first] + line + plain[last:]
    old = opened(file).tree.copy()
    old.edit(
        start, end, start + len(text),
        _point(file.data, start), _point(file.data, end), _point(data, start + len(text)),
    )  # fmt: skip
    return _count(parser().parse(data, old))


@lru_cache(maxsize=32)
def _plain(file: SourceFile) -> bytes:
    return without_macros(file.data)


def _count(tree: Tree) -> Brokenness:
    if not tree.root_node.has_error:
        return 0, 0
    places, size = 0, 0
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        if node.is_missing:
            places += 1
        elif node.is_error:
            places, size = places + 1, size + max(node.end_byte - node.start_byte, 1)
        elif node.has_error:
            stack.extend(node.children)
    return places, size


def _point(data: bytes, offset: int) -> Point:
    return Point(data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1))
