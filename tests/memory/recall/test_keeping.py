"""What is kept for long: compaction by a stated policy, the semantic cache, and JSON lines there and back."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tars.core.errors import UsageError
from tars.memory.recall import cache
from tars.memory.recall.compaction import DAY_SECONDS, Policy, carry_out, plan
from tars.memory.recall.embedders import words
from tars.memory.recall.index import Index, open_index
from tars.memory.recall.memories import add, remembered
from tars.memory.recall.wording import is_same_question
from tars.store import open_store

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
NOW = 100 * DAY_SECONDS


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with open_store(tmp_path / ".tars") as store, open_index(store, words.PLUGIN) as opened:
        yield opened


def fill(index: Index, *items: tuple[str, str, float, dict[str, str]]) -> None:
    given = [
        {"id": id, "text": text, "time": day * DAY_SECONDS, "metadata": dict(data)} for id, text, day, data in items
    ]
    add(index.store, given)  # type: ignore[arg-type]  # JSON throughout
    index.catch_up()


def test_a_plan_changes_nothing_and_is_then_carried_out(index: Index) -> None:
    fill(
        index,
        ("older", "The gate  opens at SIX", 1, {}),
        ("newer", "the gate opens at six", 2, {}),
        ("other", "the gate opens at six", 3, {"side": "north"}),
        ("pinned", "the gate opens at six", 1, {"keep": "yes"}),
    )
    planned = plan(index, Policy(same=0.98), NOW)
    assert dict(planned.gone) == {"older": "newer says the same (1.00)"}
    assert planned.kept == 3
    assert index.passages() == 4
    head = carry_out(index, planned)
    assert index.passages() == 3
    body = index.store.latest("memory").body  # type: ignore[union-attr]  # it was just written
    assert body["policy"] == {"same": 0.98, "days": None, "newest": None, "summarise": ""}
    assert body["reasons"] == {"older": "newer says the same (1.00)"}
    assert carry_out(index, plan(index, Policy(same=0.98), NOW)) == head, "nothing to do writes nothing"


def test_old_memories_leave_a_summary(index: Index) -> None:
    fill(
        index,
        *((f"a{number}", f"the build of night {number} failed", number, {"topic": "ci"}) for number in range(20)),
        ("single", "tea at five", 1, {"topic": "tea"}),
        ("young", "the build is green", 99, {"topic": "ci"}),
    )
    planned = plan(index, Policy(days=30, summarise="topic"), NOW)
    assert len(planned.gone) == 21
    (summary,) = planned.summaries
    assert summary.metadata == {"topic": "ci", "summary_of": "20"}
    assert "20 memories" in summary.text
    carry_out(index, planned)
    assert set(remembered(index.store).memories) == {"young", summary.id}
    assert plan(index, Policy(newest=1), NOW).gone.keys() == {summary.id}


def test_the_cache_answers_only_what_still_holds(index: Index) -> None:
    file = index.project / "main.py"
    file.write_text("x = 1\n", "utf-8")
    fill(index, ("fact", "x is one", 1, {}))
    cites = cache.grounds(index, ["main.py", "fact"])
    cache.keep(index, "review", "Is main.py sound?", {"verdict": "yes"}, cites)
    hit = cache.look_up(index, "review", "is   MAIN.py sound?")
    assert hit is not None
    assert (hit.answer, hit.similarity) == ({"verdict": "yes"}, 1.0)
    for other in ("Is main.py not sound?", "Is main.py 2 sound?", "who bakes the bread"):
        assert cache.look_up(index, "review", other, 0.01 if "bread" not in other else None) is None
    assert cache.look_up(index, "other", "Is main.py sound?") is None
    file.write_text("x = 2\n", "utf-8")
    assert cache.look_up(index, "review", "Is main.py sound?") is None
    file.write_text("x = 1\n", "utf-8")
    assert cache.look_up(index, "review", "Is main.py sound?") is None, "a stale answer was dropped for good"
    (use,) = [one for one in cache.uses(index) if one.closure == "review"]
    assert (use.answers, use.hits, use.misses, use.stale) == (0, 1, 5, 1)
    assert use.hit_rate == pytest.approx(1 / 6)
    with pytest.raises(UsageError, match="neither a file"):
        cache.grounds(index, ["../outside"])


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("Is the gate open?", "is the gates open", True),
        ("how do I use the gate?", "How is the gate used", False),
        ("how should one use the gate", "how to use a gate?", False),
        ("how do I use the gate", "how to use our gates?", True),
        ("the gate is open at night", "the gate is closed at night", False),
        ("is the castle safe?", "is the castle unsafe?", False),
        ("alice likes bob", "bob likes alice", False),
        ("the form of a date", "the format of a date", False),
        ("what is it", "what was it", False),
    ],
)
def test_what_counts_as_the_same_question(first: str, second: str, is_same: bool, index: Index) -> None:
    assert is_same_question(first, second) == is_same
    cache.keep(index, "any", first, "yes", {})
    found = cache.look_up(index, "any", second)
    assert found is None or is_same


def test_a_long_question_shares_an_answer_only_with_itself(index: Index) -> None:
    """An embedder sees its beginning; what is asked may stand at its end."""
    long = "is this sound? " + "let it be so " * 200
    cache.keep(index, "review", f"{long} x", "yes", {})
    assert cache.look_up(index, "review", f"{long} y", 0.01) is None
    assert cache.look_up(index, "review", f"{long} X", 0.01) is None
    assert cache.look_up(index, "review", f"{long} x") is not None


def test_an_answer_is_computed_once(index: Index) -> None:
    calls: list[int] = []

    def compute() -> str:
        calls.append(1)
        return "42"

    assert cache.answered(index, "ask", "what is it", compute) == ("42", None)
    answer, reused = cache.answered(index, "ask", "What is it", compute)
    assert (answer, len(calls)) == ("42", 1)
    assert reused is not None
    assert cache.drop(index, "ask", why="test") == 1
    cache.answered(index, "ask", "what is it", compute)
    assert len(calls) == 2


def test_the_commands(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    def memory(*words: str, folder: Path = tmp_path, code: int = 0) -> "subprocess.CompletedProcess[str]":
        return run_tarscli("memory", *words, folder=folder, code=code)

    memory("add", "Tea at five", "--id", "old")
    memory("add", "tea at  five", "--id", "new")
    assert "old  new says the same" in memory("compact").stdout
    memory("compact", "--apply")
    memory("cache", "keep", "review", "is it sound?", "yes", "--cites", "new")
    assert memory("cache", "get", "review", "Is it sound?").stdout == "yes\n"
    memory("cache", "get", "review", "Is it not sound?", code=1)
    assert "1 hit of 2 (50%)" in memory("cache").stdout
    memory("cache", "get", "review", code=2)
    lines = memory("export").stdout
    memory_line, answer_line = map(json.loads, lines.splitlines())
    assert memory_line["memory"]["id"] == "new"
    assert answer_line["answer"]["answer"] == "yes"
    (tmp_path / "lines.jsonl").write_text(lines, "utf-8")
    second = tmp_path / "second"
    (second / ".tars").mkdir(parents=True)
    memory("import", "../lines.jsonl", folder=second)
    assert memory("export", folder=second).stdout == lines
    assert memory("cache", "get", "review", "Is it sound?", folder=second).stdout == "yes\n"
