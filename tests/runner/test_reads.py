"""What a source reads counts however it is written: an edit is never answered with what was made of the old content."""

# ruff: noqa: E501 - one line for each file of a case reads best

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from blake3 import blake3

from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.building import unforeseen
from tars.runner.building.build import build, build_key, source_of
from tars.runner.building.tools import detect
from tars.runner.building.unforeseen import foreseeing
from tars.runner.events import Status
from tars.runner.preview import why
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.toolchains._tools import ESBUILD
from tars.runner.values import BuildPlan, Built, Found, Source, Step
from tars.store.shared import Shared

RUST_MAIN = 'fn main() { std::fs::write(std::env::var("TARS_OUTPUT").unwrap(), %s).unwrap() }\n'
C_MAIN = '#include <stdio.h>\n#include <stdlib.h>\n%s\nint main(void) { fputs(V, fopen(getenv("TARS_OUTPUT"), "w")); return 0; }\n'
TYPESCRIPT = '%s\nimport { writeFileSync } from "node:fs";\nwriteFileSync(process.env["TARS_OUTPUT"], v);\n'


class Case(NamedTuple):
    """A source that reads `read`; `@` in that stands for the value that comes out."""

    language: str
    source: str
    files: dict[str, str]
    read: str
    content: str = "@"


def rust(code: str) -> Case:
    return Case("rust", "agents/m.rs", {"agents/m.rs": f"{code}\n{RUST_MAIN % 'B'}"}, "agents/d.txt")


def c(code: str) -> Case:
    return Case("c", "agents/m.c", {"agents/m.c": C_MAIN % code}, "agents/d.h", '#define V "@"\n')


CASES = {
    "rust: a name that a macro puts together": rust('macro_rules! text { ($name:literal) => { include_str!(concat!($name, ".", "txt")) } }\nconst B: &str = text!("d");'),
    "c: a name that the preprocessor puts together": c("#define QUOTED(x) #x\n#define NAMED(x) QUOTED(x)\n#include NAMED(d.h)"),
    "typescript: a name of tsconfig.json": Case(
        "typescript", "agents/m.ts",
        {"agents/m.ts": TYPESCRIPT % 'import { v } from "@lib/util";', "agents/tsconfig.json": '{"extends": "../base"}',
         "base.json": '{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]}}}'},
        "lib/util.ts", 'export const v = "@";',
    ),
    "typescript: a name that is put together": Case(
        "typescript", "agents/m.ts",
        {"agents/m.ts": TYPESCRIPT % 'const name = "one";\nconst { v } = await import(`./texts/${name}.ts`);'},
        "agents/texts/one.ts", 'export const v = "@";',
    ),
    "javascript: a name of package.json": Case(
        "javascript", "agents/m.mjs",
        {"agents/m.mjs": TYPESCRIPT % 'import { v } from "#util";', "package.json": '{"imports": {"#util": "./lib/util.mjs"}}'},
        "lib/util.mjs", 'export const v = "@";',
    ),
    "go: a module of the workspace": Case(
        "go", "agents/m.go",
        {"go.work": "go 1.21\n\nuse (\n\t./agents // why\n\t./lib\n)\n", "agents/go.mod": "module agents\n\ngo 1.21\n",
         "lib/go.mod": "module example.com/lib\n\ngo 1.21\n",
         "agents/m.go": 'package main\n\nimport (\n\t"os"\n\n\t"example.com/lib"\n)\n\nfunc main() { os.WriteFile(os.Getenv("TARS_OUTPUT"), []byte(lib.V), 0o644) }\n'},
        "lib/lib.go", 'package lib\n\nconst V = "@"\n',
    ),
    "rust: a file beside the crate": Case(
        "rust", "agents/crate",
        {"agents/crate/Cargo.toml": '[package]\nname = "one"\nversion = "0.1.0"\nedition = "2021"\n',
         "agents/crate/src/main.rs": RUST_MAIN % 'include_str!("../../d.txt")'},
        "agents/d.txt",
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def esbuild() -> str:
    """The folder of esbuild, found before the project has a cache of its own; empty where there is none."""
    found = detect(ESBUILD)
    return os.path.dirname(found.path) if found else ""


def test_settings_of_typescript_count(tmp_path: Path) -> None:
    names = (
        "tsconfig.json",
        "agents/tsconfig.json",
        "base.json",
        "agents/package.json",
        "agents/deep/a.ts",
        "agents/b.ts",
    )
    files = {
        **dict.fromkeys(names, b"{}"),
        "agents/deep/a.ts": b'import "../b"',
        "agents/tsconfig.json": b'{"extends": ["../base"]}',
    }
    source = Source(
        Module("typescript_module.a", "a", "typescript", Span("a.tars", 0, 1), source="agents/deep/a.ts"), files, False
    )
    assert set(TOOLCHAINS.load("typescript").plan(source, {}).reads) == set(names)


@pytest.mark.parametrize("name", CASES)
def test_an_edit_of_what_is_read_counts_in_this_project_and_in_others(
    name: str, esbuild: str, project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    if case.language == "typescript":
        if not esbuild:
            pytest.skip("esbuild is not on this machine")
        monkeypatch.setenv("PATH", esbuild, prepend=os.pathsep)
    assert made(project, case, "one") == ("one", Status.SUCCEEDED)
    assert made(project, case, "one") == ("one", Status.CACHED)
    assert made(project, case, "two") == ("two", Status.SUCCEEDED)
    address = next(iter(project.run().finished.values())).address
    assert why(project.options(), address).last_why == f"source {case.read} changed"
    shutil.copytree(project.root, tmp_path / "other", ignore=shutil.ignore_patterns(".tars", "out.txt"))
    other = type(project)(tmp_path / "other", project.settings)
    assert made(other, case, "three") == ("three", Status.SUCCEEDED)


def made(project: Any, case: Case, value: str) -> tuple[str, Status]:
    """What the module wrote with this value in what it reads, and how it ended."""
    declared = (
        f'agent_module "m" {{\n  source = "{case.source}"\n  language = "{case.language}"\n  output = "out.txt"\n}}\n'
    )
    for path, content in {**case.files, case.read: case.content.replace("@", value), "main.tars": declared}.items():
        target = project.root / path
        if not target.exists() or target.read_text() != content:
            project.write(path, content)
    time.sleep(0.05)  # a file that has just been written may still change without a trace
    ran = project.run()
    assert ran.end.status is Status.SUCCEEDED, ran.finished["m"]
    return project.read("out.txt"), ran.statuses["m"]


def test_what_may_have_changed_while_it_was_built_is_built_again(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES["c: a name that the preprocessor puts together"]
    monkeypatch.setattr(unforeseen, "SETTLED_NS", 10**15)
    assert made(project, case, "one") == ("one", Status.SUCCEEDED)
    monkeypatch.setattr(unforeseen, "SETTLED_NS", 20_000_000)
    assert made(project, case, "one") == ("one", Status.SUCCEEDED)
    assert made(project, case, "one") == ("one", Status.CACHED)


@pytest.mark.parametrize("edited", ["", "a.txt", "b c.txt"])
def test_an_artifact_is_kept_under_a_key_that_covers_all_that_was_read(edited: str, tmp_path: Path) -> None:
    """A file that is edited while it is read has no content that the artifact could be found by."""
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b c.txt").write_text("b")
    time.sleep(0.05)
    module = Module("executable_module.a", "a", "executable", Span("a.tars", 0, 1), source="a.txt")
    source, shared = source_of(module, tmp_path), Shared(tmp_path / "cache")
    code = "import pathlib, sys; build, root = map(pathlib.Path, sys.argv[1:]); (build / 'made').write_text('x');"
    code += r"(build / 'reads.d').write_text(f'made: {root}/a.txt \\\n {root}/b\\ c.txt /usr/include/x.h\n')"
    code += f"; (root / {edited!r}).write_text('B')" if edited else ""
    step = Step(("{tool:python3}", "-c", code, "{build}", "{project}"))
    plan = BuildPlan(Step(("{build}/made",)), ("a.txt",), (step,), artifact="made", told="reads.d")
    found = {"python3": Found("python3", sys.executable, "3")}

    def built(plan: BuildPlan) -> Built:
        place = tmp_path / ".tars" / "cache" / "build" / build_key(source, plan, found)
        return build(source, plan, found, project=tmp_path, shared=shared, place=place)

    first = built(plan)
    digest = "" if edited == "b c.txt" else blake3(b"b").hexdigest()
    assert first.unforeseen == {"b c.txt": digest}
    assert first.artifact is not None
    assert first.artifact.read_text() == "x"
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b c.txt").write_text("b")
    assert not built(plan).cached, "no such build was kept for what was planned"
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b c.txt").write_text("b")
    known = foreseeing(plan, source, tmp_path)
    assert known.reads == ("a.txt", "b c.txt")
    again = built(known)
    assert again.cached is not bool(edited), "what an edit has changed was kept for no content"
    assert again.unforeseen is None


def test_a_crate_that_does_not_find_a_file_is_told_why(project: Any) -> None:
    case = CASES["rust: a file beside the crate"]
    for path, content in case.files.items():
        project.write(path, content.replace('include_str!("../../d.txt")', 'text!("d.txt")'))
    macro = 'macro_rules! text { ($name:literal) => { include_str!(concat!("../../", $name)) } }\n'
    project.write("agents/crate/src/main.rs", macro + project.read("agents/crate/src/main.rs"))
    project.write("agents/d.txt", "one")
    project.write("main.tars", 'rust_module "m" {\n  source = "agents/crate"\n  output = "out.txt"\n}\n')
    (finding,) = project.run().finished["m"].diagnostics
    assert "built in a copy of its files" in finding.hint
