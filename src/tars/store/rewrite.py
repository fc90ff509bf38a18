"""Replaces several files of the work tree: all of them or none, also where the machine stops in between.

A `rewrite-begun` entry names the old and the new contents before the first file is touched, a `rewrite-ended` entry
says that all were. Where the second is missing, whoever next holds the project's run lock puts back what was there.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blake3 import blake3

from tars.core.values import Digest, Json
from tars.store.beneath import read_beneath
from tars.store.values import Entry, Leaf, Tree

if TYPE_CHECKING:
    from tars.store.store import Store

BEGUN: Final = "rewrite-begun"
ENDED: Final = "rewrite-ended"


def rewrite(store: "Store", project: Path, old: Tree, new: Tree, *, subject: str, key: str = "") -> None:
    """Makes files that are as in `old` as they are in `new`, which has the same paths; the contents of both must be in
    the store. The caller holds the run lock. Whatever is raised, every file is as it was.

    Of one file nothing is recorded: it is replaced at once.
    """
    new = {path: leaf for path, leaf in new.items() if leaf.digest != old[path].digest}
    if len(new) > 1:
        files: list[Json] = [
            [path, old[path].digest, leaf.digest, leaf.executable, old[path].size] for path, leaf in new.items()
        ]
        objects: list[Json] = [digest for path, leaf in new.items() for digest in (old[path].digest, leaf.digest)]
        with store.transaction() as transaction:
            transaction.append(BEGUN, {"files": files, "objects": objects}, subject=subject, key=key)
    try:
        store.objects.restore_tree(new, project, durable=True)
    except BaseException:
        put_back(store, project)
        raise
    if len(new) > 1:
        _end(store, subject, key)


def is_open(store: "Store") -> bool:
    """Whether a rewriting was begun and has not ended."""
    return _begun(store) is not None


def put_back(store: "Store", project: Path) -> tuple[str, ...]:
    """Makes every file that is as a rewriting which never ended made it what it was before; their paths. What else such
    a file has become stays. The caller holds the run lock."""
    entry = _begun(store)
    if entry is None:
        return ()
    rows: Any = entry.body["files"]
    held = {
        path: Leaf(Digest(old), executable, size)
        for path, old, new, executable, size in rows
        if (found := read_beneath(project, path)) is not None and Digest(blake3(found[0]).hexdigest()) == new
    }
    store.objects.restore_tree(held, project, durable=True)
    _end(store, entry.subject, entry.key)
    return tuple(held)


def _begun(store: "Store") -> Entry | None:
    begun = store.latest(BEGUN)
    if begun is None:
        return None
    ended = store.latest(ENDED)
    return begun if ended is None or ended.number < begun.number else None


def _end(store: "Store", subject: str, key: str) -> None:
    with store.transaction() as transaction:
        transaction.append(ENDED, {}, subject=subject, key=key)
