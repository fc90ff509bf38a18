"""What the actions of `tarscli evolve` share: the session that is meant, and how candidates are told of."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.evolve.records import Kept, Session, ended, kept_of, session_of
from tars.store import Store, open_store
from tars.ui.cli.console import Console
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.worktree import take_back


class Opened(Prefab, frozen=True):
    """A session with its candidates. `sign` turns their scores into the metric's own direction."""

    store: Store
    project: Path
    session: Session
    kept: dict[int, Kept]

    @property
    def sign(self) -> int:
        return -1 if self.session.settings.get("direction") == "minimize" else 1

    def score(self, number: int) -> float | None:
        """In the metric's own direction; None where it failed, and of the version before (0) where nothing tells."""
        if not number:
            before = (ended(self.store, self.session) or {}).get("before")
            return own_score(self.sign, before) if isinstance(before, int | float) else None
        figures = self.kept[number].figures
        return None if figures.fault else own_score(self.sign, figures.score)

    def chosen(self) -> int | None:
        """The candidate that passed every gate, where there is one."""
        end = ended(self.store, self.session)
        number = end.get("accepted") if end else None
        return number if isinstance(number, int) else None

    def line(self, number: int) -> list[int]:
        """The candidate and its ancestors, from the first on."""
        found: list[int] = []
        while number:
            found.append(number)
            number = self.kept[number].parents[0]
        return found[::-1]


def own_score(sign: int, score: float) -> float:
    """A score of the search, of which larger is better, in the metric's own direction; zero has no sign."""
    return sign * score + 0.0


def add_session(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--session", default="", metavar="ID", help="which evolution (default: the newest)")


@contextmanager
def opened(arguments: argparse.Namespace, console: Console) -> Iterator[Opened]:
    project = known_project(arguments)
    with open_store(project / STATE) as store:
        take_back(store, project, console)
        session = session_of(store, arguments.session)
        yield Opened(store, project, session, kept_of(store, session))


def numbered(found: Opened, given: int | None) -> int:
    """The candidate that is meant: the given one, else the accepted one. Raises `UsageError` where there is none."""
    number = found.chosen() if given is None else given
    if number is None:
        raise UsageError(
            "no candidate of this session passed every gate", hint="name one; `tarscli evolve log` lists them"
        )
    if number and number not in found.kept:
        raise UsageError(
            f"session {found.session.id} has no candidate {number}",
            hint=f"it has 1 to {max(found.kept, default=0)}; `tarscli evolve log` lists them",
        )
    return number


def as_json(found: Opened, number: int) -> dict[str, Json]:
    one = found.kept[number]
    body: dict[str, Json] = {
        "number": number, "parents": [*one.parents], "producer": one.producer, "score": found.score(number),
        "seconds": one.figures.seconds, "patch": [op.to_json() for op in one.patch.ops],
    }  # fmt: skip
    if one.figures.fault:
        body |= {"fault": one.figures.fault, "text": one.figures.text}
    return body
