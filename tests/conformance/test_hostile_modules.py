"""Runs hostile modules through the whole engine, in every sandbox that claims to hold them: the host stays unharmed,
and the message says what happened. What the engine itself refuses, it refuses under `none` as well."""

import json
import os
import shlex
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tars.core.errors import UsageError
from tars.runner.cells import cgroups
from tars.runner.events import Event, ModuleFinished, Options, Status
from tars.runner.run import run
from tars.runner.sandbox import SANDBOXES
from tars.runner.values import Guarantee

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attacks are written for Linux")

CONFINED = ("process", pytest.param("container", marks=pytest.mark.slow))


@dataclass(frozen=True)
class Project:
    """A project with one hostile module, beside a folder of the user's that it must not touch."""

    root: Path

    @property
    def outside(self) -> Path:
        return self.root.parent / "outside"

    def run(self, sandbox: str, script: str, *, output: str = '"output/result"', more: str = "") -> ModuleFinished:
        """How the module ended. `{outside}` in the script is the folder beside the project."""
        agent = self.root / "agents" / "hostile.sh"
        agent.parent.mkdir(exist_ok=True)
        agent.write_text("#!/bin/sh\n" + textwrap.dedent(script).replace("{outside}", str(self.outside)))
        agent.chmod(0o755)
        declared = f"  output = {output}\n" if output else ""
        (self.root / "main.tars").write_text(
            'agent_module "hostile" {\n  source = "agents/hostile.sh"\n  language = "executable"\n'
            f'  timeout = "20s"\n{declared}{more}}}\n'
        )
        events: list[Event] = list(run(Options(self.root / "main.tars", self.root, sandbox=(sandbox,))))
        return next(event for event in events if isinstance(event, ModuleFinished))

    def outside_files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.outside.iterdir()}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("TARS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOSTILE_SECRET", "open sesame")
    made = Project(tmp_path / "project")
    made.root.mkdir()
    made.outside.mkdir()
    (made.outside / "result").write_text("mine")
    yield made
    assert made.outside_files() == {"result": b"mine"}, "the user's own files are as they were"


def ready(sandbox: str, *guarantees: Guarantee) -> None:
    found = SANDBOXES.load(sandbox)
    if not found.readiness().ready:
        pytest.skip(f"{sandbox}: {found.readiness().detail}")
    lacking = set(guarantees) - found.guarantees()
    if lacking:
        pytest.skip(f"{sandbox} does not claim {', '.join(sorted(lacking))} here")


@pytest.mark.parametrize("sandbox", CONFINED)
def test_a_fork_bomb_is_held(sandbox: str, project: Project) -> None:
    """Bounded for the machine's sake: 3,000 sleepers, where 1,024 processes may be; none is left."""
    ready(sandbox, Guarantee.PROCESSES)
    mark = f"62.{os.getpid()}"
    script = f"i=0; while [ $i -lt 3000 ]; do sleep {mark} & i=$((i+1)); done; echo all"
    ended = project.run(sandbox, script)
    assert ended.status is Status.FAILED
    assert "all" not in record(project)["stdout"]
    assert "fork" in record(project)["stderr"].lower()
    if sandbox == "process" and cgroups.holds("pids"):
        assert ended.error.startswith("it was refused more than 1024 processes"), ended.error
    assert subprocess.run(["pgrep", "-f", f"sleep {mark}"], capture_output=True, check=False).stdout == b""


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
def test_a_memory_bomb_is_held(sandbox: str, project: Project) -> None:
    ready(sandbox)
    bomb = "exec tail /dev/zero"
    ended = project.run(sandbox, bomb, more='  resources {\n    memory = "64MB"\n  }\n')
    if Guarantee.MEMORY not in SANDBOXES.load(sandbox).guarantees() and sandbox == "container":
        assert (ended.status, "cannot hold memory" in ended.error) == (Status.UNAVAILABLE, True), ended
        return
    assert ended.status is Status.FAILED
    assert "more memory than" in ended.error, ended.error


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
def test_a_disk_filler_is_ended(sandbox: str, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(sandbox)
    status = os.statvfs(project.root)
    keep = status.f_bavail * status.f_frsize - (24 << 20)
    monkeypatch.setattr("tars.runner.execute.spared_bytes", lambda folder: keep)
    fill = "i=0; while [ $i -lt 400 ]; do head -c 4000000 /dev/zero >>output/result; i=$((i+1)); done"
    ended = project.run(sandbox, fill)
    assert ended.status is Status.FAILED
    assert ended.error.startswith("it left less than"), ended.error
    assert not list((project.root / ".tars" / "tmp").rglob("result")), "what it wrote is gone"


def test_a_disk_that_was_nearly_full_before_is_not_the_modules_fault(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tars.runner.cells.limits.DISK_BYTES_MIN", 1 << 62)
    assert project.run("none", "sleep 0.3; echo small >output/result").status is Status.SUCCEEDED


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
@pytest.mark.parametrize("how", ["folder", "file"])
def test_a_link_in_the_place_of_the_output(sandbox: str, how: str, project: Project) -> None:
    """Behind a link the result would be a file of the user's: read, stored, and moved away."""
    ready(sandbox)
    if how == "folder":
        ended = project.run(sandbox, "rmdir output/sub; ln -s {outside} output/sub", output='"output/sub/result"')
        assert "behind output/sub" in ended.error
    else:
        ended = project.run(sandbox, "ln -s {outside}/result output/result")
        assert "a symbolic link" in ended.error
    assert ended.status is Status.FAILED
    assert not (project.root / "output" / "result").exists()


@pytest.mark.parametrize("sandbox", CONFINED)
def test_a_race_for_the_output_is_lost(sandbox: str, project: Project) -> None:
    """A process that goes on after the command swaps the output for a link as fast as it can."""
    ready(sandbox)
    script = """
        echo good >output/result
        (while :; do ln -sf {outside}/result output/link; mv -T output/link output/result
                     echo good >output/new; mv -T output/new output/result; done) >/dev/null 2>&1 &
        sleep 0.05
        """
    ended = project.run(sandbox, script)
    target = project.root / "output" / "result"
    assert not target.is_symlink()
    assert ended.status is Status.FAILED or target.read_text() == "good\n"


PYTHON = shlex.quote(sys.executable)
KINDS = {
    "a FIFO": "mkfifo output/result",
    "a folder for a file": "mkdir output/result",
    "a socket": f"{PYTHON} -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"output/result\")'",
    "a device": "mknod output/result c 1 5",
}


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
@pytest.mark.parametrize("kind", KINDS)
def test_an_output_that_is_no_file(sandbox: str, kind: str, project: Project) -> None:
    ready(sandbox)
    ended = project.run(sandbox, KINDS[kind])
    target = project.root / "output" / "result"
    if kind == "a folder for a file":
        assert ended.status is Status.SUCCEEDED, "an empty folder delivers nothing"
        return
    assert ended.status is Status.FAILED
    assert ended.error
    assert not target.exists()


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
def test_events_that_are_a_fifo_do_not_hang(sandbox: str, project: Project) -> None:
    ready(sandbox)
    began = time.monotonic()
    ended = project.run(sandbox, 'rm -f "$TARS_EVENTS"; mkfifo "$TARS_EVENTS"; sleep 0.6; echo x >output/result')
    assert ended.status is Status.SUCCEEDED, ended.error
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("sandbox", CONFINED)
def test_secrets_of_the_user_are_not_found(sandbox: str, project: Project) -> None:
    """Neither in its own environment nor in that of the processes above it, which it looks through."""
    ready(sandbox)
    script = """
        { env; for f in /proc/[0-9]*/environ /proc/self/root{outside}/* "$HOME"/../../../../outside/*; do
            cat "$f" 2>/dev/null; done; true; } >output/result
        """
    project.run(sandbox, script)
    found = (project.root / "output" / "result").read_bytes()
    assert b"TARS_MODULE" in found
    assert b"open sesame" not in found
    assert b"mine" not in found.replace(b"TARS_", b"")


def test_the_control_finds_the_secret(project: Project) -> None:
    project.run("none", "cat /proc/$PPID/environ >output/result; cat {outside}/result >>output/result")
    found = (project.root / "output" / "result").read_bytes()
    assert b"HOSTILE_SECRET" in found or b"mine" in found


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
def test_a_sparse_giant_is_refused(sandbox: str, project: Project) -> None:
    ready(sandbox)
    began = time.monotonic()
    ended = project.run(sandbox, "truncate -s 10G output/result")
    assert ended.status is Status.FAILED
    assert "sparse" in ended.error
    assert time.monotonic() - began < 15


def test_a_name_that_is_not_declared_does_not_break_the_line_that_tells_of_it(project: Project) -> None:
    script = "echo x >output/result; echo x >\"output/$(printf 'a\\nError: all is lost')\""
    assert project.run("none", script).status is Status.SUCCEEDED
    shown = subprocess.run(
        [sys.executable, "-m", "tars.ui.cli", "run", "main.tars", "--sandbox", "none", "--force"],
        cwd=project.root, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert b"a\\nError: all is lost" in shown.stdout + shown.stderr


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
def test_an_output_does_not_run_as_whoever_owns_it(sandbox: str, project: Project) -> None:
    """Else a confined module of root could leave a program that makes whoever starts it root; nor may others write it.
    What nobody may read is made readable."""
    ready(sandbox)
    ended = project.run(sandbox, "echo x >output/result; chmod 6777 output/result; mkdir more; chmod 000 more")
    assert ended.status is Status.SUCCEEDED, ended.error
    assert (project.root / "output" / "result").stat().st_mode & 0o7777 == 0o775
    assert project.run(sandbox, "echo y >output/result; chmod 000 output/result").status is Status.SUCCEEDED
    assert (project.root / "output" / "result").read_text() == "y\n"


def test_a_tree_deeper_than_any_path_harms_nothing(project: Project) -> None:
    """It had been neither delivered nor removed, and every later run of the project ended in a crash."""
    dig = "import os, sys; os.chdir('output'); [(os.mkdir('d'), os.chdir('d')) for _ in range(int(sys.argv[1]))]"
    ended = project.run("none", f"{PYTHON} -c \"{dig}; open('x', 'w')\" 600", output="")
    assert (ended.status, "path of more than 1000 characters" in ended.error) == (Status.FAILED, True), ended.error[
        :200
    ]
    assert project.run("none", f'echo x >output/result; {PYTHON} -c "{dig}" 1100').status is Status.SUCCEEDED
    assert list((project.root / ".tars" / "tmp").iterdir()) == []


NAMES = {"newline": "a\\nb", "escape": "\\033[31mred", "dots": "..evil", "not text": "\\377", "long": "x" * 250}


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
@pytest.mark.parametrize("name", NAMES)
def test_names_of_outputs_do_no_harm(sandbox: str, name: str, project: Project) -> None:
    """A module without declared outputs delivers all that it wrote, under whatever name: kept, or refused in words."""
    ready(sandbox)
    ended = project.run(sandbox, f"echo x >\"output/$(printf '{NAMES[name]}')\"", output="")
    bad = name in ("newline", "escape", "not text")
    assert ended.status is (Status.FAILED if bad else Status.SUCCEEDED), ended.error
    assert not bad or "control characters" in ended.error
    shown = subprocess.run(
        [sys.executable, "-m", "tars.ui.cli", "versions", "--project", str(project.root)],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert b"\x1b" not in shown.stdout + shown.stderr
    assert b"Traceback" not in shown.stderr


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
def test_terminal_sequences_are_not_sent_to_the_terminal(sandbox: str, project: Project) -> None:
    ready(sandbox)
    script = "printf '\\033]0;owned\\007\\033[2J\\033[31mred\\r\\n' | tee output/result; printf '\\033c' >&2; exit 3"
    project.run(sandbox, script)
    shown = subprocess.run(
        [sys.executable, "-m", "tars.ui.cli", "run", "main.tars", "--sandbox", sandbox],
        cwd=project.root, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert shown.returncode == 1
    assert b"\x1b" not in shown.stdout + shown.stderr
    assert b"red" in shown.stdout + shown.stderr


@pytest.mark.parametrize("sandbox", ["none", *CONFINED])
def test_an_archive_is_never_unpacked(sandbox: str, project: Project) -> None:
    ready(sandbox)
    script = """
        echo evil >evil
        tar --absolute-names --transform='s,evil,../../outside/result,' -cf output/result.tar evil
        tar -tPf output/result.tar
        """
    ended = project.run(sandbox, script, output='"output/result.tar"')
    assert "../../outside/result" in record(project)["stdout"]
    assert ended.status is Status.SUCCEEDED, ended.error
    assert sorted(path.name for path in (project.root / "output").iterdir() if path.is_file()) == ["result.tar"]


def record(project: Project) -> dict[str, str]:
    """The last record of the module's run."""
    last = max((project.root / "output" / "logs").glob("module_run_*.json"))
    found: dict[str, str] = json.loads(last.read_text())
    return found


def test_an_unknown_sandbox_is_refused_before_anything_is_said(project: Project) -> None:
    project.run("none", "echo x >output/result")
    events = run(Options(project.root / "main.tars", project.root, sandbox=("jail",)))
    with pytest.raises(UsageError, match="no sandbox `jail`"):
        next(events)
