"""Modules that cannot be built or started are refused when they are planned, with their place and what to do."""

# ruff: noqa: E501 - one line for each file of a case reads best

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tars.core.errors import InputError
from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.building.build import source_of
from tars.runner.events import Status
from tars.runner.toolchain import TOOLCHAINS

CARGO = '[package]\nname = "my-agent"\nversion = "0.1.0"\nedition = "2021"\n'


class Case(NamedTuple):
    language: str
    files: dict[str, str]
    source: str
    entry_point: str = ""
    runtime: str = ""


REFUSED = {
    "no main": (Case("rust", {"a.rs": "fn helper() {}"}, "a.rs"), "`a.rs` has no `fn main`"),
    "not public": (Case("rust", {"a.rs": "fn f() {}"}, "a.rs", "f"), "`f` in `a.rs` is not public"),
    "odd argument": (Case("rust", {"a.rs": "pub fn f(n: u8) {}"}, "a.rs", "f"), "takes (u8), which cannot be handed over"),
    "two arguments": (Case("rust", {"a.rs": "pub fn f(a: &str, b: &str) {}"}, "a.rs", "f"), "takes (&str, &str)"),
    "no such function": (Case("rust", {"a.rs": "// pub fn f() {}"}, "a.rs", "f"), "`a.rs` has no function `f`"),
    "no such binary": (Case("rust", {"c/Cargo.toml": CARGO, "c/src/main.rs": "fn main() {}"}, "c", "x"), "no binary `x`"),
    "dependency outside": (
        Case("rust", {"c/Cargo.toml": CARGO + '[dependencies]\nx = { path = "../../x" }\n', "c/src/main.rs": "fn main() {}"}, "c"),
        "is outside the project",
    ),
    "bad manifest": (Case("rust", {"c/Cargo.toml": "["}, "c"), "`c/Cargo.toml` is not TOML"),
    "go: two results": (Case("go", {"a.go": "package main\nfunc f() (int, int) { return 1, 2 }"}, "a.go", "f"), "returns (int, int)"),
    "go: other package": (Case("go", {"a.go": "package other\nfunc f() {}"}, "a.go", "f"), "is not in `package main`"),
    "go: nothing": (Case("go", {"a.go": "package main\n"}, "a.go"), "has no `func main`"),
    "python: no start": (Case("python", {"p/a.py": "", "p/b.py": ""}, "p"), "does not say how it starts"),
    "python: no module": (Case("python", {"p/pk/__init__.py": ""}, "p", "pk.x:f"), "has no module `pk.x`"),
    "python: dynamic": (
        Case("python", {"p/pyproject.toml": '[project]\nname = "p"\ndynamic = ["dependencies"]\n', "p/__main__.py": ""}, "p"),
        "are computed when it is built",
    ),
    "javascript: runtime": (Case("javascript", {"a.js": ""}, "a.js", runtime="perl"), "`perl` is not a runtime"),
    "javascript: bad package": (Case("javascript", {"p/package.json": "{"}, "p"), "`p/package.json` is not JSON"),
    "javascript: local dependency": (
        Case("javascript", {"package.json": '{"dependencies": {"x": "file:../x"}}', "a.js": ""}, "a.js"), "the dependency `x` is a folder",
    ),
    "wasm: other file": (Case("wasm", {"a.rs": ""}, "a.rs"), "is not a WebAssembly module"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_bad_module_is_refused_before_anything_runs(name: str, tmp_path: Path) -> None:
    case, message = REFUSED[name]
    for path, content in case.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    place = {"source": case.source, "entry_point": case.entry_point, "runtime": case.runtime}
    module = Module(f"{case.language}_module.one", "one", case.language, Span("a.tars", 0, 1), **place)
    source = source_of(module, tmp_path)
    toolchain = TOOLCHAINS.load(case.language)
    with pytest.raises(InputError) as caught:
        _ = toolchain.tools(source), toolchain.plan(source, {})
    assert message in caught.value.message
    assert caught.value.hint
    assert caught.value.diagnostics[0].span is not None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
def test_a_file_name_that_no_version_can_hold_is_refused_before_the_module_runs(project: Any) -> None:
    project.script("a", "echo ran > output/a.txt", output='"output/a.txt"', input='"data"')
    (project.root / "data").mkdir()
    (project.root / os.fsdecode(b"data/x\xff.txt")).touch()
    ended = project.run().finished["a"]
    assert ended.status is Status.FAILED
    assert "the name of input data/x\\xff.txt is not UTF-8" in ended.error
    assert ended.hint
    assert not (project.root / "output/a.txt").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
@pytest.mark.parametrize("attributes", [{"args": 'fileset("data", "*")'}, {"env": '{ KEPT = env("ODD") }'}])
def test_a_value_that_no_version_can_hold_is_an_error_of_the_metascript(
    attributes: dict[str, str], project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environb, b"ODD", b"\xff")
    project.script("a", "echo ran > output/a.txt", output='"output/a.txt"', **attributes)
    (project.root / "data").mkdir()
    (project.root / os.fsdecode(b"data/x\xff.txt")).touch()
    with pytest.raises(InputError) as caught:
        project.run()
    assert [finding.code for finding in caught.value.diagnostics] == ["T0048"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
def test_a_source_file_whose_name_is_no_text_is_refused(project: Any) -> None:
    project.write("pkg/__main__.py", "print(1)\n")
    (project.root / os.fsdecode(b"pkg/bad\xff.py")).touch()
    project.write("main.tars", 'python_module "a" {\n  source = "pkg"\n}\n')
    assert "the name of source pkg/bad\\xff.py is not UTF-8" in project.run().finished["a"].error
