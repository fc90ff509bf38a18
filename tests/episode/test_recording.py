"""What the probes of an episode answered is recorded, and a replay answers from it and runs nothing."""

from pathlib import Path
from typing import cast

import pytest

from tars.core.errors import TarsError
from tars.core.values import Json
from tars.episode.budget import Budget, Meter, OverBudgetError
from tars.episode.journal import ENDED, Journalled, read_log, read_recording
from tars.episode.loop import replay_episode, run_episode
from tars.episode.probes import Diary, Live, Replayed
from tars.episode.values import Probe
from tars.store import open_store

from .test_episode import Lock, Number, case, ended, recorded


@pytest.mark.parametrize("probes", [0, 1, 2, 3, 4, 20])
def test_a_replay_runs_nothing_and_comes_to_the_same(tmp_path: Path, probes: int) -> None:
    budget = Budget(probes_max=probes)
    recording, first = recorded(tmp_path, Lock(7), [3, 7], budget)
    lock = Lock(5)  # Whatever it would answer: it is not asked.
    steps, again = ended(replay_episode(case(lock, [3, 7], probing=True), budget, recording))
    assert lock.asked == 0
    assert (again.status, again.proposal, again.log.why) == (first.status, first.proposal, first.log.why)
    untimed = [(step.state, step.text, step.probe, step.observation, step.change) for step in first.log.steps]
    assert untimed == [(step.state, step.text, step.probe, step.observation, step.change) for step in steps]
    assert (again.log.probes, again.log.tried) == (first.log.probes, first.log.tried)


def test_a_tool_that_breaks_down_is_told_of_and_recorded(tmp_path: Path) -> None:
    lock = Lock(7)

    def jam() -> None:
        if lock.asked == 3:
            raise TarsError("the lock is jammed", hint="oil it")

    lock.on_ask = jam
    with open_store(tmp_path / ".tars") as store:
        with pytest.raises(TarsError, match="jammed"):
            ended(run_episode(case(lock, [3, 7]), Meter(Budget()), Journalled(store, "lock")))
        entry = store.latest(ENDED, subject="lock")
        assert entry is not None
        assert (entry.body["status"], entry.body["why"]) == ("interrupted", "the lock is jammed")
        recording = read_recording(store, entry)
        told = str(read_log(store, entry)["steps"])
    assert ["failed" in cast(dict[str, Json], one) for one in recording] == [False, False, True]
    assert "no answer: the lock is jammed" in told
    with pytest.raises(TarsError, match="jammed"):
        ended(replay_episode(case(Lock(5), [3, 7]), Budget(), recording))


def test_a_probe_that_is_interrupted_is_not_recorded(tmp_path: Path) -> None:
    lock = Lock(7)

    def interrupt() -> None:
        if lock.asked == 2:
            raise KeyboardInterrupt

    lock.on_ask = interrupt
    with open_store(tmp_path / ".tars") as store:
        with pytest.raises(KeyboardInterrupt):
            ended(run_episode(case(lock, [3, 7]), Meter(Budget()), Journalled(store, "lock")))
        entry = store.latest(ENDED, subject="lock")
        assert entry is not None
        (kept,) = read_recording(store, entry)
        assert "answer" in cast(dict[str, Json], kept)


def test_a_replay_that_asks_something_else_is_refused(tmp_path: Path) -> None:
    recording, _ = recorded(tmp_path, Lock(7), [3, 7], Budget())
    with pytest.raises(TarsError, match="another question"):
        ended(replay_episode(case(Lock(7), [4, 7], probing=True), Budget(), recording))
    with pytest.raises(TarsError, match="the recording has 3"):
        ended(replay_episode(case(Lock(7), [3, 7], probing=True), Budget(), recording[:3]))


def test_time_that_is_up_between_two_probes_is_recorded_and_comes_again(tmp_path: Path) -> None:
    seconds = [0.0]
    live = Live(Diary(Meter(Budget(seconds_max=60), lambda: seconds[0])))
    probe = Probe("light", {"at": 1})
    live.look()
    assert live(probe, lambda: 5, Number(), str) == 5
    live.look()
    seconds[0] = 61.5
    with pytest.raises(OverBudgetError, match="the budget of 60 seconds is used up"):
        live.look()

    replayed = Replayed(live.recording, Budget(seconds_max=60))
    replayed.look()
    assert replayed(probe, lambda: 6, Number(), str) == 5
    replayed.look()
    with pytest.raises(OverBudgetError, match="the budget of 60 seconds is used up"):
        replayed.look()
    assert replayed.clock() == 61.5
    for _ in range(3):
        replayed.look()
