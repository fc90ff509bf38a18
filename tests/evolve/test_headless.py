"""Headless runs: they end, take recorded and generated inputs, and are compared with the last version."""

import csv
import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.evolve.metascripts.generated import varied
from tars.evolve.metascripts.headless import Simulation, simulate

Tarscli = Callable[..., "subprocess.CompletedProcess[str]"]
SUM = """import json, os
numbers = json.load(open(os.environ["TARS_INPUT"]))["numbers"]
said = {"id": "large", "statement": "it is large", "confidence": 0.9 if sum(numbers) > 10 else 0.1}
with open(os.environ["TARS_EVENTS"], "a") as events:
    events.write(json.dumps({"metric": {"total": sum(numbers)}}) + "\\n" + json.dumps({"belief": said}) + "\\n")
json.dump(sum(numbers), open(os.environ["TARS_OUTPUT"], "w"))
"""
LAB = 'python_module "sum" {\n  source = "sum.py"\n  input  = "in.json"\n  output = "out.json"\n}\n'


def test_one_that_hangs_is_ended(tmp_path: Path) -> None:
    (tmp_path / "hang.py").write_text("while True: pass\n")
    text = 'python_module "hang" {\n  source = "hang.py"\n}\n'
    ran = simulate(tmp_path, "lab.tars", text, tmp_path.parent, Simulation(seconds_max=1.5))
    assert (ran.late, ran.failure) == (True, "it was not done after 1.5 s")
    stopped = Simulation()
    stopped.cancel.set()
    assert simulate(tmp_path, "lab.tars", text, tmp_path.parent, stopped).failure


def test_recorded_and_generated_inputs_beside_the_last_version(tmp_path: Path, run_tarscli: Tarscli) -> None:
    (tmp_path / "sum.py").write_text(SUM)
    (tmp_path / "in.json").write_text('{"numbers": [1, 2, 40]}')
    (tmp_path / "lab.tars").write_text(LAB)
    words = ("simulate-agentic", "--dry-run", "--json")
    new = json.loads(run_tarscli(*words, folder=tmp_path).stdout)
    assert new["beliefs"] == [{"module": "python_module.sum", "name": "large", "last": None, "now": 0.9}]
    run_tarscli("run", folder=tmp_path)
    same = json.loads(run_tarscli(*words, folder=tmp_path).stdout)
    assert (same["changed"], same["beliefs"], same["inputs"]) == ([], [], {})
    (tmp_path / "recorded").mkdir()
    (tmp_path / "recorded" / "in.json").write_text('{"numbers": [1]}')
    found = json.loads(run_tarscli(*words, "--inputs", "recorded", folder=tmp_path).stdout)
    assert found["metrics"] == [{"module": "python_module.sum", "name": "total", "last": 43.0, "now": 1.0}]
    assert found["beliefs"] == [{"module": "python_module.sum", "name": "large", "last": 0.9, "now": 0.1}]
    assert found["changed"] == ["out.json"]
    made = [json.loads(run_tarscli(*words, "--generate", "4", folder=tmp_path).stdout) for _ in range(2)]
    assert made[0]["metrics"] == made[1]["metrics"] != found["metrics"]
    assert made[0]["inputs"] == {"in.json": "other JSON of its form"}
    assert (tmp_path / "in.json").read_text() == '{"numbers": [1, 2, 40]}'
    assert json.loads((tmp_path / "out.json").read_text()) == 43


@pytest.mark.parametrize("seed", range(20))
def test_generated_inputs_have_the_form_of_what_is_there(seed: int) -> None:
    def made(data: bytes, suffix: str) -> bytes:
        return varied(data, suffix, random.Random(seed))[0]

    data = {"name": "gate", "count": 3, "share": 0.5, "open": True, "none": None, "rows": [{"id": 1}]}
    other = json.loads(made(json.dumps(data).encode(), ".json"))
    assert list(other) == list(data)
    assert [type(one) for one in other.values()] == [type(one) for one in data.values()]
    assert all(set(row) == {"id"} for row in other["rows"])
    table = made(b'id,name\n1,a b\n2,"c,d"\n', ".csv").decode()
    assert table.startswith("id,name\n")
    assert all(len(row) == 2 for row in csv.reader(table.splitlines()))
    assert made(b"\xff\x00", ".txt") == b"\xff\x00"
    assert made(b"{", ".json") == b"{"
    assert made(b"", ".txt") == made(b"", ".csv").strip() == b""
