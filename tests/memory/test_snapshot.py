"""The kept snapshot of the beliefs: it is what folding the journal gives, whatever was kept, by whomever, and when."""

import json
import multiprocessing
import os
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tars.core.errors import UsageError
from tars.memory.acts import believe, retract
from tars.memory.columns import DamagedError
from tars.memory.current import current, folded, is_held
from tars.memory.journal import KIND, beliefs_of, import_beliefs
from tars.memory.merging import empty
from tars.memory.snapshot import Snapshot
from tars.memory.values import Bearing
from tars.store import Store, open_store

NAMES = [f"b{number}" for number in range(8)]
SAID = st.fixed_dictionaries(
    {"id": st.sampled_from(NAMES)},
    optional={
        "statement": st.sampled_from(["", "it rains", "α «🙂»\n"]),
        "confidence": st.floats(0.01, 0.99),
        "witness": st.sampled_from(["one", "two"]),
        "evidence": st.lists(st.sampled_from(["x", "y"]), max_size=2),
        **{bearing.value: st.lists(st.sampled_from([*NAMES, "never"]), max_size=3) for bearing in Bearing},
    },
)
ACTS = st.one_of(SAID, SAID, SAID, st.fixed_dictionaries({"act": st.just("retract"), "id": st.sampled_from(NAMES)}))


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(tmp_path / ".tars") as opened:
        yield opened


def kept(store: Store) -> Path:
    return store.root / "cache" / "beliefs"


def write(store: Store, *acts: dict[str, Any]) -> None:
    with store.transaction() as transaction:
        for act in acts:
            transaction.append(KIND, {"act": "believe", **act}, subject=act["id"])


def said_of(snapshot: Snapshot) -> dict[str, Any]:
    """All that a snapshot says of its beliefs, without their rows."""
    return {
        one.belief.id: (
            one.belief, one.exact, {(r.source, r.bearing, r.target) for r in snapshot.relations(row)},
        )
        for row in snapshot.rows() if (one := snapshot.judged(row))
    }  # fmt: skip


def confidences(snapshot: Snapshot) -> dict[str, float]:
    return {snapshot.id_of(row): snapshot.probability[row] for row in snapshot.rows()}


def check_is_the_journal(snapshot: Snapshot, store: Store) -> None:
    """The snapshot beside the plain fold of the whole journal into dictionaries, and what that is judged to be."""
    beliefs = beliefs_of(store)
    judged = beliefs.judged()
    assert {id: one for id, (one, _, _) in said_of(snapshot).items()} == beliefs.beliefs
    assert {id: exact for id, (_, exact, _) in said_of(snapshot).items()} == {
        id: one.exact for id, one in judged.items()
    }
    assert confidences(snapshot) == pytest.approx({id: one.confidence for id, one in judged.items()}, abs=1e-9)
    stated = {key for key in beliefs.relations if key[0] in judged or key[2] in judged}
    assert {key for _, _, keys in said_of(snapshot).values() for key in keys} == stated


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(ACTS, min_size=1, max_size=3), max_size=8))
def test_going_on_from_what_was_kept_is_folding_from_the_beginning(steps: list[list[dict[str, Any]]]) -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / ".tars") as store:
        for acts in steps:
            write(store, *acts)
            check_is_the_journal(current(store), store)
        assert said_of(folded(store)) == said_of(current(store))


def test_a_large_graph_updated_bit_by_bit_is_the_one_judged_at_once(store: Store) -> None:
    """3,000 beliefs in one part that is too wide for an exact answer, and 200 small parts beside it."""
    chance = Random(7)
    bearings = [bearing.value for bearing in Bearing]
    lines: list[dict[str, Any]] = [
        {"id": f"b{n}", "statement": "x", "confidence": chance.uniform(0.05, 0.95), "witness": "w",
         chance.choice(bearings): [f"b{chance.randrange(3000)}" for _ in range(2)]}
        for n in range(3000)
    ]  # fmt: skip
    lines += [
        {"id": f"s{n}", "statement": "x", "confidence": 0.7, "witness": "w", "supports": [f"s{n ^ 1}"]}
        for n in range(400)
    ]
    import_beliefs(store, lines)
    before = confidences(current(store))
    for step in range(12):
        id = f"b{chance.randrange(3000)}"
        if step % 4 == 3:
            retract(store, id)
        else:
            believe(store, id, "x", chance.uniform(0.05, 0.95), relations=[(Bearing.SUPPORTS, f"b{step}")])
        now = current(store)
    at_once = folded(store)
    assert confidences(now) == pytest.approx(confidences(at_once), abs=2e-9)
    assert not now.judged(now.find("b1") or 0).exact
    after = confidences(now)
    small = [id for id in before if id.startswith("s")]
    assert [after[id] for id in small] == [before[id] for id in small], "bit for bit"


def test_a_question_reads_what_is_kept_and_folds_only_what_follows(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    believe(store, "a", "first", 0.7)
    asked: list[int] = []
    entries = store.entries

    def counted(**where: Any) -> Any:
        for entry in entries(**where):
            asked.append(entry.number)
            yield entry

    monkeypatch.setattr(store, "entries", counted)
    current(store)
    assert 1 in asked
    for number in range(5):
        believe(store, f"b{number}", "more", 0.6)
    asked.clear()
    assert current(store).count == 6
    assert min(asked) >= 1
    asked.clear()
    assert current(store).count == 6
    assert set(asked) == {6}, "only the entry that the snapshot stands for is looked at"


@pytest.mark.parametrize("place", [0, 20, 200, -200, -1])
def test_a_damaged_snapshot_is_made_anew(store: Store, place: int) -> None:
    believe(store, "a", "first", 0.7)
    current(store)
    data = bytearray(kept(store).read_bytes())
    data[place] ^= 1
    kept(store).write_bytes(data)
    with pytest.raises(DamagedError):
        Snapshot.read(bytes(data))
    assert confidences(current(store)) == {"a": pytest.approx(0.7)}
    assert kept(store).read_bytes() != bytes(data), "and is kept again"


@pytest.mark.parametrize("data", [b"", b"tars-beliefs 1\n\0", b"x" * 100, b"tars-beliefs 1\n\0" + b"\xff" * 100])
def test_what_is_no_snapshot_is_made_anew(store: Store, data: bytes) -> None:
    believe(store, "a", "first", 0.7)
    kept(store).write_bytes(data)
    assert current(store).count == 1


def test_a_snapshot_cut_anywhere_is_made_anew(store: Store) -> None:
    believe(store, "a", "first", 0.7)
    current(store)
    whole = kept(store).read_bytes()
    for length in range(0, len(whole), 7):
        with pytest.raises(DamagedError):
            Snapshot.read(whole[:length])


def test_a_snapshot_of_another_journal_is_not_believed(store: Store, tmp_path: Path) -> None:
    believe(store, "a", "true here", 0.7)
    with open_store(tmp_path / "other" / ".tars") as other:
        believe(other, "a", "true elsewhere", 0.2)
        current(other)
        believe(other, "b", "more", 0.2)
        for stranger in (kept(other).read_bytes(), b"".join(current(other).written())):
            kept(store).write_bytes(stranger)
            assert current(store).surest()[0].belief.statement == "true here"
    kept(store).write_bytes(b"".join(empty().written()))
    assert current(store).count == 1, "an empty one stands for the beginning, and what follows is folded in"


def test_a_belief_said_again_and_again_does_not_fill_the_snapshot(store: Store) -> None:
    statement = "x" * 9_000
    for turn in range(40):
        believe(store, "a", statement, 0.5 + turn / 100, witness=f"w{turn % 3}")
        believe(store, "b", f"{turn}", 0.6)
        current(store)
    assert kept(store).stat().st_size < 120_000, "not the 360,000 bytes that were said"
    check_is_the_journal(current(store), store)
    check_is_the_journal(Snapshot.read(kept(store).read_bytes()), store)


def test_whether_a_belief_is_held_is_known_before_anything_is_judged(store: Store) -> None:
    assert not is_held(store, "a")
    believe(store, "a", "first", 0.7)
    current(store)
    write(store, {"id": "b", "statement": "x"}, {"act": "retract", "id": "a"}, {"id": "b", "confidence": 7})
    assert (is_held(store, "a"), is_held(store, "b"), is_held(store, "c")) == (False, True, False)
    with pytest.raises(UsageError, match="not known yet"):
        believe(store, "a", "", 0.5)
    with pytest.raises(UsageError, match="no belief `a`"):
        retract(store, "a")


def test_a_project_that_cannot_be_written_still_answers(store: Store) -> None:
    believe(store, "a", "first", 0.7)
    kept(store).mkdir()
    assert current(store).count == 1
    assert [path.name for path in kept(store).parent.iterdir()] == ["beliefs"], "nothing is left lying about"


def test_without_numpy_questions_are_answered_while_nothing_changed(
    run_tarscli: Any, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In processes of their own that have no numpy: reading needs none, and judging says how to get it."""
    (tmp_path / ".tars").mkdir()
    run_tarscli("memory", "believe", "a", "first", folder=tmp_path)
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "numpy.py").write_text("raise ImportError('none here')")
    monkeypatch.setitem(environment, "PYTHONPATH", str(blocked))
    assert "first" in run_tarscli("memory", "show", "a", folder=tmp_path).stdout
    assert "first" in run_tarscli("memory", "beliefs", "--limit", "3", folder=tmp_path).stdout
    os.unlink(tmp_path / ".tars" / "cache" / "beliefs")
    refused = run_tarscli("memory", "show", "a", folder=tmp_path, code=3)
    assert "pip install 'tars-agents[memory]'" in refused.stderr


def state_many(root: Path, witness: str) -> None:
    with open_store(root) as store:
        for number in range(20):
            believe(store, f"b{number % 5}", "shared", 0.6, witness=witness)
            assert current(store).stamp.entry >= number


def test_several_processes_keep_one_snapshot(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=state_many, args=(store.root, f"w{number}")) for number in range(3)]
    for process in others:
        process.start()
    for process in others:
        process.join(120)
    assert [process.exitcode for process in others] == [0, 0, 0]
    assert store.head == 60
    check_is_the_journal(current(store), store)
    assert Snapshot.read(kept(store).read_bytes()).stamp.entry == 60


def test_a_listing_is_limited_and_says_so(run_tarscli: Any, tmp_path: Path) -> None:
    (tmp_path / ".tars").mkdir()
    lines = [json.dumps({"id": f"b{n}", "statement": "x", "confidence": 0.5 + n / 100}) for n in range(30)]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    run_tarscli("memory", "import", "many.jsonl", folder=tmp_path)
    told = run_tarscli("memory", "beliefs", "--limit", "2", folder=tmp_path)
    assert [line.split()[2] for line in told.stdout.splitlines()] == ["b29", "b28"]
    assert "30 beliefs, of which the surest 2 are shown" in told.stderr
    answer = json.loads(run_tarscli("memory", "beliefs", "--limit", "2", "--json", folder=tmp_path).stdout)
    assert (answer["count"], len(answer["beliefs"])) == (30, 2)
    run_tarscli("memory", "beliefs", "--limit", "-1", folder=tmp_path, code=2)
