"""What toolchains see of a project, and which of its files a source takes in."""

# ruff: noqa: E501 - one line for each file of a case reads best

import ast
import os
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tars.core.errors import TarsError
from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.building import sources
from tars.runner.building.sources import ProjectFiles, folder_of, path_of, source_of, span_at
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.toolchains import _javascript_imports, _python_imports, _rust_source
from tars.runner.values import Source


def module_of(source: str, language: str = "python") -> Module:
    return Module(f"{language}_module.one", "one", language, Span("a.tars", 0, 1), source=source)


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"content of {name}")


def test_listing_leaves_out_what_is_no_source(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.py",
        "p/b.py",
        "p/target/kept.py",
        "output/x.json",
        "p/skipped/x",
        ".git/config",
        ".tars/journal.db",
    )
    write(
        tmp_path, "node_modules/x/i.js", "p/__pycache__/b.pyc", "c/Cargo.toml", "c/target/debug/x", "c/src/target/y.rs"
    )
    write(tmp_path, "venv/pyvenv.cfg", "venv/lib/x.py", "cache/CACHEDIR.TAG", "cache/x")
    files = ProjectFiles(tmp_path, frozenset({"output", "p/skipped"}))
    assert sorted(files) == ["a.py", "c/Cargo.toml", "c/src/target/y.rs", "p/b.py", "p/target/kept.py"]
    assert len(files) == 5
    assert files.under("p") == ("p/b.py", "p/target/kept.py")
    assert files["p/b.py"] == b"content of p/b.py"
    assert "venv/pyvenv.cfg" in files, "a path that is asked for by name is found wherever it is"


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../out", "/etc/passwd", "p/../../out", "p/", "p", "no", "a.py/x", "p//b.py", "a\0b", "./a.py"],
)
def test_what_is_no_file_of_the_project(path: str, tmp_path: Path) -> None:
    write(tmp_path, "project/a.py", "project/p/b.py", "out")
    files = ProjectFiles(tmp_path / "project")
    assert path not in files
    with pytest.raises(KeyError):
        files[path]


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
@pytest.mark.parametrize("target", ["../outside/x", "../outside", "/etc"])
def test_link_out_of_the_project_is_refused(target: str, tmp_path: Path) -> None:
    write(tmp_path, "outside/x", "project/p/a.py")
    (tmp_path / "project" / "p" / "link").symlink_to(os.path.join(tmp_path / "project", target))
    files = ProjectFiles(tmp_path / "project")
    for ask in (lambda: files["p/link"], lambda: files["p/link/x"], lambda: files.under("p")):
        with pytest.raises(TarsError, match="leads out of the project") as caught:
            ask()
        assert caught.value.hint


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
def test_link_within_the_project_is_followed(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "d/x")
    (tmp_path / "link.py").symlink_to("a.py")
    (tmp_path / "round").symlink_to(".")
    files = ProjectFiles(tmp_path)
    assert files["link.py"] == b"content of a.py"
    assert sorted(files) == ["a.py", "d/x", "link.py"], "a linked folder is listed where it is, not twice"


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "FILES_MAX", 3)
    monkeypatch.setattr(sources, "FILE_BYTES_MAX", 10)
    write(tmp_path, *(f"f{number}" for number in range(4)))
    with pytest.raises(TarsError, match="holds more than 3 files"):
        ProjectFiles(tmp_path).under("")
    with pytest.raises(TarsError, match="too large"):
        ProjectFiles(tmp_path)["f0"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not hold for root, nor here")
def test_a_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "a.py").chmod(0)
    with pytest.raises(TarsError, match=r"cannot read a\.py: Permission denied"):
        ProjectFiles(tmp_path)["a.py"]


def test_content_is_read_as_it_is_now(tmp_path: Path) -> None:
    write(tmp_path, "a")
    files = ProjectFiles(tmp_path)
    assert files["a"] == b"content of a"
    (tmp_path / "a").write_text("new")
    assert files["a"] == b"new"


def test_places(tmp_path: Path) -> None:
    write(tmp_path, "p/a.py")
    (tmp_path / "p" / "a.py").write_text("one\r\ntwo é\nlast", newline="")
    source = source_of(module_of("p/a.py"), tmp_path)
    assert folder_of(source) == "p"
    for path in ("p/a.py", "a.py", "./a.py", str(tmp_path / "p" / "a.py"), f"file://{tmp_path}/p/a.py"):
        assert path_of(source, path) == "p/a.py", path
    for path in ("/usr/lib/a.py", "../a.py", "<string>", "other.py"):
        assert path_of(source, path) is None
    assert span_at(source, "p/a.py", 2, 5) == Span("p/a.py", 9, 10)
    assert span_at(source, "p/a.py", 1) == Span("p/a.py", 0, 3)
    assert span_at(source, "p/a.py", 99, 99, 99) == Span("p/a.py", 15, 15)


def imports_by_python(tree: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, ()) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(one.name for one in node.names if one.name != "*")
            yield "." * node.level + (node.module or ""), names


def test_no_import_of_pythons_own_library_is_missed() -> None:
    """The quick scan against Python's own parser, on a few hundred files of all styles."""
    library = Path(sysconfig.get_paths()["stdlib"])
    checked = 0
    for path in sorted(library.glob("*.py")) + sorted(library.glob("[acehijlmtux]*/*.py")):
        content = path.read_bytes()
        if len(content) > 30_000:
            continue
        try:
            with warnings.catch_warnings(action="ignore"):
                tree = ast.parse(content)
        except (SyntaxError, ValueError):
            continue
        seen: dict[str, set[str]] = {}
        for origin, names in _python_imports.imports_of(content):
            seen.setdefault(origin, set()).update(names)
        for origin, names in imports_by_python(tree):
            assert origin in seen, (path, origin)
            assert set(names) <= seen[origin], (path, origin, names)
        checked += 1
    assert checked > 150


PYTHON = {
    "import b": "b.py", "import p.q": "p/q.py p/__init__.py", "from p import q": "p/q.py p/__init__.py",
    "from . import b": "b.py", "from .b import x": "b.py", "from b import (\n    x,  # why\n    y\n)": "b.py",
    "if 1: import b": "b.py", "import sys; import b": "b.py", "import b as c, d": "b.py d.py", "from p import *": "p/__init__.py",
    "import x \\\n  , b": "b.py", "from b \\\n    import x": "b.py", "from p import(q)": "p/q.py p/__init__.py", "from .import b": "b.py",
    "from données import v": "données.py", "import données": "données.py", "from \uff44\uff4fnn\xe9es import v": "données.py",
    "from p import (\n    x,  # the first (of two)\n    q,\n)": "p/q.py p/__init__.py", "from \\\np \\\nimport q": "p/q.py p/__init__.py",
    "from p import \\\n    (x,\n    q)": "p/q.py p/__init__.py", "import\\\n  b": "b.py", "import sys\rimport b": "b.py", "from\fp import x": "p/__init__.py",
    "print('import (')\nimport b": "b.py", 'x = """import ("""\nimport b\n': "b.py", "from . \\\n p import (q)": "p/q.py p/__init__.py",
    "from.b import x": "b.py", "reimport b": "", "from __future__ import annotations\nimport b": "b.py", "import absent": "", "try:\n\timport b\nexcept ImportError: pass": "b.py",
}  # fmt: skip


@pytest.mark.parametrize("code", PYTHON)
def test_python_closure(code: str) -> None:
    files = {
        "s/a.py": code.encode(),
        "s/b.py": b"",
        "s/d.py": b"",
        "s/p/__init__.py": b"",
        "s/p/q.py": b"",
        "s/données.py": b"",
        "b.py": b"wrong one",
    }
    expected = {"s/a.py", *(f"s/{name}" for name in PYTHON[code].split())}
    assert set(_python_imports.local_files(files, "s/a.py", "s")) == expected


JAVASCRIPT = {
    "import { x } from './b.js'": "b.js", 'import "./c"': "c.ts", "export * from './d'": "d/index.ts", "require('./e')": "e.json",
    "await import(`./x`); import('./b.js')": "b.js", "import x from 'pkg'": "", "import y from './f.js'": "f.ts",
    "import type { T } from\n  './c'": "c.ts", "import a from './absent'": "", "import b from '../out'": "",
    "require(/* why */ './b.js')": "b.js", "require( // why\n `./b.js`)": "b.js", "import '#b'": "b.js", "import '#any/c'": "c.ts",
    "import '@lib/c'": "c.ts", "import 'c'": "c.ts", "require('./g')": "g/package.json g/lib/h.js", "import 'own/e'": "e.json package.json",
    "import 'linked'": "node_modules/linked/package.json node_modules/linked/l.js", "import 'listed'": "",
}  # fmt: skip


PACKAGES = {
    "s/package.json": b'{"name": "own", "imports": {"#b": {"node": "./b.js"}, "#any/*": "./*.ts"}, "exports": {"./e": "./e.json"}}',
    "s/tsconfig.json": b'{"extends": "./base", /* why */ }',
    "s/base.json": b'{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["./*"]}}}',
    "s/g/package.json": b'{"main": "lib/h"}', "s/g/lib/h.js": b"",
    "s/node_modules/.package-lock.json": b'{"packages": {"node_modules/linked": {"link": true}, "node_modules/listed": {}}}',
    "s/node_modules/linked/package.json": b'{"exports": "./l.js"}', "s/node_modules/linked/l.js": b"",
    "s/node_modules/listed/package.json": b'{"exports": "./l.js"}', "s/node_modules/listed/l.js": b"",
}  # fmt: skip


@pytest.mark.parametrize("code", JAVASCRIPT)
def test_javascript_closure(code: str) -> None:
    names = ("b.js", "c.ts", "d/index.ts", "e.json", "f.ts")
    files = {"s/a.ts": code.encode(), **{f"s/{name}": b"" for name in names}, **PACKAGES}
    expected = {"s/a.ts", *(f"s/{name}" for name in JAVASCRIPT[code].split())}
    assert set(_javascript_imports.local_files(files, "s/a.ts")) == expected


RUST = {
    "mod b;": "b.rs", "pub(crate) mod c;": "c/mod.rs c/d.rs", '#[path = "x/y.rs"]\nmod z;': "x/y.rs",
    '#[cfg(test)]\nmod b;': "b.rs", 'const A: &str = include_str!("data.txt");': "data.txt", "mod inline { }": "", "mod e;": "e.rs e/f.rs",
    'const A: &str = include_str!["data.txt"];': "data.txt", 'const A: &str = include_str! { r#"data.txt"# };': "data.txt",
    'const A: &str = include_str!(/* why */ "da\\\n  ta.txt");': "data.txt", 'const A: &str = include_str!(concat!("data", ".txt"));': "data.txt",
    "mod e { mod f; }": "e/f.rs", "mod e { mod g {} }\nmod b;": "b.rs", '#[cfg_attr(all(), path = "x/y.rs")]\nmod z;': "x/y.rs",
    'mod e { #[path = "f.rs"] mod z; }': "e/f.rs", "mod b /* why */ ;": "b.rs", "// mod b;": "",
    'const A: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data.txt"));': "data.txt",
}  # fmt: skip


@pytest.mark.parametrize("code", RUST)
def test_rust_closure(code: str) -> None:
    files = {
        "s/a.rs": code.encode(), "s/b.rs": b"", "s/c/mod.rs": b"mod d;", "s/c/d.rs": b"", "s/x/y.rs": b"", "s/data.txt": b"",
        "s/e.rs": b"mod f;", "s/e/f.rs": b"",
    }  # fmt: skip
    assert set(_rust_source.files_of(files, "s/a.rs", "s")) == {"s/a.rs", *(f"s/{name}" for name in RUST[code].split())}


C = {
    '#include "b.h"': "b.h c.h", '#define H "c.h"\n#include H': "c.h", '#include /* why */ "c.h"': "c.h", '#inc\\\nlude "c.h"': "c.h",
    "#include <c.h>": "", '/* #include "c.h" */': "", '#if __has_include("c.h")\n#endif': "c.h", '#embed "c.h"': "c.h", '%:include "c.h"': "c.h",
    'const char *s = "/*";\n#include "c.h"': "c.h",
}  # fmt: skip


@pytest.mark.parametrize("code", C)
def test_c_closure(code: str) -> None:
    files = {"s/a.c": code.encode(), "s/b.h": b'#include "c.h"', "s/c.h": b"", "c.h": b"wrong one"}
    plan = TOOLCHAINS.load("c").plan(Source(module_of("s/a.c", "c"), files, False), {})
    assert set(plan.reads) == {"s/a.c", *(f"s/{name}" for name in C[code].split())}


GO = {
    'import "fmt"': "", 'import "example.com/own/inner"': "go.mod s/inner/i.go", "import `example.com/used`": "used/go.mod used/u.go",
    'import "example.com/moved"': "lib/l.go", 'import "example.com/apart/x"': "apart/a.go", 'import "example.com/bought/y"': "vendor/example.com/bought/y/y.go",
}  # fmt: skip


@pytest.mark.parametrize("code", GO)
def test_go_closure(code: str) -> None:
    files = {
        "s/m.go": f"package main\n{code}\nfunc main() {{}}\n".encode(), "go.mod": b'module example.com/own // why\nreplace example.com/moved v1.0.0 => "./lib"',
        "s/inner/i.go": b"", "lib/l.go": b"", "go.work": b"use .\nuse `./used`\nreplace (\n\texample.com/apart => ./apart\n)", "used/go.mod": b"module example.com/used",
        "used/u.go": b"", "apart/a.go": b"", "vendor/modules.txt": b"# example.com/bought v1.0.0\nexample.com/bought/y\n", "vendor/example.com/bought/y/y.go": b"",
    }  # fmt: skip
    reads = set(TOOLCHAINS.load("go").plan(Source(module_of("s/m.go", "go"), files, False), {}).reads)
    assert reads >= {"s/m.go", "go.mod", "go.work", *GO[code].split()}
    assert GO[code] or reads == {"s/m.go", "go.mod", "go.work"}, (
        "what imports the standard library only rests on itself"
    )


def test_rust_reads_code_not_comments() -> None:
    text = (
        '// fn main() {}\n/* fn main() {} */ const S: &str = "\nfn main() {}";\nconst R: &str = r#"\nfn main() {}"#;\n'
    )
    assert not _rust_source.has_main(text)
    assert _rust_source.has_main(text + "fn main() {}")
    assert _rust_source.has_main("use std::fs; fn main() {}"), "code may stand before it on its line"
    assert not _rust_source.has_main("fn main_loop() {}")
    found = _rust_source.function("pub fn f<'a>(m: HashMap<u8, u8>, n: (u8, u8)) -> Result<(), E> where E: X {}", "f")
    assert found is not None
    assert found.takes == ("HashMap<u8, u8>", "(u8, u8)")
    assert found.gives == "Result<(), E>"


def test_files_given_as_a_dictionary_do_as_well() -> None:
    source = Source(module_of("p"), {"p/a.py": b"", "q/b.py": b""}, True)
    assert sources.under(source, "p") == ("p/a.py",)
    assert path_of(source, "a.py") == "p/a.py"
