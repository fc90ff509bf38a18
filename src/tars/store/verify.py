"""Checking all that the store holds: the journal's chain, every object's bytes, what entries name, and the links.

The codes: `S0001` the journal's file is damaged or has lost entries · `S0002` an entry is not what was committed ·
`S0003` an object's bytes are not its own · `S0004` an object that is needed is missing · `S0005` a file in `objects` is
no object · `S0006` a file of a version's folder is missing or changed.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blake3 import blake3

from tars.core.errors import CorruptError
from tars.core.values import Diagnostic, Digest, Severity
from tars.store.collect import objects_on_disk
from tars.store.copy import copy_and_hash
from tars.store.materialise import PARTS, files_of, folder_of, module_folder
from tars.store.retention import Retention
from tars.store.tree import is_digest, named_in
from tars.store.values import Leaf
from tars.store.versions import states_of, versions

if TYPE_CHECKING:
    from tars.store.store import Store

_REPAIR = "run `tarscli store repair`"
_BACKUP = "restore `.tars/journal.db` from a backup; the objects are not affected"


def verify(store: "Store", output: Path | None = None) -> tuple[Diagnostic, ...]:
    """Everything that is wrong, by name; empty where the store is sound. Reads every object, so it takes a while.

    With `output`, the versions' folders in it are compared with the objects as well. It changes nothing.
    """
    found = list(_check_journal(store))
    if any(finding.code in ("S0001", "S0002") for finding in found) and not _is_readable(store):
        return tuple(found)
    damaged = dict(_damaged_objects(store))
    found += _explain(store, damaged)
    if output is not None:
        found += _check_folders(store, output, damaged)
    return tuple(found)


def missing_and_damaged(store: "Store") -> dict[Digest, str]:
    """The objects that are needed but missing or damaged, and what is wrong with each."""
    damaged = dict(_damaged_objects(store))
    wrong = {}
    for digest, _, _ in _references(store, damaged):
        if digest in damaged:
            wrong[digest] = damaged[digest]
        elif not os.path.exists(store.objects.path(digest)):
            wrong[digest] = "is missing"
    return wrong


def _check_journal(store: "Store") -> Iterator[Diagnostic]:
    """The journal against itself: SQLite's own check, then numbers and digests along the chain."""
    try:
        for fault in store.journal.faults():
            yield _error("S0001", f"the journal {store.root / 'journal.db'}: {fault}", _BACKUP)
        for fault in store.journal.chain_faults():
            yield _error("S0002", fault, _BACKUP)
    except CorruptError as error:
        yield unreadable(error)


def unreadable(error: CorruptError) -> Diagnostic:
    """What verifying finds where the journal is missing, or so damaged that it cannot be read on."""
    return _error("S0001", error.message, _BACKUP)


def _is_readable(store: "Store") -> bool:
    try:
        for _ in store.entries():
            pass
    except CorruptError:
        return False
    return True


def _damaged_objects(store: "Store") -> Iterator[tuple[Digest, str]]:
    for digest, entry in objects_on_disk(store.root / "objects"):
        if not is_digest(digest) or not entry.is_file(follow_symlinks=False):
            yield digest, "is no object"
            continue
        try:
            with open(entry.path, "rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                actual = blake3(file.read()).hexdigest() if status.st_size < 1 << 20 else _hash(file.fileno())
        except FileNotFoundError:
            continue  # A collection beside us took it; if it was needed, that is found below.
        except OSError as error:
            yield digest, f"cannot be read: {error.strerror}"
            continue
        if actual != digest:
            # Not yet durable and torn by a power cut: put it again and it is replaced. Needed ones are told anyway.
            yield digest, f"is damaged: its {status.st_size} bytes have the digest {actual}"


def _hash(descriptor: int) -> str:
    return copy_and_hash(descriptor, None, 0)[0]


def _explain(store: "Store", damaged: Mapping[Digest, str]) -> Iterator[Diagnostic]:
    """What is wrong with objects, each with what it belongs to."""
    users: dict[Digest, list[str]] = {}
    missing: set[Digest] = set()
    for digest, owner, _ in _references(store, damaged):
        if digest in damaged:
            users.setdefault(digest, []).append(owner)
        elif digest not in missing and not os.path.exists(store.objects.path(digest)):
            missing.add(digest)
        if digest in missing:
            users.setdefault(digest, []).append(owner)
    for digest in sorted(missing):
        yield _error("S0004", f"object {digest} is missing; it is {_list(users[digest])}", _REPAIR)
    for digest, fault in sorted(damaged.items()):
        if digest in users:
            yield _error("S0003", f"object {digest} {fault}; it is {_list(users[digest])}", _REPAIR)
        elif not is_digest(digest):
            yield _warning("S0005", f"{store.objects.path(digest)} {fault}", "remove it; TARS did not make it")
        elif _is_sealed(store.objects.path(digest)):
            yield _warning("S0003", f"object {digest} {fault}; nothing needs it", "run `tarscli gc`")


def _is_sealed(path: Path) -> bool:
    """Whether the object was once durable; else it is only what a power cut left of an unfinished transaction."""
    try:
        return bool(os.stat(path).st_mode & 0o044)
    except FileNotFoundError:
        return False


def _references(store: "Store", damaged: Mapping[Digest, str]) -> Iterator[tuple[Digest, str, Leaf | None]]:
    """Every object that a live entry names, what it is there, and its leaf where it is a file of a tree."""
    retention = Retention(store)
    live = (row[0] for row in store.journal.rows() if retention.is_live(row))
    wanted = next(live, None)
    for entry in store.entries():
        if entry.number != wanted:
            continue
        wanted = next(live, None)
        owner = f"of {entry.subject}@{entry.key}" if entry.kind == "state" else f"named by entry {entry.number}"
        if entry.kind not in ("state", "version"):
            owner += f" ({entry.kind} {entry.subject})".rstrip()
        for digest in _listed(entry.body, "objects"):
            yield digest, f"an object {owner}", None
        for digest in _listed(entry.body, "trees"):
            part = next((f"{part} " for part in PARTS if entry.body.get(part) == digest), "")
            yield digest, f"the {part}tree {owner}", None
            if digest in damaged:
                continue
            try:
                tree = store.objects.tree(digest)
            except CorruptError:
                continue
            for path, leaf in tree.items():
                yield leaf.digest, f"{part}file {path!r} {owner}", leaf


def _listed(body: Mapping[str, Any], field: str) -> list[Digest]:
    return [Digest(digest) for digest in named_in(body, field) if is_digest(digest)]


def _check_folders(store: "Store", output: Path, damaged: Mapping[Digest, str]) -> Iterator[Diagnostic]:
    """The versions' folders against the objects; a version without a folder is fine, a folder without a file is not."""
    for known in versions(store):
        folder = folder_of(output, known.number)
        if known.pruned or not folder.is_dir():
            continue
        for name, state in states_of(store, known.number).items():
            home = folder / "agents" / module_folder(name)
            try:
                files = list(files_of(state, store.objects.tree))
            except CorruptError:
                continue  # Told of above.
            for path, leaf in files:
                fault = _fault_of_link(store, home / path, leaf, damaged)
                if fault:
                    hint = f"remove {folder}: it is made again from the store"
                    yield _error("S0006", f"{home / path} ({name}@v{known.number}) {fault}", hint)


def _fault_of_link(store: "Store", place: Path, leaf: Leaf, damaged: Mapping[Digest, str]) -> str:
    try:
        status = os.lstat(place)
        if leaf.digest in damaged:
            return ""
        if os.path.samestat(status, os.stat(store.objects.path(leaf.digest))):
            return ""
    except FileNotFoundError:
        return "" if os.path.lexists(place) else "is missing"
    if not place.is_file() or place.is_symlink():
        return "is no file any more"
    return "" if blake3(place.read_bytes()).hexdigest() == leaf.digest else "was changed"


def _list(owners: list[str]) -> str:
    shown = "; ".join(owners[:3])
    return shown if len(owners) <= 3 else f"{shown}; and {len(owners) - 3} more"


def _error(code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, hint=hint)


def _warning(code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, message, hint=hint)
