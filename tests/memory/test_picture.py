"""Pictures of beliefs: what they show is what is believed, and no statement breaks the form that it is drawn in."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tars.memory.acts import believe
from tars.memory.analysis import neighbourhood
from tars.memory.current import current
from tars.memory.picture import as_data, as_dot, as_mermaid
from tars.memory.snapshot import Snapshot
from tars.memory.values import Bearing
from tars.store import open_store

HOSTILE = ['a "b" \\', "</svg><script>x</script>", "]) --> n9", "x\ny\u202e;%%", "#quot;", "\\n", "`", "é🙂" * 40]


@pytest.fixture
def beliefs(tmp_path: Path) -> Snapshot:
    with open_store(tmp_path / ".tars") as store:
        for number, text in enumerate(HOSTILE):
            believe(store, f"b{number}", text, 0.9 - number / 10, relations=[(Bearing.SUPPORTS, f"b{number + 1}")])
        believe(store, "b0", "", 0.9, relations=[(Bearing.CONTRADICTS, "b3"), (Bearing.REFINES, "unknown")])
        return current(store)


QUOTED = r'"(?:[^"\\]|\\.)*"'
"""A text in DOT: https://graphviz.org/doc/info/lang.html."""
NODE = re.compile(rf"  n\d+ \[label={QUOTED}, fillcolor={QUOTED}(?:, penwidth=2\.5, color=black)?\];")
EDGE = re.compile(rf"  n\d+ -> n\d+ \[label={QUOTED}, fontcolor={QUOTED}, color={QUOTED}, style=[a-z]+\];")


def test_dot_is_well_formed_whatever_the_statements_are(beliefs: Snapshot) -> None:
    rows = [beliefs.find(f"b{number}") or 0 for number in range(len(HOSTILE))]
    text = as_dot(beliefs, rows, rows[0])
    *_, last = lines = text.splitlines()[4:]
    nodes, edges = (sum(bool(form.fullmatch(line)) for line in lines) for form in (NODE, EDGE))
    assert (nodes, edges, len(lines), last) == (len(HOSTILE), len(HOSTILE), 2 * len(HOSTILE) + 1, "}")
    assert text.count("contradicts") == 1
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert as_dot(beliefs, rows, rows[0]) == text


def test_mermaid_has_each_belief_on_one_line_with_nothing_of_its_own_syntax_in_it(beliefs: Snapshot) -> None:
    lines = as_mermaid(beliefs, list(beliefs.rows())).splitlines()
    labels = [found[1] for line in lines if (found := re.fullmatch(r'  n\d+\("(.*)"\)', line))]
    assert len(labels) == len(HOSTILE)
    assert not any(set(label.replace("<br/>", "")) & set('"<>[](){}|`\\') for label in labels)
    assert sum(" -.-x|contradicts| " in line for line in lines) == 1


def test_data_has_what_is_near_and_the_relations_among_it(beliefs: Snapshot) -> None:
    middle = beliefs.find("b5")
    assert middle is not None
    near = neighbourhood(beliefs, middle, 1, 100)
    found = as_data(beliefs, near)
    assert [one["id"] for one in found["nodes"]] == ["b5", "b6", "b4"]  # type: ignore[index, union-attr, call-overload]
    assert len(found["edges"]) == 2  # type: ignore[arg-type]
    assert neighbourhood(beliefs, middle, 9, 4) == [*near, *neighbourhood(beliefs, middle, 2, 4)[3:]]


def test_the_command_line_draws_and_goes_back_in_time(run_tarscli: Any, tmp_path: Path) -> None:
    (tmp_path / ".tars").mkdir()
    run_tarscli("memory", "believe", "a", "first", folder=tmp_path)
    run_tarscli("memory", "believe", "b", "second", "--contradicts", "a", folder=tmp_path)
    assert "contradicts" in run_tarscli("memory", "graph", "a", folder=tmp_path).stdout
    assert run_tarscli("memory", "graph", "--as", "mermaid", folder=tmp_path).stdout.startswith("flowchart")
    drawn = json.loads(run_tarscli("memory", "graph", "b", "--json", folder=tmp_path).stdout)
    assert drawn["edges"] == [{"source": "b", "bearing": "contradicts", "target": "a"}]
    then = json.loads(run_tarscli("memory", "at", "1", "--json", folder=tmp_path).stdout)
    assert [one["id"] for one in then["beliefs"]] == ["a"]
    assert run_tarscli("memory", "at", "2000-01-01", folder=tmp_path).stdout == ""
    assert "neither" in run_tarscli("memory", "at", "soon", folder=tmp_path, code=2).stderr
    assert "there is no belief" in run_tarscli("memory", "graph", "c", folder=tmp_path, code=2).stderr
