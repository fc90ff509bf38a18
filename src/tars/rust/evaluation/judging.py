"""Mends one case with one fixer and judges what came of it: by the compiler, by tests, and beside the known mend."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import TarsError
from tars.core.values import Json, as_dict
from tars.episode.budget import Budget, Meter
from tars.rust.anchors.library import Library, open_library
from tars.rust.checking.checker import Checker
from tars.rust.checking.checkers import Checkers, Files, open_checkers
from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.workspace import find_target
from tars.rust.evaluation.baselines import Attempt, every_suggestion, machine_applicable
from tars.rust.evaluation.cases import ROOT, Case
from tars.rust.graph import crates_of, symbols_of
from tars.rust.mending.episode import Options
from tars.rust.mending.fix import Mended, mend
from tars.rust.syntax.edits import lines_changed, patched
from tars.rust.syntax.same_tokens import same_tokens
from tars.rust.values import RustDiagnostic

TARS: Final = "tars"
CARGO_FIX: Final = "cargo fix"
GREEDY: Final = "every suggestion"
FIXERS: Final = (TARS, CARGO_FIX, GREEDY)
TESTS: Final = "tests"
"""The class of what builds, and fails its tests."""
LEFT_MAX: Final = 5


class Settings(Prefab, frozen=True):
    """Who mends (`FIXERS`), what the engineer may use up on a case and which proposers it has, how many cases are
    mended at once (0: one for each core), and whether the tests that it sees must pass."""

    fixers: tuple[str, ...] = FIXERS
    budget: Budget = attribute(default_factory=lambda: Budget(seconds_max=20.0))
    proposers: tuple[str, ...] = ("compiler", "rules")
    jobs: int = 0
    tests: bool = True


class Result(Prefab, frozen=True):
    """What one fixer made of one case. `tests` and `exact` are None where there are no tests, or no known mend.

    `exact` is that the files have the tokens of the known mend; `lines` are those changed; `confidence` is what the
    fixer itself said; `anchors` are the citations of an accepted mend, `resolved` those that led to a text; `left` are
    errors that it could not mend; `detail` says why there is no mend, or how the fixer broke down.
    """

    fixer: str
    built: bool
    tests: bool | None = None
    exact: bool | None = None
    lines: int = 0
    probes: int = 0
    seconds: float = 0.0
    confidence: float | None = None
    anchors: int = 0
    resolved: int = 0
    producers: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    detail: str = ""

    @property
    def right(self) -> bool:
        """It builds, and where tests can tell they pass."""
        return self.built and self.tests is not False


class Judged(Prefab, frozen=True):
    """A case, the first of its errors, and what each fixer made of it. `key` is the same for the same case, settings,
    toolchain and version of TARS."""

    key: str
    name: str
    group: str
    half: str
    kind: str
    code: str
    message: str
    mutation: str
    results: tuple[Result, ...]

    def of(self, fixer: str) -> Result | None:
        return next((one for one in self.results if one.fixer == fixer), None)

    def to_json(self) -> dict[str, Json]:
        return as_dict(self)

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> "Judged":
        """Raises `TypeError` or `KeyError` where it is not what `to_json` gives."""
        results = []
        for one in body["results"]:
            lists = {name: tuple(one[name]) for name in ("producers", "left")}
            results.append(Result(**{**one, **lists}))
        return Judged(**{**body, "results": tuple(results)})


def judge(key: str, case: Case, settings: Settings) -> Judged:
    """What each fixer makes of a case, with one checker. A fixer that breaks down has not mended it."""
    desk = _Desk(case)
    try:
        with desk.checkers.one() as checker:
            if case.crate is not None and case.known is not None:
                # Else the first fixer would be charged with building the dependencies.
                checker.check(case.known)
            checked = checker.check(case.files)
        first = checked.errors[0] if checked.errors else None
        results = tuple(_result(fixer, case, desk, settings) for fixer in settings.fixers)
    finally:
        desk.leave()
    kind = first.kind if first else TESTS if checked.ok and case.shows_tests else ""
    return Judged(
        key, case.name, case.group, case.half, kind, first.code if first else "",
        first.message if first else checked.detail, case.mutation, results,
    )  # fmt: skip


_KEPT: list[tuple[Path, Checkers, dict[str, str]]] = []
"""The checkers of the crate that this process worked on last, which the next case is mostly one of, and the names of
what it builds, by their root files."""


class _Desk:
    """The checkers for a case."""

    def __init__(self, case: Case) -> None:
        self._case = case
        if _KEPT and _KEPT[0][0] != case.crate:
            _KEPT.pop()[1].close()
        self.checkers = _KEPT[0][1] if _KEPT else self._opened()

    @property
    def crates(self) -> dict[str, str]:
        """The crate's name for each root file, as `symbols_of` wants it; of a lone file nothing is known."""
        return _KEPT[0][2] if _KEPT else {}

    def renew(self) -> None:
        """Checkers that were cut off at a deadline answer nothing more."""
        _KEPT.clear()
        self.checkers.close()
        self.checkers = self._opened()

    def leave(self) -> None:
        if self._case.crate is None:
            self.checkers.close()

    def _opened(self) -> Checkers:
        case = self._case
        if case.crate is None:
            return Checkers(lambda: LoneCrate(ROOT, edition=case.edition, tests=case.shows_tests), 1)
        target = find_target(case.crate)
        checkers = open_checkers(target, 1)
        _KEPT.append((case.crate, checkers, crates_of(target)))
        return checkers


def _result(fixer: str, case: Case, desk: _Desk, settings: Settings) -> Result:
    try:
        return _by_tars(case, desk, settings) if fixer == TARS else _by_baseline(fixer, case, desk.checkers)
    except (TarsError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RuntimeError) as error:
        desk.renew()
        return Result(fixer, False, detail=f"{type(error).__name__}: {error}")


def _by_tars(case: Case, desk: _Desk, settings: Settings) -> Result:
    options = Options(
        edition=case.edition, tests=case.shows_tests and settings.tests, proposers=settings.proposers,
        gather=partial(symbols_of, crates=desk.crates),
    )  # fmt: skip
    meter = Meter(settings.budget)
    mended = _mended(case, desk.checkers, options, meter)
    seconds, probes = meter.seconds(), meter.probes
    if seconds >= settings.budget.seconds_max:
        desk.renew()
    if not mended.changes:
        return Result(TARS, False, probes=probes, seconds=seconds, left=_told(mended.left), detail=mended.status.value)
    confidence = 1.0
    for move in mended.moves:
        confidence *= move.patch.confidence
    files = patched(case.files, mended.changes)
    cited = dict.fromkeys(citation for move in mended.moves for citation in move.patch.citations)
    anchors, resolved = _resolved(list(cited))
    built, tests, exact = _verdict(case, files, desk.checkers)
    producers = tuple(dict.fromkeys(move.patch.producer for move in mended.moves))
    lines = lines_changed(case.files, files)
    return Result(
        TARS, built, tests, exact, lines, probes, seconds, confidence, anchors, resolved, producers
    )  # fmt: skip


def _mended(case: Case, checkers: Checkers, options: Options, meter: Meter) -> Mended:
    steps = mend(case.files, checkers, options, meter)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            mended: Mended = stop.value
            return mended


def _by_baseline(fixer: str, case: Case, checkers: Checkers) -> Result:
    attempts: dict[str, Callable[[Files, Checker], Attempt]] = {
        CARGO_FIX: machine_applicable,
        GREEDY: every_suggestion,
    }
    started = monotonic()
    with checkers.one() as checker:
        attempt = attempts[fixer](case.files, checker)
    seconds = monotonic() - started
    if not attempt.checked.ok:
        left = _told(attempt.checked.errors)
        return Result(fixer, False, probes=attempt.probes, seconds=seconds, left=left)
    built, tests, exact = _verdict(case, attempt.files, checkers)
    lines = lines_changed(case.files, attempt.files)
    return Result(fixer, built, tests, exact, lines, attempt.probes, seconds)


def _verdict(case: Case, files: Files, checkers: Checkers) -> tuple[bool, bool | None, bool | None]:
    """Whether a mend builds, passes the tests that there are, those that the mender saw and those that it did not, and
    is the known one."""
    exact = all(same_tokens(files.get(path, b""), data) for path, data in case.known.items()) if case.known else None
    with checkers.one() as checker:
        checked = checker.check(files)
        if not checked.ok or not case.has_tests:
            return checked.ok, None, exact
        if case.oracle:
            files = {**files, ROOT: files[ROOT] + b"\n" + case.oracle}
        return True, checker.test(files).ok, exact


_LIBRARY: list[Library] = []


def _resolved(citations: Sequence[str]) -> tuple[int, int]:
    """How many citations of documents there are, and how many of them lead to a text that is there."""
    if not _LIBRARY:
        _LIBRARY.append(open_library())
    cited = [one for one in citations if not one.startswith("code:")]
    resolved = 0
    for citation in cited:
        anchors = _LIBRARY[0].anchors_for([citation])
        resolved += bool(anchors) and all(_LIBRARY[0].holds(anchor) for anchor in anchors)
    return len(cited), resolved


def _told(errors: Sequence[RustDiagnostic]) -> tuple[str, ...]:
    return tuple(f"{one.code}: {one.message}" if one.code else one.message for one in errors[:LEFT_MAX])
