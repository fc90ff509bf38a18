"""All beliefs at one moment, folded and judged, as columns: one is looked up in microseconds, and nothing is unpacked.

A snapshot is derived: it stands for the journal up to one entry, and is made anew wherever it is not to be trusted.
Beliefs have row numbers in it, which mean nothing outside; a row is also kept for what is only spoken of.
"""

import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out
from typing import Any, Final

from blake3 import blake3

from tars.memory.columns import Stamp, pack, unpack
from tars.memory.values import Bearing, Belief, Judged, Relation, Report

BEARINGS: Final = (Bearing.SUPPORTS, Bearing.CONTRADICTS, Bearing.REFINES, Bearing.DERIVED_FROM)
"""The bearings by their numbers in the column `bearing`."""


class Snapshot:
    """The beliefs after the entry `stamp.entry` of the journal."""

    def __init__(self, stamp: Stamp, columns: Mapping[str, Any]) -> None:
        """`columns` are views that hold numbers of the types of `tars.memory.columns.COLUMNS`."""
        self.stamp, self.columns = stamp, columns
        self.known, self.probability = columns["known"], columns["probability"]
        self.source, self.target, self.bearing = columns["source"], columns["target"], columns["bearing"]

    @classmethod
    def read(cls, data: bytes) -> "Snapshot":
        """Raises `DamagedError` where the bytes are not what `written` gave."""
        return cls(*unpack(data))

    def written(self) -> Iterator[bytes | memoryview]:
        """The snapshot's bytes, in parts."""
        return pack(self.stamp, self.columns)

    @property
    def entry(self) -> int:
        return self.stamp.entry

    @property
    def count(self) -> int:
        """How many beliefs are held."""
        return bytes(self.known).count(1)

    @property
    def related(self) -> int:
        """How many relations there are."""
        return len(self.source)

    def find(self, id: str) -> int | None:
        """The row of the belief of that id, where it is held."""
        row = self.row_of(id)
        return row if row is not None and self.known[row] else None

    def row_of(self, id: str) -> int | None:
        """The row of that id, also where it is only spoken of."""
        hashes, wanted = self.columns["hash"], hash_of(id)
        at = bisect_left(hashes, wanted)
        while at < len(hashes) and hashes[at] == wanted:
            row: int = self.columns["hashed"][at]
            if self.id_of(row) == id:
                return row
            at += 1
        return None

    def rows(self) -> Iterator[int]:
        """The rows of all beliefs that are held."""
        return (row for row, known in enumerate(bytes(self.known)) if known)

    def id_of(self, row: int) -> str:
        text: str = scanstring(self._text(row), 2)[0]
        return text

    def belief(self, row: int) -> Belief:
        id, statement, reports = self._line(row)
        found = (Report(witness, sure, tuple(rests), *rest) for witness, sure, rests, *rest in reports)
        return Belief(id, statement, {report.witness: report for report in found})

    def judged(self, row: int) -> Judged:
        alone = 1.0 / (1.0 + math.exp(-2.0 * self.columns["bias"][row]))
        return Judged(self.belief(row), self.probability[row], alone, bool(self.columns["exact"][row]))

    def surest(self, limit: int | None = None) -> list[Judged]:
        """The beliefs that are held, or so many of them, the surest first, then by name."""
        rows, sure = list(self.rows()), self.probability
        if limit is not None and limit < len(rows):
            least = nlargest(limit, (sure[row] for row in rows))[-1] if limit else 2.0
            rows = [row for row in rows if sure[row] >= least]
        found = sorted((self.judged(row) for row in rows), key=lambda one: (-one.confidence, one.belief.id))
        return found[:limit]

    def relations(self, row: int) -> list[Relation]:
        """All relations of a belief, its own first, each in the order in which they were stated."""
        return [self.relation(number) for number in (*self.out_of(row), *self.into(row))]

    def relation(self, number: int) -> Relation:
        source, target = self.source[number], self.target[number]
        return Relation(self.id_of(source), BEARINGS[self.bearing[number]], self.id_of(target))

    def out_of(self, row: int) -> Sequence[int]:
        """The numbers of the relations that the belief states."""
        starts = self.columns["out_start"]
        found: Sequence[int] = self.columns["out"][starts[row] : starts[row + 1]]
        return found

    def into(self, row: int) -> Sequence[int]:
        """The numbers of the relations that others state about it."""
        starts = self.columns["in_start"]
        found: Sequence[int] = self.columns["in"][starts[row] : starts[row + 1]]
        return found

    def named_by(self, row: int) -> list[int]:
        """The numbers of the entries that ever spoke of a belief, or related one to it, oldest first."""
        # numpy is an extra, and what needs no judging does without it
        from tars.memory.numbers import np  # noqa: PLC0415

        at = np.flatnonzero(np.asarray(self.columns["named"]) == row)
        found: list[int] = np.asarray(self.columns["named_by"])[at].tolist()
        return found

    def named_in(self, entry: int) -> list[str]:
        """The ids of the beliefs that an entry speaks of, those that it only relates others to too, in their order."""
        entries, rows = self.columns["named_by"], self.columns["named"]
        return sorted(self.id_of(row) for row in rows[bisect_left(entries, entry) : bisect_right(entries, entry)])

    def _line(self, row: int) -> list:  # type: ignore[type-arg]  # as `line_of` made it
        found: list = json.loads(self._text(row))  # type: ignore[type-arg]
        return found

    def _text(self, row: int) -> str:
        start = self.columns["start"][row]
        return str(self.columns["text"][start : start + self.columns["length"][row]], "ascii")


def line_of(belief: Belief) -> bytes:
    """A belief as a snapshot's text has it: a list that begins with its id, in ASCII."""
    reports = [
        (one.witness, one.confidence, one.evidence, one.run, one.time, one.entry) for one in belief.reports.values()
    ]
    return json.dumps((belief.id, belief.statement, reports)).encode()


def hash_of(id: str) -> int:
    """Eight bytes of a digest, by which an id is looked up; two ids may share them."""
    return int.from_bytes(blake3(id.encode("utf-8", "surrogatepass")).digest(8), "little")
