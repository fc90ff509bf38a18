"""Every template of `tarscli new` is clean, formatted, and runs at once where its languages are installed."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.core.errors import TarsError
from tars.ui.cli.commands.new import names, write_project


@pytest.mark.parametrize("language", names())
def test_a_new_project_runs(
    language: str, tmp_path: Path, run_tarscli: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    made = run_tarscli("new", "demo", "--lang", language, folder=tmp_path)
    assert "cd demo && tarscli run" in made.stderr
    folder = tmp_path / "demo"
    assert not list(folder.rglob("__pycache__"))
    run_tarscli("check", folder=folder)
    run_tarscli("fmt", "--check", folder=folder)
    done = run_tarscli("run", folder=folder, code=None)
    if done.returncode == 3:
        pytest.skip(f"{language} is not installed here: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    assert "made v1" in done.stderr
    again = run_tarscli("run", folder=folder)
    assert "all cached at v1" in again.stderr


def test_the_languages_of_the_templates() -> None:
    assert names() == ("go", "javascript", "python", "rust", "typescript", "wasm", "all")


def test_a_project_that_cannot_be_written_whole_is_not_written_at_all(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    for files in ({"deep/er/a": b"1", "deep/er/a/b": b"2"}, {"deep/a": b"1", "x" * 300: b"2"}):
        with pytest.raises(TarsError, match="cannot"):
            write_project(tmp_path / "new", files)
        assert [path.name for path in tmp_path.iterdir()] == ["kept"]


KILLED = """
import os, signal, sys
from pathlib import Path
from tars.ui.cli.commands.new import template, write_project

class Files(dict):
    def items(self):
        yield from list(super().items())[:2]
        os.kill(os.getpid(), signal.SIGKILL)

write_project(Path(sys.argv[1]), Files(template("python")))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_command_that_was_killed_can_be_repeated(
    tmp_path: Path,
    run_python: Callable[..., "subprocess.CompletedProcess[str]"],
    run_tarscli: Callable[..., "subprocess.CompletedProcess[str]"],
) -> None:
    assert run_python(KILLED, "demo", folder=tmp_path).returncode == -9
    assert not (tmp_path / "demo").exists()
    run_tarscli("new", "demo", folder=tmp_path)
    assert (tmp_path / "demo/pipeline.tars").exists()
