"""Metascripts: operations on the graph, the mend of a wrong one, and a run that leaves nothing behind."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from blake3 import blake3

from tars.evolve.errors import PatchError
from tars.evolve.metascripts.graph import apply_to_metascript
from tars.evolve.metascripts.headless import Simulation, simulate
from tars.evolve.patch import Op, Patch, op
from tars.evolve.rule import Change, findings_of
from tars.lang.meaning.context import Around

Tarscli = Callable[..., "subprocess.CompletedProcess[str]"]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "evolve"
TEXT = """# A comment that stays.
python_module "a" {
  source = "a.py"
  input  = ["x.txt", "y.txt"]
  output = "a.json"
}

python_module "b" {
  source     = "b.py"
  input      = python_module.a.output
  output     = "b.json"
  depends_on = [python_module.a]
}
"""


def changed(*ops: Op, text: str = TEXT) -> str:
    return apply_to_metascript(text, Patch(ops))


def test_every_operation_on_the_graph() -> None:
    a, b = "python_module.a", "python_module.b"
    assert "depends_on" not in changed(op("remove-edge", node=b, needs=a))
    assert changed(op("remove-edge", node=b, needs=a), op("add-edge", node=b, needs=a)).count("depends_on") == 1
    assert 'timeout = "3s"' in changed(op("set-attribute", node=a, attribute="timeout", value="3s"))
    assert "x.txt" not in changed(op("remove-attribute", node=a, attribute="input"))
    assert 'python_module "c"' in changed(op("rename-node", node=b, name="c"))
    added = changed(
        op("insert-node", block="python_module", name="c", attributes={"source": "a.py", "output": "c.json"})
    )
    assert 'python_module "c" {\n  source = "a.py"' in added
    routed = changed(op("reroute-edge", node=b, needs=a, instead="python_module.c"), text=added)
    assert "input      = python_module.c.output" in routed
    assert 'module "a"' not in changed(op("merge-nodes", node=a, into="python_module.c"), text=added)
    assert 'module "b"' not in changed(op("delete-node", node=b))
    split = changed(op("split-node", node=a, name="a2", inputs=['"y.txt"'], output="a2.json"))
    assert "[python_module.a.output, python_module.a2.output]" in split
    assert split.startswith("# A comment that stays.")
    assert '= "s"' in changed(op("mend", code="T0005", which=0), text='python_module "a" {\n  source: "s"\n}\n')


@pytest.mark.parametrize(
    "made",
    [
        op("delete-node", node="python_module.a"), op("delete-node", node="python_module.z"),
        op("remove-edge", node="python_module.a", needs="python_module.b"), op("set", parameter="x", value=1),
        op("split-node", node="python_module.a", name="c", inputs=['"z.txt"'], output="o"),
        op("mend", code="T0001", which=0), op("rename-node", node="python_module.a", name="c", which=4),
    ],
    ids=lambda made: made.kind,
)  # fmt: skip
def test_what_is_not_there_is_refused(made: Op) -> None:
    with pytest.raises(PatchError):
        changed(made)


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (TEXT.replace('"a.py"', '"a.py"\n  sandbox = "none"'), "E0202"),
        (TEXT.replace('"a.py"', '"a.py"\n  resources {\n    network = true\n  }'), "E0202"),
        (TEXT + 'settings {\n  sandbox = "none"\n}\n', "E0201"),
        (TEXT + 'use_python_module = "a@v1"\n', "E0201"),
        (TEXT[: TEXT.index('python_module "b"')], "E0204"),
    ],
)
def test_each_rule_of_metascripts_catches_what_it_forbids(after: str, code: str) -> None:
    assert code in [one.code for one in findings_of(Change("tars", TEXT, after))]
    assert not findings_of(Change("tars", TEXT, TEXT))


def test_a_simulation_has_what_the_project_remembers(tmp_path: Path) -> None:
    (tmp_path / "tell.py").write_text("import os, sys\nopen(os.environ['TARS_OUTPUT'], 'w').write(sys.argv[1])\n")
    text = """python_module "tell" {
  source = "tell.py"
  args   = [recall("what is known", 1)[0].text]
  output = "output/told.txt"
}
"""
    (tmp_path / "lab.tars").write_text(text)
    remembered = Around(recall=lambda question, count: [{"text": f"{question}: {count}"}])
    ran = simulate(tmp_path, "lab.tars", text, tmp_path.parent, Simulation(around=remembered))
    assert ran.failure == ""
    assert ran.outputs["output/told.txt"] == blake3(b"what is known: 1").hexdigest()
    assert simulate(tmp_path, "lab.tars", text, tmp_path.parent).failure, "without it nothing is known"


def test_a_simulation_leaves_nothing_behind(tmp_path: Path, run_tarscli: Tarscli) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "pipeline", tmp_path / "pipeline"))
    look = folder / "agents" / "look.py"
    look.write_text(look.read_text().replace("sleep(0.5)", "sleep(0)"))
    before = sorted(str(path) for path in folder.rglob("*"))
    done = run_tarscli("simulate-agentic", "pipeline.tars", "--dry-run", "--json", folder=folder)
    found = json.loads(done.stdout)
    assert found["failure"] == ""
    assert set(found["outputs"]) >= {"output/report.json", "output/words.json"}
    assert sorted(str(path) for path in folder.rglob("*")) == before
    assert "--dry-run" in run_tarscli("simulate-agentic", "pipeline.tars", folder=folder, code=2).stderr
    look.write_text("raise SystemExit(3)\n")
    assert json.loads(run_tarscli("simulate-agentic", "--dry-run", "--json", folder=folder, code=1).stdout)["failure"]
