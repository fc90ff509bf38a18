"""Answers in proportion to the file, made in another thread: requests and edits meanwhile do not wait for them."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from pygls.exceptions import JsonRpcContentModified

from tars.ui.lsp.desk import Sight
from tars.ui.lsp.documents import Document

AT_ONCE: Final = 200
"""So many pieces are answered for before it is asked whether the text has changed."""


class Encoded(NamedTuple):
    """An answer that is JSON already, in ASCII."""

    body: bytes


class Later(NamedTuple):
    """What a feature with `LATER = True` returns: an answer for another thread to make.

    `make` gives the JSON of some pieces, by their numbers, without the brackets of the list that they stand in.
    """

    sight: Sight
    make: Callable[[Document, range], str]
    before: str = "["
    after: str = "]"


def listed(values: Iterable[Any]) -> str:
    """Values as they stand in a list, without its brackets."""
    return json.dumps(list(values), separators=(",", ":"))[1:-1]


def encoded(later: Later, still: Document, is_wanted: Callable[[], bool]) -> Encoded:
    """The answer. Raises `JsonRpcContentModified` as soon as it is not wanted any more."""
    return Encoded(f"{later.before}{','.join(_parts(later, still, is_wanted))}{later.after}".encode("ascii"))


def _parts(later: Later, still: Document, is_wanted: Callable[[], bool]) -> Iterator[str]:
    count = len(still.pieces)
    for first in range(0, count, AT_ONCE):
        if first and not is_wanted():
            raise JsonRpcContentModified("the text has changed meanwhile")
        part = later.make(still, range(first, min(first + AT_ONCE, count)))
        if part:
            yield part
