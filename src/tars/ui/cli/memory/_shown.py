"""What the actions of `tarscli memory` share: the project's beliefs at a moment, and how one is shown."""

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tars.core.errors import UsageError
from tars.core.near import close_matches
from tars.core.values import Json
from tars.memory.current import current, moment
from tars.memory.snapshot import Snapshot
from tars.memory.values import Bearing, Judged
from tars.store import Store, open_store
from tars.ui.cli.project import STATE, known_project, project_of

COMPARED_MAX = 5_000
"""With so many beliefs at most a wrong name is compared."""
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


@contextmanager
def opened_to_write(arguments: argparse.Namespace) -> Iterator[Store]:
    """The store of the project that is meant, which is made where there is none."""
    with open_store(project_of(arguments) / STATE) as store:
        yield store


def moment_of(text: str | None) -> dict[str, float]:
    """The moment that `--at` names, as `until` (an entry) or `before` (a time); empty for now. Raises `UsageError`
    where it is neither a number nor a time."""
    if text is None:
        return {}
    if re.fullmatch(r"[0-9]{1,18}", text):
        return {"until": int(text)}
    try:
        return {"before": datetime.fromisoformat(text).timestamp()}
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"`{text}` is neither an entry's number nor a time", hint="as 120, 2026-11-22 or 2026-11-22T10:00"
        ) from error


def beliefs_at(store: Store, text: str | None) -> Snapshot:
    """The beliefs at the moment that `--at` names. Raises `UsageError` as `moment_of` does."""
    return moment(store, **moment_of(text)) if text is not None else current(store)  # type: ignore[arg-type]


def found(snapshot: Snapshot, id: str) -> int:
    """The row of the belief of that id. Raises `UsageError` with the nearest known one."""
    row = snapshot.find(id)
    if row is not None:
        return row
    known = [snapshot.id_of(other) for other in snapshot.rows()] if snapshot.count <= COMPARED_MAX else []
    near = close_matches(id, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "`tarscli memory beliefs` lists them"
    raise UsageError(f"there is no belief `{id}`", hint=hint)


def add_limit(parser: argparse.ArgumentParser, default: int, what: str) -> None:
    parser.add_argument(
        "--limit",
        type=_count,
        default=default,
        metavar="N",
        help=f"{what}; 0: all of them; default: {default or 'all'}",
    )


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"`{text}` is no number from 0 on")
    return int(text)


def as_json(one: Judged, snapshot: Snapshot) -> dict[str, Json]:
    """A belief as `--json` has it: how sure one may be of it, and all that was said of it."""
    row = snapshot.row_of(one.belief.id)
    relations: dict[str, list[Json]] = {}
    for number in snapshot.out_of(row) if row is not None else ():
        relation = snapshot.relation(number)
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
