"""What the power-loss test records: transactions on one store, each acknowledged on stdout once it is committed."""

import os
import sys
from pathlib import Path

from tars.store import Leaf, ModuleState, Store, open_store
from tars.store.collect import gc
from tars.store.retention import prune
from tars.store.versions import append_version


def transact(store: Store, number: int) -> None:
    """Three entries that belong together: two of its own and a version's state with the version."""
    count = 12 if number % 4 == 3 else 3
    contents = [f"object {number}/{index} ".encode() * (1 + 97 * index) for index in range(count)]
    tree = store.objects.put_tree(
        {f"src/{index}.txt": Leaf(store.objects.put(data), False, len(data)) for index, data in enumerate(contents)}
    )
    run = f"t{number}"
    with store.transaction() as tx:
        tx.append("result", {"trees": [tree], "count": count}, subject="alpha", key=f"k{number}", run=run)
        tx.append("note", {"text": "x" * (40 * number)}, run=run)
        append_version(tx, [ModuleState("alpha", "python", "python_module.alpha", tree, "", tree)], run=run)


def main(root: Path, transactions: int) -> None:
    store, other = open_store(root), open_store(root)
    for number in range(transactions):
        if number % 3 == 1:
            # Another process stores the same content and never commits: its name must not be trusted unsynced.
            other.objects.put(f"object {number}/0 ".encode())
        if number == transactions // 2:
            store.close()
            other.close()
            store, other = open_store(root), open_store(root)
        if number == transactions - 3:
            other.objects.put(b"garbage")
            prune(store, 3)
            gc(store, 0.0)
        transact(store, number)
        os.write(1, f"acknowledged {number}\n".encode())
    store.close()
    other.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
