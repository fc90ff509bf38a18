"""All that is wrong is told, each thing at its place: empty values, every item of a list, names that are used twice."""

from collections.abc import Mapping
from typing import Any

import pytest

MODULE = 'python_module "m" {{\n  source = "agents/clean.py"\n  {}\n}}\n'
GRAPH = 'belief_graph "g" {{\n  belief "a" {{\n    statement = "x"\n    {}\n  }}\n  belief "b" {{\n    {}\n  }}\n}}\n'

TOLD: Mapping[str, tuple[str, list[tuple[str, str]]]] = {
    "an empty statement": ('belief_graph "g" {\n  belief "a" { statement = null }\n}', [("T0033", "null")]),
    "an empty goal": ('evolve "main" { goal = null }', [("T0033", "null")]),
    "an empty file": ('agentic "python" { source = null }', [("T0033", "null")]),
    "an empty summary": ("reflection { summary = null }", [("T0033", "null")]),
    "empty targets": ("deploy { targets = null }", [("T0033", "null")]),
    "an empty path hides nothing": (
        "include { path = null }\nlocals { a = local.nope }",
        [("T0033", "null"), ("T0044", "local.nope")],
    ),
    "an empty result is one": ('output "o" { value = null }', []),
    "both attributes that are missing": (
        'variable "v" {\n  default = 1\n  validation {}\n}',
        [("T0033", "validation"), ("T0033", "validation")],
    ),
    "both beliefs that are unknown": (
        GRAPH.format('supports = ["nope", "nada"]', 'statement = "y"'),
        [("T0067", '["nope", "nada"]'), ("T0067", '["nope", "nada"]')],
    ),
    "what is wrong beside a belief that is wrong": (
        GRAPH.format('supports = ["nope"]', "statement = 5"),
        [("T0067", '["nope"]'), ("T0034", "5")],
    ),
    "every input": (MODULE.format('input = ["../a", "../b", "data"]'), [("T0051", '"../a"'), ("T0051", '"../b"')]),
    "every argument": (MODULE.format("args = [null, 1, {}]"), [("T0034", "null"), ("T0034", "{}")]),
    "every sandbox": (MODULE.format('sandbox = ["x", "none", "y"]'), [("T0041", '"x"'), ("T0041", '"y"')]),
    "every trait": (MODULE.format('traits = [1, "a", 2]'), [("T0034", "1"), ("T0034", "2")]),
    "every need": (MODULE.format('depends_on = ["x", 1]'), [("T0034", "1")]),
    "every need by name": (MODULE.format('depends_on = ["x", "y"]'), [("T0044", '"x"'), ("T0044", '"y"')]),
    "a path of a module": (MODULE.format('resources { files = ["../x"] }'), [("T0051", '"../x"')]),
    "a path of an agent": (
        'agentic "python" {\n  file = "agents/clean.py"\n  resources { files = ["../x", "../y"] }\n}',
        [("T0051", '"../x"'), ("T0051", '"../y"')],
    ),
    "no path": ("deploy {\n  targets = []\n  resources { files = 5 }\n}", [("T0034", "5")]),
    "two beliefs of one name": (
        'belief_graph "g" {\n  belief "a" { statement = "x" }\n  belief "a" { statement = "y" }\n}',
        [("T0036", 'belief "a"')],
    ),
    "beliefs of two graphs": (
        "".join(f'belief_graph "{name}" {{\n  belief "a" {{ statement = "x" }}\n}}\n' for name in "gh"),
        [],
    ),
    "a toolchain that is not there": ('java_module "m" {\n  source = "a"\n}', [("T0040", "java_module")]),
    "two agents of one file": (
        'agentic "python" { file = "agents/clean.py" }\nagentic "python" { file = "agents/clean.py" }',
        [("T0036", 'agentic "python"')],
    ),
    "two agents of two names": (
        'agentic "python" { file = "agents/clean.py" }\nagentic "python" { file = "agents/clean.py" name = "other" }',
        [],
    ),
    "two deployments of one name": (
        'deploy "d" { targets = [] }\ndeploy "d" { targets = [] }\ndeploy { targets = [] }\ndeploy { targets = [] }',
        [("T0036", 'deploy "d"')],
    ),
    "a message that is no text": (
        'variable "v" {\n  default = 1\n  validation {\n    condition = true\n    error_message = ["a", 1]\n  }\n}',
        [("T0034", '["a", 1]')],
    ),
    "a default that is wrong": (
        'variable "v" {\n  type = list(object({ a = optional(number, local.q) }))\n  default = [{}]\n}',
        [("T0044", "local.q")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_and_where(name: str, project: Any) -> None:
    text, expected = TOLD[name]
    found = project.load(text).diagnostics
    assert all(each.hint for each in found)
    assert [(each.code, text[each.span.start : each.span.end]) for each in found] == expected


def test_all_variables_that_an_included_file_does_not_declare(project: Any) -> None:
    project.write("other.tars", "")
    text = 'include {\n  path = "other.tars"\n  variables = merge({ a = 1 }, { b = 2 })\n}\n'
    assert [found.message[-3:] for found in project.load(text).diagnostics] == ["`a`", "`b`"]


def test_a_path_that_is_none_is_said_of_the_attribute_that_was_written(project: Any) -> None:
    (found,) = project.load(MODULE.format("resources { files = 5 }")).diagnostics
    assert found.message.startswith("`files` is")


@pytest.mark.parametrize("language", ["java", "perl", "php", "cobol", "kotlin"])
def test_a_language_that_is_not_there_is_no_slip_of_the_pen(language: str, project: Any) -> None:
    (found,) = project.load(f'{language}_module "m" {{\n  source = "data/in.json"\n}}\n').diagnostics
    assert found.code == "T0040"


@pytest.mark.parametrize(("written", "meant"), [("pyton", "python"), ("javascrip", "js"), ("agnt", "agent")])
def test_a_slip_of_the_pen_in_a_language_is_seen(written: str, meant: str, project: Any) -> None:
    (found,) = project.load(f'{written}_module "m" {{\n  source = "data/in.json"\n}}\n').diagnostics
    assert (found.code, found.hint) == ("T0031", f"did you mean `{meant}_module`?")


def test_a_cycle_is_shown_at_what_refers_to_its_next_module(project: Any) -> None:
    block = 'python_module "{}" {{\n  source = "agents/clean.py"\n  {}\n}}\n'
    text = (
        block.format("a", "input = python_module.c.output\n  depends_on = [python_module.b]")
        + block.format("b", "depends_on = [python_module.a]")
        + block.format("c", 'output = "c.json"')
    )
    (found,) = project.load(text).diagnostics
    assert (found.code, text[found.span.start : found.span.end]) == ("T0045", "[python_module.b]")


def test_a_set_has_each_value_once(project: Any) -> None:
    text = 'variable "v" {\n  type    = set(number)\n  default = [1, 2, 1]\n}\n'
    assert project.good(text).variables == {"v": [1, 2]}


def test_a_value_from_outside_that_is_no_text_is_refused(project: Any) -> None:
    (found,) = project.load('variable "v" {}\n', variables={"v": "\udcff"}).diagnostics
    assert found.code == "T0034"


def test_a_value_within_a_value_that_is_only_known_after_the_run(project: Any) -> None:
    values = "  a = jsonencode([python_module.m.output])\n  b = jsonencode({ x = python_module.m })\n"
    assert project.codes(MODULE.format("") + f"locals {{\n{values}}}\n") == ["T0068", "T0048"]
