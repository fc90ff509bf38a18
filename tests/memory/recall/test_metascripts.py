"""Memory in metascripts: what `recall` gives a module belongs to what its result rests on."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
METASCRIPT = """\
python_module "reader" {
  source = "reader.py"
  input  = { known = recall("how deep is the moat", 2) }
  output = "output/read.json"
}
"""
READER = 'import os\nopen(os.environ["TARS_OUTPUT"], "w").write(open(os.environ["TARS_INPUT"]).read())\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "castle.tars").write_text(METASCRIPT, "utf-8")
    (tmp_path / "reader.py").write_text(READER, "utf-8")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "castle.md").write_text("# Castle\n\nThe moat is deep.\n", "utf-8")
    return tmp_path


def test_what_is_recalled_reaches_the_agent_and_its_key(project: Path, run_tarscli: RunTarscli) -> None:
    def run() -> tuple[str, list[dict[str, object]]]:
        done = run_tarscli("run", "castle.tars", "--sandbox", "none", folder=project)
        return done.stderr, json.loads((project / "output" / "read.json").read_text("utf-8"))["known"]

    assert run()[1] == []
    run_tarscli("memory", "index", "notes", folder=project)
    _, read = run()
    assert [one["path"] for one in read] == ["notes/castle.md"]
    assert read[0]["text"] == "# Castle\n\nThe moat is deep."
    assert "cached" in run()[0]
    run_tarscli("memory", "add", "The moat was measured: nine feet deep", "--id", "measured", folder=project)
    told, read = run()
    assert "cached" not in told
    assert {one["id"] for one in read} == {"measured", "notes/castle.md:1"}
    (project / "notes" / "castle.md").write_text("# Castle\n\nThe moat is dry.\n", "utf-8")
    assert [one["id"] for one in run()[1]] == ["measured"], "what no longer stands in its file is not handed on"


def test_what_a_graph_recalls_is_in_the_memory_of_every_agent(project: Path, run_tarscli: RunTarscli) -> None:
    graph = 'belief_graph "lab" {\n  passages = recall("how deep is the moat", 1)\n}\n'
    module = 'python_module "reader" {\n  source = "reader.py"\n  output = "output/read.json"\n}\n'
    (project / "castle.tars").write_text(graph + module, "utf-8")
    (project / "reader.py").write_text(READER.replace("TARS_INPUT", "TARS_MEMORY"), "utf-8")

    def run() -> tuple[str, list[dict[str, object]]]:
        done = run_tarscli("run", "castle.tars", "--sandbox", "none", folder=project)
        (known,) = json.loads((project / "output" / "read.json").read_text("utf-8"))
        assert (known["type"], known["labels"]) == ("belief_graph", ["lab"])
        return done.stderr, known["passages"]

    assert run()[1] == []
    run_tarscli("memory", "index", "notes", folder=project)
    told, passages = run()
    assert "cached" not in told
    assert [one["text"] for one in passages] == ["# Castle\n\nThe moat is deep."]
    assert "cached" in run()[0], "as long as memory answers the same"
    (project / "notes" / "castle.md").unlink()
    assert run()[1] == []


def test_wrong_questions_are_findings(project: Path, run_tarscli: RunTarscli) -> None:
    (project / "castle.tars").write_text(METASCRIPT.replace(", 2)", ", 0)"), "utf-8")
    assert "ask for 1 to 100" in run_tarscli("check", "castle.tars", folder=project, code=1).stdout
