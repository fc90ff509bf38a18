"""A program for the tests: applies and takes back a patch in forked processes that are killed at chosen lines.

`crashing.py FOLDER ACT POINTS SEED` prints one line for each fault, and last how many points there are. ACT is `apply`
or `rollback`. Tried are all lines of the files that write, and POINTS of all that run, chosen by the seed.
"""

import os
import random
import shutil
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from tars.core.errors import TarsError
from tars.rust.patches import review
from tars.rust.patches.patch import between
from tars.rust.patches.review import Kept, Proof, State
from tars.store import open_store
from tars.store.rewrite import is_open, put_back

BEFORE = {"src/lib.rs": b"mod a;\r\nfn f() {}\r\n", "src/a.rs": b"\xef\xbb\xbf// a\n", "b.rs": b"\xff gone"}
AFTER = {"src/lib.rs": b"mod a;\r\nfn f() { }\r\n", "src/a.rs": b"\xef\xbb\xbf// b\n", "src/c/new.rs": b"new\n"}
MODES = {"src/lib.rs": 0o640, "src/a.rs": 0o755, "b.rs": 0o604}
WRITING = ("rewrite.py", "beneath.py")
READING = ("review.py", "transaction.py", "store.py", "journal.py", "objects.py", "copy.py", "durable.py")
PATCH = between(BEFORE, AFTER)
KEPT = Kept(PATCH, "", (), Proof(builds=True))
Where = tuple[str, int]


def make(folder: Path, act: str) -> None:
    """A project in which the patch is kept, and applied where it is to be taken back."""
    for path, data in BEFORE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        (folder / path).chmod(MODES[path])
    with open_store(folder / ".tars") as store:
        review.keep(store, KEPT)
        if act == "rollback":
            review.apply(store, folder, KEPT)


def perform(folder: Path, act: str) -> None:
    with open_store(folder / ".tars") as store:
        if act == "apply":
            review.apply(store, folder, KEPT)
        else:
            review.rollback(store, folder, KEPT)


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in folder.rglob("*")
        if path.is_file() and ".tars" not in path.parts
    }


def expected(contents: dict[str, bytes]) -> dict[str, tuple[bytes, int]]:
    return {path: (data, MODES.get(path, 0o644)) for path, data in contents.items()}


def traced(folder: Path, act: str, kill_at: int) -> list[Where]:
    """Runs the act in a forked process that is killed at the line of that number; returns the lines that ran (only
    where it is not killed)."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        lines: list[Where] = []

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            name = os.path.basename(frame.f_code.co_filename)
            if name not in WRITING + READING:
                return None
            if event == "line":
                if len(lines) == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)
                lines.append((name, frame.f_lineno))
            return trace

        sys.settrace(trace)
        perform(folder, act)
        sys.settrace(None)
        os.write(writer, "\n".join(f"{name} {line}" for name, line in lines).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read().decode()
    os.waitpid(child, 0)
    return [(line.split()[0], int(line.split()[1])) for line in told.splitlines()]


def faults(folder: Path, act: str) -> Iterator[str]:
    """What is wrong after the kill: with the files as the next command leaves them, then as a rollback does."""
    before, after = expected(BEFORE), expected(AFTER)
    with open_store(folder / ".tars") as store:
        was_open = is_open(store)
        put_back(store, folder)
        found, state = files(folder), review.state_of(store, PATCH.id)
        if found not in (before, after):
            yield f"half-way: {found}"
        if (found == after) != (state is State.APPLIED):
            yield f"the files are not as the state {state} says (interrupted: {was_open})"
        if was_open and found != (before if act == "apply" else after):
            yield "an interrupted act did not end with the bytes from before it"
        if is_open(store):
            yield "it is still open"
        try:
            review.rollback(store, folder, KEPT)
        except TarsError as error:
            if "never applied" not in error.message:
                yield f"{act}: {error.message}"
        if files(folder) != before:
            yield "a rollback does not give the bytes from before"


def points(lines: list[Where], chosen: int, seed: int) -> list[int]:
    """Each line of the files that write, at one of the times that it runs, and some of the others."""
    source = random.Random(seed)
    times: dict[Where, list[int]] = {}
    for number, where in enumerate(lines):
        times.setdefault(where, []).append(number)
    writing = {source.choice(numbers) for where, numbers in times.items() if where[0] in WRITING}
    return sorted(writing | set(source.sample(range(len(lines)), min(chosen, len(lines)))))


def main(folder: Path, act: str, chosen: int, seed: int) -> None:
    template = folder / "template"
    template.mkdir()
    make(template, act)

    def fresh(number: int) -> Path:
        place = folder / str(number)
        shutil.copytree(template, place)
        return place

    place = fresh(-1)
    lines = traced(place, act, -1)
    for fault in faults(place, act):
        print(f"never killed: {fault}")
    todo = points(lines, chosen, seed)
    for number in todo:
        place = fresh(number)
        traced(place, act, number)
        for fault in faults(place, act):
            print(f"killed at {lines[number]} ({number}, seed {seed}): {fault}")
        shutil.rmtree(place)
    print(f"{len(todo)} points")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
