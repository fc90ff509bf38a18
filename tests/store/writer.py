"""A process that writes to a store, for the tests of several processes and of killed ones.

`writer.py ROOT NAME COUNT PAUSE_SECONDS` makes COUNT transactions of two entries, a version and an object of its own
each, and prints the number of each, with its version's, once it is committed. A second object is the same for all
writers.
"""

import os
import sys
import time
from pathlib import Path

from tars.core.values import Digest
from tars.store import Leaf, ModuleState, open_store
from tars.store.versions import append_version


def main(root: Path, name: str, count: int, pause_seconds: float = 0.0) -> None:
    with open_store(root) as store:
        for number in range(count):
            own, common = f"{name} {number} ".encode() * 50, f"common {number}".encode()
            tree = store.objects.put_tree(
                {
                    "own": Leaf(store.objects.put(own), False, len(own)),
                    "common": Leaf(store.objects.put(common), False, len(common)),
                }
            )
            run = f"{name}-{number}"
            with store.transaction() as tx:
                tx.append("result", {"trees": [tree]}, subject=name, key=run, run=run)
                tx.append("note", {"n": number}, subject=name, run=run)
                state = ModuleState(name, "go", f"go_module.{name}", tree, Digest(""), tree)
                version = append_version(tx, [state], run=run)
            os.write(1, f"{number} {version()}\n".encode())
            time.sleep(pause_seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
