"""Repairing what can be repaired: a damaged or missing object whose content still exists somewhere else is put back.

Looked through are the project (which holds the work tree and the versions' folders) and the user's cache. A damaged
object is kept in `.tars/damaged/`, never thrown away. What cannot be restored is told by name.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ducktools.classbuilder.prefab import Prefab

from tars.core.values import Diagnostic, Digest, Json
from tars.store.copy import copy_and_hash
from tars.store.durable import told
from tars.store.materialise import PARTS, folder_of, module_folder
from tars.store.tree import encode
from tars.store.values import Leaf
from tars.store.verify import missing_and_damaged, verify
from tars.store.versions import states_of, versions

if TYPE_CHECKING:
    from tars.store.store import Store


class Repaired(Prefab, frozen=True):
    """The objects that are whole again, each with the file that its content was found in, and all that is still
    wrong."""

    restored: tuple[tuple[Digest, str], ...]
    remaining: tuple[Diagnostic, ...]


def repair(store: "Store", places: tuple[Path, ...], output: Path | None = None) -> Repaired:
    """Puts back every damaged or missing object whose content is found beneath `places`, and removes the versions'
    folders that differ from the store, since they are made again.

    Entries of the journal cannot be repaired; where some were lost at its end, what is left is taken as the whole from
    now on, and the loss stays in what is returned, this once.
    """
    told_before = verify(store, output)
    restored: list[tuple[Digest, str]] = []
    # A tree that is whole again may show that some of its files are not: hence again until nothing more is found.
    while wrong := missing_and_damaged(store):
        found = [*_rebuild_trees(store, set(wrong), output), *_find_files(store, set(wrong), places)]
        restored += found
        if not found:
            break
    if restored:
        with store.transaction() as tx:
            names: list[Json] = [*sorted({digest for digest, _ in restored})]
            tx.append("repair", {"objects": names})
    for digest in missing_and_damaged(store):
        _set_aside(store, digest)
    store.journal.accept_loss()
    lost = tuple(finding for finding in told_before if finding.code in ("S0001", "S0002"))
    rest = tuple(finding for finding in verify(store, output) if finding not in lost)
    return Repaired(tuple(restored), (*lost, *rest))


def _find_files(store: "Store", wrong: set[Digest], places: tuple[Path, ...]) -> Iterator[tuple[Digest, str]]:
    left = set(wrong)
    for path in _files(places, store.root / "objects", store.root / "damaged"):
        if not left:
            return
        try:
            with open(path, "rb") as file:
                digest = Digest(copy_and_hash(file.fileno(), None, 0)[0])
        except OSError:
            continue
        if digest in left and _put_back(store, digest, path):
            left.discard(digest)
            yield digest, str(path)


def _rebuild_trees(store: "Store", wrong: set[Digest], output: Path | None) -> Iterator[tuple[Digest, str]]:
    """Lists of files are made anew from the folders of the versions, where those are complete."""
    if output is None:
        return
    for known in versions(store):
        for name, state in states_of(store, known.number).items():
            for part in PARTS:
                digest: Digest = getattr(state, part)
                folder = folder_of(output, known.number) / "agents" / module_folder(name) / part
                if digest in wrong and folder.is_dir():
                    tree = {path.relative_to(folder).as_posix(): _leaf(path) for path in _files((folder,))}
                    rebuilt = store.tmp / f"object-tree-{os.getpid()}"
                    rebuilt.write_bytes(encode(tree))
                    if _put_back(store, digest, rebuilt):
                        wrong.discard(digest)
                        yield digest, str(folder)
                    rebuilt.unlink()


def _put_back(store: "Store", digest: Digest, source: Path) -> bool:
    _set_aside(store, digest)
    return store.objects.replace(digest, source)


def _set_aside(store: "Store", digest: Digest) -> None:
    """Moves a damaged object out of the way: where it stood, the same content may be stored again by any run."""
    place, kept = store.objects.path(digest), store.root / "damaged" / digest
    with told(f"keep the damaged object {digest}"):
        if place.exists():
            kept.parent.mkdir(exist_ok=True)
            os.replace(place, kept)
            store.objects.forget([digest])


def _leaf(path: Path) -> Leaf:
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        digest, size = copy_and_hash(file.fileno(), None, 0)
    return Leaf(Digest(digest), bool(status.st_mode & 0o100), size)


def _files(places: tuple[Path, ...], *but: Path) -> Iterator[Path]:
    """Every regular file beneath the places, links not followed."""
    left_out = {str(folder) for folder in but}
    for place in places:
        for folder, folders, names in os.walk(place):
            folders[:] = sorted(name for name in folders if os.path.join(folder, name) not in left_out)
            for name in sorted(names):
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    yield path
