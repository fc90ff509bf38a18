"""`tarscli new module --from`: blocks that check and run, from sources in five languages."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tars.core.errors import UsageError
from tars.ui.starting.block import choose
from tars.ui.starting.functions import read
from tars.ui.starting.grammars import parse

PYTHON = '''"""Counts."""
from dataclasses import dataclass


@dataclass
class Count:
    words: int
    first: str | None = None


def _help(text):
    return text.split()


def run(data: dict[str, list[int]], limit: int, extra=None) -> Count:
    return {"words": len(data) + limit}
'''
TYPESCRIPT = """interface Given { words: string[]; top?: number }
type Kind = "few" | "many";
interface Made { kind: Kind; best: string | null; all: Record<string, number> }
export async function run(given: Given): Promise<Made> {
  return { kind: "few", best: null, all: {} };
}
"""
JAVASCRIPT = "export const rank = (data) => ({ size: data.length });\n"
GO = """package main

type Made struct {
	Words int      `json:"words"`
	Names []string `json:"names"`
	note  string
}

func Run(text string) (Made, error) {
	return Made{len(text), []string{}, ""}, nil
}
"""
RUST = "pub fn run(text: &str) -> String {\n    text.to_uppercase()\n}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "agents").mkdir()
    return tmp_path


def tarscli(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "tars.ui.cli", *words], cwd=folder, capture_output=True, text=True)


def made(folder: Path, name: str, source: str, *more: str) -> str:
    """The block for a source, which checks."""
    (folder / "agents" / name).write_text(source)
    done = tarscli(folder, "new", "module", "--from", f"agents/{name}", *more)
    assert done.returncode == 0, done.stderr
    checked = tarscli(folder, "check")
    assert checked.returncode == 0, checked.stdout
    return done.stdout


def ran(folder: Path, output: str) -> str:
    done = tarscli(folder, "run", "--sandbox", "none")
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / "output" / output).read_text()


def test_python(folder: Path) -> None:
    pytest.importorskip("tree_sitter_python", reason="needs the extra `sources`")
    text = made(folder, "count.py", PYTHON)
    assert 'entry_point = "run"' in text
    assert '"anyOf" = [' in text
    assert json.loads(ran(folder, "count.json")) == {"words": 0}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on this machine")
def test_typescript_and_javascript_in_one_metascript(folder: Path) -> None:
    pytest.importorskip("tree_sitter_typescript", reason="needs the extra `sources`")
    pytest.importorskip("tree_sitter_javascript", reason="needs the extra `sources`")
    text = made(folder, "pick.ts", TYPESCRIPT)
    assert '"enum" = ["few", "many"]' in text
    again = made(folder, "rank.mjs", JAVASCRIPT)
    assert 'js_module "rank"' in again
    assert (folder / "data" / "rank_data.txt").is_file()
    assert json.loads(ran(folder, "pick.json"))["kind"] == "few"
    assert json.loads((folder / "output" / "rank.json").read_text())["size"] > 0


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not on this machine")
def test_go(folder: Path) -> None:
    pytest.importorskip("tree_sitter_go", reason="needs the extra `sources`")
    assert 'entry_point = "Run"' in made(folder, "words.go", GO)
    assert json.loads(ran(folder, "words.txt")) == {"words": 11, "names": []}


@pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not on this machine")
def test_rust(folder: Path) -> None:
    assert 'output      = "output/loud.txt"' in made(folder, "loud.rs", RUST)
    assert ran(folder, "loud.txt") == "SOME TEXT.\n"


def test_a_script_runs_as_a_whole_and_names_stay_free(folder: Path) -> None:
    pytest.importorskip("tree_sitter_python", reason="needs the extra `sources`")
    script = "def helper(a):\n    return a\n\n\nprint(helper(1))\n"
    assert "entry_point" not in made(folder, "go-on.py", script)
    assert 'python_module "go-on_2"' in made(folder, "go-on.py", script)
    done = tarscli(folder, "new", "module", "--from", "agents/go-on.py", "--name", "go-on")
    assert done.returncode == 2
    assert "already has a block" in done.stderr


def test_which_function_is_asked_where_it_cannot_be_told() -> None:
    pytest.importorskip("tree_sitter_python", reason="needs the extra `sources`")
    program = read("python", parse("a.py", b"def one(x): return x\ndef other(x): return x\n"))
    with pytest.raises(UsageError, match="several functions: `one`, `other`"):
        choose(program, "a.py")
    with pytest.raises(UsageError) as raised:
        choose(program, "a.py", "othr")
    assert raised.value.hint == "did you mean `other`?"
    assert choose(program, "a.py", "one") == program.functions[0]


def test_what_would_be_wrong_is_not_written(folder: Path) -> None:
    pytest.importorskip("tree_sitter_python", reason="needs the extra `sources`")
    (folder / "agents" / "a.py").write_text("def run(): return 1\n")
    (folder / "lab.tars").write_text('python_module "x" {\n')
    done = tarscli(folder, "new", "module", "--from", "agents/a.py")
    assert done.returncode == 1
    assert (folder / "lab.tars").read_text() == 'python_module "x" {\n'
    for words, code in ((["--from", "agents/none.py"], 2), (["--from", "lab.tars"], 2), (["--entry", "x"], 2)):
        assert tarscli(folder, "new", "module", *words).returncode == code


def test_hostile_sources_end_in_a_message(folder: Path) -> None:
    pytest.importorskip("tree_sitter_python", reason="needs the extra `sources`")
    for number, data in enumerate((b"\xff\xfe\x00", b"(" * 20_000, b"def run(" + b"a," * 20_000)):
        (folder / "agents" / f"h{number}.py").write_bytes(data)
        done = tarscli(folder, "new", "module", "--from", f"agents/h{number}.py")
        assert done.returncode in (0, 1, 2), done.stderr
        assert "Traceback" not in done.stderr


COMMON = """const rank = (data) => ({ size: data.length });
module.exports = { rank, other: function (a, b) {}, hidden: 3 };
exports.late = function () {};
"""
TOTAL = """from typing import NotRequired, Required, TypedDict

class Made(TypedDict, total=False):
    a: int
    b: Required[str]

class Whole(TypedDict):
    a: int
    b: NotRequired[str]

def run(data: dict) -> Made: ...
def other(data: dict) -> Whole: ...
"""


def test_what_commonjs_exports() -> None:
    found = read("javascript", parse("a.cjs", COMMON.encode()))
    assert [(one.name, [name for name, _ in one.takes]) for one in found.functions] == [
        ("rank", ["data"]), ("other", ["a", "b"]), ("late", []),
    ]  # fmt: skip
    assert not found.is_script
    (one,) = read("javascript", parse("a.js", b"module.exports = function (x) { return x; };\n")).functions
    assert one.name == "default"


@pytest.mark.parametrize(
    "source",
    [
        "export default function (x) { return x; }",
        "export default function named(x) { return x; }",
        "export default (x) => x;",
        "export default async (x) => x;",
        "const named = (x) => x;\nexport default named;",
        "function named(x) { return x; }\nexport default named;",
    ],
)
@pytest.mark.parametrize(("language", "suffix"), [("javascript", "mjs"), ("typescript", "ts")])
def test_the_default_export_is_an_entry_point(source: str, language: str, suffix: str) -> None:
    (one,) = read(language, parse(f"a.{suffix}", source.encode())).functions
    assert (one.name, [name for name, _ in one.takes]) == ("default", ["x"])


def test_a_value_that_is_exported_by_default_is_no_function() -> None:
    assert read("javascript", parse("a.mjs", b"export default { a: 1 };\n")).functions == ()


def test_keys_that_need_not_be_there_are_not_required() -> None:
    made, whole = read("python", parse("a.py", TOTAL.encode())).functions
    assert made.gives is not None
    assert made.gives["required"] == ["b"]
    assert whole.gives is not None
    assert whole.gives["required"] == ["a"]
    assert whole.gives["properties"] == {"a": {"type": "integer"}, "b": {"type": "string"}}


def test_the_rest_of_the_parameters_is_nothing_to_give() -> None:
    source = b"export const f = (a: string, ...rest: unknown[]): void => {};\n"
    (one,) = read("typescript", parse("a.ts", source)).functions
    assert [name for name, _ in one.takes] == ["a"]


def test_what_cannot_be_read_is_told(folder: Path) -> None:
    for name, data, told in (
        ("bad.py", b"\xff\xfe\x00", "`agents/bad.py` is not UTF-8 text"),
        ("lib.go", b"package lib\n\nfunc Run() {}\n", "its package is not `main`"),
    ):
        (folder / "agents" / name).write_bytes(data)
        done = tarscli(folder, "new", "module", "--from", f"agents/{name}")
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    (folder / "agents" / "half.py").write_text("def run(data):\n    return data\n\ndef broken(:\n")
    done = tarscli(folder, "new", "module", "--from", "agents/half.py", "--entry", "run")
    assert done.returncode == 0, done.stderr
    assert "Line 4 of agents/half.py could not be read" in done.stderr
