"""Every spelling of a module block, and every reference to one, becomes the same record."""

from collections.abc import Mapping
from typing import Any

import pytest

from tars.lang.values import JsonInput, OutputInput, PathInput, Resources

LANGUAGES = ("go", "javascript", "lua", "python", "rust", "typescript", "wasm")


SPELLINGS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "source": ('python_module "a" { source = "agents/clean.py" }', {"source": "agents/clean.py", "entry_point": ""}),
    "file": ('python_module "a" { file = "./agents/clean.py" }', {"source": "agents/clean.py"}),
    "source_file": ('python_module "a" { source_file = "agents//clean.py" }', {"source": "agents/clean.py"}),
    "entry point alone": (
        'python_module "a" { entry_point = "agents/clean.py:run" }',
        {"source": "agents/clean.py", "entry_point": "run"},
    ),
    "a path as entry point": (
        'rust_module "a" { entry_point = "agents/count.rs" }',
        {"source": "agents/count.rs", "entry_point": ""},
    ),
    "a function": (
        'rust_module "a" { source = "agents/count.rs"  entry_point = "count" }',
        {"source": "agents/count.rs", "entry_point": "count"},
    ),
    "a path and a function": (
        'rust_module "a" { source = "agents/count.rs"  entry_point = "count.rs:count" }',
        {"source": "agents/count.rs", "entry_point": "count", "entry_file": ""},
    ),
    "a folder": ('python_module "a" { source = "pack/" }', {"source": "pack"}),
    "a file in a folder": (
        'python_module "a" { source = "pack"  entry_point = "main.py:go" }',
        {"source": "pack", "entry_point": "go", "entry_file": "pack/main.py"},
    ),
    "agent_module": (
        'agent_module "a" { language = "js"  source = "data/in.json" }',
        {"address": "js_module.a", "language": "javascript"},
    ),
    "the long name": ('typescript_module "a" { source = "agents/draw.ts" }', {"address": "ts_module.a"}),
    "a plug-in": ('lua_module "a" { source = "data/in.json" }', {"address": "lua_module.a", "language": "lua"}),
    "the older output": (
        'rust_module "a" { source = "agents/count.rs"  compile = true  output = "bin/a" }',
        {"artifact": "bin/a", "outputs": (), "watch_outputs": True, "compile": "host"},
    ),
    "a data output": (
        'rust_module "a" { source = "agents/count.rs"  compile = true  output = "out/a.json" }',
        {"artifact": "", "outputs": ("out/a.json",), "watch_outputs": False},
    ),
    "build_output": (
        'go_module "a" { source = "agents/serve.go"  build_output = "bin/a"  output = ["x", "y", "x"] }',
        {"artifact": "bin/a", "outputs": ("x", "y")},
    ),
    "an interpreted language": (
        'python_module "a" { source = "agents/clean.py"  compile = true  output = "out/a" }',
        {"artifact": "", "outputs": ("out/a",)},
    ),
    "docker": ('rust_module "a" { source = "agents/count.rs"  compile = "docker" }', {"compile": "docker"}),
    "not compiled": ('rust_module "a" { source = "agents/count.rs"  compile = false }', {"compile": ""}),
    "lists of one": (
        'python_module "a" { source = "agents/clean.py"  sandbox = "none"  trait = "quick"  features = "x" }',
        {"sandbox": ("none",), "traits": ("quick",), "options": {"features": ("x",)}},
    ),
    "times": (
        'python_module "a" { source = "agents/clean.py"  timeout = "1h30m"  backoff = "500ms"  retries = 2 }',
        {"timeout_seconds": 5400.0, "backoff_seconds": 0.5, "retries": 2},
    ),
    "null is not set": ('python_module "a" { source = "agents/clean.py"  timeout = null }', {"timeout_seconds": None}),
    "inputs": (
        'python_module "a" { source = "agents/clean.py"  inject_data = ["data/in.json", { n = 1 }, 2, [3]] }',
        {"inputs": (PathInput("data/in.json"), JsonInput({"n": 1}), JsonInput(2), JsonInput([3]))},
    ),
    "one value": (
        'python_module "a" { source = "agents/clean.py"  input = [for x in [1, 2] : { n = x }] }',
        {"inputs": (JsonInput([{"n": 1}, {"n": 2}]),)},
    ),
    "paths from a value": (
        'python_module "a" { source = "agents/clean.py"  input = fileset(".", "data/*.json") }',
        {"inputs": (PathInput("data/in.json"),)},
    ),
    "arguments": (
        'python_module "a" { source = "agents/clean.py"  args = ["-n", 3, true, ["x"]]  env = { A = 1, B = null } }',
        {"args": ("-n", "3", "true", "x"), "env": {"A": "1"}},
    ),
    "resources": (
        """
python_module "a" {
  source = "agents/clean.py"
  resources {
    cpu     = 0.5
    memory  = "2GiB"
    gpu     = true
    network = true
    files   = "data"
    files {
      write = ["scratch"]
    }
  }
}
""",
        {"resources": Resources(0.5, 2 * 1024**3, 1, True, ("data",), ("scratch",))},
    ),
    "its own output": (
        'python_module "a" { source = "agents/clean.py"  output = "out/a"  args = [python_module.a.output] }',
        {"args": ("out/a",), "needs": ()},
    ),
    "a pin": (
        'python_module "a" { source = "agents/clean.py" }\nuse_python_module = "a@v3"',
        {"pin": "a@v3", "source": "agents/clean.py"},
    ),
    "a pin alone": ('use_rust_module = ["a@latest"]', {"address": "rust_module.a", "pin": "a@latest", "source": ""}),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings(name: str, project: Any) -> None:
    text, expected = SPELLINGS[name]
    module = project.module(text)
    assert {key: getattr(module, key) for key in expected} == expected


PAIR = """
python_module "a" {{
  source = "agents/clean.py"
  {first}
}}
python_module "b" {{
  source = "agents/clean.py"
  {second}
}}
"""

REFERENCES: Mapping[str, tuple[str, str, Mapping[str, object]]] = {
    "one output": (
        'output = "x"',
        "input = python_module.a.output",
        {"inputs": (OutputInput("python_module.a", "x"),)},
    ),
    "a list of outputs": (
        'output = ["x", "y"]',
        "input = python_module.a.output",
        {"inputs": (OutputInput("python_module.a", "x"), OutputInput("python_module.a", "y"))},
    ),
    "one of them": (
        'output = ["x", "y"]',
        "input = python_module.a.outputs[1]",
        {"inputs": (OutputInput("python_module.a", "y"),)},
    ),
    "unknown outputs": ("", "input = python_module.a.output", {"inputs": (OutputInput("python_module.a"),)}),
    "one unknown output": (
        "",
        "input = python_module.a.outputs[2]",
        {"inputs": (OutputInput("python_module.a", "", 2),)},
    ),
    "in an argument": (
        'output = "x"',
        'args = ["-i", python_module.a.output]',
        {"args": ("-i", OutputInput("python_module.a", "x"))},
    ),
    "in a template": ('output = "x"', 'args = ["-i=${python_module.a.output}"]', {"args": ("-i=x",)}),
    "in an object": ('output = "x"', "input = { p = python_module.a.output }", {"inputs": (JsonInput({"p": "x"}),)}),
    "by index": (
        'output = "x"',
        'input = python_module["a"].output',
        {"inputs": (OutputInput("python_module.a", "x"),)},
    ),
    "as an agent": (
        'output = "x"',
        "input = agent_module.a.output",
        {"inputs": (OutputInput("python_module.a", "x"),)},
    ),
    "its artifact": ('artifact = "bin/a"', "input = python_module.a.artifact", {"inputs": (PathInput("bin/a"),)}),
    "its source": ("", "input = python_module.a.source", {"inputs": (PathInput("agents/clean.py"),)}),
    "its name": ("", "args = [python_module.a.name]", {"args": ("a",)}),
    "order alone": ("", "depends_on = [python_module.a]", {"inputs": ()}),
    "order by name": ("", 'depends_on = ["a"]', {"inputs": ()}),
    "through a local value": (
        'output = "x"\n}\nlocals {\n  o = "${python_module.a.output}.gz"',
        "args = [local.o]",
        {"args": ("x.gz",)},
    ),
    "with a fallback": (
        'output = "x"',
        'args = [try(python_module.a.output, "none")]',
        {"args": (OutputInput("python_module.a", "x"),)},
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_references_are_edges(name: str, project: Any) -> None:
    first, second, expected = REFERENCES[name]
    text = PAIR.format(first=first, second=second)
    module = project.module(text, "python_module.b")
    assert {key: getattr(module, key) for key in expected} == expected
    assert module.needs == ("python_module.a",)
