"""The shells complete what is there: in a real bash, and through the protocol that all shells' code speaks."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.ui.cli.overview import verbs

CASES: list[tuple[str, set[str], set[str]]] = [
    ("tarscli ru", {"run", "run-module"}, {"versions"}),
    ("tarscli ", set(verbs()), {"--json"}),
    ("tarscli run --o", {"--only"}, {"--json"}),
    ("tarscli run --only ", {"first", "second"}, {"greeting"}),
    ("tarscli run --only first,", {"first,second"}, {"first,first"}),
    ("tarscli run-module ", {"first", "second"}, set()),
    ("tarscli run pipe", {"pipeline.tars"}, set()),
    ("tarscli why se", {"second"}, {"first"}),
    ("tarscli show first@v", {"first@v1", "first@v2"}, {"second@v1"}),
    ("tarscli diff v", {"v1", "v2"}, set()),
    ("tarscli rollback se", {"second@latest"}, set()),
    ("tarscli rollback v", {"v1", "v2"}, set()),
    ("tarscli rollback second@v", {"second@v1", "second@v2"}, {"v1"}),
    ("tarscli explain T003", {"T0031"}, {"T0001"}),
    ("tarscli new --lang ", {"python", "rust", "all"}, set()),
    ("tarscli completion ", {"bash", "zsh", "fish", "powershell"}, set()),
    ("tarscli --project . store v", {"verify"}, {"repair"}),
    ("tarscli rust r", {"review", "rollback"}, {"run"}),
    ("tarscli rust review ", {"list", "show", "apply", "rollback"}, {"review"}),
    ("tarscli --project . rust review show --in", {"--inverse"}, {"--json"}),
    ("tarscli nosuch ", set(), {"first"}),
]


@pytest.mark.parametrize(("line", "wanted", "unwanted"), CASES, ids=[line for line, _, _ in CASES])
def test_completions(
    line: str, wanted: set[str], unwanted: set[str], project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    answer = tmp_path / "answer"
    asked = {
        "_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_SUPPRESS_SPACE": "1", "COMP_LINE": line,
        "COMP_POINT": str(len(line)), "ARGCOMPLETE_USE_TEMPFILES": "1", "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tars.ui.cli"], cwd=project, env={**environment, **asked}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    found = {word.strip() for word in answer.read_text().split("\n")} if answer.exists() else set()
    assert wanted <= found, (found, done.stderr)
    assert not unwanted & found
    assert done.stdout == ""


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash on this machine")
def test_in_a_real_bash(project: Path, environment: dict[str, str], tmp_path: Path) -> None:
    program = tmp_path / "tarscli"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tars.ui.cli "$@"\n')
    program.chmod(0o755)
    script = """
        eval "$(tarscli completion bash)"
        COMP_LINE="tarscli run-module se" COMP_POINT=21 COMP_TYPE=9 COMP_WORDS=(tarscli run-module se) COMP_CWORD=2
        _python_argcomplete tarscli se run-module
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    path = f"{tmp_path}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=project, env={**environment, "PATH": path}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["second"], done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_code_of_every_shell_names_the_program(
    shell: str, tmp_path: Path, run_tarscli: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    code = run_tarscli("completion", shell, folder=tmp_path).stdout
    assert "tarscli" in code
    interpreter = shutil.which("pwsh" if shell == "powershell" else shell)
    if interpreter and shell in ("bash", "zsh", "fish"):
        checked = subprocess.run([interpreter, "-n"], input=code, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr


def test_completion_loads_nothing_heavy(project: Path, environment: dict[str, str]) -> None:
    asked = {**environment, "_ARGCOMPLETE": "1", "COMP_LINE": "tarscli why ", "COMP_POINT": "12"}
    command = [sys.executable, "-X", "importtime", "-m", "tars.ui.cli"]
    done = subprocess.run(command, cwd=project, env=asked, capture_output=True, text=True, check=False)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "argcomplete" in loaded
    assert not loaded & {"asyncio", "rich", "jsonschema_rs", "tars.runner.run", "tars.rust.mending.fix"}
