"""The file format of a snapshot: typed columns and one text, sealed by a digest over all of it; never pickled.

Format 1: the line `tars-beliefs 1`, the header's length (8 bytes, little-endian), the header as JSON, then the columns
in their order, each at a multiple of 8 bytes, then the blake3 digest of everything before (32 bytes). The header names
the machine's byte order, the journal's entry that the snapshot stands for with its digest, and each column's bytes.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab

MAGIC: Final = b"tars-beliefs 1\n\0"
RULE: Final = 3
"""Raised when beliefs are folded or judged otherwise, so that no older snapshot is taken for a new one."""
COLUMNS: Final[Mapping[str, str]] = {
    "hash": "Q", "hashed": "i", "start": "q", "length": "i", "known": "b", "exact": "b", "bias": "d",
    "probability": "d", "part": "i", "source": "i", "target": "i", "bearing": "b", "out_start": "i", "out": "i",
    "in_start": "i", "in": "i", "first": "i", "second": "i", "coupling": "d", "message": "d", "named": "i",
    "named_by": "q", "text": "B",
}  # fmt: skip
"""Each column's name and the type of its numbers, as `array` and `memoryview` name them."""
_SEAL_BYTES: Final = 32


class DamagedError(Exception):
    """The bytes are no snapshot of this format and rule, or not as they were written."""


class Stamp(Prefab, frozen=True):
    """The last entry of the journal that a snapshot takes into account, and its digest; 0 and "" before any. No entry
    that it holds a belief of is later than `time`, in seconds since 1970."""

    entry: int
    digest: str
    time: float = 0.0


def pack(stamp: Stamp, columns: Mapping[str, memoryview]) -> Iterator[bytes | memoryview]:
    """The snapshot's bytes, in parts: joined, it would be copied. `columns` has all of `COLUMNS`."""
    seal = blake3()
    for part in _parts(stamp, columns):
        seal.update(part)
        yield part
    yield seal.digest()


def _parts(stamp: Stamp, columns: Mapping[str, memoryview]) -> Iterator[bytes | memoryview]:
    sizes = {name: columns[name].nbytes for name in COLUMNS}
    told = {"entry": stamp.entry, "digest": stamp.digest, "time": stamp.time}
    header = json.dumps({"rule": RULE, "order": sys.byteorder, **told, "columns": sizes}).encode()
    yield b"".join((MAGIC, len(header).to_bytes(8, "little"), header, _padding(len(header))))
    for name in COLUMNS:
        if sizes[name]:
            yield columns[name].cast("B")
            yield _padding(sizes[name])


def unpack(data: bytes) -> tuple[Stamp, dict[str, Any]]:
    """What `pack` was given, as views of the bytes: sequences of integers or, where the type is `d`, of floats.

    Raises `DamagedError`.
    """
    if len(data) < 56 or not data.startswith(MAGIC):
        raise DamagedError("it is no snapshot of this format")
    view = memoryview(data)
    if blake3(view[:-_SEAL_BYTES]).digest() != data[-_SEAL_BYTES:]:
        raise DamagedError("its seal is broken")
    try:
        length = int.from_bytes(view[16:24], "little")
        header = json.loads(data[24 : 24 + length])
        if header["rule"] != RULE or header["order"] != sys.byteorder:
            raise DamagedError("it follows another rule, or was made on another kind of machine")
        at = 24 + length + len(_padding(length))
        found = {}
        kind: Any
        for name, kind in COLUMNS.items():
            size = int(header["columns"][name])
            found[name] = view[at : at + size].cast(kind)
            at += size + len(_padding(size))
        if at != len(data) - _SEAL_BYTES:
            raise DamagedError("its columns do not fill it")
        return Stamp(int(header["entry"]), str(header["digest"]), float(header["time"])), found
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"its header is damaged: {error}") from error


def _padding(size: int) -> bytes:
    return bytes(-size % 8)
