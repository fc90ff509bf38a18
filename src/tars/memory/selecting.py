"""Which of the project's beliefs a metascript's graph is given; what the metascript itself states counts among them.

What is given is the same as long as what is believed is: it names no time, no entry and no run, and a confidence has
three digits. So it can be an input of a module, whose result is reused as long as it stands.
"""

import time
from collections.abc import Mapping, Sequence
from re import compile as pattern
from re import escape
from typing import Final

from tars.core.values import Digest, Json
from tars.memory.current import current, followed
from tars.memory.snapshot import Snapshot
from tars.memory.values import Bearing
from tars.store import Entry, Store

SELECTED_MAX: Final = 1_000


def select(
    store: Store, include: Sequence[str], declared: Mapping[str, Json], metascript: str
) -> list[dict[str, Json]]:
    """The beliefs whose id one of the patterns names (`*` stands for any letters), by id; at most the `SELECTED_MAX`
    surest. `declared` is what the metascript at that path states, as a run's entry has it: it counts as if a run had
    begun now, so that the first run is given what the second one is."""
    snapshot = current(store)
    if declared:
        stated = Entry(snapshot.entry + 1, time.time(), "run-started", metascript, "", "", declared, Digest(""))
        snapshot = followed(snapshot, [stated])
    found = _matching(snapshot, include)
    rows = sorted(found, key=lambda row: (-round(snapshot.probability[row], 3), snapshot.id_of(row)))[:SELECTED_MAX]
    return [_given(snapshot, row) for row in sorted(rows, key=snapshot.id_of)]


def _matching(snapshot: Snapshot, include: Sequence[str]) -> set[int]:
    plain = [text for text in include if "*" not in text]
    wide = [pattern(".*".join(map(escape, text.split("*")))) for text in include if "*" in text]
    rows = {row for text in plain if (row := snapshot.find(text)) is not None}
    if wide:
        rows |= {row for row in snapshot.rows() if any(one.fullmatch(snapshot.id_of(row)) for one in wide)}
    return rows


def _given(snapshot: Snapshot, row: int) -> dict[str, Json]:
    belief = snapshot.belief(row)
    found: dict[str, Json] = {
        "id": belief.id, "statement": belief.statement, "confidence": round(snapshot.probability[row], 3)
    }  # fmt: skip
    for bearing in Bearing:
        others = {one.target for one in map(snapshot.relation, snapshot.out_of(row)) if one.bearing is bearing}
        if others:
            found[bearing.value] = [*sorted(others)]
    return found
