"""What a module's start costs: `run_cell` without and with each sandbox beside bare ways to start a process.

Run it as `python benchmarks/sandbox_start.py [--rounds N] [--json]`. All take turns within each round. The goals:
200 no-op cells on two threads at most as long as a bare asyncio loop of concurrency two; at most 5 ms added to a cell's
median by the `process` sandbox on an otherwise idle machine, with a module's limit on processes too, by bubblewrap,
which starts the first commands, and by berths, which are ready from the ninth on; and a Python agent that is forked
from a warm interpreter there answers first in less than 5 ms, beside one that is started.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from ducktools.classbuilder.prefab import replace

from tars.runner.cells import berths, zygotes
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import Sandbox
from tars.runner.sandboxes.none import PLUGIN as NONE
from tars.runner.sandboxes.process import MECHANISMS, ProcessSandbox
from tars.runner.values import Cell, Limits

CELLS = 200
ADDED_MILLISECONDS_MAX = 5.0
ANSWER_MILLISECONDS_MAX = 5.0
ANSWER = "import time\nprint(time.monotonic())\n"
TRUE = "/bin/true" if os.path.exists("/bin/true") else "/usr/bin/true"
FLOOD_BYTES = 1_000_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cell = Cell((TRUE,), Path(folder), dict(os.environ), writes=(Path(folder),))
        limited = replace(cell, limits=Limits(processes_max=1024))
        cache = Path(folder, "cache")
        sandboxes = {each: ProcessSandbox(each, (each,), cache, warm=False) for each in MECHANISMS}
        sandboxes = {"berth": ProcessSandbox("berth", ("bubblewrap",), cache), **sandboxes}
        ready: dict[str, Sandbox] = {name: each for name, each in sandboxes.items() if each.readiness().ready}
        loops: dict[str, Callable[[], object]] = {
            "asyncio loop of two": lambda: asyncio.run(bare_loop(cell)),
            "run_cell on two threads": lambda: two_threads(cell),
        }
        single: dict[str, Callable[[], object]] = {
            "posix_spawn": lambda: os.waitpid(os.posix_spawn(TRUE, [TRUE], cell.env), 0),
            "subprocess.run": lambda: subprocess.run([TRUE], stdin=subprocess.DEVNULL, check=True),
            "none": lambda: run_cell(NONE, cell),
            **{name: partial(run_cell, each, cell) for name, each in ready.items()},
            "none, limited": lambda: run_cell(NONE, limited),
            **{f"{name}, limited": partial(run_cell, each, limited) for name, each in ready.items()},
        }
        whole = interleaved(loops, options.rounds)
        starts = interleaved(single, options.rounds * 10)
        flood = flood_rate(Path(folder))
        answers = first_answers(Path(folder), options.rounds * 10) if "bubblewrap" in ready else {}
    ratio = whole["run_cell on two threads"] / whole["asyncio loop of two"]
    added = {name: (starts[name] - starts["none"]) * 1000 for name in ready}
    added |= {f"{name}, limited": (starts[f"{name}, limited"] - starts["none"]) * 1000 for name in ready}
    if options.json:
        figures = {"seconds_for_200": whole, "milliseconds": {name: each * 1000 for name, each in starts.items()}}
        figures["answers"] = answers
        print(json.dumps({"benchmark": "sandbox_start", "ratio": ratio, "added": added, "flood": flood, **figures}))
    else:
        for name, seconds in whole.items():
            print(f"{CELLS} no-op cells, {name:26} {seconds:7.3f} s")
        print(f"ratio {ratio:.2f} (goal: at most 1)")
        for name, seconds in starts.items():
            print(f"one start, {name:20} {seconds * 1000:7.2f} ms")
        for name, milliseconds in added.items():
            goal = "" if name.startswith("landlock") else f" (goal: at most {ADDED_MILLISECONDS_MAX:g})"
            print(f"added by {name:20} {milliseconds:7.2f} ms{goal}")
        for name, milliseconds in answers.items():
            print(f"first answer of a Python agent, {name:8} {milliseconds:7.2f} ms (goal if forked: below 5)")
        print(f"1 GB of output through run_cell: {flood / 1e6:.0f} MB/s (goal: at least 500)")
    first = max((each for name, each in added.items() if not name.startswith("landlock")), default=0.0)
    answered = answers.get("forked", 0.0) < ANSWER_MILLISECONDS_MAX
    return 0 if ratio <= 1 and first <= ADDED_MILLISECONDS_MAX and answered and flood >= 500e6 else 1


def first_answers(folder: Path, rounds: int) -> dict[str, float]:
    """The median milliseconds from `run_cell` to the first thing that a confined Python agent does."""
    (folder / "agent.py").write_text(ANSWER)
    python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    reads, limits = (Path(sys.base_prefix),), Limits(processes_max=1024)
    cell = Cell((python, str(folder / "agent.py")), folder, {"HOME": str(folder)}, limits, reads, (folder,))
    sandboxes = {
        name: ProcessSandbox(name, ("bubblewrap",), folder / "cache", warm=name == "forked")
        for name in ("started", "forked")
    }
    times: dict[str, list[float]] = {name: [] for name in sandboxes}
    for turn in range(rounds + 3):
        for name, sandbox in sandboxes.items():
            began = time.monotonic()
            outcome = run_cell(sandbox, cell)
            if turn >= 3:
                times[name].append((float(outcome.stdout) - began) * 1000)
    zygotes.end()
    berths.end()
    return {name: statistics.median(values) for name, values in times.items()}


async def bare_loop(cell: Cell) -> None:
    """The least that a runner built on asyncio does: start, wait, two at a time, with nothing read or kept."""
    room = asyncio.Semaphore(2)

    async def one() -> None:
        async with room:
            process = await asyncio.create_subprocess_exec(*cell.argv, cwd=cell.cwd, env=cell.env)
            await process.wait()

    await asyncio.gather(*(one() for _ in range(CELLS)))


def two_threads(cell: Cell) -> None:
    with ThreadPoolExecutor(2) as pool:
        for outcome in pool.map(lambda _: run_cell(NONE, cell), range(CELLS)):
            assert outcome.ok, outcome


def interleaved(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each way, all of them taking turns, after some rounds that are not counted."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    uncounted = 1 if rounds < 20 else 2 * berths.USES_MIN
    for turn in range(rounds + uncounted):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if turn >= uncounted:
                times[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in times.items()}


def flood_rate(folder: Path) -> float:
    """Bytes of output that pass in a second, most of them counted and dropped."""
    cell = Cell(("/usr/bin/head", "-c", str(FLOOD_BYTES), "/dev/zero"), folder, {})
    outcome = run_cell(NONE, cell)
    assert outcome.ok
    return FLOOD_BYTES / outcome.seconds


if __name__ == "__main__":
    sys.exit(main())
