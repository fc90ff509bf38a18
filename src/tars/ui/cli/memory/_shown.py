"""What the actions of `tarscli memory` share: the project's beliefs at a moment, and how one is shown."""

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tars.core.errors import UsageError
from tars.core.near import close_matches
from tars.core.values import Json
from tars.memory.beliefs import Beliefs
from tars.memory.journal import beliefs_of
from tars.memory.values import Bearing, Judged
from tars.store import Store, open_store
from tars.ui.cli.project import STATE, known_project

BEARINGS = {bearing: bearing.value.replace("_", "-") for bearing in Bearing}


def add_moment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--at", metavar="MOMENT", help="what was believed then: an entry's number, or a time as 2026-11-22T10:00"
    )


@contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[Store]:
    """The store of the project that is meant, which must exist."""
    with open_store(known_project(arguments) / STATE) as store:
        yield store


def beliefs_at(store: Store, moment: str | None) -> Beliefs:
    """The beliefs at the moment that `--at` names. Raises `UsageError` where it is neither a number nor a time."""
    if moment is None:
        return beliefs_of(store)
    if re.fullmatch(r"[0-9]{1,18}", moment):
        return beliefs_of(store, until=int(moment))
    try:
        return beliefs_of(store, before=datetime.fromisoformat(moment).timestamp())
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"--at `{moment}` is neither an entry's number nor a time") from error


def found(judged: dict[str, Judged], id: str) -> Judged:
    """The belief of that id. Raises `UsageError` with the nearest known one."""
    if id in judged:
        return judged[id]
    near = close_matches(id, list(judged), n=1)
    hint = f"did you mean `{near[0]}`?" if near else "`tarscli memory beliefs` lists them"
    raise UsageError(f"there is no belief `{id}`", hint=hint)


def as_json(one: Judged, beliefs: Beliefs) -> dict[str, Json]:
    """A belief as `--json` and exports have it; importing it gives the same belief."""
    relations: dict[str, list[Json]] = {}
    for relation in beliefs.relations.values():
        if relation.source == one.belief.id:
            relations.setdefault(relation.bearing.value, []).append(relation.target)
    reports: list[Json] = [
        {
            "witness": report.witness, "confidence": report.confidence, "evidence": list(report.evidence),
            "run": report.run, "time": report.time, "entry": report.entry,
        }
        for report in one.belief.reports.values()
    ]  # fmt: skip
    return {
        "id": one.belief.id, "statement": one.belief.statement, "confidence": round(one.confidence, 6),
        "alone": round(one.alone, 6), "exact": one.exact, "reports": reports,
        **{name: list(others) for name, others in relations.items()},
    }  # fmt: skip


def percent(confidence: float) -> str:
    """A confidence as people read it; never 0 % or 100 %, which nothing is."""
    return f"{min(99.9, max(0.1, confidence * 100)):.1f} %"
