"""What a metascript's structure may become: other runtimes, sandboxes as strict, halves; and what is refused."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tars.evolve.metascripts import strictness
from tars.evolve.metascripts.graph import apply_to_metascript, chain_in
from tars.evolve.metascripts.headless import CONFINED, simulate
from tars.evolve.metascripts.strictness import as_strict, promised
from tars.evolve.operators import structure
from tars.evolve.patch import Op, Patch, op
from tars.evolve.rule import Change, findings_of
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Block
from tars.runner.events import ModuleStarted, Options
from tars.runner.run import run

Tarscli = Callable[..., "subprocess.CompletedProcess[str]"]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "evolve"
MODULE = """python_module "a" {{
  source  = "a.py"
  output  = "a.json"
  sandbox = {}
}}
"""
PLAIN = MODULE.replace("  sandbox = {}\n", "").format()


def forbidden(before: str, after: str) -> bool:
    return "E0202" in [one.code for one in findings_of(Change("tars", before, after))]


def swaps(text: str, attribute: str) -> set[str]:
    return {
        str(one.arguments["value"])
        for one in structure.changes(text)
        if one.kind == "set-attribute" and one.text("attribute") == attribute
    }


@pytest.fixture
def two_runtimes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("node", "bun"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho v22.0.0\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    strictness.runtimes.cache_clear()
    yield
    strictness.runtimes.cache_clear()


@pytest.mark.usefixtures("two_runtimes")
def test_runtimes_that_are_here_are_swapped() -> None:
    text = 'javascript_module "a" {\n  source  = "a.js"\n  runtime = "deno"\n  output  = "a.json"\n}\n'
    assert {"node", "bun"} <= swaps(text, "runtime")
    assert "node" not in swaps(text.replace('  runtime = "deno"\n', ""), "runtime")
    assert swaps(PLAIN, "runtime") == set()
    patch = Patch((op("set-attribute", node="javascript_module.a", attribute="runtime", value="bun"),))
    assert 'runtime = "bun"' in apply_to_metascript(text, patch)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"container"', '"none"'), ('"process"', '"none"'), ('["process", "none"]', '["none", "process"]'),
        ('"container"', '["process", "none"]'), ('"hyperlight"', '"process"'),
        ('["hyperlight", "process"]', '"process"'),
        ('"process"', "var.place"), ('"process"', '"nobody"'), ('"process"', "[]"),
        ('"proces"', '"none"'), ('"process"', '"process"\n  sandbox = "none"'), ('"container"', '"${"none"}"'),
    ],
)  # fmt: skip
def test_no_weaker_sandbox_is_taken_whoever_asks_for_it(before: str, after: str) -> None:
    assert forbidden(MODULE.format(before), MODULE.format(after))


def test_nor_one_by_leaving_it_out_or_in_a_new_module() -> None:
    assert forbidden(MODULE.format('"process"'), PLAIN)
    assert forbidden(PLAIN, MODULE.format('"none"'))
    assert forbidden(PLAIN, PLAIN + MODULE.format('"none"').replace('"a"', '"b"'))
    strict = 'settings {\n  sandbox = "hyperlight"\n}\n'
    assert forbidden(strict + PLAIN, strict + MODULE.format('"process"')), "the settings count where a module is silent"


def test_one_that_is_as_strict_and_here_may_be_taken() -> None:
    assert not forbidden(PLAIN, MODULE.format('"process"'))
    assert not forbidden(MODULE.format('["process", "none"]'), MODULE.format('"process"'))
    assert not forbidden(MODULE.format('"none"'), MODULE.format('"process"'))
    assert not forbidden(MODULE.format('"proces"'), MODULE.format('"process"')), "a name that nobody knows is mended"
    both = promised("container"), promised("process")
    assert as_strict(("container",), ("process",)) is (both[1] is not None and (both[0] or set("all")) <= both[1])
    assert not as_strict(("container",), ())


def test_a_container_gives_way_to_a_process() -> None:
    if not as_strict(("container",), ("process",)):
        pytest.skip("the process sandbox of this machine promises less than a container does")
    assert swaps(MODULE.format('"container"'), "sandbox") == {"process"}
    assert swaps(f'settings {{\n  sandbox = "container"\n}}\n{PLAIN}', "sandbox") == {"process"}
    for kept in ('"process"', '["process", "none"]', '"hyperlight"', "var.place"):
        assert not swaps(MODULE.format(kept), "sandbox"), kept


@pytest.mark.parametrize("chain", ['"none"', '["none", "process"]'])
def test_headless_no_module_runs_unconfined(tmp_path: Path, chain: str) -> None:
    (tmp_path / "a.py").write_text("import os\nopen(os.environ['TARS_OUTPUT'], 'w').write('{}')\n")
    (tmp_path / "lab.tars").write_text(MODULE.format(chain))
    events = list(run(Options(tmp_path / "lab.tars", tmp_path, among=CONFINED)))
    assert [one.sandbox for one in events if isinstance(one, ModuleStarted)] == ["process"]


def test_what_a_chain_says_is_read_or_not_known() -> None:
    def chain(text: str) -> tuple[str, ...] | None:
        block = parse(MODULE.format(text)).body.items[0]
        assert isinstance(block, Block)
        return chain_in(block)

    assert chain('"wasm"') == ("wasm",)
    assert chain('["wasm", "none"]') == ("wasm", "none")
    assert chain("var.a") is chain('["wasm", var.a]') is None


def test_work_on_several_inputs_is_split_and_comes_to_the_same(tmp_path: Path) -> None:
    for name, count in (("one", 1), ("two", 2), ("three", 3)):
        (tmp_path / f"{name}.txt").write_text("word " * count)
    (tmp_path / "count.py").write_text(
        "import json, os, sys\nfound = sum(len(open(each).read().split()) for each in sys.argv[1:])\n"
        "open(os.environ['TARS_OUTPUT'], 'w').write(json.dumps(found))\n"
    )
    (tmp_path / "total.py").write_text((tmp_path / "count.py").read_text().replace(
        "len(open(each).read().split())", "json.load(open(each))"))  # fmt: skip
    text = """python_module "count" {
  source    = "count.py"
  input     = ["one.txt", "two.txt", "three.txt"]
  inject_as = "args"
  output    = "output/count.json"
}

python_module "total" {
  source    = "total.py"
  input     = [python_module.count.output]
  inject_as = "args"
  output    = "output/total.json"
}

output "total" {
  value = python_module.total.output
}
"""
    found = [one for one in structure.changes(text) if one.kind == "split-node"]
    expected = Op("split-node", {"node": "python_module.count", "name": "count_2", "inputs": ['"three.txt"'],
                                 "output": "output/count_2.json"})  # fmt: skip
    assert found == [expected]
    split = apply_to_metascript(text, Patch(tuple(found)))
    assert not findings_of(Change("tars", text, split))
    runs = [simulate(tmp_path, "lab.tars", each, tmp_path.parent) for each in (text, split)]
    assert [one.failure for one in runs] == ["", ""]
    assert runs[0].results == runs[1].results
    assert runs[0].outputs["output/total.json"] == runs[1].outputs["output/total.json"]
    assert "python_module.count_2" in runs[1].modules
    single = text.replace("[python_module.count.output]", "python_module.count.output")
    assert not [one for one in structure.changes(single) if one.kind == "split-node"], "who takes one takes no two"


@pytest.mark.slow
def test_each_change_of_the_pipeline_alone_comes_to_the_same_report(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "pipeline", tmp_path / "pipeline"))
    look = folder / "agents" / "look.py"
    look.write_text(look.read_text().replace("sleep(0.5)", "sleep(0)"))
    text = (folder / "pipeline.tars").read_text()
    offered = structure.changes(text)
    assert {one.kind for one in offered} == {"remove-edge", "set-attribute", "merge-nodes"}
    merged = apply_to_metascript(text, Patch(tuple(one for one in offered if one.kind == "merge-nodes")))
    ways = [text, merged, *(apply_to_metascript(text, Patch((one,))) for one in offered if one.kind != "merge-nodes")]
    runs = [simulate(folder, "pipeline.tars", each, tmp_path) for each in ways]
    assert {one.failure for one in runs} == {""}
    assert len({json.dumps(one.results, sort_keys=True) for one in runs}) == 1
    assert len(runs[1].modules) == len(runs[0].modules) - 1
    unused = f'{text}python_module "idle" {{\n  source = "agents/look.py"\n  output = "output/idle.json"\n}}\n'
    assert op("delete-node", node="python_module.idle") in structure.changes(unused)


@pytest.mark.slow
def test_the_wrong_metascript_is_mended_by_the_command(tmp_path: Path, run_tarscli: Tarscli) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "wrong", tmp_path / "wrong"))
    words = ("evolve", "lab.tars", "--metric", "findings", "--budget", "evaluations=150", "--seed", "1", "--apply")
    came = json.loads(run_tarscli(*words, "--json", folder=folder).stdout)
    assert (came["before"] > 3, came["score"]) == (True, 0)
    text = (folder / "lab.tars").read_text()
    confidences = [line.split()[-1] for line in text.splitlines() if line.strip().startswith("confidence ")]
    assert confidences in (["0.4", "0.7"], ["0.8", "0.4"]), "of two beliefs that contradict each other one gives way"
    assert 'sandbox = "process"' in text
    run_tarscli("check", "lab.tars", folder=folder)
