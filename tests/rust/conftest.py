"""What the tests of `tarscli rust` share: many command lines in one process of their own, which costs one start."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
PROGRAM = """
import io, json, os, sys
from contextlib import redirect_stderr, redirect_stdout
from tars.ui.cli.main import main
for line in sys.stdin:
    asked = json.loads(line)
    os.chdir(asked["folder"])
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(asked["words"])
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


@pytest.fixture(scope="session")
def run_here(environment: dict[str, str]) -> Iterator[RunTarscli]:
    """As `run_tarscli`: `run_here("rust", "fix", "a.rs", folder=…, code=0)`; `code=None` takes any."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    sent, answers = process.stdin, process.stdout

    def run(*words: str, folder: Path, code: int | None = 0) -> "subprocess.CompletedProcess[str]":
        sent.write(json.dumps({"folder": str(folder), "words": words}) + "\n")
        sent.flush()
        found, out, err = json.loads(answers.readline())
        if code is not None and found != code:
            pytest.fail(f"tarscli {' '.join(words)}: exit code {found}\n{out}\n{err}")
        return subprocess.CompletedProcess(words, found, out, err)

    yield run
    process.stdin.close()
    process.wait(timeout=60)
