"""Memory as JSON lines: all of it comes back, and no file, however bad, leaves memory worse than it was."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tars.core.errors import UsageError
from tars.memory.acts import believe, retract
from tars.memory.current import current
from tars.memory.exchange import exported, fault_in, import_lines
from tars.memory.journal import KIND
from tars.memory.recall import cache
from tars.memory.recall.compaction import Policy, plan
from tars.memory.recall.embedders import words
from tars.memory.recall.index import open_index
from tars.memory.recall.memories import add
from tars.memory.recall.search import ask
from tars.memory.recall.values import Question
from tars.memory.values import Bearing
from tars.store import Store, open_store

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
TEXTS = st.one_of(
    st.sampled_from(["a", "b", "it rains", "", " ", "x" * 300, "../out", "\0", "\x1b[2J", "\ud800", "字\u2028"]),
    st.text(max_size=9),
)
NUMBERS = st.one_of(
    st.floats(),
    st.integers(),
    st.sampled_from([0.5, 0, 1, 10**400, -(10**30), 1e300, 1e11, float("nan"), float("inf"), True]),
)
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
LISTS = st.one_of(st.lists(TEXTS, max_size=3), TEXTS, ANY)
BELIEF = st.fixed_dictionaries(
    {"id": st.one_of(st.sampled_from(["a", "b", "c"]), ANY)},
    optional={
        "statement": st.one_of(TEXTS, ANY), "confidence": st.one_of(st.floats(0.01, 0.99), ANY), "witness": ANY,
        "evidence": LISTS, "time": NUMBERS, "run": ANY, "act": TEXTS, **{one.value: LISTS for one in Bearing},
    },
)  # fmt: skip
MEMORY = st.fixed_dictionaries(
    {"id": TEXTS, "text": TEXTS}, optional={"metadata": st.one_of(st.dictionaries(TEXTS, TEXTS), ANY), "time": NUMBERS}
)
ANSWER = st.fixed_dictionaries(
    {"closure": TEXTS, "question": TEXTS, "answer": ANY},
    optional={"cites": st.one_of(st.dictionaries(TEXTS, TEXTS), ANY), "time": NUMBERS},
)
LINES = st.one_of(
    BELIEF,
    st.fixed_dictionaries({"memory": st.one_of(MEMORY, ANY)}),
    st.fixed_dictionaries({"answer": st.one_of(ANSWER, ANY)}),
    st.fixed_dictionaries({"folder": st.one_of(TEXTS, ANY)}),
    st.dictionaries(TEXTS, ANY, max_size=3),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / ".tars") as opened:
        yield opened


def fill(store: Store) -> None:
    believe(store, "a", 'it "rains" 字 \u2028', 0.8, evidence=["notes.md"], relations=[(Bearing.SUPPORTS, "b")])
    believe(store, "b", "wet", 0.6, witness="other", relations=[(Bearing.CONTRADICTS, "c")])
    believe(store, "a", "", 0.7, witness="other")
    believe(store, "gone", "x", 0.7, relations=[(Bearing.SUPPORTS, "a")])
    retract(store, "gone")
    add(store, [{"id": "m", "text": 'text\nwith "all"', "metadata": {"k": "v"}, "time": 1.5}, {"text": "more"}])
    with open_index(store, words.PLUGIN) as index:
        cache.keep(index, "judge", "is it wet?", {"yes": [1, None]}, cache.grounds(index, ["m"]))
        cache.keep(index, "judge", "is it dry?", "no", {})
        cache.drop(index, "judge", [store.head], why="wrong")


def every_question(store: Store) -> None:
    """Whatever is asked gets an answer."""
    snapshot = current(store)
    for row in snapshot.rows():
        snapshot.judged(row)
    with open_index(store, words.PLUGIN) as index:
        ask(index, Question("it rains"))
        cache.look_up(index, "a", "it rains")
        cache.uses(index)
        plan(index, Policy(same=0.9, days=1, newest=1, summarise="k"), 1e9)


def test_all_of_it_comes_back(store: Store, tmp_path: Path) -> None:
    fill(store)
    lines = [json.loads(json.dumps(line)) for line in exported(store)]
    assert [next(iter(line)) for line in lines] == ["id", "id", "id", "memory", "memory", "answer"]
    lines.append({"folder": "docs"})
    with open_store(tmp_path / "second" / ".tars") as second:
        import_lines(second, lines)
        assert sorted(exported(second), key=str) == sorted(lines, key=str)
        assert judged(second) == judged(store)
        with open_index(second, words.PLUGIN) as index:
            reused = cache.look_up(index, "judge", "Is it wet?")
            assert reused is not None
            assert reused.answer == {"yes": [1, None]}
            assert cache.look_up(index, "judge", "is it dry?") is None


def judged(store: Store) -> dict[str, Any]:
    """All that is believed; only the numbers of the entries are not the same in another project."""
    return {
        one.belief.id: (
            one.belief.statement, pytest.approx(one.confidence, abs=1e-12),
            [(each.witness, each.confidence, each.evidence, each.time) for each in one.belief.reports.values()],
        )
        for one in current(store).surest()
    }  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=4))
def test_a_bad_line_never_harms(lines: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / ".tars") as store:
        believe(store, "a", "held", 0.8)
        head = store.head
        try:
            import_lines(store, lines)
        except UsageError:
            assert store.head == head, "all or none"
            assert any(fault_in(line) for line in lines)
        if store.head > head:
            every_question(store)
            again = list(exported(store))
            assert not any(map(fault_in, again)), "and can be exported and read again"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"memory": {"id": "a", "text": "x", "time": 10**400}}, "its time must be"),
        ({"memory": {"id": "a", "text": "x", "time": 1e300}}, "its time must be"),
        ({"memory": {"id": "a", "text": "x", "date": 1}}, "a key 'date', which nothing reads"),
        ({"memory": {"id": "a", "text": "x"}, "folder": "y"}, "one `memory`, `folder` or `answer`"),
        ({"act": "retract", "id": "a"}, "a key 'act'"),
        ({"id": "a", "statement": "x", "confidance": 0.9}, "a key 'confidance'"),
        ({"id": "a", "statement": "x", "witness": ["me"]}, "`witness` must be a text"),
        ({"id": "a", "statement": "x", "supports": ["y" * 5000]}, "at most 1,000 characters"),
        ({"folder": "../out"}, "leaves the project"),
        ({"folder": "C:\\out"}, "leaves the project"),
        ({"folder": "a\0b"}, "can be printed"),
        ({"answer": {"closure": "a", "question": "b"}}, "it has no answer"),
        ({"answer": {"closure": "a", "question": "b", "answer": "x" * (1 << 20)}}, "larger than 1 MiB"),
        ({}, "it must be a belief"),
    ],
)
def test_what_is_wrong_is_said(line: dict[str, Any], message: str, store: Store) -> None:
    assert message in fault_in(line)
    with pytest.raises(UsageError):
        import_lines(store, [{"id": "b", "statement": "good"}, line])
    assert store.head == 0


def test_a_journal_that_holds_such_lines_is_read_around_them(store: Store) -> None:
    """As those that were written before they were refused."""
    with store.transaction() as transaction:
        items: list[Any] = [{"id": "a", "text": "x", "time": 10**400}, {"id": "b", "text": "good"}]
        transaction.append("memory", {"act": "add", "items": items})
        transaction.append("answer", {"act": "keep", "question": "q", "answer": 1, "cites": {"x": 3}}, subject="c")
        transaction.append("answer", {"act": "drop", "entries": "all"}, subject="c")
        transaction.append(KIND, {"act": "believe", "id": "a", "statement": "x", "time": 10**400, "witness": 7})
    every_question(store)
    assert list(exported(store)) == [
        {"memory": {"id": "b", "text": "good", "metadata": {}, "time": pytest.approx(0, abs=1e12)}}
    ]


def test_a_file_that_is_none_is_refused_with_its_lines(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / ".tars").mkdir()
    bad = [b"\xff\xfe", b"[1]", b"null", b"{" * 100_000, b'{"id": "a"', b"1" * 10_000, b'"x"']
    (tmp_path / "bad.jsonl").write_bytes(b"\n".join([b'{"id": "a", "statement": "x"}', *bad]))
    refused = run_tarscli("memory", "import", "bad.jsonl", folder=tmp_path, code=1)
    told = [line for line in refused.stderr.splitlines() if "error[M0001]" in line]
    assert [line.partition(": ")[2] for line in told] == [f"bad.jsonl:{n}: it is no JSON object" for n in range(2, 9)]
    assert "7 lines that cannot be read; nothing was read" in refused.stderr


def test_a_large_graph_is_exported_in_no_time(store: Store) -> None:
    """It took the square of its size."""
    said = [{"id": f"b{n}", "statement": "x", "supports": [f"b{n // 2}", f"b{n // 3}"]} for n in range(4_000)]
    import_lines(store, said)
    lines = list(exported(store))
    assert len(lines) == 4_000
    assert lines[3_999]["supports"] == ["b1999", "b1333"]
