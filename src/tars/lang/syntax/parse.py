"""Parses a metascript: HCL native syntax into the tree of `tree.py`, with every error found on the way."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tars.core.values import Diagnostic
from tars.lang.syntax.bodies import body
from tars.lang.syntax.expressions import expression
from tars.lang.syntax.faults import FaultError, Source, describe
from tars.lang.syntax.templates import raw_template
from tars.lang.syntax.tokens import END, SCAN_WIDE
from tars.lang.syntax.tree import Body, Damage, Expression, File

CHARACTERS_MAX: Final = 32 * 1024 * 1024
"""A larger file is refused unread: 100,000 blocks take half of it."""


def parse(text: str, path: str = "<text>") -> File:
    """The whole file. Never fails: errors are in `diagnostics`, and what is around them is still in the tree."""
    return parse_balanced(text, path)[0]


def parse_balanced(text: str, path: str = "<text>") -> tuple[File, bool]:
    """As `parse`, and whether the file's braces balance; where they do not, it was read by its indentation too."""
    source = Source(text, path)
    if refusal := _unreadable(text):
        source.report(refusal)
        return File(path, text, Body(0, len(text), ()), tuple(source.diagnostics)), False
    with _without_collection():
        items = body(source)
    diagnostics = sorted(source.diagnostics, key=lambda found: found.span.start if found.span else 0)
    return File(path, text, Body(0, len(text), items), tuple(diagnostics)), source.balanced


def parse_expression(text: str, path: str = "<text>") -> tuple[Expression, tuple[Diagnostic, ...]]:
    """One expression that takes up the whole text; `Damage` with diagnostics where it is none."""
    source = Source(text, path)
    node: Expression = Damage(0, len(text))
    try:
        if refusal := _unreadable(text):
            raise refusal
        found = expression(source, 0, SCAN_WIDE, 0)
        rest = SCAN_WIDE(text, found[1])
        assert rest is not None
        if rest.lastindex != END:
            start, end = rest.span(rest.lastindex or 0)
            message = f"expected the end of the expression, found {describe(text, start, end)}"
            raise FaultError("T0012", message, start, end, "remove it, or join it with an operator")
        node = found
    except FaultError as fault:
        source.report(fault)
    return node, tuple(source.diagnostics)


def parse_template(text: str, path: str = "<text>") -> tuple[Expression, tuple[Diagnostic, ...]]:
    """The inside of a string: `Literal` when it holds no template sequence, else `Template`. `\\` is plain text, and so
    is every control character."""
    source = Source(text, path)
    node: Expression = Damage(0, len(text))
    try:
        if refusal := _too_large(text):
            raise refusal
        node = raw_template(source, 0, expression)
    except FaultError as fault:
        source.report(fault)
    return node, tuple(source.diagnostics)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keeps the garbage collector from looking for cycles in the growing tree, which has none: that would take as long
    as parsing. Afterwards the new tuples count as old, for the same reason, unless somebody else has frozen objects."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        gc.enable()


def _unreadable(text: str) -> FaultError | None:
    """The reason why the text is not worth reading at all."""
    if refusal := _too_large(text):
        return refusal
    binary = text.find("\0", 0, 8192)
    if binary != -1:
        return FaultError(
            "T0023", "this is a binary file", binary, binary + 1, "name a metascript, which is text in UTF-8"
        )
    return None


def _too_large(text: str) -> FaultError | None:
    if len(text) > CHARACTERS_MAX:
        size = f"{len(text) / 2**20:.0f} million characters"
        hint = "split it and join the parts by `include` blocks; data belongs in a file that `input` names"
        return FaultError("T0023", f"this file has {size}; a metascript has at most 32", 0, 0, hint)
    return None
