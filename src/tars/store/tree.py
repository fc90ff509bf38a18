"""Trees of files as bytes: the canonical form that is stored and hashed, and the rule for which paths it may hold.

Format, version 1: the line `tars tree 1`, then one JSON array of `[path, digest, executable, size]` sorted by path, in
UTF-8 without blanks, ended by a newline. Equal trees have equal bytes, hence equal digests.
"""

import json
import os
import sys
from collections.abc import Mapping

from tars.core.errors import CorruptError, StoreError
from tars.core.values import Digest
from tars.store.values import Leaf, Tree

MAGIC = b"tars tree 1\n"
_encoder = json.JSONEncoder(separators=(",", ":"))
_HEXADECIMAL = frozenset("0123456789abcdef")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


def is_digest(text: object) -> bool:
    """Whether it has the form of a digest: 64 lower-case hexadecimal digits."""
    return isinstance(text, str) and len(text) == 64 and _HEXADECIMAL.issuperset(text)


def named_in(body: Mapping[str, object], field: str) -> tuple[str, ...]:
    """What an entry's body names under `trees` or `objects`: a list of digests, or a mapping to digests, where an empty
    text stands for none."""
    value = body.get(field)
    listed = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return tuple(str(digest) for digest in listed if digest != "")


def fault_of_path(path: str) -> str:
    """What is wrong with a path in a tree, in a few words; empty where it is fine.

    A path is relative, has `/` between its parts, and cannot climb: so that no tree, whoever wrote it, can name a file
    outside the folder that it is restored into.
    """
    if not path or path.startswith("/"):
        return "is empty or absolute"
    if "\0" in path:
        return "holds a NUL character"
    parts = path.split("/")
    if "" in parts or "." in parts or ".." in parts:
        return "has an empty part, `.` or `..`"
    try:
        if any(len(os.fsencode(part)) > 255 for part in parts):
            return "has a part of more than 255 bytes"
    except UnicodeEncodeError:
        return "cannot be written as a file name"
    if sys.platform == "win32" and any(_is_unsafe_on_windows(part) for part in parts):
        return "is not a file name on Windows"
    return ""


def encode(tree: Tree) -> bytes:
    """The canonical bytes of a tree. Raises `StoreError` where a path is hostile or a file is also a folder."""
    rows = [[path, leaf.digest, leaf.executable, leaf.size] for path, leaf in sorted(tree.items())]
    fault = _fault_of_rows(rows)
    if fault:
        raise StoreError(f"cannot store the tree: {fault}", hint="rename the file, or leave it out of the outputs")
    return MAGIC + _encoder.encode(rows).encode() + b"\n"


def decode(data: bytes, name: str) -> dict[str, Leaf]:
    """The tree of these bytes. Raises `CorruptError`, naming the object `name`, where they are no tree."""
    try:
        if not data.startswith(MAGIC):
            raise ValueError("it does not begin as a tree does")
        rows = json.loads(data[len(MAGIC) :])
        tree = {path: Leaf(Digest(digest), executable, size) for path, digest, executable, size in rows}
        fault = _fault_of_rows(rows)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        fault = str(error)
        tree = {}
    if fault:
        raise CorruptError(f"object {name} is not a tree of files: {fault}", hint="run `tarscli store verify`")
    return tree


def _fault_of_rows(rows: list[list[object]]) -> str:
    paths = {row[0] for row in rows}
    for path, digest, executable, size in rows:
        if not isinstance(path, str):
            return f"{path!r} is not a path"
        fault = fault_of_path(path)
        if fault:
            return f"the path {path!r} {fault}"
        if not is_digest(digest) or not isinstance(executable, bool) or not isinstance(size, int) or size < 0:
            return f"the file {path!r} is not described by digest, executable and size"
        at = path.rfind("/")
        while at > 0:
            if path[:at] in paths:
                return f"{path[:at]!r} is both a file and a folder"
            at = path.rfind("/", 0, at)
    return "" if len(paths) == len(rows) else "a path occurs twice"


def _is_unsafe_on_windows(part: str) -> bool:
    return (
        any(letter in part for letter in '\\:*?"<>|')
        or part[-1] in ". "
        or part.split(".")[0].lower() in _RESERVED
        or any(ord(letter) < 32 for letter in part)
    )
