"""The search: batches of candidates are planned, tried side by side, recorded, and told to those who made them.

A batch is planned from what was known before it, and told in the order of its numbers. So the same seed gives the same
candidates however many are tried at once, and a session that was killed is planned again up to where it was, with the
recorded figures in the place of trying.
"""

import random
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from threading import Event as Flag
from time import monotonic
from typing import Any, Final, Literal

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.errors import TarsError, UnavailableError, UsageError
from tars.core.values import Digest, Severity
from tars.evolve.errors import BrokenError, PatchError, TamperError
from tars.evolve.operator import OPERATORS, Operator, Situation
from tars.evolve.patch import Patch, digest_of
from tars.evolve.records import Kept, Session, keep
from tars.evolve.searching import bandit as worths
from tars.evolve.searching.archive import Archive, islands_for
from tars.evolve.searching.bandit import Bandit
from tars.evolve.values import WORST, Candidate, Figures, Plan, Subject
from tars.store import Store

BATCH: Final = 8
BARREN_MAX: Final = 6
"""After so many batches in a row in which nobody had a new idea, the search ends."""
TOGETHER_SECONDS: Final = 0.05
"""Candidates that are known within this time of one another are recorded in one act."""
TRIES: Final = 6
TOLD_MAX: Final = 20
"""Of what was wrong with answers from outside so many different sentences are kept."""
COSTLY: Final = 3.0
"""What a question to a model counts, in evaluations."""
Why = Literal["evaluations", "seconds", "exhausted", "goal", "cancelled"]


class Settings(Prefab, frozen=True):
    """How to search. `evaluations_max` counts candidates that are tried; `goal` ends it when a score reaches it."""

    seed: int = 0
    jobs: int = 1
    evaluations_max: int = 200
    seconds_max: float = 600.0
    goal: float | None = None
    producers: tuple[str, ...] = ()


class Tried(Prefab, frozen=True):
    """A candidate whose figures are known and recorded."""

    candidate: Candidate
    best: Candidate
    repeated: bool = False
    """It was recorded before, and not tried again."""


class Remark(Prefab, frozen=True):
    text: str
    hint: str = ""


class Searched(Prefab):
    """What a search found: everything that was tried, and why it ended."""

    archive: Archive
    why: Why
    refused: int
    seconds: float
    shares: Mapping[str, float]
    told: Mapping[str, int]
    """What was wrong with answers from outside, such as a model's, and how often."""


class Search(Prefab):
    """One search; `run` it once. `ask` puts a question to a model, where there is one. The `plan` says whose turn is
    first, and what is tried first."""

    subject: Subject
    session: Session
    settings: Settings
    store: Store
    kept: Mapping[int, Kept] = attribute(default_factory=dict)
    ask: Any = None
    cancel: Flag = attribute(default_factory=Flag)
    plan: Plan = attribute(default_factory=Plan)
    held: Sequence[str] = ()
    """Figures that the gates will ask for: of the version before they must be known."""
    refused: int = 0
    _told: dict[str, int] = attribute(default_factory=dict)
    _operators: dict[str, tuple[Operator, bool]] = attribute(default_factory=dict)
    _next: int = 1

    def run(self) -> Generator[Tried | Remark, None, Searched]:
        """Yields each candidate when it is recorded. Raises `TamperError` where what judges was changed."""
        yield from self._start_operators()
        archive = Archive(islands_for(self.settings.evaluations_max))
        bandit = Bandit(tuple(self._operators))
        began = monotonic() - sum(one.figures.seconds for one in self.kept.values()) / max(1, self.settings.jobs)
        workers: SimpleQueue[int] = SimpleQueue()
        for worker in range(self.settings.jobs):
            workers.put(worker)
        why: Why = "exhausted"
        with ThreadPoolExecutor(self.settings.jobs) as pool:
            try:
                yield from self._batch([Candidate(0, self.session.text)], archive, bandit, pool, workers)
                barren = 0
                while barren < BARREN_MAX:
                    over = self._over(archive, monotonic() - began)
                    if over is not None:
                        why = over
                        break
                    batch = self._plan(archive, bandit)
                    barren = 0 if batch else barren + 1
                    yield from self._batch(batch, archive, bandit, pool, workers)
            except BaseException:
                self.cancel.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return Searched(archive, why, self.refused, monotonic() - began, bandit.shares(), self._told)

    def _start_operators(self) -> Iterator[Remark]:
        known = self.settings.producers or OPERATORS.names()
        planned = list(dict.fromkeys(one.producer for one in self.plan.steps if one.producer in known))
        for name in self.settings.producers or (*planned, *(one for one in known if one not in planned)):
            producer = OPERATORS.load(name)
            if self.subject.language not in producer.languages or (producer.costly and self.ask is None):
                continue
            try:
                self._operators[name] = producer.start(self.settings.seed), producer.costly
            except UnavailableError as error:
                yield Remark(f"{error.message}; the search does without `{name}`", error.hint)
        if not self._operators:
            named = ", ".join(self.settings.producers) or "none"
            raise UsageError(
                f"none of the operators ({named}) can change a {self.subject.language} target here",
                hint="`model` needs --model; leave --producers out for all that fit",
            )

    def _over(self, archive: Archive, seconds: float) -> Why | None:
        settings = self.settings
        if self.cancel.is_set():
            return "cancelled"
        if self._next > settings.evaluations_max:
            return "evaluations"
        best = archive.candidates[archive.best]
        if settings.goal is not None and best.score >= settings.goal:
            return "goal"
        return "seconds" if seconds >= settings.seconds_max else None

    def _plan(self, archive: Archive, bandit: Bandit) -> list[Candidate]:
        """The next candidates, made from what is known now."""
        batch: list[Candidate] = []
        fresh: set[str] = set()
        for _ in range(min(BATCH, self.settings.evaluations_max - self._next + 1)):
            made = self._make(self._next, archive, bandit, fresh)
            if made is None:
                break
            fresh.add(digest_of(made.text))
            batch.append(made)
            self._next += 1
        return batch

    def _make(self, number: int, archive: Archive, bandit: Bandit, fresh: set[str]) -> Candidate | None:
        draw = random.Random(f"{self.settings.seed}/{number}/{self.refused}")
        barren: set[str] = set()
        for _ in range(TRIES * len(self._operators)):
            name = bandit.choose(barren)
            if name is None:
                return None
            parent = archive.parent(number, draw)
            situation = Situation(
                self.subject.language, parent, archive.candidates[archive.best], archive.others(number), draw,
                self.ask, self.subject.diagnostics(parent.text),
                lambda text: any(digest_of(text) in known for known in (fresh, archive.digests)),
                self.plan.steps, self._tell_of,
            )  # fmt: skip
            patch = self._proposed(name, number, situation)
            if patch is None:
                bandit.take_back(name)
                barren.add(name)
                continue
            made = self._made(number, parent, name, patch)
            key = digest_of(made.text)
            known = archive.digests.get(key)
            if known is None and key not in fresh and not made.figures.fault:
                return made
            if known is not None:
                made = replace(made, figures=archive.candidates[known].figures)
            elif made.figures.fault:
                self.refused += 1
                if self._operators[name][1]:
                    self._tell_of(f"an answer was refused: {made.figures.text}")
            self._operators[name][0].hear(made, parent)
            bandit.hear(name, worths.FAILED, 0.2)
        return None

    def _tell_of(self, text: str) -> None:
        if text in self._told or len(self._told) < TOLD_MAX:
            self._told[text] = self._told.get(text, 0) + 1

    def _proposed(self, name: str, number: int, situation: Situation) -> Patch | None:
        operator, costly = self._operators[name]
        recorded = self.kept.get(number)
        if costly and recorded is not None:
            return recorded.patch if recorded.producer == name else None
        return operator.propose(situation)

    def _made(self, number: int, parent: Candidate, name: str, patch: Patch) -> Candidate:
        """The candidate of a patch; where the patch does not apply or a rule forbids it, with that as its fault."""
        try:
            text = self.subject.apply(parent.text, patch)
        except PatchError as error:
            return Candidate(
                number, parent.text, (parent.number,), name, patch, Figures(fault="patch", text=error.message)
            )
        made = Candidate(number, text, (parent.number,), name, patch)
        errors = [one for one in self.subject.findings(self.session.text, text) if one.severity is Severity.ERROR]
        if errors:
            return replace(made, figures=Figures(fault="rules", text=f"{errors[0].code}: {errors[0].message}"))
        return made

    def _batch(
        self,
        batch: Sequence[Candidate],
        archive: Archive,
        bandit: Bandit,
        pool: ThreadPoolExecutor,
        workers: "SimpleQueue[int]",
    ) -> Iterator[Tried | Remark]:
        floor = archive.candidates[archive.best].score if archive.candidates else WORST
        done: dict[int, Candidate] = {}
        running: dict[Future[Figures], Candidate] = {}
        for one in batch:
            recorded = self.kept.get(one.number)
            if recorded is None:
                running[pool.submit(self._measured, one.text, workers, floor)] = one
            elif recorded.digest != digest_of(one.text):
                raise TarsError(
                    f"session {self.session.id} cannot go on: candidate {one.number} comes out otherwise than recorded",
                    hint="another version of TARS or of a library began it; begin a new session",
                )
            else:
                done[one.number] = replace(one, figures=recorded.figures)
        repeated = set(done)
        known: list[Candidate] = []
        since = 0.0
        while running:
            left = None if not known else max(0.0, since + TOGETHER_SECONDS - monotonic())
            finished, _ = wait(running, left, return_when=FIRST_COMPLETED)
            since = since if known else monotonic()
            known += [replace(running.pop(each), figures=each.result()) for each in finished]
            if not running or monotonic() >= since + TOGETHER_SECONDS:
                known.sort(key=lambda one: one.number)
                keep(self.store, self.session, [one for one in known if one.number])
                done |= {one.number: one for one in known}
                known = []
        for one in batch:
            yield self._tell(done[one.number], archive, bandit, one.number in repeated)

    def _tell(self, one: Candidate, archive: Archive, bandit: Bandit, repeated: bool) -> Tried:
        best = archive.candidates[archive.best].score if archive.candidates else one.score
        archive.add(one, digest_of(one.text))
        if one.number:
            parent = archive.candidates[one.parents[0]]
            operator, costly = self._operators[one.producer]
            operator.hear(one, parent)
            worth = worths.OTHERWISE
            if one.figures.fault:
                worth = worths.FAILED
            elif one.score > best:
                worth = worths.BEST
            elif one.score > parent.score:
                worth = worths.BETTER
            bandit.hear(one.producer, worth, COSTLY if costly else 1.0)
        elif one.figures.fault:
            raise BrokenError(
                f"the version before fails itself ({one.figures.fault}): {one.figures.text or 'no answer'}",
                hint="mend it first: an evolution starts from something that works",
            )
        else:
            _refuse_unmeasured(self.held, one.figures)
        return Tried(one, archive.candidates[archive.best], repeated)

    def _measured(self, text: str, workers: "SimpleQueue[int]", floor: float) -> Figures:
        """On whichever worker is free; what judges is looked at before and after."""
        worker = workers.get()
        try:
            refuse_tampered(self.session.guarded, self.subject)
            figures = self.subject.screen(text, worker, floor)
            refuse_tampered(self.session.guarded, self.subject)
            return figures
        finally:
            workers.put(worker)


def _refuse_unmeasured(held: Sequence[str], figures: Figures) -> None:
    measured = ("seconds", *figures.others)
    for name in held:
        if name not in measured:
            hint = f"what is measured is {', '.join(measured)}"
            raise UsageError(f"the figure `{name}`, which is to be held, is not measured", hint=hint)


def refuse_tampered(guarded: Mapping[str, str], subject: Subject) -> None:
    """Raises `TamperError` where a file that judges is not what it was when the session began."""
    now: Mapping[str, Digest] = subject.guarded()
    changed = sorted(name for name in {*guarded, *now} if guarded.get(name) != now.get(name))
    if changed:
        raise TamperError(
            f"{changed[0]} was changed while the evolution went on, which it rests on; nothing of it is accepted",
            hint="put it back and begin again, or keep the change and begin a new session",
        )
