"""`rust index`: reads a workspace into the project graph on disk; only files whose content is new are read again."""

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab

from tars.rust.checking.workspace import Target, read_files
from tars.rust.graph.items import FileItems, read_items
from tars.rust.graph.layout import missing_modules, seats
from tars.rust.graph.project import Project
from tars.rust.graph.reading import remember, remembered
from tars.rust.graph.std_index import std_index
from tars.rust.graph.stored import StateKey, contents, keep, known_contents, latest_files, opened, summaries
from tars.rust.syntax.source import SourceFile


class IndexReport(Prefab, frozen=True):
    """What an index holds, and what it took to make it."""

    key: StateKey
    files: int
    read: tuple[str, ...]
    """The files whose content was new."""
    gone: tuple[str, ...]
    """The files that the last index of this key had and that are no more."""
    bytes: int
    items: Mapping[str, int]
    """How many items of each kind: `fn`, `struct`, …"""
    imports: int
    implementations: int
    modules: int
    crates: tuple[str, ...]
    missing: tuple[str, ...]
    """`mod` declarations without a file, as `src/lib.rs: mod shapes`."""
    standard_items: int
    """The standard library's items that are known, from the toolchain's documentation."""
    documentation: bool
    """Whether that documentation is installed; without it only a short table is known."""
    seconds: float


class _Step(Prefab, frozen=True):
    """A workspace as it is now, and how it differs from the last time."""

    key: StateKey
    files: Mapping[str, bytes]
    digests: Mapping[str, str]
    new: Mapping[str, FileItems]
    read: tuple[str, ...]
    gone: tuple[str, ...]


def index_project(target: Target, cache: Path) -> IndexReport:
    """Brings the project graph in the folder `cache` (the project's `.tars/cache`) up to date, and reports.

    Raises what `read_files` raises for the user's files, `StoreError` where `cache` cannot be written.
    """
    begun = time.monotonic()
    with opened(cache) as connection:
        step = _renew(connection, target)
        known = summaries(connection)
    each = {path: known[digest] for path, digest in step.digests.items()}
    declared = {path: one.modules for path, one in each.items()}
    crates = crates_of(target)
    seated = seats(declared, crates)
    std = std_index()
    return IndexReport(
        key=step.key,
        files=len(step.files),
        read=step.read,
        gone=step.gone,
        bytes=sum(map(len, step.files.values())),
        items=dict(sorted(sum((Counter(one.kinds) for one in each.values()), Counter()).items())),
        imports=sum(one.imports for one in each.values()),
        implementations=sum(one.implementations for one in each.values()),
        modules=len(set(seated.values())),
        crates=tuple(sorted({crates.get(one.root, one.root) for one in seated.values()})),
        missing=tuple(f"{path}: mod {name}" for path, name in missing_modules(declared, seated)),
        standard_items=std.count,
        documentation=std.complete,
        seconds=time.monotonic() - begun,
    )


def read_project(target: Target, cache: Path) -> tuple[Project, Mapping[str, bytes]]:
    """The workspace's names and its files; the index in the folder `cache` is brought up to date for it."""
    with opened(cache) as connection:
        step = _renew(connection, target)
        known = {digest: remembered(bytes.fromhex(digest)) for digest in step.digests.values()}
        wanted = frozenset(digest for digest, items in known.items() if items is None)
        loaded = contents(connection, wanted)
    for digest, items in loaded.items():
        known[digest] = remember(bytes.fromhex(digest), items)
    found = {path: one for path, digest in step.digests.items() if (one := known[digest]) is not None}
    return Project(found, crates_of(target), std_index), step.files


def _renew(connection: sqlite3.Connection, target: Target) -> _Step:
    files = read_files(target)
    key = StateKey(commit_of(target.folder), target.edition, target.toolchain.version)
    digests = {path: blake3(data).hexdigest() for path, data in files.items()}
    before, known = latest_files(connection, key), known_contents(connection)
    fresh = {digest: path for path, digest in digests.items() if digest not in known}
    new = {digest: read_items(SourceFile(path, files[path])) for digest, path in fresh.items()}
    for digest, items in new.items():
        remember(bytes.fromhex(digest), items)
    if new or before != digests:
        keep(connection, key, digests, new)
    return _Step(key, files, digests, new, tuple(sorted(fresh.values())), tuple(sorted(before.keys() - digests.keys())))


def crates_of(target: Target) -> dict[str, str]:
    """The crate's name for each root file of the workspace, as `symbols_of` wants it."""
    found = {}
    for package in target.packages:
        for root in package.roots:
            name = package.name if root.endswith(("lib.rs", "main.rs")) else Path(root).stem
            found[root] = name.replace("-", "_")
    return found


def commit_of(folder: Path) -> str:
    """The commit that is checked out in the git repository that holds the folder; empty where there is none."""
    for place in (folder, *folder.parents):
        git = place / ".git"
        if git.is_file():  # A linked work tree or a submodule: the file names the real folder.
            named = re.match(r"gitdir: (.+)", _text(git))
            git = (place / named[1].strip()) if named else git
        if git.is_dir():
            return _head(git)
    return ""


def _head(git: Path) -> str:
    head = _text(git / "HEAD").strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    shared = _text(git / "commondir").strip()
    for place in (git, git / shared) if shared else (git,):
        found = _text(place / name).strip()
        packed = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", _text(place / "packed-refs"), re.MULTILINE)
        if found or packed:
            return found or (packed[1] if packed else "")
    return ""


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
