"""What the harness of an evolution costs for one candidate, beside OpenEvolve on the same evaluator.

The evaluator is next to nothing, so what is left is the harness: planning, isolation, scoring and the journal. Goal: at
most 8 ms for each of 1,000 candidates, at most 1.2 times that for each of 10,000 (`--candidates 10000`), and at most
3 KB and one object for each. OpenEvolve takes part where `--peer PYTHON` names a Python that has it (`pip install
openevolve` in an environment of its own): its model is a server on loopback that changes one number a call. TARS is
measured with operators of its own, and once with that server as its model. `--files N` also measures a package of
N files, half of which may change.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _measure import machine, scratch

from tars.evolve.judging.metric import read_metric
from tars.evolve.records import CANDIDATE, begin, entries_of
from tars.evolve.searching.search import Search, Settings, Tried
from tars.evolve.sources.source_subject import Given, open_source
from tars.infer.ask import ModelChoice, open_asker
from tars.infer.budget import Budget
from tars.store import open_store

MILLISECONDS_MAX = 8.0
GROWTH_MAX = 1.2
BYTES_MAX = 3000
TARGET = (
    "STEP = 1.5  # tars: 0.0 .. 9.0\nPLACE = 2.5  # tars: 0.0 .. 9.0\n\n\n"
    "# EVOLVE-BLOCK-START\ndef find(case=None):\n    return STEP * 4 * 5 - 6 + PLACE\n# EVOLVE-BLOCK-END\n"
)
METRIC = 'DIRECTION = "maximize"\nENTRY = "find"\n\n\ndef score(case, answer):\n    return -abs(answer - 1e6)\n'
EVALUATOR = (
    "def evaluate(path):\n    names = {}\n    exec(compile(open(path).read(), path, 'exec'), names)\n"
    "    return {'combined_score': -abs(names['find']() - 1e6)}\n"
)
CONFIG = """max_iterations: {count}
random_seed: 7
diff_based_evolution: true
log_level: ERROR
llm: {{api_base: "{url}", api_key: none, models: [{{name: fake, weight: 1.0}}]}}
evaluator: {{parallel_evaluations: 1, cascade_evaluation: false, timeout: 30}}
"""
SHORT = 20
"""What is subtracted of OpenEvolve is a run of so many iterations: what it takes to start."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=1000)
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has openevolve")
    parser.add_argument("--files", type=int, default=0, help="also a package of so many files")
    parser.add_argument("--inside", choices=("own", "model", "package"), help=argparse.SUPPRESS)
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    count = given.candidates
    if given.inside:
        with scratch("evolve") as root:
            files = given.files if given.inside == "package" else 0
            print(json.dumps(measured(root, count, given.url if given.inside == "model" else "", files)))
        return 0
    print(f"{count} candidates, one worker ({machine()}): ms each")
    print(f"  {'':28}{'wall':>8}{'CPU':>8}{'last tenth':>12}{'MB':>6}{'KB on disk':>12}")
    own = ours("own", count)
    met = own["wall"] <= MILLISECONDS_MAX and own["last"] <= GROWTH_MAX * own["wall"] and own["bytes"] <= BYTES_MAX
    if given.files:
        ours("package", count, files=given.files)
    if given.peer:
        with served() as url:
            ours("model", count, url)
            theirs(given.peer, count, url)
    goal = f"goal <= {MILLISECONDS_MAX:g} ms, growth <= {GROWTH_MAX:g}, <= {BYTES_MAX} bytes"
    print(f"  {goal}: {'met' if met else 'NOT MET'}")
    return 0 if met else 1


def ours(kind: str, count: int, url: str = "", files: int = 0) -> dict[str, float]:
    words = [
        sys.executable,
        __file__,
        "--inside",
        kind,
        "--candidates",
        str(count),
        "--url",
        url,
        "--files",
        str(files),
    ]
    found: dict[str, float] = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
    name = {"own": "TARS, its own operators", "model": "TARS, asking the server"}.get(kind, f"TARS, {files} files")
    print(f"  {name:28}{found['wall']:8.2f}{found['cpu']:8.2f}{found['last']:12.2f}{found['mb']:6.0f}"
          f"{found['bytes'] / 1000:12.2f}")  # fmt: skip
    return found


def theirs(python: str, count: int, url: str) -> None:
    """OpenEvolve with its defaults, but for a single evaluator and no cascade; `SHORT` iterations are taken off."""
    took = []
    for each in (SHORT, count):
        with scratch("openevolve") as root:
            (root / "target.py").write_text(TARGET)
            (root / "evaluator.py").write_text(EVALUATOR)
            (root / "config.yaml").write_text(CONFIG.format(count=each, url=url))
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            words = [python, "-m", "openevolve.cli", "target.py", "evaluator.py", "--config", "config.yaml"]
            words += ["--iterations", str(each), "--output", "out"]
            done = subprocess.run(words, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            if done.returncode:
                raise SystemExit(f"Error: OpenEvolve failed\n{done.stdout.decode(errors='replace')[-2000:]}")
            wall = time.monotonic() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            size = sum(file.stat().st_size for file in root.rglob("*") if file.is_file())
            took.append((wall, cpu, after.ru_maxrss / 1024, size))
    each = (1000 / (count - SHORT)) * (took[1][0] - took[0][0]), (1000 / (count - SHORT)) * (took[1][1] - took[0][1])
    print(f"  {'OpenEvolve, no isolation':28}{each[0]:8.2f}{each[1]:8.2f}{'':12}{took[1][2]:6.0f}"
          f"{took[1][3] / 1000 / count:12.2f}")  # fmt: skip


def measured(root: Path, count: int, url: str, files: int) -> dict[str, float]:
    """What one candidate costs: milliseconds on the clock and of all processors, and bytes that stay."""
    target = package(root / "target", files) if files else root / "target.py"
    if not files:
        target.write_text(TARGET)
    (root / "metric.py").write_text(METRIC)
    metric = read_metric(str(root / "metric.py"))
    subject, text = open_source(target, "find", metric, root / "jails", Given(seed=1))
    ask: Any = None
    if url:
        plenty = Budget(requests_max=10**9, tokens_max=10**9, seconds_max=1e9)
        asker = open_asker(ModelChoice.parse(f"openai:fake@{url}"), budget=plenty)
        ask = lambda prompt, schema, seed: asker(prompt, schema, seed=seed)  # noqa: E731
    marks: list[tuple[float, float]] = []
    try:
        subject.prepare(1)
        with open_store(root / ".tars") as store:
            session = begin(store, "target.py", {}, subject.guarded(), text)
            settings = Settings(1, 1, count, 36000.0, producers=("model",) if url else ())
            for step in Search(subject, session, settings, store, ask=ask).run():
                if isinstance(step, Tried):
                    marks.append((time.monotonic(), processor_seconds()))
            entries = list(entries_of(store, session, CANDIDATE))
            objects = {str(entry.body["objects"][0]) for entry in entries}  # type: ignore[index]
            size = sum(store.objects.size(one) for one in objects) + sum(len(str(entry.body)) for entry in entries)  # type: ignore[arg-type]
    finally:
        subject.close()
    if len(marks) - 1 < count:
        raise SystemExit(f"Error: the search ended after {len(marks) - 1} candidates")
    wall, cpu = cost(marks)
    last = cost(marks[-max(1, count // 10) - 1 :])[0]
    mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall": wall, "cpu": cpu, "last": last, "mb": mb, "bytes": size / len(entries)}


def package(folder: Path, files: int) -> Path:
    """A package of which every second file is the target of the others' rows, and the rest what they import."""
    folder.mkdir()
    parts = range(files - 1)
    for part in parts:
        fixed = f"from . import part{part + 1}\n" if part + 1 in parts else ""
        text = TARGET if part % 2 else f'{fixed}TEXT = """{"what stays " * 400}"""\n'
        (folder / f"part{part}.py").write_text(text)
    imports = "".join(f"from . import part{part}\n" for part in parts)
    total = " + ".join(f"part{part}.find()" for part in parts if part % 2) or "0"
    (folder / "__init__.py").write_text(f"{imports}\n\ndef find(case=None):\n    return {total}\n")
    return folder


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


@contextmanager
def served() -> Iterator[str]:
    """The address of a server that speaks as OpenAI's does, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("_fake_model.py"))], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
