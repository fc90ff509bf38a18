"""What proves an entry of the journal: its digest, over its predecessor's and its own canonical JSON."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from blake3 import blake3

from tars.core.values import Json

FIRST = bytes(32)
"""What stands for the digest of the entry before the first."""


class Draft(NamedTuple):
    """An entry that is to be appended. `body` may be made from the number that `counting` names (see `append`)."""

    kind: str
    subject: str
    key: str
    run: str
    body: str


def chained(previous: bytes, number: int, time: float, draft: Draft) -> bytes:
    """The digest of an entry, over its predecessor's and its own canonical JSON."""
    text = (
        f'{{"body":{draft.body},"key":{canonical(draft.key)},"kind":{canonical(draft.kind)},"number":{number},'
        f'"run":{canonical(draft.run)},"subject":{canonical(draft.subject)},"time":{time!r}}}'
    )
    return blake3(previous + text.encode("utf-8", "surrogatepass")).digest()


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Mapping[str, Json] | str) -> str:
    """Canonical JSON: equal values have equal text. Raises `ValueError` for NaN and infinities."""
    return _encoder.encode(value)


def fault_of_row(row: tuple[Any, ...], previous: bytes | None) -> str:
    """What is wrong with a row of the journal after the entry with the digest `previous` (None where that is missing);
    empty where the row is what was committed."""
    number, time, kind, subject, key, run, body, digest = row
    if previous is None:
        return "follows an entry that is missing"
    try:
        due = chained(previous, number, time, Draft(kind, subject, key, run, body))
    except (TypeError, ValueError, AttributeError):
        return "holds a value that no entry can hold"
    return "" if due == digest else "is not what was committed: its digest does not cover it and its predecessor"
