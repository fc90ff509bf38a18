"""Checks the house rules that a machine can check, each with a control that it catches what it forbids."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 399
FUNCTION_LINES_MAX = 59
PARAMETERS_MAX = 7
PARAMETERS_ALLOWED = {"build": 9, "load": 9}
"""Both are handed all that they may touch, by name, instead of reaching for it."""
README_LINES_MAX = 80
TEXT_SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".tars",
    ".rs",
    ".go",
    ".ts",
    ".js",
    ".mjs",
    ".json",
    ".html",
    ".yml",
    ".txt",
    "",
}
BANNED_NAME = re.compile(r"(Manager|Helper|Handler|Utils?|Service|Base)$")
BANNED_MODULE = re.compile(r"(^|_)(manager|helpers?|utils?|misc|common|base|service)s?$")
NAMES_OF_THE_FIELD = {"version_managers"}
HEAVY = (
    "asyncio",
    "rich",
    "argparse",
    "dataclasses",
    "importlib.metadata",
    "jsonschema_rs",
    "wasmtime",
    "watchfiles",
    "yaml",
    "inspect",
)
LIGHT_PACKAGES = ("core", "lang", "store", "runner")
WORKPLACE = re.compile(
    "|".join((
        r"(?<![\w.])/" + r"work(?![\w-])", "work" + "place", r"\bsub" + r"agents?\b", r"\bthe le" + r"ad\b", 
        r"\bC" + r"EO\b",
        r"pypi\." + "org", r"npmjs\." + "org", r"crates\." + "io", r"proxy\." + "golang", r"deb\." + "debian",
    ))
)  # fmt: skip
UNFINISHED = re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + r"X)\b|NotImplemented" + "Error")

Nodes = list[ast.AST]
Rule = Callable[[str, Nodes], Iterator[str]]
"""A file's text and all nodes of its tree, the module first, to what is wrong with it."""


def begins_with_a_docstring(source: str, nodes: Nodes) -> Iterator[str]:
    if not isinstance(nodes[0], ast.Module) or not ast.get_docstring(nodes[0]):
        yield "1: begin the file with one sentence on what it is for"


def is_short(source: str, nodes: Nodes) -> Iterator[str]:
    lines = source.count("\n")
    if lines > FILE_LINES_MAX:
        yield f"1: {lines} lines, at most {FILE_LINES_MAX}"


def functions_are_short(source: str, nodes: Nodes) -> Iterator[str]:
    for function in functions(nodes):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > FUNCTION_LINES_MAX:
            yield f"{function.lineno}: {function.name} has {lines} lines, at most {FUNCTION_LINES_MAX}"


def parameters_are_few(source: str, nodes: Nodes) -> Iterator[str]:
    for function in functions(nodes):
        names = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        count = sum(argument.arg not in ("self", "cls") for argument in names)
        if count > PARAMETERS_ALLOWED.get(function.name, PARAMETERS_MAX):
            yield f"{function.lineno}: {function.name} has {count} parameters, at most {PARAMETERS_MAX}"


def names_say_what_things_are(source: str, nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.ClassDef) and BANNED_NAME.search(node.name):
            yield f"{node.lineno}: the name {node.name} says nothing: name what it is or does"


def inner_imports_have_a_reason(source: str, nodes: Nodes) -> Iterator[str]:
    """A comment besides `noqa`, on the import's line or alone on the line above it."""
    lines = source.split("\n")
    for function in functions(nodes if re.search(r"^\s+(import|from) ", source, re.M) else []):
        for node in ast.walk(function):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            places = lines[max(node.lineno - 2, 0) : node.end_lineno]
            comment = " ".join(place.partition("#")[2] for place in places)
            if len(re.sub(r"noqa: *[A-Z0-9, ]+|type: *ignore\S*", "", comment).strip(" #-")) < 8:
                yield f"{node.lineno}: an import inside a function, without a comment that says why"


def skips_have_a_reason(source: str, nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "xfail"):
            call = next((c for c in nodes if isinstance(c, ast.Call) and c.func is node), None)
            given = call is not None and (
                any(k.arg == "reason" for k in call.keywords) or (call.args and node.attr == "skip")
            )
            if not given:
                yield f"{node.lineno}: `{node.attr}` without a reason"


def nothing_is_mocked(source: str, nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if any(name.split(".")[-1] in ("mock", "Mock", "MagicMock") for name in names):
            yield f"{getattr(node, 'lineno', 1)}: a mock; use the real thing"


RULES: dict[Rule, str] = {
    begins_with_a_docstring: "x = 1\n",
    is_short: '"""Long."""\n' + "x = 1\n" * 400,
    functions_are_short: "def long():\n" + "    x = 1\n" * 60,
    parameters_are_few: "def many(a, b, c, d, e, *, f, g, h): ...\n",
    names_say_what_things_are: "class RunManager: ...\n",
    inner_imports_have_a_reason: "def late():\n    import json  # noqa: PLC0415\n",
    skips_have_a_reason: "import pytest\n@pytest.mark.skip\ndef test_it(): ...\n",
    nothing_is_mocked: "from unittest import mock\n",
}


def functions(nodes: Nodes) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def tracked() -> list[Path]:
    """The repository's text files: those that git knows or would add, else (no git here) all that look like it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    hidden = (".venv", ".git", ".tars", "output", "node_modules")
    found = (
        [ROOT / name for name in listed.stdout.split("\0") if name]
        if listed.returncode == 0
        else [path for path in ROOT.rglob("*") if not set(path.relative_to(ROOT).parts) & set(hidden)]
    )
    return sorted(path for path in found if path.suffix in TEXT_SUFFIXES and path.is_file())


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and "golden" not in path.parts]


def complaints(found: Iterator[str]) -> None:
    text = "\n".join(found)
    assert not text, f"\n{text}"


def test_every_python_file() -> None:
    def all_found() -> Iterator[str]:
        for path in python_files():
            source = path.read_text("utf-8")
            nodes = list(ast.walk(ast.parse(source)))
            yield from (f"{path.relative_to(ROOT)}:{text}" for rule in RULES for text in rule(source, nodes))

    complaints(all_found())


@pytest.mark.parametrize(("rule", "bad"), RULES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_every_rule_catches_what_it_forbids(rule: Rule, bad: str) -> None:
    assert list(rule(bad, list(ast.walk(ast.parse(bad)))))


def test_modules_are_named_for_what_they_do() -> None:
    found = (path.relative_to(ROOT) for path in python_files() if BANNED_MODULE.search(path.stem))
    complaints(str(path) for path in found if path.stem not in NAMES_OF_THE_FIELD)
    assert BANNED_MODULE.search("run_utils")


def heavy_imports(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            if any(name == heavy or name.startswith(f"{heavy}.") for heavy in HEAVY):
                yield f"{node.lineno}: {name} is slow to import; import it where it is used"


def test_the_lower_layers_import_nothing_heavy() -> None:
    def all_found() -> Iterator[str]:
        for path in python_files():
            parts = path.relative_to(ROOT).parts
            # Shims are programs of their own, started in the place of an agent.
            if parts[:2] == ("src", "tars") and parts[2] in LIGHT_PACKAGES and "shims" not in parts:
                yield from (f"{'/'.join(parts)}:{text}" for text in heavy_imports(ast.parse(path.read_text("utf-8"))))

    complaints(all_found())
    assert list(heavy_imports(ast.parse("import asyncio.events\n")))


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_command_line_starts_light(argument: str) -> None:
    """The modules really loaded, in a process of their own."""
    program = (
        "import sys; before = set(sys.modules); from tars.ui.cli.main import main\n"
        f"try: main([{argument!r}])\n"
        "except SystemExit: pass\n"
        f"print('LOADED', *(sorted((set(sys.modules) - before) & {set(HEAVY)!r})), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr.strip().splitlines()[-1] == "LOADED", done.stderr
    assert done.stdout.strip()


def test_a_run_loads_little(tmp_path: Path) -> None:
    """What is not cached needs the parser, and nothing else that is heavy."""
    (tmp_path / "agent.sh").write_text("#!/bin/sh\necho done > $TARS_OUTPUT\n")
    (tmp_path / "agent.sh").chmod(0o755)
    module = 'agent_module "one" {\n  language = "executable"\n  source = "agent.sh"\n  output = "one.txt"\n}\n'
    (tmp_path / "all.tars").write_text(module)
    program = (
        "import sys; from tars.ui.cli.main import main\n"
        f"assert main(['run']) == 0\nprint('LOADED', *sorted(set(sys.modules) & {set(HEAVY) - {'argparse'}!r}))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "LOADED", done.stdout + done.stderr


def test_layers() -> None:
    """import-linter holds the layers of pyproject.toml."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def text_findings(pattern: re.Pattern[str], only: Callable[[Path], bool] = lambda path: True) -> Iterator[str]:
    for path in tracked():
        if not only(path):
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if found := pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {found.group()}"


def test_nothing_tells_where_it_was_written() -> None:
    complaints(text_findings(WORKPLACE, lambda path: path.name != "LICENSE"))
    assert WORKPLACE.search("see /" + "work/main")
    assert not WORKPLACE.search("a network/worker")


def test_nothing_is_left_unfinished() -> None:
    complaints(text_findings(UNFINISHED, lambda path: path.suffix == ".py"))


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= README_LINES_MAX


def test_generated_pages_are_current() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_check_is_documented_and_tested() -> None:
    """Every code that a check file declares stands in the reference page, and a test runs the examples of all codes."""
    checks = [path for path in (ROOT / "src/tars/lang/checks").glob("*.py") if not path.name.startswith("_")]
    codes = {code for path in checks for code in re.findall(r"^CODE\b.*\b(T\d{4})\b", path.read_text("utf-8"), re.M)}
    assert len(codes) == len(checks)
    reference = (ROOT / "docs/reference/checks.md").read_text("utf-8")
    complaints(f"{code} is not in docs/reference/checks.md" for code in sorted(codes) if f"## {code}:" not in reference)
    tests = (ROOT / "tests/lang/test_checks.py").read_text("utf-8")
    assert re.search(r"parametrize\(\"code\", codes\(\)\)", tests)


def test_every_benchmark_states_its_goal() -> None:
    files = [path for path in (ROOT / "benchmarks").glob("*.py") if not path.name.startswith("_")]
    assert files
    complaints(
        f"{path.name}: say in the docstring what the goal is"
        for path in files
        if "goal" not in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").lower()
    )


def test_every_plug_in_stands_in_its_folder_alone() -> None:
    """A plug-in file holds one `PLUGIN`; what several share is in a file whose name begins with `_`, or above."""
    for seam in ("runner/toolchains", "runner/sandboxes"):
        for path in (ROOT / "src/tars" / seam).glob("[!_]*.py"):
            assert re.search(r"^PLUGIN\b", path.read_text("utf-8"), re.M), path
