"""Source files whose tree looks into the macros of the standard library that take expressions."""

import re
from functools import cached_property, lru_cache

from tree_sitter import Tree

from tars.rust.syntax.source import SourceFile

_CALLS = re.compile(
    rb"\b((?:e?print(?:ln)?|format(?:_args)?|write(?:ln)?|panic|unreachable|(?:debug_)?assert(?:_eq|_ne)?|dbg)\s*)!"
    rb"(?=\s*\()"
)
_ARRAYS = re.compile(rb"\bvec!(?=\s*\[)")


class OpenedFile(SourceFile):
    """A file of the same bytes and places. In its tree `println!(…)` and its like are calls, and `vec![…]` is an array,
    so that what is handed to them is expressions; a plain tree has only their tokens."""

    @cached_property
    def tree(self) -> Tree:
        return SourceFile(self.path, without_macros(self.data)).tree


def without_macros(data: bytes) -> bytes:
    """The text with such macros written as calls and arrays; every byte keeps its place."""
    return _ARRAYS.sub(b"    ", _CALLS.sub(rb"\1_", data))


@lru_cache(maxsize=4096)
def opened(file: SourceFile) -> SourceFile:
    """The file with such a tree; of one object always the same."""
    return file if isinstance(file, OpenedFile) else OpenedFile(file.path, file.data)
