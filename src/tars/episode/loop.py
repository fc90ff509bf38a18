"""Runs an episode: one handler for each state, the table says what follows, and every step is told as it happens."""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Final, Generic

from ducktools.classbuilder.prefab import Prefab

from tars.core.values import Json
from tars.episode.budget import Budget, Meter, OverBudgetError
from tars.episode.journal import Journalled
from tars.episode.probes import Diary, Live, Replayed
from tars.episode.table import Happening, after
from tars.episode.values import (
    Ask,
    C,
    DevLog,
    Ended,
    Gate,
    Proposal,
    Proposer,
    State,
    Status,
    Step,
    Task,
    Verdict,
)

_INTERRUPTED: Final = "it was interrupted"


class Case(Generic[C], Prefab, frozen=True):
    """What an episode is about, who proposes, and who judges, in that order."""

    task: Task[C]
    proposer: Proposer[C]
    gates: Sequence[Gate[C]]


def run_episode(case: Case[C], meter: Meter, journal: Journalled | None = None) -> Generator[Step, None, Ended[C]]:
    """Yields the steps as they happen and returns how it ended. Nothing is applied: an accepted change is its owner's
    to apply. Closing the generator interrupts the episode: what was tried is rolled back, and the journal says so.

    Raises what the task, the proposer or a gate raises, after the same clean-up.
    """
    diary = Diary(meter)
    live = Live(diary)
    return (yield from _Episode(case, live, diary, live.recording, journal).run())


def replay_episode(case: Case[C], budget: Budget, recording: list[Json]) -> Generator[Step, None, Ended[C]]:
    """As `run_episode`, answered from a recording: nothing is run, and nothing is journalled.

    Raises `TarsError` where another question is put than was recorded.
    """
    replayed = Replayed(recording, budget)
    return (yield from _Episode(case, replayed, replayed.diary, recording, None).run())


class _Episode(Generic[C]):
    def __init__(
        self, case: Case[C], ask: Ask, diary: Diary, recording: list[Json], journal: Journalled | None
    ) -> None:
        self.case = case
        self.ask = ask
        self.diary = diary
        self.recording = recording
        self.journal = journal
        self.status = Status.INTERRUPTED
        self.why = _INTERRUPTED
        self.tried = 0
        self.proposal: Proposal[C] | None = None
        self.log: DevLog | None = None
        self._ideas = case.proposer.propose(ask)
        self._verdict: Verdict | None = None
        self._gates: list[Gate[C]] = []
        self._trying = False
        self._intent = ""
        self._handlers: Mapping[State, Callable[[], Happening | None]] = {
            State.SENSE: self._sense,
            State.PLAN: self._plan,
            State.PROBE: lambda: Happening.ANSWERED,
            State.PROPOSE: self._propose,
            State.VALIDATE: self._validate,
            State.ROLLBACK: self._rollback,
            State.REFLECT: self._reflect,
            State.REMEMBER: self._remember,
        }

    def run(self) -> Generator[Step, None, Ended[C]]:
        told = 0
        if self.journal is not None:
            self.journal.started(self.case.task.goal)
        try:
            while self.diary.state is not State.END:
                happening = self._handlers[self.diary.state]()
                while told < len(self.diary.steps):
                    told += 1
                    yield self.diary.steps[told - 1]
                if happening is not None:
                    self.diary.state = after(self.diary.state, happening)
        except BaseException as error:
            self._interrupt(error)
            raise
        finally:
            self._ideas.close()
        assert self.log is not None
        return Ended(self.status, self.proposal if self.status is Status.DONE else None, self.log)

    def _sense(self) -> Happening:
        try:
            sensed = self.case.task.sense(self.ask)
        except OverBudgetError as error:
            return self._stopped(error)
        self.diary.tell(sensed.text)
        if sensed.fine:
            self.status, self.why = Status.FINE, sensed.text
            return Happening.FINE
        self.why = f"{sensed.text}; nothing was found that helps"
        self._intent = sensed.plan
        return Happening.FOUND

    def _plan(self) -> Happening:
        verdict, self._verdict = self._verdict, None
        if self._intent:
            self.diary.tell(self._intent)
            self._intent = ""
        try:
            idea = self._ideas.send(verdict)
        except StopIteration:
            self.status = Status.ABSTAINED
            return Happening.EXHAUSTED
        except OverBudgetError as error:
            return self._stopped(error)
        if idea is None:
            return Happening.ASKED
        self.proposal = idea
        return Happening.READY

    def _propose(self) -> Happening:
        assert self.proposal is not None
        proposal, task, diary = self.proposal, self.case.task, self.diary
        name, text = task.name(proposal.change), f"{proposal.reason} ({proposal.confidence:.0%} sure)"
        diary.add(Step(0, diary.state, 0.0, text, None, "", name, proposal.producer, proposal.citations))
        if refusal := diary.meter.budget.refusal(task.size(proposal.change)):
            diary.tell(refusal)
            self.why = f"a change was found, but {refusal}"
            self._verdict = Verdict(False, refusal)
            return Happening.TOO_LARGE
        self.tried += 1
        self._gates = list(self.case.gates)
        return Happening.PROPOSED

    def _validate(self) -> Happening | None:
        """One gate at a time, so that each verdict is told when it is known."""
        assert self.proposal is not None
        if not self._gates:
            return Happening.ACCEPTED
        gate = self._gates.pop(0)
        self._trying = True
        try:
            verdict = gate.judge(self.proposal.change, self.ask)
        except OverBudgetError as error:
            return self._stopped(error)
        self.diary.tell(f"{gate.name}: {verdict.why}")
        if verdict.accepted:
            return None
        self._verdict = verdict
        self.why = f"{gate.name}: {verdict.why}"
        return Happening.REFUSED

    def _rollback(self) -> Happening:
        self._undo()
        self.diary.tell("the change is taken back")
        return Happening.STOPPED if self._verdict is None else Happening.UNDONE

    def _reflect(self) -> Happening:
        assert self.proposal is not None
        self._trying = False
        self.status, self.why = Status.DONE, self.case.task.reflect(self.proposal)
        self.diary.tell(self.why)
        return Happening.LEARNT

    def _remember(self) -> Happening:
        # Why it was accepted has just been told.
        self.diary.tell(self.status.value + (f": {self.why}" if self.status is not Status.DONE else ""))
        self._keep()
        return Happening.KEPT

    def _stopped(self, error: OverBudgetError) -> Happening:
        self.status, self.why = Status.ABSTAINED, error.message
        self.diary.tell(error.message)
        return Happening.STOPPED

    def _interrupt(self, error: BaseException) -> None:
        if self.log is not None:
            return
        self._undo()
        stopped = isinstance(error, GeneratorExit | KeyboardInterrupt)
        self.why = _INTERRUPTED if stopped else str(error) or type(error).__name__
        self.status = Status.INTERRUPTED
        self._keep()

    def _undo(self) -> None:
        if self._trying and self.proposal is not None:
            self._trying = False
            self.case.task.rollback(self.proposal.change)

    def _keep(self) -> None:
        diary, meter = self.diary, self.diary.meter
        goal = self.case.task.goal
        self.log = DevLog(goal, self.status, self.why, tuple(diary.steps), meter.probes, meter.seconds(), self.tried)
        if self.journal is not None:
            done = self.proposal if self.status is Status.DONE else None
            change = self.case.task.to_json(done.change) if done is not None else None
            self.journal.ended(self.log, self.recording, change)
