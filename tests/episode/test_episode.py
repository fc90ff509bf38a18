"""The loop: every transition of the table, budgets to the second, replays that run nothing, and ends in the middle."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tars.core.errors import TarsError
from tars.core.values import Json
from tars.episode.budget import Budget, Meter, OverBudgetError, out_of_time
from tars.episode.journal import ENDED, STARTED, Journalled, interrupted, read_log, read_recording
from tars.episode.loop import Case, run_episode
from tars.episode.table import TABLE, Happening, after
from tars.episode.values import Ask, Ended, Probe, Proposal, Sensed, Size, State, Status, Step, Verdict
from tars.store import open_store


class Number:
    """The form of answers that are numbers."""

    def to_json(self, value: int) -> Json:
        return value

    def from_json(self, value: Json) -> int:
        assert isinstance(value, int)
        return value


@dataclass
class Lock:
    """What the episodes of these tests are about: a number lock whose digits only tell whether they are too small.

    `turned` are the changes that stand as they were tried; `asked` counts what was really run.
    """

    secret: int
    turned: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    asked: int = 0
    on_ask: Callable[[], None] = lambda: None

    goal = "open the lock"

    def compare(self, guess: int) -> int:
        self.asked += 1
        self.on_ask()
        return (guess > self.secret) - (guess < self.secret)

    def put(self, ask: Ask, guess: int) -> int:
        told = {-1: "too small", 0: "it fits", 1: "too large"}
        return ask(
            Probe("compare", {"guess": guess}), lambda: self.compare(guess), Number(), lambda is_: told[is_]
        )  # fmt: skip

    def sense(self, ask: Ask) -> Sensed:
        fine = self.put(ask, 0) == 0
        return Sensed(fine, "it is open" if fine else "it is locked")

    def size(self, change: int) -> Size:
        return Size(1, change)

    def name(self, change: int) -> str:
        return f"n{change}"

    def rollback(self, change: int) -> None:
        self.turned.remove(change)
        self.undone.append(change)

    def reflect(self, proposal: Proposal[int]) -> str:
        return f"{proposal.change} opens it"

    def to_json(self, change: int) -> Json:
        return change


@dataclass
class Guesses:
    """Proposes numbers, each after a probe where `probing`; remembers the verdicts that it heard."""

    lock: Lock
    numbers: Sequence[int]
    probing: bool = False
    heard: list[Verdict | None] = field(default_factory=list)

    def propose(self, ask: Ask) -> Generator[Proposal[int] | None, Verdict | None, None]:
        for number in self.numbers:
            if self.probing:
                self.lock.put(ask, number - 1)
                yield None
            self.heard.append((yield Proposal(number, f"try {number}", 0.5, "guesses", ("docs:locks.html",))))


@dataclass
class Turn:
    lock: Lock
    name = "turn"

    def judge(self, change: int, ask: Ask) -> Verdict:
        self.lock.turned.append(change)
        fits = self.lock.put(ask, change) == 0
        return Verdict(fits, "it turns" if fits else "it does not turn")


@dataclass
class Second:
    """Agrees to everything but the numbers that it dislikes."""

    dislikes: int = -1
    name = "second"

    def judge(self, change: int, ask: Ask) -> Verdict:
        return Verdict(change != self.dislikes, "seen")


def case(lock: Lock, numbers: Sequence[int], *, probing: bool = False) -> Case[int]:
    return Case(lock, Guesses(lock, numbers, probing), [Turn(lock), Second()])


def ended(run: Generator[Step, None, Ended[int]]) -> tuple[list[Step], Ended[int]]:
    steps = []
    while True:
        try:
            steps.append(next(run))
        except StopIteration as stop:
            return steps, stop.value


def states(steps: Sequence[Step]) -> list[str]:
    return [step.state.value for step in steps]


def test_a_change_is_accepted_and_the_diary_tells_how() -> None:
    lock = Lock(7)
    steps, end = ended(run_episode(case(lock, [3, 7], probing=True), Meter(Budget())))
    assert (end.status, end.proposal and end.proposal.change) == (Status.DONE, 7)
    assert (lock.turned, lock.undone) == ([7], [3])
    assert end.log.steps == tuple(steps)
    assert (end.log.tried, end.log.probes) == (2, 5)
    assert end.log.why == "7 opens it"
    assert states(steps) == [
        "probe", "sense", "probe", "propose", "probe", "validate", "rollback", "probe", "propose", "probe", "validate",
        "validate", "reflect", "remember",
    ]  # fmt: skip
    proposed = next(step for step in steps if step.state is State.PROPOSE)
    assert proposed.to_json() | {"seconds": 0} == {
        "number": 4, "state": "propose", "seconds": 0, "text": "try 3 (50% sure)", "change": "n3",
        "producer": "guesses", "citations": ["docs:locks.html"],
    }  # fmt: skip
    probe = steps[0].to_json()
    assert probe["action"] == {"tool": "compare", "arguments": {"guess": 0}}
    assert len(str(probe["observation"])) == 64


def test_nothing_to_do_and_nothing_found() -> None:
    steps, end = ended(run_episode(case(Lock(0), [1]), Meter(Budget())))
    assert (end.status, end.proposal, end.log.why) == (Status.FINE, None, "it is open")
    assert states(steps) == ["probe", "sense", "remember"]
    lock = Lock(9)
    steps, end = ended(run_episode(case(lock, [1, 2]), Meter(Budget())))
    assert (end.status, end.proposal, end.log.why) == (Status.ABSTAINED, None, "turn: it does not turn")
    assert (lock.turned, lock.undone) == ([], [1, 2])
    steps, end = ended(run_episode(case(Lock(9), []), Meter(Budget())))
    assert (end.status, end.log.why) == (Status.ABSTAINED, "it is locked; nothing was found that helps")


def test_proposers_hear_every_verdict_but_the_last() -> None:
    lock = Lock(30)
    guesses = Guesses(lock, [3, 25, 30])
    ended(run_episode(Case(lock, guesses, [Turn(lock), Second()]), Meter(Budget(lines_max=20))))
    refused = "it changes 25 lines, and the budget allows 20"
    assert guesses.heard == [
        Verdict(False, "it does not turn"), Verdict(False, refused), Verdict(False, refused.replace("25", "30"))
    ]  # fmt: skip


def test_every_gate_must_agree_and_the_first_refusal_ends_it() -> None:
    lock = Lock(7)
    _, end = ended(run_episode(Case(lock, Guesses(lock, [7]), [Turn(lock), Second(dislikes=7)]), Meter(Budget())))
    assert (end.status, end.log.why, lock.turned) == (Status.ABSTAINED, "second: seen", [])


def test_equal_probes_are_put_once() -> None:
    lock = Lock(7)
    ended(run_episode(case(lock, [5, 6, 5, 6], probing=True), Meter(Budget())))
    assert lock.asked == 4  # 0, 4, 5 and 6


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("happening", Happening)
def test_what_is_not_in_the_table_cannot_happen(state: State, happening: Happening) -> None:
    if (state, happening) in TABLE:
        assert after(state, happening) is TABLE[state, happening]
    else:
        with pytest.raises(AssertionError):
            after(state, happening)


def test_every_transition_of_the_table_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """And every episode comes to its end by transitions of the table alone."""
    seen = set[tuple[State, Happening]]()

    def noted(state: State, happening: Happening) -> State:
        seen.add((state, happening))
        return after(state, happening)

    monkeypatch.setattr("tars.episode.loop.after", noted)
    for secret, numbers in ((0, [1]), (7, [3, 7]), (9, [1]), (30, [25, 30])):
        for probes in range(8):
            for probing in (False, True):
                budget = Budget(probes_max=probes, lines_max=20)
                ended(run_episode(case(Lock(secret), numbers, probing=probing), Meter(budget)))
    assert seen == set(TABLE)


@pytest.mark.parametrize("probes", range(6))
def test_the_budget_of_probes_is_kept_and_named(probes: int) -> None:
    lock = Lock(7)
    _, end = ended(run_episode(case(lock, [3, 4, 5, 7]), Meter(Budget(probes_max=probes))))
    assert lock.asked == end.log.probes == min(probes, 5)
    assert lock.turned == ([7] if probes == 5 else [])
    if probes < 5:
        assert end.status is Status.ABSTAINED
        assert f"{probes} probes" in end.log.why
    else:
        assert end.status is Status.DONE


@pytest.mark.parametrize(("size", "why"), [(Size(3, 5), ""), (Size(4, 5), "4 files"), (Size(3, 6), "6 lines")])
def test_the_budgets_of_files_and_lines_are_kept_and_named(size: Size, why: str) -> None:
    refusal = Budget(files_max=3, lines_max=5).refusal(size)
    assert why in refusal
    assert bool(refusal) is bool(why)


def ticking(seconds: float) -> tuple[Callable[[], float], Callable[[], None]]:
    """A clock, and what makes it go on by so many seconds."""
    now = [100.0]

    def tick() -> None:
        now[0] += seconds

    return lambda: now[0], tick


def test_the_budget_of_seconds_is_kept() -> None:
    clock, tick = ticking(1.0)
    lock = Lock(99, on_ask=tick)
    steps, end = ended(run_episode(case(lock, range(1, 50)), Meter(Budget(seconds_max=10), clock)))
    assert (end.status, end.log.why) == (Status.ABSTAINED, "the budget of 10 seconds is used up")
    assert (lock.asked, end.log.seconds) == (10, 10.0)
    assert lock.turned == []
    assert [step.seconds for step in steps] == sorted(step.seconds for step in steps)


def test_a_probe_that_is_not_answered_in_time_ends_the_episode() -> None:
    budget = Budget(seconds_max=3)
    lock = Lock(7)

    def late() -> None:
        if lock.asked == 3:
            raise out_of_time(budget)

    lock.on_ask = late
    _, end = ended(run_episode(case(lock, [3, 7]), Meter(budget)))
    assert (end.status, lock.turned, lock.undone) == (Status.ABSTAINED, [], [3, 7])
    assert "3 seconds" in end.log.why


def recorded(tmp_path: Path, lock: Lock, numbers: Sequence[int], budget: Budget) -> tuple[list[Json], Ended[int]]:
    with open_store(tmp_path / ".tars") as store:
        journal = Journalled(store, "lock", "key")
        _, end = ended(run_episode(case(lock, numbers, probing=True), Meter(budget), journal))
        entry = store.latest(ENDED, subject="lock")
        assert entry is not None
        assert entry.run == journal.run
        log = read_log(store, entry)
        assert log == end.log.to_json()
        return read_recording(store, entry), end


def test_the_journal_tells_how_it_ended(tmp_path: Path) -> None:
    recorded(tmp_path, Lock(7), [7], Budget())
    with open_store(tmp_path / ".tars") as store:
        first, last = store.entries(subject="lock")
        assert (first.kind, last.kind, first.key) == (STARTED, ENDED, "key")
        assert (last.body["status"], last.body["change"], last.body["tried"]) == ("done", 7, 1)
        assert not list(interrupted(store))


class Broken:
    name = "broken"

    def judge(self, change: int, ask: Ask) -> Verdict:
        raise TarsError("the gate is stuck", hint="oil it")


def test_a_gate_that_fails_leaves_nothing_tried_and_an_entry(tmp_path: Path) -> None:
    lock = Lock(7)
    with open_store(tmp_path / ".tars") as store:
        journal = Journalled(store, "lock")
        with pytest.raises(TarsError, match="stuck"):
            ended(run_episode(Case(lock, Guesses(lock, [7]), [Turn(lock), Broken()]), Meter(Budget()), journal))
        entry = store.latest(ENDED)
        assert entry is not None
        assert (entry.body["status"], entry.body["why"]) == ("interrupted", "the gate is stuck")
    assert (lock.turned, lock.undone) == ([], [7])


def test_closing_interrupts_at_every_step(tmp_path: Path) -> None:
    with open_store(tmp_path / ".tars") as store:
        for count in range(1, 14):
            lock = Lock(7)
            run = run_episode(case(lock, [3, 7], probing=True), Meter(Budget()), Journalled(store, f"at {count}"))
            steps = [next(run) for _ in range(count)]
            run.close()
            entry = store.latest(ENDED, subject=f"at {count}")
            assert entry is not None
            done = steps[-1].state in (State.REFLECT, State.REMEMBER)
            assert lock.turned == ([7] if done else []), steps[-1]
            assert entry.body["status"] == ("done" if steps[-1].state is State.REMEMBER else "interrupted")
            assert (entry.body["why"] == "it was interrupted") is (entry.body["status"] == "interrupted")


PROGRAM = """
import os, sys
sys.path.insert(0, {here!r})
from test_episode import *
lock = Lock(7)
with open_store(Path({root!r})) as store:
    def stop():
        if lock.asked == {asked}:
            os.kill(os.getpid(), signal.SIGKILL)
    lock.on_ask = stop
    ended(run_episode(case(lock, [3, 7], probing=True), Meter(Budget()), Journalled(store, "lock")))
"""


def test_an_episode_that_is_killed_is_known_as_interrupted(tmp_path: Path) -> None:
    root = tmp_path / ".tars"
    program = PROGRAM.format(here=os.path.dirname(__file__), root=str(root), asked=3)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with open_store(root) as store:
        (left,) = interrupted(store, "lock")
        assert (left.kind, left.body["goal"]) == (STARTED, "open the lock")
        _, end = ended(run_episode(case(Lock(7), [7]), Meter(Budget()), Journalled(store, "lock")))
        assert end.status is Status.DONE
        assert [entry.number for entry in interrupted(store, "lock")] == [left.number]


def test_over_budget_is_an_error_with_a_hint() -> None:
    with pytest.raises(OverBudgetError) as caught:
        Meter(Budget(probes_max=0)).count_probe()
    assert caught.value.hint
