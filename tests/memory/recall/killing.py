"""Kills a process that adds memories, at random moments, and looks each time whether all that it acknowledged is there.

`python tests/memory/recall/killing.py KILLS [FOLDER]`; the seed is printed.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tars.memory.recall.index import open_index
from tars.memory.recall.memories import add, remembered
from tars.memory.recall.search import ask
from tars.memory.recall.values import Question
from tars.store import open_store


def write(folder: Path, name: str) -> None:
    """Adds memories until it is killed; each id is printed when it was acknowledged."""
    with open_store(folder / ".tars") as store, open_index(store) as index:
        for number in range(1_000_000):
            id = f"{name}-{number}"
            add(store, [{"id": id, "text": f"memory {number} of writer {name}"}])
            sys.stdout.write(f"{id}\n")
            sys.stdout.flush()
            if number % 3 == 0:
                index.catch_up()


def main(kills: int, folder: Path) -> int:
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    acknowledged: set[str] = set()
    for turn in range(kills):
        process = subprocess.Popen(
            [sys.executable, __file__, "write", str(folder), f"w{turn}"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(chance.random() * 0.05)
        process.kill()
        lines = (first + process.stdout.read()).split("\n")
        process.wait()
        acknowledged |= set(lines[:-1])
        if turn % 20 == 19 or turn == kills - 1:
            with open_store(folder / ".tars") as store, open_index(store) as index:
                lost = acknowledged - set(remembered(store).memories)
                in_index = {row[0] for row in index.connection.execute("SELECT id FROM passages")}
                lost |= acknowledged - in_index
                faults = [row[0] for row in index.connection.execute("PRAGMA integrity_check")]
                index.connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
                ask(index, Question("memory of writer"))
            if lost or faults != ["ok"]:
                print(f"seed {seed}, after {turn + 1} kills: lost {sorted(lost)[:5]}, {faults}")
                return 1
    print(f"{kills} kills, {len(acknowledged)} acknowledged, none lost (seed {seed})")
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]), sys.argv[3])
    elif len(sys.argv) > 2:
        sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            sys.exit(main(int(sys.argv[1]), Path(scratch)))
