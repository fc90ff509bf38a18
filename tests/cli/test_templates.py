"""Every template of `tarscli new` is clean, formatted, and runs at once where its languages are installed."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.ui.cli.commands.new import names


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
