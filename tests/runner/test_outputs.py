"""Outputs are checked in the scratch view, and only good ones reach the project."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.outputs import collect, judge, move_in
from tars.runner.view import View, Views

SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
MODULE = Module(
    "python_module.a", "a", "python", Span("main.tars", 0, 0), outputs=("output/a.json",), output_schema=SCHEMA
)


def view_of(project: Path) -> View:
    return Views(str(project / ".tars/tmp"), str(project), ()).take(["output/a.json"], [])


def text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(content)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "did not write its output output/a.json"),
    "not JSON": (text("{nope"), "is not JSON"),
    "empty": (text(""), "is not JSON"),
    "not a number": (text('{"score": NaN}'), "is not JSON: it has no number NaN"),
    "nested too deeply": (text("[" * 200_000), "is not JSON"),
    "against its schema": (text('{"n": "one"}'), "does not satisfy its schema: at /n"),
    "a FIFO": (os.mkfifo, "is a FIFO"),
    "a link": (lambda path: path.symlink_to("/etc/passwd"), "is a symbolic link"),
}


@pytest.mark.parametrize(("make", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_output_is_named(tmp_path: Path, make: Callable[[Path], object], message: str) -> None:
    view = view_of(tmp_path)
    make(Path(view.folder, "output/a.json"))
    delivered, findings = collect(MODULE, view)
    findings += judge(MODULE, view, delivered, tmp_path, set())
    assert any(message in finding for finding in findings), findings


def test_a_good_output_is_moved_in(tmp_path: Path) -> None:
    view = view_of(tmp_path)
    Path(view.folder, "output/a.json").write_text('{"n": 1}')
    delivered, findings = collect(MODULE, view)
    findings += judge(MODULE, view, delivered, tmp_path, set())
    assert (delivered, findings) == (["output/a.json"], [])
    move_in(view, delivered, tmp_path)
    assert json.loads((tmp_path / "output/a.json").read_text()) == {"n": 1}


def test_an_output_folder_delivers_what_is_in_it(tmp_path: Path) -> None:
    view = view_of(tmp_path)
    os.makedirs(f"{view.folder}/output/parts/deep")
    Path(view.folder, "output/parts/deep/x").write_text("x")
    module = replace(MODULE, outputs=("output/parts/",), output_schema=None)
    assert collect(module, view) == (["output/parts/deep/x"], [])


def test_an_output_cannot_leave_the_project_through_a_link(tmp_path: Path) -> None:
    outside, project = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    project.mkdir()
    (project / "output").symlink_to(outside)
    view = view_of(project)
    Path(view.folder, "output/a.json").write_text('{"n": 1}')
    assert "would leave the project" in judge(MODULE, view, ["output/a.json"], project, set())[0]
    assert os.listdir(outside) == []
