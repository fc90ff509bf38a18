"""What the harness of an evolution costs for one candidate: planning, isolation, scoring and the journal together.

The evaluator is next to nothing, so what is left is the harness. Goal: at most 8 ms for each of 1,000 candidates on an
idle core, at most 1.2 times that for each of 10,000 (`--candidates 10000`), and at most 3 KB and one object for each.
"""

import argparse
import os
import resource
import sys
import time
from pathlib import Path

from _measure import machine, scratch

from tars.evolve.metric import read_metric
from tars.evolve.records import begin, entries_of
from tars.evolve.search import Search, Settings, Tried
from tars.evolve.source_subject import Given, open_source
from tars.store import open_store

MILLISECONDS_MAX = 8.0
GROWTH_MAX = 1.2
BYTES_MAX = 3000
TARGET = "# tars: evolve\ndef find(case):\n    return 3 + 4 * 5 - 6\n# tars: end\n"
METRIC = 'DIRECTION = "maximize"\nENTRY = "find"\n\n\ndef score(case, answer):\n    return -abs(answer - 1e6)\n'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=1000)
    count = parser.parse_args().candidates
    with scratch("evolve") as root:
        (root / "target.py").write_text(TARGET)
        (root / "metric.py").write_text(METRIC)
        marks, size = measured(root, count)
    tenth = max(1, len(marks) // 10)
    first = cost(marks[: tenth + 1])
    last = cost(marks[-tenth - 1 :])
    all_ = cost(marks)
    print(f"{len(marks) - 1} candidates, one worker ({machine()}): wall ms, and ms of processor time of all processes")
    for name, (wall, cpu) in (("first tenth", first), ("last tenth", last), ("all", all_)):
        print(f"  {name:12}{wall:8.2f}{cpu:8.2f}")
    print(f"  bytes each  {size:8.0f}")
    met = all_[1] <= MILLISECONDS_MAX and last[1] <= GROWTH_MAX * first[1] and size <= BYTES_MAX
    goal = f"goal <= {MILLISECONDS_MAX:g} ms, growth <= {GROWTH_MAX:g}, <= {BYTES_MAX} bytes"
    print(f"  {goal}: {'met' if met else 'NOT MET'}")
    return 0 if met else 1


def measured(root: Path, count: int) -> tuple[list[tuple[float, float]], float]:
    """Wall and processor seconds when each candidate was known, and the bytes that one costs in the journal."""
    subject, text = open_source(
        root / "target.py", "find", read_metric(str(root / "metric.py")), root / "jails", Given(seed=1)
    )  # fmt: skip
    marks: list[tuple[float, float]] = []
    try:
        subject.prepare(1)
        with open_store(root / ".tars") as store:
            session = begin(store, "target.py", {}, subject.guarded(), text)
            settings = Settings(1, 1, count, 3600.0)
            for step in Search(subject, session, settings, store).run():
                if isinstance(step, Tried):
                    marks.append((time.monotonic(), processor_seconds()))
            sizes = [
                store.objects.size(str(entry.body["objects"][0])) + len(str(entry.body))  # type: ignore[arg-type, index]
                for entry in entries_of(store, session, "evolve-candidate")
            ]
    finally:
        subject.close()
    return marks, sum(sizes) / len(sizes)


def processor_seconds() -> float:
    """Of this process and of the living workers below it, with all that they waited for."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    total = usage.ru_utime + usage.ru_stime
    ticks = os.sysconf("SC_CLK_TCK")
    waiting = [os.getpid()]
    while waiting:
        each = waiting.pop()
        try:
            children = [
                int(one)
                for task in os.listdir(f"/proc/{each}/task")
                for one in Path(f"/proc/{each}/task/{task}/children").read_text().split()
            ]
            if each != os.getpid():
                fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
                total += sum(map(int, fields[11:15])) / ticks
        except OSError:
            continue
        waiting += children
    return total


def cost(marks: list[tuple[float, float]]) -> tuple[float, float]:
    """Milliseconds for each candidate: wall, processor."""
    count = max(1, len(marks) - 1)
    return tuple(1000 * (marks[-1][part] - marks[0][part]) / count for part in (0, 1))  # type: ignore[return-value]


if __name__ == "__main__":
    sys.exit(main())
