"""Variables take their values from the command line, the environment or the default, as their type has it."""

from collections.abc import Mapping
from typing import Any

import pytest

from tars.lang.meaning.context import Around

LANGUAGES = ("go", "javascript", "lua", "python", "rust", "typescript", "wasm")


VARIABLES: Mapping[str, tuple[str, str, object]] = {
    "a number": ("type = number", "0.5", 0.5),
    "a bool": ("type = bool", "true", True),
    "a string that looks like a number": ("type = string", "007", "007"),
    "nothing said": ("", "007", "007"),
    "the default's type": ("default = 1", "2", 2),
    "the default": ("default = [1]", "", (1,)),
    "a list": ("type = list(string)", '["a", 1]', ("a", "1")),
    "an object": (
        'type = object({ a = number, b = optional(string, "x") })', '{ a = "1" }', {"a": 1, "b": "x"},
    ),
    "a map": ("type = map(number)", '{ a = "1" }', {"a": 1}),
    "a tuple": ("type = tuple([string, bool])", '["a", true]', ("a", True)),
    "a type in quotes": ('type = "list(number)"', "[1]", (1,)),
    "anything": ("type = any", "plain words", "plain words"),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_variables(name: str, way: str, project: Any) -> None:
    body, given_text, expected = VARIABLES[name]
    text = f'variable "v" {{\n  {body}\n}}\n'
    more: dict[str, Any] = {}
    if given_text:
        more = {"variables": {"v": given_text}} if way == "argument" else {"around": Around({"TARS_VAR_v": given_text})}
    found = project.good(text, **more)
    assert found.variables == {"v": list(expected) if isinstance(expected, tuple) else expected}
    assert ("TARS_VAR_v" in found.environment_reads) == ("variables" not in more)


BAD_VARIABLES = {
    "no number": ('variable "v" {\n  type = number\n}', {"v": "many"}, ["T0034"]),
    "not declared": ('variable "v" {\n  default = 1\n}', {"w": "1"}, ["T0066"]),
    "a bad default": ('variable "v" {\n  type    = number\n  default = "x"\n}', {}, ["T0034"]),
    "no list": ('variable "v" {\n  type = list(number)\n}', {"v": "1"}, ["T0034"]),
    "a reference from outside": ('variable "v" {\n  type = list(number)\n}', {"v": "[var.v]"}, ["T0034"]),
}


@pytest.mark.parametrize("name", BAD_VARIABLES)
def test_values_that_do_not_fit(name: str, project: Any) -> None:
    text, variables, codes = BAD_VARIABLES[name]
    assert project.codes(text, variables=variables) == codes


INCLUDED = {
    "no number": ('n = "x"', "T0034", 'n = "x"'),
    "not declared": ("n = 1\n    m = 2", "T0066", "m = 2"),
    "computed": ('for name in ["m", "n"] : name => 1', "T0066", '{\n    for name in ["m", "n"] : name => 1\n  }'),
}


@pytest.mark.parametrize("name", INCLUDED)
def test_what_an_include_gives_is_found_where_it_is_given(name: str, project: Any) -> None:
    given, code, marked = INCLUDED[name]
    project.write("lib.tars", 'variable "n" {\n  type = number\n}\n')
    text = f'include {{\n  path = "lib.tars"\n  variables = {{\n    {given}\n  }}\n}}\n'
    (found,) = project.load(text).diagnostics
    assert found.code == code
    assert text[found.span.start : found.span.end] == marked
    assert found.hint


def test_the_name_of_an_include_is_marked(project: Any) -> None:
    project.write("lib.tars", "")
    text = 'include {\n  path = "lib.tars"\n  as = "var"\n}\n'
    (found,) = project.load(text).diagnostics
    assert text[found.span.start : found.span.end] == '"var"'
