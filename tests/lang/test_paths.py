"""Paths stay in the project, outputs apart from each other, and entry points are where they are said to be."""

from typing import Any

import pytest

from tars.lang.values import OutputInput

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


def test_paths_are_relative_to_the_metascript_and_stored_relative_to_the_project(project: Any) -> None:
    found = project.good(
        'python_module "a" {\n  source = "../agents/clean.py"\n  input = ["../data/in.json"]\n  output = "o"\n}\n'
        'python_module "b" {\n  source = "../agents/clean.py"\n  input = python_module.a.output\n'
        '  output = "${python_module.a.output}.b"\n}\n',
        path="sub/main.tars",
    )
    assert found.modules[0].source == "agents/clean.py"
    assert found.modules[0].outputs == ("sub/o",)
    assert found.modules[1].inputs == (OutputInput("python_module.a", "sub/o"),)
    assert found.modules[1].outputs == ("sub/o.b",)


ESCAPES = {
    "dots": ('"../x"', "T0051"),
    "dots within": ('"a/../../x"', "T0051"),
    "absolute": ('"/etc/passwd"', "T0051"),
    "a drive": ('"C:/x"', "T0051"),
    "home": ('"~/x"', "T0051"),
    "a backslash": ('"a\\\\b"', "T0052"),
    "a link": ('"link/x"', "T0051"),
    "nothing": ('""', "T0034"),
    "a control": ('"a\\nb"', "T0052"),
    "state": ('".tars/x"', "T0055"),
    "state by another way": ('"a/../.tars/x"', "T0055"),
    "everything": ('"."', "T0055"),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_outputs_stay_in_the_project(name: str, project: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        (project.root / "link").symlink_to(tmp_path_factory.mktemp("outside"))
    except OSError:
        pytest.skip("this system makes no symbolic links for this user")
    (project.root / "inner").symlink_to(project.root / "data")
    path, code = ESCAPES[name]
    text = f'python_module "a" {{\n  source = "agents/clean.py"\n  output = {path}\n}}\n'
    assert project.codes(text) == [code]
    assert project.codes(text.replace(path, '"inner/x"')) == []


def test_each_bad_path_of_a_list_is_told(project: Any) -> None:
    text = 'python_module "a" {\n  source = "agents/clean.py"\n  output = ["../x", "out/a", "", 3]\n}\n'
    found = project.load(text).diagnostics
    assert [(one.code, text[one.span.start : one.span.end]) for one in found] == [
        ("T0051", '"../x"'),
        ("T0034", '""'),
        ("T0034", "3"),
    ]


def test_nested_outputs_clash(project: Any) -> None:
    assert project.codes(PAIR.format(first='output = "out"', second='output = "out/b.json"')) == ["T0054"]
    assert project.codes(PAIR.format(first='output = "agents/clean.py"', second="")) == ["T0054"]
    assert set(project.codes(PAIR.format(first='output = "agents"', second=""))) == {"T0054"}, "it holds the source"
    assert project.codes(PAIR.format(first='output = "out/a"', second='output = "out/b"')) == []


ENTRY_POINTS = {
    "typescript": ("agents/x.ts", "export const draw = () => 1;\n", "draw", "darw"),
    "javascript": ("agents/x.js", "module.exports = { main() {} };\n", "main", "mian"),
    "go": ("agents/x.go", "func (s *S) Serve() {}\n", "Serve", "Sever"),
    "rust": ("agents/x.rs", "pub async fn r#go() {}\n", "go", "og"),
    "python": ("agents/x.py", "if True:\n    def run(): pass\n", "run", "rnu"),
}


@pytest.mark.parametrize("language", ENTRY_POINTS)
def test_entry_points_are_looked_for(language: str, project: Any) -> None:
    path, source, right, wrong = ENTRY_POINTS[language]
    project.write(path, source)
    text = f'agent_module "a" {{\n  language = "{language}"\n  entry_point = "{path}:NAME"\n}}\n'
    assert project.codes(text.replace("NAME", right)) == []
    assert project.codes(text.replace("NAME", wrong)) == ["T0053"]
    hidden = text.replace("NAME", wrong).replace("\n}", '\n  timeout = "soon"\n}')
    assert sorted(project.codes(hidden)) == ["T0042", "T0053"], "one finding in a block hides no other"


def test_what_commonjs_exports_as_a_whole_is_an_entry_point(project: Any) -> None:
    project.write("agents/x.cjs", "module.exports = function (x) { return x; };\n")
    text = 'js_module "a" {\n  source      = "agents/x.cjs"\n  entry_point = "default"\n}\n'
    assert project.codes(text) == []
    project.write("agents/x.cjs", "exports.run = (x) => x;\n")
    assert project.codes(text) == ["T0053"]


NO_FUNCTION = {
    "javascript": "const mode = 1;\nlet out;\nconst one = async (a = (1)) => a;\nconst two = x => x;\nclass six {}\n",
    "typescript": "const mode: T = f(1);\nexport const one = (a: string): number => 1;\nconst two = function () {};\n"
    "function six() {}\n",
    "python": "mode = 1\nout: int = 2\nclass six: pass\ndef one(): pass\nasync def two(): pass\n",
}


@pytest.mark.parametrize("language", NO_FUNCTION)
def test_the_hint_names_functions_alone(language: str, project: Any) -> None:
    project.write("agents/x", NO_FUNCTION[language])
    text = f'agent_module "a" {{\n  language = "{language}"\n  source = "agents/x"\n  entry_point = "zzzz"\n}}\n'
    (found,) = project.load(text).diagnostics
    assert (found.code, found.hint) == ("T0053", "it has `one`, `six`, `two`")


def test_unsure_entry_points_are_left_alone(project: Any) -> None:
    project.write("agents/star.py", "from somewhere import *\n")
    project.write("agents/broken.py", "def (:\n")
    for name in ("star", "broken"):
        assert project.codes(f'python_module "a" {{\n  entry_point = "agents/{name}.py:run"\n}}\n') == []
