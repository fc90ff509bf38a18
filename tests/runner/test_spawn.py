"""`run_cell`: what comes of a command, whatever it does with its streams, its time, its memory and its children."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tars.runner.cells import cgroups
from tars.runner.cells.portable import run_portably
from tars.runner.cells.spawn import run_cell
from tars.runner.sandboxes.none import PLUGIN as NONE
from tars.runner.sandboxes.process import MECHANISMS, ProcessSandbox
from tars.runner.values import Cell, Limits, Outcome, Stop

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a Unix shell")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of orphans, memory and pidfds")
MEBIBYTE = 1 << 20


def shell(script: str, folder: Path, **limits: float | int) -> Cell:
    chosen = Limits(**{"seconds_max": 30, **limits})  # type: ignore[arg-type]
    return Cell(("/bin/sh", "-c", script), folder, {"PATH": os.environ["PATH"]}, chosen)


def python(script: str, folder: Path, **limits: float | int) -> Cell:
    chosen = Limits(**{"seconds_max": 30, **limits})  # type: ignore[arg-type]
    return Cell((sys.executable, "-I", "-S", "-c", script), folder, {}, chosen)


ENDS: dict[str, tuple[str, Stop, int, bytes, bytes]] = {
    "quiet": ("true", Stop.EXIT, 0, b"", b""),
    "a code": ("exit 7", Stop.EXIT, 7, b"", b""),
    "both outputs": ("echo a; echo b >&2", Stop.EXIT, 0, b"a\n", b"b\n"),
    "a signal": ("kill -KILL $$", Stop.SIGNAL, -9, b"", b""),
    "bytes that are no text": ("printf '\\000\\377\\n'", Stop.EXIT, 0, b"\x00\xff\n", b""),
    "outputs closed early": ("exec >&- 2>&-; sleep 0.05; exit 3", Stop.EXIT, 3, b"", b""),
    "no input": ("cat", Stop.EXIT, 0, b"", b""),
}


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("way", ["poll", "threads"])
def test_how_a_command_ends(name: str, way: str, tmp_path: Path) -> None:
    script, stop, code, stdout, stderr = ENDS[name]
    cell = shell(script, tmp_path)
    outcome = run_cell(NONE, cell) if way == "poll" else run_portably(NONE.launch(cell), cell, None, None, None)
    assert (outcome.stop, outcome.code, outcome.stdout, outcome.stderr) == (stop, code, stdout, stderr)
    assert bool(outcome.detail) == (stop is not Stop.EXIT)


def _not_executable(folder: Path) -> tuple[str, ...]:
    (folder / "program").write_text("#!/bin/sh\n")
    return (str(folder / "program"),)


def _no_interpreter(folder: Path) -> tuple[str, ...]:
    (folder / "program").write_text("#!/no/such/interpreter\n")
    (folder / "program").chmod(0o755)
    return (str(folder / "program"),)


def _no_format(folder: Path) -> tuple[str, ...]:
    (folder / "program").write_bytes(b"\x7fELF nothing")
    (folder / "program").chmod(0o755)
    return (str(folder / "program"),)


REFUSALS: dict[str, tuple[Callable[[Path], tuple[str, ...]], str]] = {
    "absent": (lambda folder: (str(folder / "absent"),), "there is no program"),
    "a folder": (lambda folder: (str(folder),), "is not executable"),
    "not executable": (_not_executable, "is not executable"),
    "no interpreter": (_no_interpreter, "names an interpreter that does not exist"),
    "wrong format": (_no_format, "is not a program that this system can run"),
    "too long": (lambda folder: ("/bin/echo", *["x" * 100_000] * 100), "more arguments and variables"),
    "a NUL": (lambda folder: ("/bin/echo", "a\0b"), "cannot be started"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_started_is_an_outcome(name: str, tmp_path: Path) -> None:
    make, words = REFUSALS[name]
    before = _descriptors()
    outcome = run_cell(NONE, Cell(make(tmp_path), tmp_path, {}))
    assert (outcome.stop, outcome.code) == (Stop.NOT_STARTED, 127)
    assert words in outcome.detail
    assert _descriptors() == before


def test_a_missing_working_directory_or_input_is_an_outcome(tmp_path: Path) -> None:
    outcome = run_cell(NONE, shell("true", tmp_path / "absent"))
    assert (outcome.stop, outcome.detail) == (
        Stop.NOT_STARTED,
        f"its working directory {tmp_path / 'absent'} does not exist",
    )
    outcome = run_cell(NONE, shell("true", tmp_path), stdin=tmp_path / "absent")
    assert outcome.stop is Stop.NOT_STARTED
    assert str(tmp_path / "absent") in outcome.detail


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 5 * MEBIBYTE])
def test_input_comes_through_whole(size: int, tmp_path: Path) -> None:
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    assert run_cell(NONE, shell("cat", tmp_path), stdin=data).stdout == data
    (tmp_path / "input").write_bytes(data)
    assert run_cell(NONE, shell("cat", tmp_path), stdin=tmp_path / "input").stdout == data


@pytest.mark.parametrize("script", ["true", "head -c 10 >/dev/null", "exec <&-; sleep 0.05", "yes | head -c 300000"])
def test_input_that_nobody_reads_hangs_nothing(script: str, tmp_path: Path) -> None:
    outcome = run_cell(NONE, shell(script, tmp_path), stdin=b"x" * (5 * MEBIBYTE))
    assert outcome.ok
    assert outcome.seconds < 5


def test_output_is_kept_up_to_its_bound_and_streamed_whole(tmp_path: Path) -> None:
    seen: dict[str, int] = {"stdout": 0, "stderr": 0}

    def watch(stream: str, data: bytes) -> None:
        seen[stream] += len(data)

    script = "head -c 300000 /dev/zero; head -c 5 /dev/zero >&2"
    outcome = run_cell(NONE, shell(script, tmp_path, output_bytes_max=1000), watch=watch)
    assert (len(outcome.stdout), outcome.stdout_dropped_bytes) == (1000, 299_000)
    assert (len(outcome.stderr), outcome.stderr_dropped_bytes) == (5, 0)
    assert seen == {"stdout": 300_000, "stderr": 5}


def test_a_watcher_hears_of_output_as_it_comes(tmp_path: Path) -> None:
    times: list[float] = []
    run_cell(
        NONE, shell("echo a; sleep 0.3; echo b", tmp_path), watch=lambda stream, data: times.append(time.monotonic())
    )
    assert times[1] - times[0] > 0.2


def test_a_watcher_that_raises_ends_the_command(tmp_path: Path) -> None:
    def watch(stream: str, data: bytes) -> None:
        raise LookupError(stream)

    before = _descriptors()
    started = time.monotonic()
    with pytest.raises(LookupError):
        run_cell(NONE, shell("echo a; echo $$ >pid; sleep 20", tmp_path), watch=watch, grace_seconds=1)
    assert time.monotonic() - started < 5
    assert _descriptors() == before


def test_time_is_held_and_a_deaf_command_is_made_to_end(tmp_path: Path) -> None:
    outcome = run_cell(NONE, shell("echo a; sleep 20", tmp_path, seconds_max=0.2))
    assert (outcome.stop, outcome.stdout, outcome.code) == (Stop.TIMEOUT, b"a\n", -signal.SIGTERM)
    assert outcome.detail == "it ran longer than its timeout of 0.2 s"
    assert 0.2 <= outcome.seconds < 1.5
    deaf = "trap '' TERM; (trap '' TERM; sleep 20) & echo $! >child; wait; sleep 20"
    outcome = run_cell(NONE, shell(deaf, tmp_path, seconds_max=0.2), grace_seconds=0.3)
    assert (outcome.stop, outcome.code) == (Stop.TIMEOUT, -signal.SIGKILL)
    assert 0.5 <= outcome.seconds < 3
    assert not _lives(int((tmp_path / "child").read_text()))


def test_cancelling_ends_the_command(tmp_path: Path) -> None:
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    outcome = run_cell(NONE, shell("sleep 20 & sleep 20", tmp_path), cancel=cancel)
    assert outcome.stop is Stop.CANCELLED
    assert outcome.seconds < 2
    assert run_cell(NONE, shell("sleep 20", tmp_path), cancel=cancel).seconds < 2


def test_a_grandchild_that_holds_the_output_hangs_nothing(tmp_path: Path) -> None:
    outcome = run_cell(NONE, shell("sleep 20 & echo $! >child; echo a", tmp_path))
    assert (outcome.ok, outcome.stdout) == (True, b"a\n")
    assert outcome.seconds < 3
    assert not _lives(int((tmp_path / "child").read_text()))


ALLOCATE = "held = []\nwhile True:\n    held.append(bytearray(b'x') * 4_000_000)"


@on_linux
@pytest.mark.parametrize("groups", [True, False], ids=["control groups", "watched"])
def test_memory_is_held(groups: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not groups:
        monkeypatch.setattr(cgroups, "home_of", lambda controller: None)
    elif not cgroups.holds("memory"):
        pytest.skip("this user may make no control groups")
    limit = 100 * MEBIBYTE
    outcome = run_cell(NONE, python(ALLOCATE, tmp_path, memory_bytes_max=limit))
    assert (outcome.stop, outcome.detail) == (Stop.MEMORY, "it used more memory than 100 MiB")
    below = "held = bytearray(b'x') * 40_000_000; print('fine')"
    assert run_cell(NONE, python(below, tmp_path, memory_bytes_max=limit)).stdout == b"fine\n"


@on_linux
@pytest.mark.parametrize("groups", [True, False], ids=["control groups", "watched"])
def test_the_number_of_processes_is_held(groups: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not groups:
        monkeypatch.setattr(cgroups, "home_of", lambda controller: None)
    elif not cgroups.holds("pids"):
        pytest.skip("this user may make no control groups")
    many = "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.5 & done; wait"
    assert not run_cell(NONE, shell(many, tmp_path, processes_max=5)).ok
    assert run_cell(NONE, shell("sleep 0.1 & sleep 0.1 & wait", tmp_path, processes_max=5)).ok


def test_many_at_once_keep_their_outputs_apart(tmp_path: Path) -> None:
    def one(number: int) -> Outcome:
        return run_cell(NONE, shell(f"echo {number}; setsid sleep 0.01 & echo {number} >&2", tmp_path))

    before = _descriptors()
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(one, range(100)))
    expected = [f"{number}\n".encode() for number in range(100)]
    assert [outcome.stdout for outcome in outcomes] == expected
    assert [outcome.stderr for outcome in outcomes] == expected
    assert _descriptors() == before


KILLED = """
import os, sys
from pathlib import Path
from tars.runner.sandboxes.none import PLUGIN as NONE
from tars.runner.sandboxes.process import ProcessSandbox
from tars.runner.cells.spawn import run_cell
from tars.runner.values import Cell
folder, script, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
sandbox = NONE if name == "none" else ProcessSandbox(name, (name,), folder)
assert sandbox.readiness().ready
run_cell(sandbox, Cell(("/bin/sh", "-c", script), folder, {"PATH": os.environ["PATH"]}, writes=(folder,)))
"""


@on_linux
@pytest.mark.parametrize("name", ["none", *MECHANISMS])
def test_commands_end_with_a_tars_that_is_killed(name: str, tmp_path: Path) -> None:
    if name != "none" and not ProcessSandbox(name, (name,), tmp_path).readiness().ready:
        pytest.skip(f"{name} does not work here")
    mark = f"50.{os.getpid()}{time.monotonic_ns() % 10**9}"
    script = f"setsid sleep {mark} & sleep {mark} & touch ready; wait"
    tars = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path), script, name])
    _wait(lambda: (tmp_path / "ready").exists() and len(_sleepers(mark)) == 2)
    time.sleep(0.1)
    tars.kill()
    tars.wait()
    _wait(lambda: not _sleepers(mark))


@on_linux
def test_once_the_first_was_noted_all_are_from_their_start(tmp_path: Path) -> None:
    mark = f"51.{os.getpid()}{time.monotonic_ns() % 10**9}"
    program = KILLED.replace('"-c", script', '"-c", "sleep 0.1"') + KILLED.splitlines()[-1]
    tars = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path), f"sleep 0.005; touch ready; exec sleep {mark}", "none"]
    )
    _wait(lambda: (tmp_path / "ready").exists(), every=0.0005)
    tars.kill()
    tars.wait()
    time.sleep(0.3)
    _wait(lambda: not _sleepers(mark), seconds=3)


@on_linux
def test_a_command_that_gets_no_pipe_leaves_none(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = _descriptors()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/dev/fd")))
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
    filled = []
    try:
        with suppress(OSError):
            while True:
                filled.append(os.open("/dev/null", os.O_RDONLY))
        for _ in range(3):
            os.close(filled.pop())
        assert run_cell(NONE, shell("true", tmp_path)).stop is Stop.NOT_STARTED
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in filled:
            os.close(descriptor)
    assert _descriptors() == before


def _descriptors() -> int:
    """How many files this process has open; what is opened once and kept is opened first."""
    run_cell(NONE, Cell(("/bin/sleep", "0.1"), Path("/"), {}))
    return len(os.listdir("/dev/fd"))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def _sleepers(mark: str) -> list[str]:
    """The processes that run exactly `sleep` and the mark."""
    wanted = f"sleep\0{mark}\0"
    return [folder.name for folder in Path("/proc").glob("[0-9]*") if _text(folder / "cmdline") == wanted]


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _wait(until: Callable[[], bool], seconds: float = 10.0, every: float = 0.02) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(every)
