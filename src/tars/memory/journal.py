"""Beliefs in the journal: what is written when something is believed or retracted, and how it is read back.

Three kinds of entries carry beliefs, and all of them count: `belief` (said through the command line, a client or the
Python API), `result` (an agent reported it while it ran), and `run-started` (the metascript declares it).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import takewhile
from typing import cast

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.memory.beliefs import Beliefs
from tars.memory.values import Bearing, Relation, Report, fault_of_time
from tars.store import Entry, Store

KIND = "belief"
_KINDS = (KIND, "result", "run-started")
_BEARINGS = tuple(Bearing)
_LISTS = ("evidence", *(bearing.value for bearing in Bearing))
_NOTHING: list[Json] = []
_ID = re.compile(r"[^\s\x00-\x1f\x7f]{1,200}")
STATEMENT_MAX = 10_000
LIST_MAX = 1_000
TEXT_MAX = 1_000
"""Of a witness, a piece of evidence, or the name of another belief."""


def beliefs_of(store: Store, *, until: int | None = None, before: float | None = None) -> Beliefs:
    """The beliefs as they are, as they were after the entry `until`, or at the time `before` (seconds since 1970)."""
    beliefs = Beliefs()
    for entry in entries(store, until=until, before=before):
        apply(beliefs, entry)
    return beliefs


def entries(store: Store, *, after: int = 0, until: int | None = None, before: float | None = None) -> Iterator[Entry]:
    """The entries that may hold beliefs, in their order, from the one that follows the number `after`."""
    merged = merge(*(store.entries(kind=kind, after=after) for kind in _KINDS), key=lambda entry: entry.number)
    return takewhile(
        lambda entry: (until is None or entry.number <= until) and (before is None or entry.time <= before), merged
    )


def apply(beliefs: Beliefs, entry: Entry) -> tuple[str, ...]:
    """Takes one entry into account; returns the ids it speaks of. What an agent reported and is no belief is left out:
    the run has its record, and no agent can break the memory of a project."""
    return apply_said(beliefs, entry, said_in(entry))


def apply_said(beliefs: Beliefs, entry: Entry, said: Iterable[Mapping[str, Json]]) -> tuple[str, ...]:
    """As `apply`, of what `said_in` found in the entry."""
    touched = tuple(_apply(beliefs, one, entry) for one in said)
    beliefs.entry = entry.number
    return touched


def exported(beliefs: Beliefs) -> Iterator[dict[str, Json]]:
    """What every witness said and when, as data that `import_beliefs` takes, in the order in which it was said."""
    order = sorted(
        (report.entry, belief.id, report.witness) for belief in beliefs.beliefs.values()
         for report in belief.reports.values()
    )  # fmt: skip
    related: set[str] = set()
    for _, id, witness in order:
        belief = beliefs.beliefs[id]
        report = belief.reports[witness]
        said: dict[str, Json] = {
            "id": id, "statement": belief.statement, "confidence": report.confidence, "witness": witness,
            "evidence": list(report.evidence), "time": report.time, **({"run": report.run} if report.run else {}),
        }  # fmt: skip
        if id not in related:
            related.add(id)
            for one in beliefs.relations_of(id):
                if one.source == id:
                    listed = said.setdefault(one.bearing.value, [])
                    assert isinstance(listed, list)
                    listed.append(one.target)
        yield said


def import_beliefs(store: Store, said: Iterable[Mapping[str, Json]]) -> None:
    """Writes many beliefs at once, all or none. Raises `UsageError` where one is none."""
    with store.transaction() as transaction:
        for one in said:
            fault = fault_of(one)
            if fault:
                raise UsageError(f"this is no belief: {fault}")
            transaction.append(KIND, {"act": "believe", **one}, subject=str(one["id"]))


def named_in(said: Iterable[Mapping[str, Json]]) -> set[str]:
    """The beliefs that are spoken of in what `said_in` found, those that others are only related to too."""
    return {name for one in said for name in (str(one["id"]), *(other for _, other in _related(one)))}


def said_in(entry: Entry) -> Iterator[dict[str, Json]]:
    """The beliefs in an entry as data, each with its witness; what is no belief is left out."""
    return (said for said in _said(entry) if not _fault(said))


def fault_of(said: Mapping[str, Json]) -> str:
    """What is wrong with a belief as data, in a few words; empty where nothing is."""
    fault = _fault(said) or fault_of_time(said)
    if not fault:
        try:
            json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, TypeError, RecursionError):
            fault = "it holds half a character, or what no JSON holds"
    return fault


def _fault(said: Mapping[str, Json]) -> str:
    """As `fault_of`, of what was in a journal and so is JSON."""
    if said.get("act", "believe") not in ("believe", "retract"):
        return f"its act is {said.get('act')!r}"
    id, statement, confidence = said.get("id"), said.get("statement", ""), said.get("confidence", 0.5)
    if not isinstance(id, str) or not _ID.fullmatch(id):
        return "its id must be a text of 1 to 200 characters without blanks"
    if not isinstance(statement, str) or len(statement) > STATEMENT_MAX:
        return f"its statement must be a text of at most {STATEMENT_MAX:,} characters"
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or confidence != confidence:
        return "its confidence must be a number"
    if not 0.0 < confidence < 1.0:
        shown = f", not {confidence}" if isinstance(confidence, float) else ""  # an integer may have any length
        return f"its confidence must be more than 0 and less than 1{shown}"
    for name in ("witness", "run"):
        if not isinstance(said.get(name, ""), str) or len(str(said.get(name, ""))) > TEXT_MAX:
            return f"`{name}` must be a text of at most {TEXT_MAX:,} characters"
    for name in _LISTS:
        listed = said.get(name, _NOTHING)
        if listed is _NOTHING:
            continue
        listed = [listed] if isinstance(listed, str) else listed
        if not isinstance(listed, list) or len(listed) > LIST_MAX or not all(map(_is_short, listed)):
            return f"`{name}` must be a list of at most {LIST_MAX:,} texts of at most {TEXT_MAX:,} characters"
    return ""


def _is_short(text: object) -> bool:
    return isinstance(text, str) and len(text) <= TEXT_MAX


def _said(entry: Entry) -> Iterator[dict[str, Json]]:
    """The beliefs in an entry as data, each with its witness."""
    body = entry.body
    if entry.kind == KIND:
        yield dict(body)
    elif entry.kind == "result":
        events = body.get("events")
        for event in events if isinstance(events, list) else ():
            said = event.get("belief") if isinstance(event, dict) else None
            if isinstance(said, dict):
                yield {**said, "act": "believe", "witness": entry.subject}
    else:
        declared = body.get("beliefs")
        for said in declared if isinstance(declared, list) else ():
            if isinstance(said, dict):
                yield {**said, "act": "believe", "witness": entry.subject}


def _apply(beliefs: Beliefs, said: Mapping[str, Json], entry: Entry) -> str:
    id = str(said["id"])
    if said.get("act") == "retract":
        beliefs.retract(id)
        return id
    confidence = said.get("confidence", 0.5)
    assert isinstance(confidence, int | float)
    evidence = tuple(_texts(said, "evidence"))
    witness = str(said.get("witness") or "user")
    run, time = entry.run, entry.time
    if entry.kind == KIND and not fault_of_time(said):  # what was exported keeps when it was said, and in which run
        run, time = str(said.get("run") or run), float(cast(float, said.get("time", time)))
    report = Report(witness, float(confidence), evidence, run, time, entry.number)
    beliefs.report(id, str(said.get("statement") or ""), report)
    for bearing, other in _related(said):
        beliefs.relate(Relation(id, bearing, other))
    return id


def _related(said: Mapping[str, Json]) -> Iterator[tuple[Bearing, str]]:
    return ((bearing, other) for bearing in _BEARINGS if bearing in said for other in _texts(said, bearing))


def _texts(said: Mapping[str, Json], name: str) -> list[str]:
    listed = said.get(name)
    return [listed] if isinstance(listed, str) else [str(one) for one in listed] if isinstance(listed, list) else []
