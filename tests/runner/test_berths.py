"""A command in a berth is where bubblewrap would have put it, and finds nothing of another's; else it is started."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.runner.cells import berths, cgroups, orphans
from tars.runner.cells.spawn import run_cell
from tars.runner.sandboxes.process import MECHANISMS, ProcessSandbox
from tars.runner.values import Cell, Launch, Limits, Outcome, Stop


class Berthed(ProcessSandbox):
    """Where no berth takes the command, nothing does."""

    def launch(self, cell: Cell) -> Launch:
        return replace(super().launch(cell), argv=("/bin/echo", "it was started"), told=b"")


Ways = dict[str, ProcessSandbox]


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    """The sandbox without berths and with them."""
    cache = tmp_path_factory.mktemp("cache")
    made = {
        "started": ProcessSandbox("process", MECHANISMS[:1], cache, warm=False),
        "berthed": Berthed("process", MECHANISMS[:1], cache),
        "either": ProcessSandbox("process", MECHANISMS[:1], cache),
    }
    if not made["started"].readiness().ready:
        pytest.skip(made["started"].readiness().detail)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(berths, "USES_MIN", 1)
        patched.setattr(berths, "READY_SECONDS_MAX", 10.0)
        berths.end()
        cell = Cell(("/bin/true",), cache, {}, writes=(cache,))
        for _ in range(200):
            if run_cell(made["berthed"], cell).stdout == b"":
                break
            time.sleep(0.05)
        else:
            pytest.skip("no berth comes up here")
        yield made
        berths.end()


@pytest.fixture
def cell(tmp_path: Path) -> Cell:
    return Cell(("/bin/sh",), tmp_path, {"PATH": "/usr/bin:/bin"}, Limits(seconds_max=30), writes=(tmp_path,))


def berthed(ways: Ways, cell: Cell, script: str, stdin: bytes | None = None) -> Outcome:
    outcome = run_cell(ways["berthed"], replace(cell, argv=("/bin/sh", "-c", script)), stdin=stdin)
    assert outcome.stdout != b"it was started\n"
    return outcome


SCRIPTS = {
    "code": "exit 7",
    "signal": "kill -SEGV $$",
    "kill": "kill -KILL $$",
    "input": "cat; echo done >&2",
    "environment": "env | grep -v TARS_CELL | sort; pwd; umask",
    "descriptors": "ls /proc/self/fd | wc -l",
    "confinement": "grep -E 'Sig(Q|P|B|C)|ShdPnd|Cap|Seccomp|Groups|Uid|Gid|NoNew' /proc/self/status",
    "namespaces": "cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; ls /proc/self/ns",
    "mounts": "awk '{print $5, $6}' /proc/self/mountinfo | sort",
    "folders": "ls / /dev /etc /tmp; ls -l /dev | cut -c1-10",
    "processes": "ps -eo pid,ppid | wc -l; exec sh -c 'sleep 100 & kill -0 $!'",
    "limits": "grep -v core /proc/self/limits",
    "network": "cat /proc/net/dev | wc -l; cat /proc/net/if_inet6",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_command_is_as_it_is_started(name: str, ways: Ways, cell: Cell) -> None:
    asked = replace(cell, env={**cell.env, "A": "b", "STRANGE": "ä \udcff\n"})
    started = run_cell(ways["started"], replace(asked, argv=("/bin/sh", "-c", SCRIPTS[name])), stdin=b"given")
    found = berthed(ways, asked, SCRIPTS[name], stdin=b"given")
    assert started.stop in (Stop.EXIT, Stop.SIGNAL)
    said, expected = ((each.stop, each.code, each.stdout, each.stderr, each.detail) for each in (found, started))
    assert said == expected


def test_nothing_of_another_is_found(ways: Ways, cell: Cell) -> None:
    """Nor can the first process be looked into, which knows the order."""
    secret = replace(cell, env={**cell.env, "SECRET": "open sesame"})
    leaves = "echo sesame >/tmp/left; (setsid sleep 50 &); ulimit -n 17; umask 0; mkdir here; cd here; ipcmk -Q"
    berthed(ways, secret, leaves)
    looks = "ls -A /tmp | grep -v ^pytest; ps -eo comm | grep sleep; ulimit -n; umask; ipcs -q | grep 0x; env"
    found = berthed(ways, cell, looks).stdout.decode()
    assert "left" not in found
    assert "sleep" not in found
    assert "sesame" not in found
    assert "0x" not in found
    assert found.splitlines()[:2] != ["17", "0000"]
    first = "cat /proc/1/environ /proc/1/mem /proc/1/fd/0; ls /proc/1/cwd/"
    outcome = berthed(ways, secret, first)
    assert outcome.stdout == b""
    assert outcome.stderr.count(b"ermission denied") == 4


def test_what_is_granted_now_counts(ways: Ways, cell: Cell) -> None:
    granted = cell.cwd.parent / f"{cell.cwd.name}-granted"
    for turn in range(3):
        granted.mkdir()
        (granted / "file").write_text(str(turn))
        outcome = berthed(ways, replace(cell, reads=(granted,)), f"cat {granted}/file; echo >{granted}/no")
        assert (outcome.stdout, outcome.code) == (str(turn).encode(), 2)
        granted.rename(cell.cwd.parent / f"was {turn}")
    missing = replace(cell, reads=(granted,))
    assert berthed(ways, missing, f"test -e {granted}").code == 1
    inner = cell.cwd / "inner"
    inner.write_text("kept")
    shared = replace(cell, reads=(cell.cwd,), writes=(inner,))
    outcome = berthed(ways, shared, f"echo new >{inner}; echo >{cell.cwd}/other")
    assert (inner.read_text(), outcome.code, (cell.cwd / "other").exists()) == ("new\n", 2, False)


def test_what_was_mounted_since_is_seen(tmp_path: Path) -> None:
    """A berth was made before that; it makes way for another."""
    program = """
import subprocess, sys, time
from pathlib import Path
from tars.runner.cells import berths
from tars.runner.cells.spawn import run_cell
from tars.runner.sandboxes.process import ProcessSandbox
from tars.runner.values import Cell, Launch
berths.USES_MIN, berths.READY_SECONDS_MAX = 1, 10.0
folder = Path(sys.argv[1])
sandbox = ProcessSandbox("process", ("bubblewrap",), folder)
(folder / "granted" / "inner").mkdir(parents=True)
for turn in range(100):
    if turn == 50 or any(each.served for each in berths._kept.idle):
        break
    run_cell(sandbox, Cell(("/bin/true",), folder, {}, writes=(folder,)))
    time.sleep(0.05)
assert berths._kept.idle[0].is_ready(10)
subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder / "granted" / "inner"], check=True)
(folder / "granted" / "inner" / "file").write_text("seen")
place = folder / "granted" / "inner" / "file"
cell = Cell(("/bin/cat", str(place)), folder, {}, reads=(folder / "granted",), writes=(folder / "sandbox",))
sys.stdout.write(run_cell(sandbox, cell).stdout.decode())
sys.stdout.write(str(berths._kept.idle[0].mounts))
"""
    command = ["unshare", "--mount", sys.executable, "-c", program, str(tmp_path)]
    if os.getuid() != 0 or not ProcessSandbox("process", MECHANISMS[:1], tmp_path).readiness().ready:
        pytest.skip("only root may mount, and where there is bubblewrap")
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if "list index out of range" in done.stderr:
        pytest.skip("no berth comes up here")
    assert done.stdout == "seen1", done.stderr


def test_what_a_berth_refuses_is_started_otherwise(ways: Ways, cell: Cell) -> None:
    """With what bubblewrap has to say; and the berth's keeper serves on."""
    script = cell.cwd / "script"
    script.write_text("echo by the shell")
    script.chmod(0o755)
    hidden = cell.cwd.parent / f"{cell.cwd.name}-hidden"
    hidden.write_text("#!/bin/sh\necho ran\n")
    hidden.chmod(0o755)
    link = cell.cwd / "link"
    link.symlink_to("/usr/bin/true")
    for argv in ((str(script),), (str(hidden),), (str(link),), ("/bin/no-such-program",)):
        asked = replace(cell, argv=argv)
        outcomes = [run_cell(ways[way], asked) for way in ("started", "either")]
        said, expected = ((each.stop, each.code, each.stdout, each.detail) for each in outcomes)
        assert said == expected
    assert berthed(ways, cell, "echo well").stdout == b"well\n"


def test_time_cancelling_and_a_request_to_end(ways: Ways, cell: Cell) -> None:
    slow = "trap 'echo asked; exit 3' TERM; while :; do sleep 0.01; done"
    outcome = berthed(ways, replace(cell, limits=Limits(seconds_max=0.5)), slow)
    assert (outcome.stop, outcome.stdout, outcome.seconds < 5) == (Stop.TIMEOUT, b"asked\n", True)
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    outcome = run_cell(ways["berthed"], replace(cell, argv=("/bin/sh", "-c", slow)), cancel=cancel)
    assert (outcome.stop, outcome.stdout, outcome.seconds < 5) == (Stop.CANCELLED, b"asked\n", True)
    deaf = ("/bin/sh", "-c", "trap '' TERM; sleep 50")
    outcome = run_cell(ways["berthed"], replace(cell, argv=deaf, limits=Limits(seconds_max=0.3)), grace_seconds=0.2)
    assert (outcome.stop, outcome.seconds < 5) == (Stop.TIMEOUT, True)
    assert berthed(ways, cell, "echo well").stdout == b"well\n"


def test_limits_are_held_and_those_of_the_next(ways: Ways, cell: Cell) -> None:
    if not cgroups.holds("memory") or not cgroups.holds("pids"):
        pytest.skip("this user may make no control groups")
    greedy = "head -c 100000000 /dev/zero | tail | wc -c"
    for most, stop in ((30 << 20, Stop.MEMORY), (None, Stop.EXIT), (30 << 20, Stop.MEMORY)):
        limits = Limits(seconds_max=30, memory_bytes_max=most)
        assert berthed(ways, replace(cell, limits=limits), greedy).stop is stop
    forks = "for i in 1 2 3; do sleep 0.3 & done; wait; echo all"
    for processes, said in ((3, b""), (4, b"all\n"), (None, b"all\n")):
        limits = Limits(seconds_max=30, processes_max=processes)
        for way in ("started", "berthed"):
            asked = replace(cell, argv=("/bin/sh", "-c", forks), limits=limits)
            assert run_cell(ways[way], asked).stdout == said, (way, processes)


def test_many_at_once(ways: Ways, cell: Cell) -> None:
    def one(number: int) -> bytes:
        asked = replace(cell, argv=("/bin/sh", "-c", f"echo {number}; exit {number % 3}"))
        outcome = run_cell(ways["either"], asked)
        assert outcome.code == number % 3
        return outcome.stdout

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(40))) == [f"{number}\n".encode() for number in range(40)]
    assert berths._kept.living == len(berths._kept.idle) <= berths.KEEPERS_MAX
    numbers = {each.keeper.pid for each in berths._kept.idle}
    assert numbers <= orphans._known.spared


def test_a_keeper_that_dies_is_replaced(ways: Ways, cell: Cell) -> None:
    asked = replace(cell, argv=("/bin/echo", "well"))
    for _ in range(3):
        assert run_cell(ways["either"], asked).stdout == b"well\n"
        for each in berths._kept.idle:
            if each.keeper.poll() is None:
                os.killpg(each.keeper.pid, signal.SIGKILL)
                each.keeper.wait()
    while not any(each.served and each.keeper.poll() is None for each in berths._kept.idle):
        assert run_cell(ways["either"], asked).stdout == b"well\n"


def test_no_berth_stays_when_tars_ends(tmp_path: Path) -> None:
    """However it ends, and whatever runs in one."""
    program = """
import os, sys, threading, time
from pathlib import Path
from tars.runner.cells import berths
from tars.runner.cells.spawn import run_cell
from tars.runner.sandboxes.process import ProcessSandbox
from tars.runner.values import Cell
berths.USES_MIN, berths.READY_SECONDS_MAX = 1, 10.0
folder = Path(sys.argv[1])
sandbox = ProcessSandbox("process", ("bubblewrap",), folder)
def start(*argv):
    return run_cell(sandbox, Cell(argv, folder, {}, writes=(folder,)))
for _ in range(100 if sandbox.readiness().ready else 0):
    start("/bin/true")
    if any(each.served for each in berths._kept.idle):
        break
    time.sleep(0.02)
kept = list(berths._kept.idle)
threading.Thread(target=start, args=("/bin/sleep", "50.75"), daemon=True).start()
time.sleep(0.3)
print(*(number for each in kept for number in (each.keeper.pid, each.pid)), flush=True)
if sys.argv[2] != "0":
    os.kill(os.getpid(), int(sys.argv[2]))
os._exit(0)
"""
    for number in (0, signal.SIGKILL, signal.SIGTERM):
        command = [sys.executable, "-c", program, str(tmp_path), str(int(number))]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        assert done.returncode == -number, done
        end = time.monotonic() + 10
        for pid in done.stdout.split():
            while _lives(pid):
                assert time.monotonic() < end, "it goes on"
                time.sleep(0.02)


def _lives(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
