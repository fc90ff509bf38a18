"""What agents are given of the project's beliefs, and that a result is only reused while that stands."""

import json
from pathlib import Path
from typing import Any

import pytest

from tars.memory.acts import believe
from tars.memory.selecting import select
from tars.memory.values import Bearing
from tars.store import Store, open_store

METASCRIPT = """
belief_graph "lab" {
  include = ["lab.*", "hits"]
  belief "cache" {
    statement  = "Caching pays off"
    confidence = 0.6
  }
}

python_module "reader" {
  source = "reader.py"
  output = "known.json"
}

python_module "given" {
  source = "given.py"
  input  = belief_graph.lab.beliefs
  output = "given.json"
}
"""
READER = """
import json, os
graph, = json.load(open(os.environ["TARS_MEMORY"]))
json.dump(graph["beliefs"], open(os.environ["TARS_OUTPUT"], "w"))
"""
GIVEN = """
import os, sys
open(os.environ["TARS_OUTPUT"], "w").write(sys.stdin.read())
"""


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(tmp_path / ".tars") as opened:
        yield opened


def test_what_is_given_names_no_time_and_is_equal_while_it_is_believed(store: Store) -> None:
    believe(store, "lab.a", "first", 0.7, relations=[(Bearing.SUPPORTS, "hits")])
    believe(store, "hits", "second", 0.6)
    believe(store, "other", "third", 0.6)
    given = select(store, ["lab.*", "hits", "never"], {}, "main.tars")
    assert [one["id"] for one in given] == ["hits", "lab.a"]
    assert given[1] == {"id": "lab.a", "statement": "first", "confidence": 0.7, "supports": ["hits"]} | {
        "confidence": given[1]["confidence"]
    }
    believe(store, "lab.a", "first", 0.7)
    believe(store, "unrelated", "fourth", 0.9)
    assert select(store, ["hits", "lab.*"], {}, "main.tars") == given
    assert [one["id"] for one in select(store, ["*"], {}, "main.tars")] == [
        "hits", "lab.a", "other", "unrelated"
    ]  # fmt: skip
    assert select(store, ["l.b.*", "LAB.*", ".*"], {}, "main.tars") == [], "only `*` stands for anything"


def test_the_first_run_is_given_what_the_second_is(store: Store) -> None:
    declared = {"beliefs": [{"id": "lab.cache", "statement": "Caching pays off", "confidence": 0.6}]}
    first = select(store, ["lab.*"], declared, "main.tars")  # type: ignore[arg-type]
    assert first == [{"id": "lab.cache", "statement": "Caching pays off", "confidence": 0.6}]
    with store.transaction() as transaction:
        transaction.append("run-started", declared, subject="main.tars")  # type: ignore[arg-type]
    assert select(store, ["lab.*"], declared, "main.tars") == first  # type: ignore[arg-type]


def test_agents_read_what_is_believed_now_and_run_again_when_it_changes(run_tarscli: Any, tmp_path: Path) -> None:
    for name, text in (("main.tars", METASCRIPT), ("reader.py", READER), ("given.py", GIVEN)):
        (tmp_path / name).write_text(text)

    def run() -> tuple[list[str], dict[str, float]]:
        """How each module ended, and the confidences that both were given."""
        lines = run_tarscli("run", "--sandbox", "none", "--json", folder=tmp_path).stdout.splitlines()
        ended = [one for one in map(json.loads, lines) if one.get("status")]
        known, given = (json.loads((tmp_path / name).read_text()) for name in ("known.json", "given.json"))
        assert known == given
        return [str(one["status"]) for one in ended][:2], {one["id"]: one["confidence"] for one in known}

    assert run() == (["succeeded", "succeeded"], {"lab.cache": 0.6})
    assert run() == (["cached", "cached"], {"lab.cache": 0.6})
    run_tarscli("memory", "believe", "elsewhere", "Nobody asks", folder=tmp_path)
    assert run()[0] == ["cached", "cached"], "what the graph does not include is no input"
    run_tarscli("memory", "believe", "hits", "9 of 10", "--supports", "lab.cache", folder=tmp_path)
    assert "memory" in run_tarscli("why", "reader", folder=tmp_path).stdout
    statuses, sure = run()
    assert statuses == ["succeeded", "succeeded"]
    assert sure["lab.cache"] > 0.6
    assert set(sure) == {"hits", "lab.cache"}
    assert run()[0] == ["cached", "cached"]
