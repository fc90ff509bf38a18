"""Every spelling of a module that the language's guide shows: what is written, what goes in, and what comes out."""

# ruff: noqa: E501 - one line for each file of a case reads best

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.errors import UnavailableError
from tars.core.values import Span
from tars.lang.values import Module, Resources
from tars.runner.building.build import build, build_key, source_of
from tars.runner.building.tools import detect
from tars.runner.building.trial import make_ready, start
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import Built, EnvironmentPlan, Step
from tars.store.shared import Shared

CARGO = '[package]\nname = "my-agent"\nversion = "0.1.0"\nedition = "2021"\n'
UPPER_RS = "pub fn upper(text: &str) -> String { text.to_uppercase() }\n"
MAIN_GO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Print("%s") }\n'


class Case(NamedTuple):
    language: str
    files: dict[str, str]
    source: str
    entry_point: str = ""
    stdin: str = ""
    stdout: str = ""
    arguments: tuple[str, ...] = ()
    options: Mapping[str, str] = MappingProxyType({})
    runtime: str = ""
    check: bool = False


CASES = {
    "rust: a lone main": Case("rust", {"a.rs": 'fn main() { print!("hi"); }'}, "a.rs", stdout="hi"),
    "rust: main named": Case("rust", {"a.rs": 'fn main() { print!("hi"); }'}, "a.rs", "main", stdout="hi"),
    "rust: with modules": Case(
        "rust", {"a.rs": "mod b;\nfn main() { print!(\"{}\", b::c::N); }", "b/mod.rs": "pub mod c;", "b/c.rs": "pub const N: u8 = 7;"},
        "a.rs", stdout="7",
    ),
    "rust: unoptimised": Case(
        "rust", {"a.rs": 'fn main() { print!("{}", cfg!(debug_assertions)); }'}, "a.rs", stdout="true", options={"profile": "dev"}
    ),
    "rust: text to text": Case("rust", {"a.rs": "//! Docs.\n" + UPPER_RS}, "a.rs", "upper", "é", "É"),
    "rust: bytes to bytes": Case("rust", {"a.rs": "pub fn f(b: &[u8]) -> Vec<u8> { b.iter().rev().copied().collect() }"}, "a.rs", "f", "abc", "cba"),
    "rust: owned": Case("rust", {"a.rs": "pub fn f(b: Vec<u8>) -> usize { b.len() }"}, "a.rs", "f", "abc", "3"),
    "rust: a result": Case(
        "rust", {"a.rs": "type Error = Box<dyn std::error::Error>;\npub fn f(s: String) -> Result<i64, Error> { Ok(s.trim().parse::<i64>()? + 1) }"},
        "a.rs", "f", "41\n", "42",
    ),
    "rust: nothing in": Case("rust", {"a.rs": 'pub fn f() -> &\'static str { "hi" }'}, "a.rs", "f", stdout="hi"),
    "rust: a crate": Case("rust", {"c/Cargo.toml": CARGO, "c/src/main.rs": 'fn main() { print!("crate"); }'}, "c", stdout="crate"),
    "rust: a crate's binary": Case(
        "rust",
        {"c/Cargo.toml": CARGO, "c/src/lib.rs": "pub const N: u8 = 3;", "c/src/bin/one.rs": "fn main() {}",
         "c/src/bin/two.rs": 'fn main() { print!("{}", my_agent::N); }'},
        "c", "two", stdout="3",
    ),
    "rust: a crate's example": Case(
        "rust", {"c/Cargo.toml": CARGO, "c/src/lib.rs": "", "c/examples/show.rs": 'fn main() { print!("ex"); }'}, "c", "show", stdout="ex"
    ),
    "rust: a library's function": Case("rust", {"c/Cargo.toml": CARGO, "c/src/lib.rs": UPPER_RS}, "c", "upper", "abc", "ABC"),
    "rust: a workspace's member": Case(
        "rust",
        {"w/Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n', "w/crates/a/Cargo.toml": CARGO + '[dependencies]\ndep = { path = "../dep" }\n',
         "w/crates/a/src/main.rs": 'fn main() { print!("{}", dep::N); }',
         "w/crates/dep/Cargo.toml": CARGO.replace("my-agent", "dep"), "w/crates/dep/src/lib.rs": "pub const N: u8 = 9;"},
        "w", "my-agent", stdout="9",
    ),
    "rust: features": Case(
        "rust", {"c/Cargo.toml": CARGO + "[features]\nloud = []\n", "c/src/main.rs": 'fn main() { print!("{}", cfg!(feature = "loud")); }'},
        "c", stdout="true", options={"features": "loud"},
    ),
    "python: a script": Case("python", {"a.py": "import sys\nprint(sys.stdin.read() + sys.argv[1], end='')"}, "a.py", stdin="x", stdout="xy", arguments=("y",)),
    "python: a function": Case("python", {"p/a.py": "from b import N\ndef f(x): return [*x, N]", "p/b.py": "N = 3"}, "p/a.py", "f", "[1, 2]", "[\n  1,\n  2,\n  3\n]\n"),
    "python: an async function": Case("python", {"a.py": "async def f(): return 'done'"}, "a.py", "f", stdout="done"),
    "python: a function named as a module of Python": Case("python", {"json.py": "def f(x): return x"}, "json.py", "f", "1", "1\n"),
    "python: a folder with __main__": Case("python", {"p/__main__.py": "import b\nprint(b.N, end='')", "p/b.py": "N = 4"}, "p", stdout="4"),
    "python: a package": Case("python", {"p/src/pk/__init__.py": "N = 5", "p/src/pk/__main__.py": "from . import N\nprint(N, end='')"}, "p", stdout="5"),
    "python: a package's function": Case("python", {"p/src/pk/__init__.py": "", "p/src/pk/m.py": "def f(): return {}"}, "p", "pk.m:f", stdout="{}\n"),
    "python: a project's script": Case(
        "python", {"p/pyproject.toml": '[project]\nname = "p"\n[project.scripts]\ngo = "pk.m:f"\n', "p/pk/__init__.py": "", "p/pk/m.py": "def f(): return 'sc'"},
        "p", "go", stdout="sc",
    ),
    "javascript: a script": Case("javascript", {"a.js": "process.stdout.write(process.argv[2])"}, "a.js", stdout="y", arguments=("y",)),
    "javascript: an ES module": Case("javascript", {"a.mjs": "import { N } from './b.mjs'; process.stdout.write(`${N}`)", "b.mjs": "export const N = 2"}, "a.mjs", stdout="2"),
    "javascript: a function": Case("javascript", {"a.mjs": "export const f = async (x) => x.length"}, "a.mjs", "f", "[1, 2]", "2\n"),
    "javascript: a CommonJS function": Case("javascript", {"a.cjs": "exports.f = () => 'text'"}, "a.cjs", "f", stdout="text"),
    "javascript: a package": Case("javascript", {"p/package.json": '{"name": "p", "main": "lib/x.js"}', "p/lib/x.js": "process.stdout.write('pk')"}, "p", stdout="pk"),
    "typescript: a script": Case("typescript", {"a.ts": "enum E { A = 3 }\nprocess.stdout.write(`${E.A}`)"}, "a.ts", stdout="3"),
    "typescript: a function": Case(
        "typescript", {"a.ts": "import { N } from './b'\nexport function f(x: number[]): number { return x.length + N }", "b.ts": "export const N: number = 1"},
        "a.ts", "f", "[1, 2]", "3\n", check=True,
    ),
    "typescript: checked with its own configuration": Case(
        "typescript", {"p/tsconfig.json": '{"compilerOptions": {"strict": false, "target": "es2022", "moduleResolution": "bundler", "module": "esnext", "types": []}}',
                       "p/package.json": '{"main": "a.ts"}', "p/a.ts": "function f(x) { return x }\nprocess.stdout.write(f('ok'))"},
        "p", stdout="ok", check=True,
    ),
    "typescript: by deno": Case("typescript", {"a.ts": "import { N } from './b'\nexport const f = (x: number): number => x + N", "b.ts": "export const N = 1"}, "a.ts", "f", "1", "2\n", runtime="deno"),
    "typescript: by bun": Case("typescript", {"a.ts": "enum E { A = 3 }\nprocess.stdout.write(`${E.A}`)"}, "a.ts", stdout="3", runtime="bun"),
    "javascript: by deno": Case("javascript", {"a.mjs": "import process from 'node:process'; process.stdout.write('d')"}, "a.mjs", stdout="d", runtime="deno"),
    "go: a lone main": Case("go", {"a.go": MAIN_GO % "lone"}, "a.go", stdout="lone"),
    "go: a function": Case("go", {"a.go": 'package main\n\nimport "strings"\n\nfunc Up(s string) (string, error) { return strings.ToUpper(s), nil }\n'}, "a.go", "Up", "abc", "ABC"),
    "go: a function without a result": Case("go", {"a.go": "package main\n\nfunc quiet(b []byte) {}\n"}, "a.go", "quiet", "abc", ""),
    "go: a package": Case(
        "go", {"g/go.mod": "module example.com/g\n\ngo 1.18\n", "g/main.go": 'package main\n\nimport (\n\t"fmt"\n\n\t"example.com/g/inner"\n)\n\nfunc main() { fmt.Print(inner.N) }\n',
               "g/inner/n.go": "package inner\n\nconst N = 6\n"}, "g", stdout="6",
    ),
    "go: a command of a package": Case("go", {"g/go.mod": "module example.com/g\n\ngo 1.18\n", "g/cmd/one/main.go": MAIN_GO % "one"}, "g", "one", stdout="one"),
    "executable: a script": Case("executable", {"a": "#!/bin/sh\ncat; echo \"$1\"\n"}, "a", stdin="x", stdout="xy\n", arguments=("y",)),
    "executable: in a folder": Case("executable", {"d/run.sh": "#!/bin/sh\n. \"${0%/*}/part\"\n", "d/part": "echo part\n"}, "d", "run.sh", stdout="part\n"),
    "wasm: an exported function": Case(
        "wasm", {"a.wat": '(module (func (export "add") (param i32 i64) (result i64) local.get 0 i64.extend_i32_s local.get 1 i64.add))'}, "a.wat", "add",
        stdout="5\n", arguments=("2", "3"),
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    return Shared(tmp_path_factory.mktemp("shared"))


def written(case: Case, project: Path) -> Module:
    for name, content in case.files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        path.chmod(0o755)
    span = Span("a.tars", 0, 1)
    return Module(
        f"{case.language}_module.one", "one", case.language, span, source=case.source, entry_point=case.entry_point,
        options=case.options, runtime=case.runtime, check=case.check,
    )  # fmt: skip


def ready(module: Module, project: Path, shared: Shared) -> Built:
    try:
        return make_ready(module, project, shared)
    except UnavailableError as error:
        pytest.skip(error.message)


@pytest.mark.parametrize("name", CASES)
def test_spelling(name: str, tmp_path: Path, shared: Shared) -> None:
    case = CASES[name]
    module = written(case, tmp_path)
    before = sorted(tmp_path.rglob("*"))
    built = ready(module, tmp_path, shared)
    assert built.ok, built.log.decode()
    outcome = start(built, tmp_path, *case.arguments, stdin=case.stdin.encode())
    assert (outcome.stdout.decode(), outcome.code) == (case.stdout, 0), outcome.stderr.decode()
    state = tmp_path / ".tars"
    after = [path for path in sorted(tmp_path.rglob("*")) if state not in path.parents and path != state]
    assert after == before, "building and running leave the source as it was"
    again = ready(module, tmp_path, shared)
    assert again.cached
    assert again.command == built.command


@pytest.mark.parametrize("name", CASES)
def test_every_file_of_a_spelling_is_read(name: str, tmp_path: Path) -> None:
    """What a module consists of is in its key: editing any of its files runs it again."""
    case = CASES[name]
    module = written(case, tmp_path)
    source = source_of(module, tmp_path)
    assert set(case.files) <= set(TOOLCHAINS.load(case.language).plan(source, {}).reads)


FUNCTIONS = {
    "python": ("a.py", "def f(x): return {'n': len(x)}"),
    "javascript": ("a.mjs", "export const f = (x) => ({ n: x.length })"),
    "typescript": ("a.ts", "export const f = (x: number[]) => ({ n: x.length })"),
    "rust": ("a.rs", 'pub fn f(s: &str) -> String { format!("{{\\"n\\": {}}}", s.split(\',\').count()) }'),
    "go": ("a.go", 'package main\n\nimport (\n\t"fmt"\n\t"strings"\n)\n\nfunc f(s string) string {\n\treturn fmt.Sprintf(`{"n": %d}`, len(strings.Split(s, ",")))\n}\n'),
}  # fmt: skip


@pytest.mark.parametrize("language", FUNCTIONS)
def test_function_reads_its_input_and_writes_its_output(language: str, tmp_path: Path, shared: Shared) -> None:
    name, content = FUNCTIONS[language]
    module = written(Case(language, {name: content}, name, "f"), tmp_path)
    given, output = tmp_path / "in put.json", tmp_path / "out.json"
    given.write_text("[1, 2, 3]")
    built = ready(module, tmp_path, shared)
    outcome = start(built, tmp_path, env={"TARS_INPUT": str(given), "TARS_OUTPUT": str(output)})
    assert outcome.ok, outcome.stderr.decode()
    assert outcome.stdout == b""
    assert json.loads(output.read_text()) == {"n": 3}
    outcome = start(built, tmp_path, env={"TARS_INPUT": str(given)})
    assert json.loads(outcome.stdout) == {"n": 3}, "without a declared output it goes to stdout"


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_function_with_several_inputs(language: str, tmp_path: Path, shared: Shared) -> None:
    for name, content in {"a.json": "[1]", "b.txt": "two"}.items():
        (tmp_path / name).write_text(content)
    code = {"python": "def f(a, b): return [a, b]\ndef g(all): return all\ndef h(a, b, c): pass\n",
            "javascript": "export function f(a, b) { return [a, b] }\nexport function g(all) { return all }\nexport function h(a, b, c) {}\n"}  # fmt: skip
    name = {"python": "m.py", "javascript": "m.mjs"}[language]
    env = {"TARS_INPUTS": json.dumps([str(tmp_path / "a.json"), str(tmp_path / "b.txt")])}
    for function, expected in (("f", [[1], "two"]), ("g", [[1], "two"])):
        module = written(Case(language, {name: code[language]}, name, function), tmp_path)
        outcome = start(ready(module, tmp_path, shared), tmp_path, env=env)
        assert json.loads(outcome.stdout) == expected, outcome.stderr.decode()
    module = written(Case(language, {name: code[language]}, name, "h"), tmp_path)
    outcome = start(ready(module, tmp_path, shared), tmp_path, env=env)
    assert outcome.code == 1
    assert "`h` needs 3 argument(s), but the module has 2 input(s)" in outcome.stderr.decode()


@pytest.mark.parametrize("runtime", ["node", "deno"])
def test_type_error_has_its_place(runtime: str, tmp_path: Path, shared: Shared) -> None:
    files = {"a.ts": "import { n } from './b'\nconsole.log(n)\n", "b.ts": "// é\nexport const n: number = 'a'\n"}
    built = ready(written(Case("typescript", files, "a.ts", runtime=runtime, check=True), tmp_path), tmp_path, shared)
    assert not built.ok
    assert [(one.code, one.span.path) for one in built.diagnostics if one.span] == [("typescript:TS2322", "b.ts")]
    assert built.diagnostics[0].span is not None
    assert files["b.ts"][built.diagnostics[0].span.start :].startswith("n: number")


STACKS = {
    "python": ("a.py", "import json\ndef f():\n    return json.loads('}')\n", "python:JSONDecodeError", 3),
    "javascript": ("a.mjs", "export function f() {\n  throw new TypeError('no')\n}\n", "javascript:TypeError", 2),
    "typescript": ("a.ts", "type T = 1\nexport function f(): T {\n  throw new Error('no')\n}\n", "typescript:Error", 3),
    "go": ("a.go", 'package main\n\nfunc f() {\n\tpanic("no")\n}\n', "go:panic", 4),
}


@pytest.mark.parametrize("runtime", ["", "deno"])
@pytest.mark.parametrize("language", STACKS)
def test_failure_points_at_the_users_line(language: str, runtime: str, tmp_path: Path, shared: Shared) -> None:
    if runtime and language in ("python", "go"):
        pytest.skip("it has one runtime")
    name, content, code, line = STACKS[language]
    module = written(Case(language, {name: content}, name, "f", runtime=runtime), tmp_path)
    outcome = start(ready(module, tmp_path, shared), tmp_path)
    assert not outcome.ok
    found = TOOLCHAINS.load(language).explain(outcome, source_of(module, tmp_path))
    assert [one.code for one in found] == [code], outcome.stderr.decode()
    assert found[0].span is not None
    assert content[: found[0].span.start].count("\n") + 1 == line


def test_artifact_for_another_machine_is_built_but_not_started(tmp_path: Path, shared: Shared) -> None:
    other = "windows" if os.name != "nt" else "linux"
    built = ready(
        written(Case("go", {"a.go": MAIN_GO % "x"}, "a.go", options={"goos": other}), tmp_path), tmp_path, shared
    )
    assert built.ok
    assert built.artifact is not None
    assert built.artifact.read_bytes()[:2] == (b"MZ" if other == "windows" else b"\x7fE")
    assert f"it was built for {other}" in built.refusal


GO_FILES = """package main

import (
	"fmt"
	"os"
)

func main() {
	data, err := os.ReadFile(os.Getenv("TARS_INPUT"))
	fmt.Println(string(data), err == nil)
	fmt.Println(os.WriteFile(os.Getenv("TARS_OUTPUT"), data, 0o644) == nil)
	linked, err := os.ReadFile("linked/in.txt")
	fmt.Println(string(linked), err == nil)
	fmt.Println(os.WriteFile("linked/in.txt", data, 0o644) != nil)
	_, err = os.ReadFile("/etc/passwd")
	fmt.Println(err != nil)
	_, err = os.ReadFile(os.Getenv("SECRET"))
	fmt.Println(err != nil)
}
"""


@pytest.mark.slow
def test_wasm_sees_only_what_is_granted(tmp_path: Path, shared: Shared) -> None:
    """The working folder, what it links to (for reading), and the inputs; nothing else of the machine."""
    built = ready(
        written(Case("go", {"a.go": GO_FILES}, "a.go", options={"target": "wasm"}), tmp_path), tmp_path, shared
    )
    project, scratch = tmp_path / "p", tmp_path / "scratch"
    for folder in (project / "data", project / "linked", scratch / "output", tmp_path / "other"):
        folder.mkdir(parents=True)
    (project / "data" / "x.txt").write_text("input")
    (project / "linked" / "in.txt").write_text("linked")
    (tmp_path / "other" / "secret").write_text("secret")
    (scratch / "linked").symlink_to(project / "linked")
    output = scratch / "output" / "o.txt"
    names = {"TARS_INPUT": project / "data" / "x.txt", "TARS_OUTPUT": output, "SECRET": tmp_path / "other" / "secret"}
    outcome = start(built, scratch, env={name: str(path) for name, path in names.items()})
    assert outcome.stdout.decode().split("\n") == [
        "input true", "true", "linked true", "true", "true", "true", "",
    ], outcome  # fmt: skip
    assert output.read_text() == "input"
    assert (project / "linked" / "in.txt").read_text() == "linked"


def test_rust_for_wasm_is_run_by_wasmtime_or_says_what_it_needs(tmp_path: Path, shared: Shared) -> None:
    case = Case("rust", {"a.rs": 'fn main() { print!("wasm"); }'}, "a.rs", options={"target": "wasm"})
    module = written(case, tmp_path)
    try:
        built = make_ready(module, tmp_path, shared, "a.tars:1")
    except UnavailableError as error:
        assert "wasm32-wasip1 not found (needed by rust_module one, a.tars:1). Install it: " in error.message  # noqa: PT017
        return
    assert start(built, tmp_path).stdout == b"wasm"


ENDLESS = '(module (memory (export "m") 1) (func (export "_start") (loop $l (br $l))) (func (export "grow") (result i32) (memory.grow (i32.const 512))))'


def test_wasm_holds_its_limits(tmp_path: Path, shared: Shared) -> None:
    module = written(Case("wasm", {"a.wat": ENDLESS}, "a.wat"), tmp_path)
    outcome = start(ready(replace(module, timeout_seconds=0.2), tmp_path, shared), tmp_path)
    assert outcome.code == 134
    assert "it ran out of its time" in outcome.stderr.decode()
    grow = replace(module, entry_point="grow")
    assert start(ready(grow, tmp_path, shared), tmp_path).stdout == b"1\n"
    limited = replace(grow, resources=Resources(memory_bytes=1 << 20))
    assert start(ready(limited, tmp_path, shared), tmp_path).stdout == b"-1\n"


def test_python_environment_is_made_once_of_what_is_required(tmp_path: Path, shared: Shared, wheel: str) -> None:
    files = {
        "p/a.py": "import tiny, sys\nprint(tiny.N, sys.prefix != sys.base_prefix)",
        "p/requirements.txt": f"../{wheel}  # local\n",
    }
    module = written(Case("python", files, "p/a.py"), tmp_path)
    built = ready(module, tmp_path, shared)
    assert built.ok, built.log.decode()
    assert start(built, tmp_path).stdout == b"11 True\n"
    assert built.environment is not None
    assert built.environment in built.reads
    assert any((built.environment / "bin/python").resolve().is_relative_to(at) for at in (*built.reads, Path("/usr")))
    (tmp_path / "p/other.py").write_text("import tiny\nprint(tiny.N + 1)")
    other = ready(replace(module, source="p/other.py"), tmp_path, shared)
    assert other.environment == built.environment
    assert start(other, tmp_path).stdout == b"12\n"
    (tmp_path / "p" / "requirements.txt").write_text("--no-index\nno-such-package-at-all==1.0\n")
    failed = ready(module, tmp_path, shared)
    assert not failed.ok
    assert b"no-such-package-at-all" in failed.log


def test_python_without_requirements_sees_nothing_of_tars(tmp_path: Path, shared: Shared) -> None:
    case = Case("python", {"a.py": "import sys\nprint(sys.prefix == sys.base_prefix)\nimport tars\n"}, "a.py")
    outcome = start(ready(written(case, tmp_path), tmp_path, shared), tmp_path)
    assert outcome.stdout == b"True\n"
    assert b"No module named 'tars'" in outcome.stderr


@pytest.fixture
def wheel(tmp_path: Path) -> str:
    """A wheel in the project, so that no test needs a network."""
    name = "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("tiny.py", "N = 11\n")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(
            "tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\n")
    return name


@pytest.mark.parametrize("kind", ["mjs", "cjs"])
def test_javascript_finds_packages_of_its_environment(kind: str, tmp_path: Path, shared: Shared) -> None:
    files = {"package.json": '{"dependencies": {"tiny": "1"}, "scripts": {"prepare": "no-such-thing"}}',
             "a.mjs": "import { n } from 'tiny'\nprocess.stdout.write(n)",
             "a.cjs": "process.stdout.write(require('tiny').n)"}  # fmt: skip
    module = written(Case("javascript", files, f"a.{kind}"), tmp_path)
    source = source_of(module, tmp_path)
    toolchain = TOOLCHAINS.load("javascript")
    found = {tool.name: there for tool in toolchain.tools(source) if (there := detect(tool)) is not None}
    if "node" not in found:
        pytest.skip("node is not here")
    plan = toolchain.plan(source, found)
    assert (made := plan.environment) is not None
    assert (made.steps[0].argv[1], b"prepare" in made.files["package.json"]) == ("install", False)
    code = "fs.mkdirSync('node_modules/tiny', {recursive: true}); fs.writeFileSync('node_modules/tiny/index.js', 'exports.n = \"7\"')"
    plan = replace(plan, environment=EnvironmentPlan((Step(("{tool:node}", "-e", code), cwd="{environment}"),)))
    key = build_key(source, plan, found)
    built = build(source, plan, found, project=tmp_path, shared=shared, place=tmp_path / ".tars" / "b" / key)
    outcome = start(built, tmp_path)
    assert outcome.stdout == b"7", outcome.stderr.decode()
