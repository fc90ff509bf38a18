"""Every template of `tarscli new` is clean, formatted, and runs at once where its languages are installed."""

import subprocess
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
