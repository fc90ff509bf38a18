"""Projects that the tests of the command line work on, and programs that run it in ways that a plain process cannot."""

import json
import os
import select
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PIPELINE = """\
variable "greeting" {
  type    = string
  default = "hello"
}

python_module "first" {
  source = "first.py"
  input  = "in.txt"
  output = "output/first.txt"
}

python_module "second" {
  source = "second.py"
  input  = python_module.first.output
  args   = ["${var.greeting}"]
  output = "output/second.txt"
}
"""
FIRST = """\
import os, sys
print("first ran")
print("a warning", file=sys.stderr)
open(os.environ["TARS_OUTPUT"], "w").write(open(os.environ["TARS_INPUT"]).read().upper())
"""
SECOND = """\
import os, sys
print("second ran", sys.argv[1])
open(os.environ["TARS_OUTPUT"], "w").write(sys.argv[1] + " " + open(os.environ["TARS_INPUT"]).read())
"""
FILES = {"pipeline.tars": PIPELINE, "first.py": FIRST, "second.py": SECOND, "in.txt": "one\n"}

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
LINES_PROGRAM = """
import contextlib, io, json, sys, traceback
from tars.ui.cli.main import main
sys.stdin = open("/dev/null") if sys.platform != "win32" else open("nul")
for words in json.load(open(sys.argv[1])):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except BaseException as error:
            code = f"{type(error).__name__}: {traceback.format_exc()}"
    texts = [(stream.flush(), stream.buffer.getvalue().decode("utf-8", "replace"))[1] for stream in (out, err)]
    print(json.dumps([code, *texts]))
"""
Answer = tuple["int | str", str, str]
"""An exit code (or the traceback of what escaped), stdout and stderr."""
RunLines = Callable[[list[list[str]], Path], list[Answer]]


def write_files(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A project of two Python modules that has never run."""
    return write_files(tmp_path / "fresh", FILES)


@pytest.fixture(scope="session")
def _project_with_versions(tmp_path_factory: pytest.TempPathFactory, run_tarscli: RunTarscli) -> Path:
    folder = write_files(tmp_path_factory.mktemp("project"), FILES)
    run_tarscli("run", "--sandbox", "none", folder=folder)
    (folder / "second.py").write_text(SECOND + "# changed\n", encoding="utf-8")
    (folder / "in.txt").write_text("two\n", encoding="utf-8")
    run_tarscli("run", "--sandbox", "none", folder=folder)
    return folder


@pytest.fixture
def project(_project_with_versions: Path, tmp_path: Path) -> Path:
    """A copy of a project that has run twice: v1, and v2 with a changed source and a changed input."""
    folder = tmp_path / "project"
    shutil.copytree(_project_with_versions, folder, symlinks=True)
    return folder


@pytest.fixture(scope="session")
def run_python(environment: dict[str, str]) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a program text in a Python of its own, for what needs many command lines in one process."""

    def run(program: str, *words: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", program, *words],
            cwd=folder, env={**environment, "PYTHONIOENCODING": "utf-8"}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", timeout=240, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def run_lines(
    run_python: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path_factory: pytest.TempPathFactory
) -> RunLines:
    """Runs many command lines one after the other in one process, and returns what came of each."""

    def run(lines: list[list[str]], folder: Path) -> list[Answer]:
        file = tmp_path_factory.mktemp("lines") / "words.json"
        file.write_text(json.dumps(lines))
        done = run_python(LINES_PROGRAM, str(file), folder=folder)
        assert done.returncode == 0, done.stderr
        answers: list[Answer] = [tuple(json.loads(line)) for line in done.stdout.splitlines()]
        assert len(answers) == len(lines)
        return answers

    return run


@pytest.fixture
def on_terminal(environment: dict[str, str]) -> Callable[..., tuple[str, int]]:
    """`on_terminal(folder, "run", keys=…)`: runs tarscli on a terminal of its own and returns what it printed and the
    exit code. `keys` maps a text to wait for to what is typed then."""
    pty, fcntl, termios = (
        pytest.importorskip(name, reason="there are no pseudo-terminals here") for name in ("pty", "fcntl", "termios")
    )

    def run(folder: Path, *words: str, keys: dict[str, str] | None = None, **variables: str) -> tuple[str, int]:
        waiting = dict(keys or {})
        merged = {key: value for key, value in environment.items() if key not in ("NO_COLOR", "COLUMNS")}
        merged |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **variables}
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(folder)
            os.execve(sys.executable, [sys.executable, "-m", "tars.ui.cli", *words], merged)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 90, 0, 0))
        seen = b""
        while select.select([terminal], [], [], 60)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:  # Linux says so when the other side has closed
                break
            if not data:
                break
            seen += data
            for text, typed in list(waiting.items()):
                if text.encode() in seen:
                    del waiting[text]
                    os.write(terminal, typed.encode())
        os.close(terminal)
        return seen.decode("utf-8", "replace"), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    return run
