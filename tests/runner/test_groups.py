"""Control groups of cells: a command is born in its own, its starter is not held by it, and nothing of it stays."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tars.runner.cells import cgroups
from tars.runner.cells.limits import Fence
from tars.runner.cells.spawn import run_cell
from tars.runner.sandboxes.none import PLUGIN as NONE
from tars.runner.values import Cell, Limits

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="there are control groups on Linux only"),
    pytest.mark.skipif(
        sys.platform == "linux" and not cgroups.holds("pids"), reason="this user may make no control groups"
    ),
]
LIMITS = Limits(seconds_max=30, processes_max=3, memory_bytes_max=1 << 28)


def groups_of_thread() -> str:
    return Path("/proc/thread-self/cgroup").read_text()


def held(folder: Path) -> str:
    outcome = run_cell(NONE, Cell(("/bin/cat", "/proc/self/cgroup"), folder, {}, LIMITS))
    assert outcome.ok, outcome
    return outcome.stdout.decode()


def test_a_command_is_born_in_its_groups_and_its_starter_is_not_in_them(tmp_path: Path) -> None:
    before = groups_of_thread()
    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(lambda _: (held(tmp_path), groups_of_thread()), range(20)))
    tokens = {line.rpartition("tars-")[2] for text, _ in seen for line in text.splitlines() if "tars-" in line}
    assert len(tokens) == 20
    assert {after for _, after in seen} == {before}
    assert "tars-" in held(tmp_path), "the main thread starts in groups too"
    assert groups_of_thread() == before
    homes = {home.folder for home in map(cgroups.home_of, ("pids", "memory")) if home is not None}
    assert not [path for home in homes for token in tokens for path in Path(home).glob(f"tars-{token}")]


def test_a_thread_comes_out_of_a_group_in_which_nothing_can_be_opened(tmp_path: Path) -> None:
    """Else all that it does later would be held as the command was."""
    if not cgroups.holds("memory"):
        pytest.skip("this user may make no control groups for memory")
    cell = Cell(("/bin/true",), tmp_path, {}, Limits(memory_bytes_max=1))
    with ThreadPoolExecutor(1) as pool:
        before, outcome, after = (
            pool.submit(act).result() for act in (groups_of_thread, lambda: run_cell(NONE, cell), groups_of_thread)
        )
    assert after == before
    assert not outcome.ok
    assert "memory" in outcome.detail


@pytest.mark.parametrize("controllers", ["pids", "memory"])
def test_a_shell_enters_where_the_thread_cannot(controllers: str, tmp_path: Path) -> None:
    limits = LIMITS if controllers == "memory" else Limits(processes_max=3)
    groups = cgroups.make_groups(limits, f"test-{os.getpid()}", 0)
    assert groups is not None
    try:
        with Fence(limits, groups, False, str(tmp_path)).around_start(("/bin/true",)) as argv:
            inside = "tars-test" in groups_of_thread()
        assert inside == (argv == ("/bin/true",))
        memory_of_all = controllers == "memory" and threading.get_native_id() == os.getpid()
        assert inside == (groups.version == 1 and not memory_of_all)
        if not inside:
            assert argv[0] == "/bin/sh"
            assert argv[-1] == "/bin/true"
    finally:
        groups.remove()


def test_the_limit_is_exact_although_the_starter_was_inside(tmp_path: Path) -> None:
    script = "sleep 1 & sleep 1 & (sleep 1 & echo one more) 2>/dev/null; kill $(jobs -p); wait"
    cell = Cell(("/bin/sh", "-c", script), tmp_path, {"PATH": "/usr/bin:/bin"}, Limits(seconds_max=30, processes_max=3))
    assert b"one more" not in run_cell(NONE, cell).stdout
    more = Cell(cell.argv, cell.cwd, cell.env, Limits(seconds_max=30, processes_max=5))
    assert b"one more" in run_cell(NONE, more).stdout


def test_what_a_killed_tars_left_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    home = cgroups.home_of("pids")
    assert home is not None
    nest = Path(home.folder, f"test-nest-{os.getpid()}")
    empty, full = nest / "tars-empty", nest / "tars-full"
    full.mkdir(parents=True)
    sleeper = subprocess.Popen(["/bin/sleep", "60"])
    try:
        (full / "cgroup.procs").write_text(str(sleeper.pid))
        empty.mkdir()
        cgroups._remove_left(str(nest))
        assert empty.exists(), "it is too young to be sure"
        monkeypatch.setattr(cgroups, "LEFT_SECONDS_MIN", 0.0)
        time.sleep(0.01)
        cgroups._remove_left(str(nest))
        assert not empty.exists()
        assert full.exists(), "a process is in it"
    finally:
        sleeper.kill()
        sleeper.wait()
        for folder in (empty, full, nest):
            if folder.exists():
                folder.rmdir()
