"""What a metascript means as a whole: order, cycles, includes, pins, all findings at once, at any size."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tars.lang.meaning.context import Around
from tars.lang.meaning.load import load
from tars.lang.meaning.order import order
from tars.lang.values import JsonInput, OutputInput, Settings

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
LANGUAGES = ("go", "javascript", "lua", "python", "rust", "typescript", "wasm")


def test_a_branch_that_is_not_taken_is_no_edge(project: Any) -> None:
    text = PAIR.format(first='output = "x"', second='input = false ? python_module.a.output : "data/in.json"')
    assert project.module(text, "python_module.b").needs == ()


def test_order_is_that_of_needs_then_of_the_file(project: Any) -> None:
    block = 'python_module "{}" {{\n  source = "agents/clean.py"\n  depends_on = [{}]\n}}\n'
    text = (
        block.format("c", "python_module.a")
        + block.format("b", "")
        + block.format("a", "python_module.d")
        + block.format("d", "")
    )
    assert [module.name for module in project.good(text).modules] == ["d", "a", "c", "b"]


CYCLES = {
    "locals": ("locals {\n  a = local.b\n  b = local.c\n  c = local.a\n}", "local.a → local.b → local.c → local.a"),
    "modules": (
        PAIR.format(first="depends_on = [python_module.b]", second="depends_on = [python_module.a]"),
        "python_module.a → python_module.b → python_module.a",
    ),
    "itself": (
        'python_module "a" {\n  source = "agents/clean.py"\n  depends_on = [python_module.a]\n}',
        "python_module.a → python_module.a",
    ),
    "outputs": (
        PAIR.format(first='output = "${python_module.b.output}.a"', second='output = "${python_module.a.output}.b"'),
        "python_module.b.output → python_module.a.output → python_module.b.output",
    ),
}


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_is_named_whole(name: str, project: Any) -> None:
    text, chain = CYCLES[name]
    loaded = project.load(text)
    assert {found.code for found in loaded.diagnostics} == {"T0045"}
    assert any(chain in found.message for found in loaded.diagnostics)


ALL_AT_ONCE = """
pyhton_module "x" { source = "agents/clean.py" }
python_module "a" {
  source  = "agents/none.py"
  ouput   = "x"
  cache   = "yes"
  timeout = "5 minutes"
  input   = [local.nope, var.nope]
  args    = [1 / 0]
}
locals {
  late = upper(python_module.x.output)
}
"""


def test_all_errors_in_one_pass_in_source_order_without_cascades(project: Any) -> None:
    loaded = project.load(ALL_AT_ONCE)
    assert [found.code for found in loaded.diagnostics] == [
        "T0031",
        "T0050",
        "T0032",
        "T0034",
        "T0042",
        "T0044",
        "T0044",
        "T0048",
    ]
    places = [found.span.start for found in loaded.diagnostics if found.span]
    assert places == sorted(places)


def test_a_syntax_error_hides_no_other_finding_and_makes_none(project: Any) -> None:
    text = PAIR.format(first="output =", second="input = [python_module.a.output, local.nope]")
    codes = project.codes(text)
    assert codes[0] < "T0030"
    assert len(codes) == 1, "`local.nope` may stand in what could not be read"
    later = PAIR.format(first="output =", second='timeout = "soon"')
    assert project.codes(later)[1:] == ["T0042"]


def test_beliefs_are_handed_over_as_one_value(project: Any) -> None:
    text = """
belief_graph "lab" {
  belief "b1" {
    statement  = "It pays off"
    confidence = 0.8
    evidence   = "data/in.json"
  }
}
python_module "a" {
  source = "agents/clean.py"
  input  = belief_graph.lab.beliefs
}
"""
    module = project.module(text)
    expected = {"id": "b1", "statement": "It pays off", "confidence": 0.8, "evidence": ["data/in.json"]}
    assert module.inputs == (JsonInput([expected]),)
    assert module.needs == ()


CONTRADICTIONS = {
    "itself": 'contradicts = ["b"]',
    "both relations": 'supports = ["a"]\n    contradicts = ["a"]',
    "the other supports it": 'contradicts = ["c"]',
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictory_beliefs(name: str, project: Any) -> None:
    text = f"""
belief_graph "lab" {{
  belief "a" {{
    statement = "a"
  }}
  belief "b" {{
    statement = "b"
    {CONTRADICTIONS[name]}
  }}
  belief "c" {{
    statement = "c"
    supports  = ["b"]
  }}
}}
"""
    assert project.codes(text) == ["T0058"]
    assert project.codes(text.replace(CONTRADICTIONS[name], 'contradicts = ["a"]')) == []


OTHER = """
variable "share" {
  default = 0.5
}
locals {
  doubled = var.share * 2
}
python_module "x" {
  source = "../agents/clean.py"
  output = "out.json"
}
python_module "y" {
  source = "../agents/clean.py"
  input  = python_module.x.output
}
output "result" {
  value = python_module.x.output
}
settings {
  jobs = 99
}
"""


def test_includes_are_namespaced(project: Any) -> None:
    project.write("deep/other.tars", OTHER)
    text = """
include {
  path      = "./deep/other.tars"
  variables = { share = 2 }
}
include {
  path = "./deep/more.tars"
  as   = "again"
}
python_module "a" {
  source = "agents/clean.py"
  input  = [other.python_module.x.output, other.output.result, other.local.doubled, again.local.one]
}
"""
    project.write("deep/more.tars", "locals {\n  one = 1\n}\n")
    found = project.good(text)
    assert [module.address for module in found.modules] == [
        "other.python_module.x",
        "python_module.a",
        "other.python_module.y",
    ]
    inner = found.modules[0]
    assert (inner.name, inner.source, inner.outputs) == ("other.x", "agents/clean.py", ("deep/out.json",))
    mine = found.modules[1]
    output = OutputInput("other.python_module.x", "deep/out.json")
    assert mine.inputs == (output, output, JsonInput(4), JsonInput(1))
    assert found.modules[2].needs == ("other.python_module.x",)
    assert found.settings == Settings()
    assert set(found.reads) >= {"main.tars", "deep/other.tars", "deep/more.tars"}


def test_a_file_included_again_and_again_is_bounded(project: Any) -> None:
    for level in range(12):
        below = "".join(
            f'include {{\n  path = "./l{level + 1}.tars"\n  as = "n{name}"\n}}\n'
            for name in range(4 if level < 11 else 0)
        )
        project.write(f"l{level}.tars", below)
    started = time.perf_counter()
    loaded = load(project.root / "l0.tars", project=project.root, languages=LANGUAGES, around=Around({}))
    assert {found.code for found in loaded.diagnostics} == {"T0049"}
    assert time.perf_counter() - started < 20


def test_pins_are_looked_up(project: Any) -> None:
    known: Callable[[str], str | None] = {"a@latest": "a@v7"}.get
    text = 'python_module "a" { source = "agents/none.py" }\nuse_python_module = "a@latest"\n'
    loaded = project.load(text.replace("none", "clean"), resolve_version=known)
    assert loaded.metascript is not None
    assert loaded.metascript.modules[0].pin == "a@v7"
    assert project.codes(text.replace("latest", "v8").replace("none", "clean"), resolve_version=known) == ["T0056"]
    assert project.codes(text.replace("use_python", "use_rust").replace("none", "clean")) == ["T0056"]
    (misspelt,) = project.load(text.replace("use_python", "use_pyton").replace("none", "clean")).diagnostics
    assert (misspelt.code, misspelt.hint) == ("T0040", "did you mean `use_python_module`?")


@pytest.mark.parametrize("name", ["missing.tars", "data", "picture.tars", "elsewhere"])
def test_what_cannot_be_loaded(name: str, project: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    (project.root / "picture.tars").write_bytes(b"\x89PNG\x00\xff")
    path = tmp_path_factory.mktemp("other") / "x.tars" if name == "elsewhere" else project.root / name
    loaded = load(path, project=project.root, languages=LANGUAGES, around=Around({}))
    assert loaded.metascript is None
    assert len(loaded.diagnostics) == 1
    assert loaded.diagnostics[0].hint


def test_settings_and_results(project: Any) -> None:
    found = project.good(
        'settings {\n  output = "results"\n  sandbox = "none"\n  jobs = 3\n  retention = 5\n}\n'
        'python_module "a" {\n  source = "agents/clean.py"\n  output = "x"\n}\n'
        'output "path" {\n  value = python_module.a.output\n}\noutput "sum" {\n  value = 1 + 1\n}\n'
    )
    assert found.settings == Settings("results", ("none",), 3, 5)
    assert found.outputs == {"path": OutputInput("python_module.a", "x"), "sum": 2}


DECLARED = """
agentic typescript { file = "agents/draw.ts"  role = "artist"  trait = "bold" }
closure "judge" {
  engine  = "native"
  prompt  = "Judge {{text}}"
  timeout = "2m"
  output_schema = { type = "object" }
}
evolve "main" {
  metric = "seconds"
  budget {
    evaluations = 10
    time        = "1h"
  }
}
deploy {
  targets = ["systemd"]
  agents  = []
}
reflection "first" {
  summary = "good"
  about   = closure.judge.engine
}
"""


def test_declarations(project: Any) -> None:
    found = {each.type: each for each in project.good(DECLARED).declarations}
    assert found["agentic"].labels == ("typescript",)
    assert found["agentic"].attributes == {"file": "agents/draw.ts", "role": "artist", "traits": ["bold"]}
    assert found["closure"].attributes["timeout"] == 120.0
    assert found["evolve"].attributes == {"goal": "seconds"}
    assert found["evolve"].blocks[0].attributes == {"evaluations": 10, "time": 3600.0}
    assert found["reflection"].attributes["about"] == ["native"]


def chain(count: int) -> str:
    blocks = []
    for place in range(count):
        needs = f"  input  = python_module.m{place + 1}.output\n" if place + 1 < count else ""
        blocks.append(
            f'python_module "m{place}" {{\n  source = "agents/clean.py"\n  output = "out/{place}.json"\n{needs}}}\n'
        )
    return "".join(blocks)


def test_long_chains_need_no_deep_stack(project: Any) -> None:
    found = project.good(chain(3000))
    assert [module.name for module in found.modules[:2]] == ["m2999", "m2998"]


def test_long_chains_of_values_may_stand_in_any_order(project: Any) -> None:
    values = "".join(f"  v{place} = local.v{place + 1} + 1\n" for place in range(400))
    outputs = "".join(
        f'python_module "m{place}" {{\n  source = "agents/clean.py"\n'
        f'  output = "${{python_module.m{place + 1}.output}}x"\n}}\n'
        for place in range(200)
    )
    last = 'python_module "m200" {\n  source = "agents/clean.py"\n  output = "o"\n}\n'
    found = project.good(f'locals {{\n{values}  v400 = 0\n}}\n{outputs}{last}output "o" {{ value = local.v0 }}\n')
    assert found.outputs == {"o": 400}
    assert found.modules[0].name == "m200"
    assert found.modules[-1].outputs == ("o" + "x" * 200,)


def test_a_chain_of_includes_is_bounded(project: Any) -> None:
    for place in range(510):
        project.write(f"l{place}.tars", f'include {{\n  path = "l{place + 1}.tars"\n}}\n')
    project.write("l510.tars", "")
    loaded = load(project.root / "l0.tars", project=project.root, languages=LANGUAGES, around=Around({}))
    assert [found.code for found in loaded.diagnostics] == ["T0049"]
    assert load(project.root / "l420.tars", project=project.root, languages=LANGUAGES, around=Around({})).metascript


def test_cost_grows_with_the_number_of_modules_alone(project: Any) -> None:
    def seconds(count: int) -> float:
        text = chain(count)
        started = time.perf_counter()
        project.good(text)
        return time.perf_counter() - started

    seconds(100)
    small = min(seconds(400) for _ in range(3))
    assert min(seconds(3200) for _ in range(2)) < 8 * small * 3


@given(st.dictionaries(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4), max_size=13))
def test_order_puts_needs_first_or_finds_a_cycle(graph: dict[int, list[int]]) -> None:
    needs = {str(key): [str(value) for value in values] for key, values in graph.items()}
    ordered, cycles = order(needs)
    assert sorted(ordered) == sorted(needs)
    for cycle in cycles:
        assert cycle[0] == cycle[-1]
        assert all(after in needs[before] for before, after in pairwise(cycle))
    place = {name: index for index, name in enumerate(ordered)}
    late = [name for name in needs for need in needs[name] if need in place and place[need] > place[name]]
    assert bool(late) <= bool(cycles)


TEXT = """
python_module "a" { } source = "agents/clean.py" output [ ] var.x local.y ${ } "${python_module.a.output}" : ? ( )
locals variable default include path resources memory 5 null true for in =>
"""
WORDS = st.sampled_from([*TEXT.split(), "\n", "\n", "\n"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_no_text_breaks_loading(project: Any, text: str) -> None:
    loaded = project.load(text)
    assert (loaded.metascript is None) == any(found.severity == "error" for found in loaded.diagnostics)


def test_loading_imports_nothing_heavy() -> None:
    heavy = ("asyncio", "rich", "argparse", "importlib.metadata", "jsonschema_rs", "yaml", "decimal")
    code = f"import sys; import tars.lang.meaning.load; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"sys=__import__('sys'); sys.path[:0]={sys.path!r}; {code}"],
        capture_output=True, text=True, check=True, env={**os.environ},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


GUIDE = Path(__file__).resolve().parents[2] / "docs" / "language" / "guide.md"


@pytest.mark.parametrize("text", re.findall(r"```hcl\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL))
def test_the_guide_is_true(text: str, project: Any) -> None:
    project.good(text)
