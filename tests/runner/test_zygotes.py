"""Python forked from a warm interpreter does what Python started anew does, and finds nothing of another's."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.runner.building.expand import SHIMS
from tars.runner.cells import cgroups, orphans, zygotes
from tars.runner.cells.spawn import run_cell
from tars.runner.sandboxes.process import MECHANISMS, ProcessSandbox
from tars.runner.values import Cell, Guarantee, Limits, Outcome, Stop

PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ProcessSandbox]]:
    """The sandbox with zygotes and without."""
    made = {
        way: ProcessSandbox("process", MECHANISMS[:1], tmp_path_factory.mktemp("cache"), warm=way == "forked")
        for way in ("started", "forked")
    }
    if not made["forked"].readiness().ready:
        pytest.skip(made["forked"].readiness().detail)
    yield made
    zygotes.end()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zygotes, "USES_MIN", 1)


@pytest.fixture
def cell(tmp_path: Path, ways: dict[str, ProcessSandbox]) -> Cell:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    held = Guarantee.PROCESSES in ways["forked"].guarantees()  # where it is watched, none is forked
    limits = Limits(seconds_max=30, processes_max=64 if held else None)
    return Cell((PYTHON,), tmp_path, env, limits, reads=(Path(sys.base_prefix), Path(SHIMS)), writes=(tmp_path,))


def both(ways: dict[str, ProcessSandbox], cell: Cell, *argv: str, stdin: bytes | None = None) -> Outcome:
    """What came of it forked, after it was seen to be what comes of it started."""
    asked = replace(cell, argv=(PYTHON, *argv))
    started, forked = (run_cell(ways[way], asked, stdin=stdin) for way in ("started", "forked"))
    assert zygotes._kept.idle, "it was not forked"
    said, expected = (
        (each.stop, each.code, *(re.sub(rb"0x[0-9a-f]{9,}", b"0x", text) for text in (each.stdout, each.stderr)))
        for each in (forked, started)
    )
    assert said == expected
    return forked


WORLD = """
import __main__, os, sys, threading
print(sys.argv, sys.path[0], sys.flags, sys.orig_argv, os.getcwd(), sorted(os.listdir("/tmp")))
print(sorted({**os.environ, "TARS_CELL": ""}.items()))
print(__name__, __file__, __spec__, __package__, __main__.__file__, __loader__.path, os.getpid(), os.getuid())
print(sys.stdin, sys.stdin.buffer.raw, sys.stdout, sys.stderr, sys.stdin.seekable(), sys.stdout.line_buffering)
print(threading.main_thread().name, threading.active_count(), sys.stdin.read(), os.path.exists("/proc/self/environ"))
print([line for line in open("/proc/self/status") if line.startswith(("Cap", "NoNew", "Seccomp", "SigIgn", "SigBlk"))])
print(sorted(line.split()[4:6] for line in open("/proc/self/mountinfo") if line.split()[4] in ("/usr", "/etc")))
print(sorted(os.listdir("/proc/self/fd"))[:4], open("/proc/net/dev").read().count(":"), oct(os.umask(0)))
"""
PROGRAMS: dict[str, tuple[int, str]] = {
    "the world": (0, WORLD),
    "a code": (7, "import sys\nsys.exit(7)"),
    "a last word": (1, "import sys\nsys.exit('it is over')"),
    "an error": (1, "def f():\n    {}['x']\ntry:\n    f()\nexcept KeyError as error:\n    raise OSError(3) from error"),
    "a syntax error": (1, "def f(:\n"),
    "a signal": (-15, "import os\nos.kill(os.getpid(), 15)"),
    "a file left open": (0, """
f = open('kept', 'w')
f.write('all')
import re
re.f = open('more', 'w')
re.f.write('x')"""),
    "an end": (0, """
import atexit
atexit.register(print, 'bye')
class A:
    def __del__(self):
        print('gone')
a = A()"""),
    "threads": (0, "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start()"),
    "processes": (0, """
import multiprocessing as m
def f(x):
    return x * 2
if __name__ == '__main__':
    for how in ('fork', 'spawn'):
        with m.get_context(how).Pool(2) as p:
            print(p.map(f, [1, 2]))"""),
    "subprocesses": (0, "import subprocess\nprint(subprocess.check_output(['sh', '-c', 'echo $0 $HOME', 'a']))"),
    "an event loop": (0, "import asyncio\nasync def f():\n    await asyncio.sleep(0)\nprint(asyncio.run(f()))"),
    "one of its name": (0, "import json, re\nprint(json.__file__, re.__file__)"),
    "no UTF-8": (0, "import sys\nsys.stdout.buffer.write(b'\\xff\\n')\nprint('\\udcff')"),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_as_it_is_started(name: str, ways: dict[str, ProcessSandbox], cell: Cell) -> None:
    code, text = PROGRAMS[name]
    (cell.cwd / "agent.py").write_text(text)
    if name == "one of its name":
        (cell.cwd / "json.py").write_text("")
    outcome = both(ways, cell, str(cell.cwd / "agent.py"), "one", "--two", stdin=b"given")
    assert outcome.code == code, outcome
    if name == "a file left open":
        assert [(cell.cwd / each).read_text() for each in ("kept", "more")] == ["all", "x"]


@pytest.mark.parametrize(
    "argv", [("-m", "package"), ("-m", "package.inner", "a"), ("package",), ("missing.py",), ("-m", "no")]
)
def test_modules_and_folders_are_as_they_are_started(
    argv: tuple[str, ...], ways: dict[str, ProcessSandbox], cell: Cell
) -> None:
    (cell.cwd / "package").mkdir()
    (cell.cwd / "package/__init__.py").write_text("")
    for name in ("__main__", "inner"):
        (cell.cwd / f"package/{name}.py").write_text("import sys\nprint(__name__, __spec__, sys.argv, sys.path[0])")
    both(ways, cell, *argv)


SPY = """
import gc, os, sys
print(sorted(os.listdir("/tmp")), os.environ.get("SECRET"), [each for each in os.listdir("/proc") if each.isdigit()])
import re
word = re.compile(b"open sesam[e]!")
held = [open(f"/proc/self/{name}", "rb").read() for name in ("environ", "cmdline")]
print(any(word.search(each) for each in held), "json.left" in sys.modules)
found = 0
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        start, _, end = line.split()[0].partition("-")
        if "rw" in line and "vv" not in line:
            memory.seek(int(start, 16))
            found += len(word.findall(memory.read(int(end, 16) - int(start, 16))))
print(found)
"""
LEAVES = """
import os, subprocess, sys
open("/tmp/left", "w").write("x")
sys.modules["json.left"] = sys
subprocess.Popen(["/bin/sh", "-c", "trap '' TERM; sleep 50"], start_new_session=True)
os.system("ipcmk -M 4096 >/dev/null 2>&1")
"""


def test_nothing_of_another_is_found(ways: dict[str, ProcessSandbox], cell: Cell) -> None:
    below = sorted({path.parts[2] for path in (cell.cwd, *cell.reads) if path.parts[1] == "tmp"})
    for name, text in (("leaves.py", LEAVES), ("spy.py", SPY)):
        (cell.cwd / name).write_text(text)
    secret = {**cell.env, "SECRET": "open sesame!"}
    for _ in range(2):
        left = run_cell(ways["forked"], replace(cell, argv=(PYTHON, str(cell.cwd / "leaves.py")), env=secret))
        assert left.ok, left
    spied = run_cell(ways["forked"], replace(cell, argv=(PYTHON, str(cell.cwd / "spy.py"))))
    assert spied.stdout.decode().splitlines() == [f"{below} None ['1', '2']", "False False", "0"], spied
    seen = run_cell(ways["forked"], replace(cell, argv=(PYTHON, str(cell.cwd / "spy.py")), env=secret))
    assert seen.stdout.splitlines()[-1] != b"0", "the control: what is in its own memory the spy does find"


def test_what_is_granted_now_counts(ways: dict[str, ProcessSandbox], cell: Cell) -> None:
    """A folder that took another's place, and a limit that is another, are another zygote."""
    program = cell.cwd / "agent.py"
    program.write_text("import sys\nprint(open(sys.argv[1]).read())")
    granted = cell.cwd.parent / "granted"
    asked = replace(cell, argv=(PYTHON, str(program), str(granted / "a")), reads=(*cell.reads, granted))
    for turn in ("one", "two"):
        granted.mkdir()
        (granted / "a").write_text(turn)
        assert run_cell(ways["forked"], asked).stdout.decode() == f"{turn}\n"
        granted.rename(cell.cwd.parent / f"was {turn}")
    assert run_cell(ways["forked"], asked).code == 1


def test_time_cancelling_and_a_request_to_end(ways: dict[str, ProcessSandbox], cell: Cell) -> None:
    (cell.cwd / "agent.py").write_text(
        "import signal, sys, time\nsignal.signal(15, lambda *_: sys.exit('asked'))\nprint('on')\ntime.sleep(50)"
    )
    slow = replace(cell, argv=(PYTHON, str(cell.cwd / "agent.py")), limits=Limits(seconds_max=1.0))
    outcome = run_cell(ways["forked"], slow)
    assert (outcome.stop, outcome.stderr, outcome.seconds < 5) == (Stop.TIMEOUT, b"asked\n", True)
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    outcome = run_cell(ways["forked"], replace(slow, limits=Limits(seconds_max=30)), cancel=cancel)
    assert (outcome.stop, outcome.stderr, outcome.seconds < 5) == (Stop.CANCELLED, b"asked\n", True)
    (cell.cwd / "agent.py").write_text("import signal, time\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(50)")
    outcome = run_cell(ways["forked"], slow, grace_seconds=0.2)
    assert (outcome.stop, outcome.seconds < 5) == (Stop.TIMEOUT, True)


def test_a_zygote_that_dies_is_replaced(ways: dict[str, ProcessSandbox], cell: Cell) -> None:
    (cell.cwd / "agent.py").write_text("print('well')")
    asked = replace(cell, argv=(PYTHON, str(cell.cwd / "agent.py")))
    for _ in range(3):
        assert run_cell(ways["forked"], asked).stdout == b"well\n"
        for kept in zygotes._kept.idle.values():
            for each in kept:
                if each.process.poll() is None:
                    os.killpg(each.process.pid, signal.SIGKILL)
                    each.process.wait()
    while any(zygotes._kept.idle.values()):
        for kept in zygotes._kept.idle.values():
            while kept:
                kept.pop().end()


def test_the_number_of_one_that_ended_is_spared_no_more(ways: dict[str, ProcessSandbox], cell: Cell) -> None:
    """A process that bears it later may be one that a module left behind."""
    (cell.cwd / "program.py").write_text("print(1)")
    both(ways, cell, "program.py")
    numbers = {each.process.pid for kept in zygotes._kept.idle.values() for each in kept}
    assert numbers <= orphans._known.spared
    zygotes.end()
    assert not numbers & orphans._known.spared


def test_memory_is_held_and_so_is_that_of_the_next(ways: dict[str, ProcessSandbox], cell: Cell) -> None:
    if not cgroups.holds("memory"):
        pytest.skip("this user may make no control groups")
    (cell.cwd / "agent.py").write_text("import sys\nheld = bytearray(b'x') * int(sys.argv[1])\nprint(len(held))")
    limits = Limits(seconds_max=30, memory_bytes_max=100 << 20)
    asked = replace(cell, limits=limits)
    for count, stop in ((200_000_000, Stop.MEMORY), (40_000_000, Stop.EXIT), (200_000_000, Stop.MEMORY)):
        outcome = run_cell(ways["forked"], replace(asked, argv=(PYTHON, str(cell.cwd / "agent.py"), str(count))))
        assert outcome.stop is stop, outcome


def test_a_python_without_what_it_takes_is_started(ways: dict[str, ProcessSandbox], cell: Cell, tmp_path: Path) -> None:
    """An interpreter in which no zygote comes up still runs its programs, and is soon left in peace."""
    (cell.cwd / "agent.py").write_text("print('started')")
    (cell.cwd / "ctypes.py").write_text("raise ImportError('not here')")
    env = {**cell.env, "PYTHONPATH": str(cell.cwd)}
    asked = replace(cell, argv=(PYTHON, str(cell.cwd / "agent.py")), env=env)
    for _ in range(3):
        assert run_cell(ways["forked"], asked).stdout == b"started\n"


def test_no_zygote_stays_when_tars_ends(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from tars.runner.cells import zygotes
from tars.runner.cells.spawn import run_cell
from tars.runner.sandboxes.process import ProcessSandbox
from tars.runner.values import Cell
zygotes.USES_MIN = 1
folder = Path(sys.argv[1])
(folder / "agent.py").write_text("print('well')")
sandbox = ProcessSandbox("process", ("bubblewrap",), folder)
cell = Cell((sys.argv[2], str(folder / "agent.py")), folder, {}, reads=(Path(sys.base_prefix),), writes=(folder,))
assert not sandbox.readiness().ready or run_cell(sandbox, cell).ok
print(*(each.process.pid for kept in zygotes._kept.idle.values() for each in kept))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), PYTHON], capture_output=True, check=True, text=True
    )
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
