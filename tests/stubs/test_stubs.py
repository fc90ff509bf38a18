"""Typed stubs: their names, and that each language's own compiler takes them."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pytest

from tars.core.errors import InputError, UsageError
from tars.runner.shims import python_function
from tars.ui.cli.meaning import load_file
from tars.ui.stubs.render import quicktype_home
from tars.ui.stubs.types import type_name, types_of

ROOT = Path(__file__).resolve().parents[2]
LAB = """
python_module "count" {
  source        = "count.py"
  output        = "output/counts.json"
  output_schema = "counts.json"
}

rust_module "rank" {
  source      = "rank.rs"
  input       = python_module.count.output
  input_type  = "Counts"
  output_type = "Ranking"
  output      = "output/ranking.json"
  output_schema = {
    type = "object", required = ["best"], additionalProperties = false
    properties = {
      best = { type = "array", items = { "$ref" = "#/$defs/word" } }
      note = { type = ["string", "null"], description = "free words" }
      kind = { enum = ["few", "many"] }
    }
    "$defs" = { word = { type = "object", required = ["text"], properties = { text = { type = "string" }, score = { type = "number" } } } }
  }
}

python_module "tree" {
  source        = "count.py"
  output        = "output/tree.json"
  output_schema = {
    "$ref" = "#/$defs/Node"
    "$defs" = {
      Node = {
        type = "object", required = ["class"]
        properties = {
          class    = { type = "string" }
          children = { type = "array", items = { "$ref" = "#/$defs/Node" } }
          value    = { oneOf = [{ type = "string" }, { type = "integer" }, { "$ref" = "#/$defs/Leaf" }] }
          when     = { type = "string", format = "date-time" }
          format   = { type = "boolean" }
          await    = { type = "string" }
          "2nd"    = { enum = ["a-b", "c d", null] }
          "日本"     = { type = "integer" }
          never    = false
          other    = { "$ref" = "#/$defs/of%20~1all" }
        }
      }
      Leaf = { type = "object", properties = { "a.b/c" = { type = "string" } } }
      "of /all" = { type = "object", required = ["none"], properties = { none = { type = ["string", "null"] } } }
    }
  }
}

python_module "whatever" {
  source        = "count.py"
  output        = "output/whatever.json"
  output_schema = {}
}

closure "judge it" {
  output_schema = { type = "boolean" }
}
"""  # noqa: E501
COUNTS = '{"title": "X", "type": "object", "additionalProperties": {"type": "integer"}}'

needs_quicktype = pytest.mark.skipif(
    shutil.which("node") is None or quicktype_home() is None, reason="Node.js or quicktype-core is not on this machine"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "lab.tars").write_text(LAB.replace('"judge it"', '"judge"'))
    (tmp_path / "counts.json").write_text(COUNTS)
    (tmp_path / "count.py").write_text("print('{}')\n")
    (tmp_path / "rank.rs").write_text("fn main() {}\n")
    return tmp_path


def tarscli(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tars.ui.cli", *words], cwd=folder, capture_output=True, text=True)


def test_names_come_from_the_attributes_else_from_the_module(project: Path) -> None:
    loaded = load_file(project / "lab.tars", project)
    assert loaded.metascript is not None, loaded.diagnostics
    assert list(types_of(loaded.metascript, project)) == [
        "CountOutput", "Counts", "JudgeAnswer", "Ranking", "TreeOutput", "WhateverOutput",
    ]  # fmt: skip
    assert [type_name(words) for words in ("rank output", "my-lab", "HTMLPage", "3d")] == [
        "RankOutput", "MyLab", "HTMLPage", "T3d",
    ]  # fmt: skip


def test_one_name_is_one_schema(project: Path) -> None:
    text = (project / "lab.tars").read_text().replace('input_type  = "Counts"', 'input_type  = "Ranking"')
    (project / "lab.tars").write_text(text)
    loaded = load_file(project / "lab.tars", project)
    assert loaded.metascript is not None
    with pytest.raises(UsageError, match="two different schemas"):
        types_of(loaded.metascript, project)


def test_no_other_file_or_address_is_read(project: Path) -> None:
    known = "https://json-schema.org/draft/2020-12/schema"  # which a validator has at hand
    (project / "counts.json").write_text(f'{{"type": "object", "properties": {{"a": {{"$ref": "{known}"}}}}}}')
    loaded = load_file(project / "lab.tars", project)
    assert loaded.metascript is not None
    with pytest.raises(InputError, match="cannot be made into types"):
        types_of(loaded.metascript, project)


@needs_quicktype
def test_what_cannot_be_made_is_named(project: Path) -> None:
    (project / "counts.json").write_text('{"type": "object", "properties": {"a": {"oneOf": [false]}}}')
    done = tarscli(project, "stubs", "--lang", "go")
    assert done.returncode == 1
    assert "could not make go of `CountOutput`: " in done.stderr
    assert "throw" not in done.stderr


@needs_quicktype
def test_what_is_unchanged_is_not_written(project: Path) -> None:
    done = tarscli(project, "stubs", "--lang", "go,ts")
    assert done.returncode == 0, done.stderr
    files = sorted((project / "types").iterdir())
    assert [file.name for file in files] == ["lab.d.ts", "lab.go"]
    before = [(file.stat().st_mtime_ns, file.read_bytes()) for file in files]
    assert tarscli(project, "stubs", "--lang", "go,ts", "--check").returncode == 0
    assert tarscli(project, "stubs", "--lang", "go,ts").returncode == 0
    assert [(file.stat().st_mtime_ns, file.read_bytes()) for file in files] == before
    files[0].write_text("old")
    assert tarscli(project, "stubs", "--lang", "go,ts", "--check").returncode == 1
    assert files[0].read_text() == "old"


def test_a_language_without_stubs_is_refused(project: Path) -> None:
    done = tarscli(project, "stubs", "--lang", "pyton")
    assert done.returncode == 2
    assert "did you mean `python`?" in done.stderr


class Kind(Enum):
    FEW = "few words"


@dataclass
class Made:
    kind: Kind
    self_: int = field(metadata={"name": "self"})
    note: str | None = None
    gone: str | None = field(default=None, metadata={"required": True})


def test_a_function_may_return_what_stubs_are() -> None:
    written = json.loads(python_function._content([Made(Kind.FEW, 1)], must_be_json=True))
    assert written == [{"kind": "few words", "self": 1, "gone": None}]
    with pytest.raises(SystemExit, match="Object of type object"):
        python_function._content(object(), must_be_json=True)


@needs_quicktype
def test_python_takes_the_types(project: Path) -> None:
    assert tarscli(project, "stubs", "--lang", "python").returncode == 0
    use = 'from lab_types import *\n\nx: CountOutput = {"a": 1}\ny = Ranking(best=[])\nz: JudgeAnswer = True\n'
    use += 't = TreeOutput("c", children=[TreeOutput("d")], value=Leaf("x"), when="2026", format=True)\n'
    use += "w: WhateverOutput = 3\n"
    (project / "types" / "use.py").write_text(use)
    subprocess.run([sys.executable, "use.py"], cwd=project / "types", check=True)
    (project / "types" / "tell.py").write_text(
        "import tars_client\nfrom lab_types import *\n"
        't = TreeOutput("c", children=[TreeOutput("d")], the_2_nd=The2Nd.A_B, other=OfAll(), value=Leaf("x"))\n'
        "tars_client.output(t)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python")}
    told = subprocess.run([sys.executable, "tell.py"], cwd=project / "types", check=True, capture_output=True, env=env)
    assert json.loads(told.stdout) == {
        "class": "c", "children": [{"class": "d"}], "2nd": "a-b", "other": {"none": None}, "value": {"a.b/c": "x"},
    }  # fmt: skip
    check = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "use.py"]
    done = subprocess.run(check, cwd=project / "types", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    (project / "types" / "use.py").write_text(use.replace("best=[]", "best=3"))
    assert subprocess.run(check, cwd=project / "types", capture_output=True).returncode == 1


@pytest.mark.slow
@needs_quicktype
def test_typescript_takes_the_types(project: Path) -> None:
    home = quicktype_home()
    compiler = home / "node_modules" / "typescript" / "bin" / "tsc" if home else None
    if compiler is None or not compiler.is_file():
        pytest.skip("TypeScript is not on this machine: npm install --prefix CACHE/tools typescript")
    assert tarscli(project, "stubs", "--lang", "ts").returncode == 0
    use = ('import type { CountOutput, JudgeAnswer, Ranking } from "./lab";\nexport const x: CountOutput = { a: 1 };\n'
           'export const y: Ranking = { best: [{ text: "t" }], kind: "few" };\n'
           'import type { Leaf, TreeOutput } from "./lab";\n'
           'export const t: TreeOutput = { class: "c", children: [], value: { "a.b/c": "x" } as Leaf, when: "2026" };\n'
           "export const z: JudgeAnswer = true;\n")  # fmt: skip
    check = ["node", str(compiler), "--strict", "--noEmit", "use.ts"]
    for text, code in ((use, 0), (use.replace('"few"', '"none"'), 2)):
        (project / "types" / "use.ts").write_text(text)
        done = subprocess.run(check, cwd=project / "types", capture_output=True, text=True)
        assert (done.returncode != 0) == (code != 0), done.stdout


GO_TEST = """package types

import (
	"encoding/json"
	"testing"
)

var X CountOutput = CountOutput{"a": 1}
var Y = Ranking{}.Best
var T = TreeOutput{Class: "c", Children: []TreeOutput{}, When: nil}

func TestWhatIsReadIsWritten(t *testing.T) {
	const text = `{"children":[{"class":"d","value":3}],"class":"c","other":{"none":null},"日本":3}`
	var tree TreeOutput
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatal(err)
	}
	if written, err := json.Marshal(tree); err != nil || !sameJSON(string(written), text) {
		t.Fatal(string(written), err)
	}
}

func sameJSON(a, b string) bool {
	var x, y map[string]any
	_, _ = json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)
	one, _ := json.Marshal(x)
	other, _ := json.Marshal(y)
	return string(one) == string(other)
}
"""


@needs_quicktype
@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not on this machine")
def test_go_takes_the_types(project: Path) -> None:
    assert tarscli(project, "stubs", "--lang", "go").returncode == 0
    (project / "types" / "use_test.go").write_text(GO_TEST)
    (project / "go.mod").write_text("module lab\n\ngo 1.21\n")
    done = subprocess.run(["go", "test", "./types"], cwd=project, capture_output=True, text=True,
                          env={**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off"})  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


SERDE = """extern crate proc_macro;
use proc_macro::TokenStream;
#[proc_macro_derive(Serialize, attributes(serde))]
pub fn serialize(_: TokenStream) -> TokenStream { TokenStream::new() }
#[proc_macro_derive(Deserialize, attributes(serde))]
pub fn deserialize(_: TokenStream) -> TokenStream { TokenStream::new() }
"""
"""The names of serde that the types need, so that rustc alone can judge them."""


@needs_quicktype
@pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not on this machine")
def test_rust_takes_the_types(project: Path) -> None:
    assert tarscli(project, "stubs", "--lang", "rust").returncode == 0
    (project / "serde.rs").write_text(SERDE)
    folder = project / "types"
    build = ["rustc", "--edition=2021", "--crate-type=proc-macro", "--crate-name=serde", "--out-dir", str(folder)]
    subprocess.run([*build, str(project / "serde.rs")], check=True, capture_output=True)
    (project / "serde_json.rs").write_text("#[derive(Debug, Clone)] pub struct Value;\n")
    build = ["rustc", "--edition=2021", "--crate-type=rlib", "--out-dir", str(folder), str(project / "serde_json.rs")]
    subprocess.run(build, check=True, capture_output=True)
    text = (folder / "lab.rs").read_text()
    leave_out = '#[serde(skip_serializing_if = "Option::is_none")]\n    '
    assert f"{leave_out}pub note: Option<String>" in text, "what may be missing is not written as null"
    assert "    pub none: Option<String>" in text
    assert f"{leave_out}pub none" not in text
    use = "pub mod lab;\npub fn best(r: &lab::Ranking) -> Option<f64> { r.best[0].score }\n"
    use += "pub fn when(t: &lab::TreeOutput) -> Option<&String> { t.children.as_ref()?[0].when.as_ref() }\n"
    library = next(folder.glob("*serde.*"))
    check = ["rustc", "--edition=2021", "--crate-type=lib", "--emit=metadata", "--extern", f"serde={library}",
             "--extern", f"serde_json={folder / 'libserde_json.rlib'}", "use.rs"]  # fmt: skip
    for text, code in ((use, 0), (use.replace("Option<f64>", "f64"), 1)):
        (folder / "use.rs").write_text(text)
        done = subprocess.run(check, cwd=folder, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
