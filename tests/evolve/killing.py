"""Kills evolutions at random moments, and looks whether each goes on to what it would have come to undisturbed.

`python tests/evolve/killing.py KILLS [FOLDER]`; the seed is printed. A session is killed and resumed until it ends,
then the next one begins, until there were so many kills. After each kill every candidate that was told of must be in
the journal, once, as it was told; in the end lineage, figures and the accepted candidate are those of the whole run.
"""

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tars.evolve.evolution import Evolution, evolve, unfinished
from tars.evolve.judging.accept import Terms
from tars.evolve.judging.metric import read_metric
from tars.evolve.records import CANDIDATE, ended, kept_of, sessions
from tars.evolve.searching.search import Settings, Tried
from tars.evolve.sources.source_subject import Given, open_source
from tars.store import open_store

TARGET = (
    "PLACE = 1.0  # tars: 0.0 .. 10.0\nSTART = None  # tars: slot\n\n\ndef find(case):\n"
    "    return {'place': shifted(PLACE), 'START': [PLACE]}\n\n\n"
    "# tars: evolve\ndef shifted(place):\n    return place + 0\n# tars: end\n"
)
METRIC = """DIRECTION = "maximize"
ENTRY = "find"


def score(case, answer):
    return 100 - abs(answer["place"] - 7.5)
"""
SETTINGS = Settings(seed=5, evaluations_max=48)
START_SECONDS, MOMENT_SECONDS = 1.0, 0.05
AHEAD = 12
"""A kill comes within the first after the start, or, mostly, a moment after up to so many more candidates are known."""


def session(folder: Path, tells: int) -> None:
    """A session, or the rest of one, from its opening to its end; each candidate is told when it is recorded."""
    with open_store(folder / ".tars") as store, tempfile.TemporaryDirectory(dir=folder) as scratch:
        metric = read_metric(str(folder / "metric.py"))
        subject, text = open_source(folder / "target.py", "find", metric, Path(scratch), Given(5))
        try:
            subject.prepare(SETTINGS.jobs)
            made = Evolution(store, subject, "target.py", text, SETTINGS, Terms(), {})
            for step in evolve(made, unfinished(store, "target.py")):
                if isinstance(step, Tried):
                    os.write(tells, f"{step.candidate.number} {step.candidate.score!r}\n".encode())
        finally:
            subject.close()


def started(folder: Path) -> tuple[int, int]:
    """The process of a session, and where it tells."""
    hears, tells = os.pipe()
    process = os.fork()
    if not process:
        os.close(hears)
        code = 1
        try:
            session(folder, tells)
            code = 0
        finally:
            os._exit(code)
    os.close(tells)
    return process, hears


def told(data: bytes) -> dict[int, str]:
    """The whole lines of what was told."""
    lines = data.decode().splitlines(keepends=True)
    pairs = (line.split() for line in lines if line.endswith("\n"))
    return {int(number): score for number, score in pairs}


def heard(hears: int, lines: int = 1 << 30) -> bytes:
    """What is told until there are so many lines, or the end."""
    data = b""
    while data.count(b"\n") < lines and (part := os.read(hears, 1 << 16)):
        data += part
    return data


def outcome(folder: Path) -> list[object]:
    """The lineage of the newest session, and how it ended."""
    with open_store(folder / ".tars") as store:
        newest = next(sessions(store))
        end = ended(store, newest)
        assert end is not None
        kept = kept_of(store, newest)
        lines = [(n, one.parents, one.producer, one.digest, one.figures.score) for n, one in sorted(kept.items())]
        return [lines, end["accepted"], end["score"]]


def fault_of(folder: Path, acknowledged: dict[int, str]) -> str:
    """What is missing, or there twice, after a kill."""
    with open_store(folder / ".tars") as store:
        newest = next(sessions(store), None)
        numbers = [] if newest is None else [one.key for one in store.entries(kind=CANDIDATE, run=newest.id)]
        kept = {} if newest is None else kept_of(store, newest)
    if len(set(numbers)) != len(numbers):
        return "a candidate was tried twice"
    lost = [n for n, score in acknowledged.items() if n and (n not in kept or repr(kept[n].figures.score) != score)]
    return f"candidate {lost[0]} was told of and is lost" if lost else ""


def main(kills: int, folder: Path) -> int:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    (folder / "target.py").write_text(TARGET)
    (folder / "metric.py").write_text(METRIC)
    process, hears = started(folder)
    heard(hears)
    os.waitpid(process, 0)
    whole = outcome(folder)
    done = ends = candidates = 0
    while done < kills:
        acknowledged: dict[int, str] = {}
        while True:
            process, hears = started(folder)
            data = b""
            if chance.random() < 0.1:
                time.sleep(chance.uniform(0, START_SECONDS))
            else:
                data = heard(hears, max(1, len(acknowledged) + chance.randint(0, AHEAD)))
                time.sleep(chance.expovariate(1 / MOMENT_SECONDS))
            if done < kills:
                os.kill(process, signal.SIGKILL)
            acknowledged |= told(data + heard(hears))
            os.close(hears)
            done += os.waitpid(process, 0)[1] == signal.SIGKILL
            fault = fault_of(folder, acknowledged)
            with open_store(folder / ".tars") as store:
                over = unfinished(store, "target.py") is None and bool(acknowledged)
            if fault:
                print(f"seed {seed}, after {done} kills: {fault}")
                return 1
            if over:
                break
            if done % 20 == 0:
                print(f"{done} kills, {candidates + len(acknowledged)} candidates", flush=True)
        if outcome(folder) != whole:
            print(f"seed {seed}, after {done} kills: a session came out otherwise than undisturbed")
            return 1
        ends, candidates = ends + 1, candidates + len(acknowledged) - 1
    print(f"{done} kills in {ends} sessions, {candidates} candidates: none lost, none tried twice, all ended alike"
          f" (seed {seed})")  # fmt: skip
    return 0


if __name__ == "__main__":
    count = int(sys.argv[1])
    if len(sys.argv) > 2:
        sys.exit(main(count, Path(sys.argv[2])))
    with tempfile.TemporaryDirectory() as scratch_folder:
        sys.exit(main(count, Path(scratch_folder)))
