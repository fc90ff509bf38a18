"""Earlier moments: what is kept of them never says anything else than folding the journal up to there."""

import os
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tars.memory import moments
from tars.memory.acts import believe, retract
from tars.memory.current import current, folded, moment
from tars.memory.history import history
from tars.memory.journal import beliefs_of
from tars.memory.values import Bearing
from tars.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """40 acts on 9 beliefs, one a second, of which six steps back in time; a moment is kept every four entries."""
    monkeypatch.setattr(moments, "APART_MIN", 4)
    chance = Random(5)
    clock = iter(range(1_000, 9_000))
    with open_store(tmp_path / ".tars", clock=lambda: next(clock) - (50 if chance.random() < 0.1 else 0)) as opened:
        for turn in range(40):
            name = f"b{turn if turn < 9 else chance.randrange(9)}"
            if turn % 7 == 6:
                retract(opened, next(one.belief.id for one in current(opened).surest(1)))
            else:
                other = chance.choice([f"b{number}" for number in range(9) if f"b{number}" != name])
                relations = [(chance.choice(list(Bearing)), other)]
                believe(opened, name, "x", chance.uniform(0.1, 0.9), witness=f"w{turn % 3}", relations=relations)
        yield opened


def kept(store: Store) -> list[Path]:
    return list((store.root / "cache" / moments.FOLDER).iterdir())


def check_is(store: Store, **when: Any) -> None:
    """What is answered for a moment beside the plain fold of the journal up to it."""
    found, plain = moment(store, **when), beliefs_of(store, **when)
    judged = {one.belief.id: one for one in found.surest()}
    assert {id: one.belief for id, one in judged.items()} == plain.beliefs
    wanted = {id: one.confidence for id, one in plain.judged().items()}
    assert {id: one.confidence for id, one in judged.items()} == pytest.approx(wanted, abs=1e-9)


def test_a_moment_is_the_journal_up_to_it_whatever_is_kept(store: Store) -> None:
    for _ in range(2):
        for until in Random(3).sample(range(42), 42):
            check_is(store, until=until)
        assert 5 <= len(kept(store)) <= moments.KEPT_MAX
    for time in range(940, 1_045, 3):
        check_is(store, before=float(time))


def test_a_moment_that_is_damaged_or_of_another_journal_is_dropped(store: Store, tmp_path: Path) -> None:
    moment(store, until=39)
    os.unlink(store.root / "cache" / "beliefs")
    strange, *rest = kept(store)
    for path in rest:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    with open_store(tmp_path / "other") as other:
        believe(other, "elsewhere", "x", 0.7)
        strange.write_bytes(b"".join(current(other).written()))
    check_is(store, until=39)
    assert all(moments.read(path, store) for path in kept(store)), "and made anew"


def test_few_moments_are_kept_and_they_lie_apart(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "KEPT_MAX", 4)
    for turn in range(60):
        believe(store, f"c{turn}", "x", 0.6)
        current(store)
    numbers = sorted(int(path.name) for path in kept(store))
    assert len(numbers) <= 4
    assert max(after - before for before, after in zip([0, *numbers], [*numbers, store.head], strict=True)) <= 60
    check_is(store, until=77)


def test_where_nothing_can_be_kept_the_answer_is_the_same(store: Store) -> None:
    shutil.rmtree(store.root / "cache")
    (store.root / "cache").write_text("in the way")
    check_is(store, until=30)
    assert folded(store).count == current(store).count


def test_history_is_what_each_moment_was(store: Store) -> None:
    for id in ("b1", "b4"):
        steps = history(store, id)
        assert steps
        for step in steps:
            was = beliefs_of(store, until=step.entry.number).judged().get(id)
            assert step.confidence == (None if was is None else pytest.approx(was.confidence, abs=1e-9))
    assert history(store, "nobody") == []


def test_what_did_not_bear_on_a_belief_is_no_step_of_its_history(tmp_path: Path) -> None:
    """Not even the first of the last entries: what came before them counts."""
    with open_store(tmp_path / ".tars") as store:
        believe(store, "a", "x", 0.7)
        for witness in ("v", "w"):
            believe(store, "c", "x", 0.9, witness=witness)
        for _ in range(2):
            believe(store, "c", "x", 0.9, relations=[(Bearing.SUPPORTS, "a")])
        whole = history(store, "a")
        assert [step.about for step in whole] == [("a",), ("c",)]
        assert history(store, "a", steps_max=2) == whole[1:]
        assert history(store, "a", steps_max=1) == []
