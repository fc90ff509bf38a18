"""Beliefs in a project's journal: what adds up, what is one testimony, what is taken back, what was believed when."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tars.core.errors import UsageError
from tars.core.values import Digest
from tars.memory.acts import believe, retract
from tars.memory.analysis import circles, contradictions, way_round
from tars.memory.beliefs import Beliefs, log_odds
from tars.memory.current import current
from tars.memory.history import history
from tars.memory.journal import apply, beliefs_of, exported, fault_of, import_beliefs
from tars.memory.values import Bearing, Report
from tars.store import Entry, Store, open_store
from tars.store.verify import verify


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(tmp_path / ".tars") as opened:
        yield opened


def confidence(store: Store, id: str, **when: Any) -> float:
    return beliefs_of(store, **when).judged()[id].confidence


def test_independent_witnesses_add_up_in_log_odds(store: Store) -> None:
    believe(store, "b", "it rains", 0.8, witness="one")
    assert confidence(store, "b") == pytest.approx(0.8)
    believe(store, "b", "", 0.8, witness="two")
    assert confidence(store, "b") == pytest.approx(16 / 17)
    believe(store, "b", "", 0.2, witness="two")
    assert confidence(store, "b") == pytest.approx(0.5), "a witness who changes its mind counts once"


def test_witnesses_that_rest_on_the_same_evidence_are_one_testimony(store: Store) -> None:
    believe(store, "b", "it rains", 0.8, witness="one", evidence=["a.log", "b.log"])
    believe(store, "b", "", 0.8, witness="two", evidence=["b.log", "c.log"])
    believe(store, "b", "", 0.8, witness="three", evidence=["c.log"])
    assert confidence(store, "b") == pytest.approx(0.8)
    believe(store, "b", "", 0.8, witness="four", evidence=["d.log"])
    assert confidence(store, "b") == pytest.approx(16 / 17)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.floats(0.001, 0.999), st.lists(st.sampled_from("abc"), max_size=2)), max_size=6), st.randoms()
)
def test_the_order_of_reports_does_not_count(given: list[tuple[float, list[str]]], chance: Any) -> None:
    reports = [Report(str(number), sure, tuple(rests)) for number, (sure, rests) in enumerate(given)]
    shuffled = chance.sample(reports, len(reports))
    assert math.isclose(log_odds(reports), log_odds(shuffled), abs_tol=1e-9)


def test_what_rested_on_a_retracted_belief_is_judged_anew_and_history_tells(store: Store) -> None:
    believe(store, "seen", "the log shows a hit", 0.9)
    believe(store, "cache", "caching pays off", 0.5)
    before = confidence(store, "cache")
    believe(store, "seen", "", 0.9, relations=[(Bearing.SUPPORTS, "cache")])
    supported = store.head
    lifted = confidence(store, "cache")
    assert before == pytest.approx(0.5)
    assert lifted > 0.6
    retract(store, "seen", "the clock was wrong")
    assert confidence(store, "cache") == pytest.approx(0.5)
    assert confidence(store, "cache", until=supported) == pytest.approx(lifted), "what was believed then"
    assert "seen" in beliefs_of(store, until=supported).beliefs
    assert [step.confidence for step in history(store, "cache")] == pytest.approx([0.5, lifted, 0.5])
    assert history(store, "seen")[-1].confidence is None


def test_a_time_gives_what_was_believed_then(tmp_path: Path) -> None:
    clock = iter(range(100, 1000))
    with open_store(tmp_path / ".tars", clock=lambda: float(next(clock))) as store:
        believe(store, "a", "first", 0.7)
        believe(store, "a", "second", 0.9)
        assert beliefs_of(store, before=100.5).beliefs["a"].statement == "first"
        assert beliefs_of(store, before=50).beliefs == {}


def test_contradictions_come_with_the_chains_that_lead_to_them(store: Store) -> None:
    believe(store, "log", "the log shows hits", 0.95, relations=[(Bearing.SUPPORTS, "hits")])
    believe(store, "hits", "most inputs repeat", 0.8, relations=[(Bearing.SUPPORTS, "cache")])
    believe(store, "cache", "caching pays off", 0.8)
    believe(store, "fresh", "every input is new", 0.8, relations=[(Bearing.CONTRADICTS, "cache")])
    believe(store, "idle", "nobody asks", 0.1, relations=[(Bearing.CONTRADICTS, "cache")])
    (one,) = contradictions(current(store)).listed
    assert (one.first.belief.id, one.second.belief.id) == ("cache", "fresh")
    assert one.chains == (("log", "hits", "cache"), ("fresh",))
    assert one.excess > 0


def test_a_belief_that_speaks_against_what_it_supports_is_named_however_unsure(store: Store) -> None:
    believe(store, "a", "a", 0.2, relations=[(Bearing.SUPPORTS, "b")])
    believe(store, "b", "b", 0.2)
    believe(store, "c", "c", 0.2, relations=[(Bearing.DERIVED_FROM, "b")])
    assert contradictions(current(store)).listed == ()
    believe(store, "a", "a", 0.2, relations=[(Bearing.CONTRADICTS, "c")])
    found = contradictions(current(store), limit=5)
    assert found.count == 0
    assert [one.chains for one in found.listed] == [(("a",), ("a", "b", "c"))]


def test_of_many_contradictions_the_worst_are_listed_and_all_are_counted(store: Store) -> None:
    for number in range(30):
        believe(store, f"a{number:02}", "a", 0.6 + number / 100, relations=[(Bearing.CONTRADICTS, f"b{number:02}")])
        believe(store, f"b{number:02}", "b", 0.9)
    beliefs = current(store)
    every = contradictions(beliefs).listed
    few = contradictions(beliefs, limit=7)
    assert (few.count, few.listed) == (30, every[:7])
    assert [one.excess for one in every] == sorted((one.excess for one in every), reverse=True)
    assert contradictions(beliefs, limit=0).listed == ()


def test_circles_of_support_are_found_with_a_way_round_and_lift_nobody(store: Store) -> None:
    lines: list[dict[str, Any]] = [
        {"id": f"b{number}", "statement": "x", "confidence": 0.51, "supports": [f"b{(number + 1) % 3000}"]}
        for number in range(3000)
    ]
    import_beliefs(store, lines)
    beliefs = current(store)
    (ring,) = circles(beliefs)
    way = [beliefs.id_of(row) for row in way_round(beliefs, ring)]
    assert len(ring) == 3000
    assert way == [f"b{number}" for number in range(3000)] + ["b0"]
    assert max(beliefs.probability[row] for row in ring) < 0.7
    believe(store, "b0", "", 0.51, relations=[(Bearing.SUPPORTS, "b5")])
    beliefs = current(store)
    assert len(way_round(beliefs, circles(beliefs)[0])) == 2997


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"id": "a b"}, "id"),
        ({"id": 3}, "id"),
        ({"id": "a", "confidence": 1.0}, "more than 0 and less than 1"),
        ({"id": "a", "confidence": 0}, "more than 0 and less than 1"),
        ({"id": "a", "confidence": True}, "number"),
        ({"id": "a", "confidence": float("nan")}, "number"),
        ({"id": "a", "statement": []}, "statement"),
        ({"id": "a", "supports": [1]}, "supports"),
        ({"id": "a", "act": "burn"}, "act"),
        ({"id": "a", "statement": "half a \ud83d"}, "half a character"),
        ({"id": "a", "evidence": ["\ud83d"]}, "half a character"),
    ],
)
def test_what_is_no_belief_says_why(said: dict[str, Any], fault: str) -> None:
    assert fault in fault_of(said)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(["act", "id", "statement", "confidence", "witness", "evidence", *Bearing])


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(KEYS, VALUES | st.sampled_from(["a", "b", "retract", "believe", 0.5, 5e-324])))
def test_whatever_an_agent_reports_it_is_a_belief_or_left_out(said: dict[str, Any]) -> None:
    """An agent's line must never break the memory of a project: what passes can be folded, judged and exported."""
    beliefs = Beliefs()
    fault = fault_of(said)
    about = apply(beliefs, Entry(1, 0.0, "belief", "", "", "", said, Digest("")))
    assert fault or about
    assert all(0.0 < one.confidence < 1.0 for one in beliefs.judged().values())
    assert all(not fault_of(line) for line in exported(beliefs))


def test_a_new_belief_needs_a_statement_and_nothing_is_written_without(store: Store) -> None:
    with pytest.raises(UsageError, match="statement"):
        believe(store, "a", "", 0.5)
    with pytest.raises(UsageError, match="less than 1"):
        believe(store, "a", "x", 1.5)
    with pytest.raises(UsageError, match="no belief"):
        retract(store, "a")
    assert store.head == 0


def test_export_and_import_lose_nothing(store: Store, tmp_path: Path) -> None:
    believe(store, "a", "α «quoted»\nline", 0.8, witness="one", evidence=["x"], relations=[(Bearing.SUPPORTS, "b")])
    believe(store, "b", "b", 0.3, relations=[(Bearing.CONTRADICTS, "a"), (Bearing.REFINES, "unknown")])
    believe(store, "a", "", 0.6, witness="two")
    lines = [json.loads(json.dumps(line)) for line in exported(beliefs_of(store))]
    with open_store(tmp_path / "other" / ".tars") as other:
        import_beliefs(other, lines)
        again = beliefs_of(other)
        assert list(exported(again)) == lines
        assert {id: one.confidence for id, one in again.judged().items()} == {
            id: pytest.approx(one.confidence) for id, one in beliefs_of(store).judged().items()
        }


def test_the_command_line_believes_shows_and_takes_back(run_tarscli: Any, tmp_path: Path) -> None:
    (tmp_path / ".tars").mkdir()

    def memory(*words: str, code: int = 0) -> str:
        return str(run_tarscli("memory", *words, folder=tmp_path, code=code).stdout)

    memory("believe", "cache", "Caching pays off", "--confidence", "0.8", "--evidence", "run 3")
    memory("believe", "new", "Every input is new", "--confidence", "0.9", "--contradicts", "cache")
    listed = json.loads(memory("beliefs", "--json"))["beliefs"]
    assert [one["id"] for one in listed] == ["new", "cache"]
    assert "cannot both hold" in memory("contradictions", code=1)
    assert "new contradicts cache" in memory("show", "cache")
    assert memory("history", "cache").count("\n") == 2
    (tmp_path / "saved.jsonl").write_text(memory("export"))
    memory("retract", "new", "--why", "measured")
    memory("contradictions")
    assert "new" in memory("beliefs", "--at", "2")
    memory("import", "saved.jsonl")
    assert len(json.loads(memory("beliefs", "--json"))["beliefs"]) == 2
    (tmp_path / "bad.jsonl").write_text('{"id": "x", "statement": "x"}\n{"id": ""}\nno\n')
    refused = run_tarscli("memory", "import", "bad.jsonl", folder=tmp_path, code=1)
    assert "bad.jsonl:2" in refused.stderr
    assert "bad.jsonl:3" in refused.stderr
    assert "did you mean `cache`" in run_tarscli("memory", "show", "cahce", folder=tmp_path, code=2).stderr


METASCRIPT = """
belief_graph "lab" {
  belief "cache" {
    statement  = "Caching pays off"
    confidence = 0.6
  }
  belief "new" {
    statement   = "Every input is new"
    confidence  = 0.3
    contradicts = ["cache"]
    evidence    = "notes.md"
  }
}

python_module "watcher" {
  source = "watcher.py"
}
"""
WATCHER = """
import json, os
with open(os.environ["TARS_EVENTS"], "a") as events:
    for belief in (
        {"id": "hits", "statement": "9 of 10 inputs repeat", "confidence": 0.9, "supports": ["lab.cache"]},
        {"id": "lab.new", "confidence": 0.2, "evidence": ["run"]},
        {"id": "broken", "confidence": 7},
    ):
        events.write(json.dumps({"belief": belief}) + "\\n")
"""


def test_metascripts_declare_and_agents_report_beliefs(run_tarscli: Any, tmp_path: Path) -> None:
    (tmp_path / "main.tars").write_text(METASCRIPT)
    (tmp_path / "watcher.py").write_text(WATCHER)
    run_tarscli("run", "--sandbox", "none", folder=tmp_path)
    with open_store(tmp_path / ".tars") as store:
        beliefs = beliefs_of(store)
    judged = beliefs.judged()
    assert set(judged) == {"lab.cache", "lab.new", "hits"}
    assert set(judged["lab.new"].belief.reports) == {"main.tars", "python_module.watcher"}
    assert judged["lab.new"].belief.statement == "Every input is new"
    assert judged["lab.cache"].confidence > 0.6 > judged["lab.new"].confidence
    assert "python_module.watcher reported hits" in run_tarscli("memory", "history", "hits", folder=tmp_path).stdout


def test_beliefs_are_declared_where_no_module_has_to_run(run_tarscli: Any, tmp_path: Path) -> None:
    for said in ("0.6", "0.6", "0.4"):
        (tmp_path / "main.tars").write_text(METASCRIPT.partition("python_module")[0].replace("0.6", said))
        run_tarscli("run", "--force", folder=tmp_path)
        with open_store(tmp_path / ".tars") as store:
            assert beliefs_of(store).judged()["lab.cache"].belief.reports["main.tars"].confidence == float(said)
    with open_store(tmp_path / ".tars") as store:
        assert len(list(store.entries(kind="run-started"))) == 2
        assert verify(store) == ()
