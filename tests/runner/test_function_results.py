"""What a function returns, as it stands in a declared output: values as JSON, text and bytes as they are."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]

GO = """package main

type place struct {
	Name string `json:"name"`
	Size float64
}

func Counts() map[string]int { return map[string]int{"b": 2, "a": 1} }

func Lengths(text []byte) ([]int, error) { return []int{len(text), 7}, nil }

func Place() (p place) { return place{"<here>", 0.5} }

func Made() string { return "[1, 2]" }

func Endless() chan int { return nil }
"""
BLOCK = 'go_module "{name}" {{\n  entry_point = "a.go:{name}"\n  input = "in.txt"\n  output = "out/{name}.json"\n}}\n'


@pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go on this machine")
def test_the_values_of_go_are_written_as_json(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / "a.go").write_text(GO)
    (tmp_path / "in.txt").write_text("four")
    names = ("Counts", "Lengths", "Place", "Made", "Endless")
    (tmp_path / "main.tars").write_text("".join(BLOCK.format(name=name) for name in names))
    done = run_tarscli("run", folder=tmp_path, code=1)
    written = {path.stem: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert written == {
        "Counts": '{\n  "a": 1,\n  "b": 2\n}\n',
        "Lengths": "[\n  4,\n  7\n]\n",
        "Place": '{\n  "name": "\\u003chere\\u003e",\n  "Size": 0.5\n}\n',
        "Made": "[1, 2]",
    }
    assert "the function's result cannot be written as JSON: json: unsupported type: chan int" in done.stderr
