"""The user-wide cache, shared by all projects and processes: built artifacts by content key, and prepared folders.

Everything in it can be made again, so it may be removed at any time. Layout, version 1, beneath the cache's root:
`builds-1/ab/<key>/` holds `meta.json` and the files (`files/…`); `<kind>-1/<key>/` is a prepared folder, complete only
where `<kind>-1/<key>.json` stands beside it. What is built carries its digests and is verified when restored, so it
needs no sync; a prepared folder does, and gets it before its marker is written.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import cast

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import CorruptError, StoreError
from tars.core.values import Digest, Json
from tars.store.copy import copy_and_hash, place, write_whole
from tars.store.durable import refusal, sync_file_system, sync_path, told
from tars.store.lock import Lock
from tars.store.tree import fault_of_path, is_digest
from tars.store.values import Leaf, Tree

FORMAT = 1
LOCK_SECONDS_MAX = 3600.0
_serial = count()


class SharedBuild(Prefab, frozen=True):
    """What the cache holds under a key: the files, and what was said of them when they were put."""

    key: str
    folder: Path
    tree: Tree
    meta: Mapping[str, Json] = attribute(default_factory=dict)

    def restore(self, path: str, to: Path) -> Leaf:
        """Writes a verified copy of the file `path` to `to`, at once. Raises `CorruptError` where it is damaged; the
        build is then dropped from the cache, so that the next look finds nothing and builds again."""
        leaf = self.tree[path]
        scratch = f"{to}.{os.getpid()}.{next(_serial)}.part"
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            with open(self.folder / "files" / path, "rb") as file:
                digest, _ = copy_and_hash(file.fileno(), scratch, 0o755 if leaf.executable else 0o644)
            if digest == leaf.digest:
                place(scratch, str(to))
                return leaf
            os.unlink(scratch)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise refusal(f"restore {to}", error) from error
        _remove(self.folder)
        raise CorruptError(
            f"the cached build {self.key} is damaged: {path!r} does not have the digest {leaf.digest}",
            hint="it was dropped from the cache; run again to build it anew",
        )

    def restore_all(self, folder: Path) -> None:
        """Writes verified copies of all files beneath `folder`."""
        for path in self.tree:
            self.restore(path, folder / path)


class Shared:
    """The cache at `root`, which is made where it is missing."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, key: str) -> SharedBuild | None:
        """What was put under the key, or None. A damaged record counts as none, and is removed."""
        folder = self._build(key)
        try:
            record = json.loads((folder / "meta.json").read_bytes())
            tree = {path: Leaf(Digest(row[0]), row[1], row[2]) for path, row in record["files"].items()}
            if any(fault_of_path(path) or not is_digest(leaf.digest) for path, leaf in tree.items()):
                raise ValueError("a hostile path")
            meta = record["meta"]
            os.utime(folder)
        except FileNotFoundError:
            if folder.exists():
                _remove(folder)  # It came here whole: somebody removed a part of it.
            return None
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            _remove(folder)
            return None
        except OSError as error:
            raise refusal(f"read the cache {folder}", error) from error
        return SharedBuild(key, folder, tree, meta)

    def put(self, key: str, files: Mapping[str, Path], meta: Mapping[str, Json] | None = None) -> SharedBuild:
        """Keeps copies of the files (path in the build → where the file is now) under the key, all at once.

        Where another process was faster with the same key, its build stands and is returned.
        """
        folder = self._build(key)
        scratch = self._scratch()
        with told(f"write to the cache {self.root}"):
            try:
                tree = {path: _keep(place_now, scratch / "files" / path, path) for path, place_now in files.items()}
                rows = {path: list(leaf) for path, leaf in tree.items()}
                record = {"format": FORMAT, "key": key, "files": rows, "meta": dict(meta or {})}
                write_whole(str(scratch / "meta.json"), json.dumps(record).encode(), 0o644)
                folder.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.rename(scratch, folder)
                except OSError:
                    standing = self.get(key)
                    if standing is None:
                        raise
                    return standing
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        return SharedBuild(key, folder, tree, dict(meta or {}))

    def folder(self, kind: str, key: str, make: Callable[[Path], None]) -> Path:
        """The folder that `make` fills, made once per kind and key: others who ask meanwhile wait for it.

        `make` is called with the folder's final, empty place, since what it makes (a virtual environment) may hold its
        own path. A folder left half made, because `make` raised or the machine stopped, is never returned but made
        again.
        """
        home = self.root / f"{_name(kind)}-{FORMAT}"
        folder, marker = home / _name(key), home / f"{_name(key)}.json"
        if _is_complete(folder, marker):
            return folder
        with self.locked(f"{kind}-{key}"):
            if _is_complete(folder, marker):
                return folder
            with told(f"make {folder}"):
                marker.unlink(missing_ok=True)
                if folder.exists():
                    shutil.rmtree(folder)
                folder.mkdir(parents=True)
            make(folder)
            with told(f"make {folder}"):
                sync_file_system(str(folder))
                scratch = self._scratch() / "marker"
                record = json.dumps({"format": FORMAT, "kind": kind, "key": key})
                write_whole(str(scratch), record.encode(), 0o644)
                os.replace(scratch, marker)
                scratch.parent.rmdir()
                sync_path(home)
        return folder

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Holds the lock of that name against all other processes and threads; waits for it."""
        locks = self.root / "locks"
        with told(f"write to the cache {self.root}"):
            locks.mkdir(parents=True, exist_ok=True)
        lock = Lock(locks / blake3(name.encode()).hexdigest()[:32])
        with lock.exclusive(seconds_max=LOCK_SECONDS_MAX) as had:
            if not had:
                raise StoreError(
                    f"another process has been making {name} for an hour", hint="see whether it hangs, and end it"
                )
            yield

    def _build(self, key: str) -> Path:
        name = _name(key)
        return self.root / f"builds-{FORMAT}" / name[:2] / name

    def _scratch(self) -> Path:
        scratch = self.root / "tmp" / f"{os.getpid()}-{next(_serial)}-{os.urandom(4).hex()}"
        with told(f"write to the cache {self.root}"):
            scratch.mkdir(parents=True)
        return scratch


def default_root(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's cache is: `$TARS_CACHE`, else the platform's place for caches."""
    if environment.get("TARS_CACHE"):
        return Path(environment["TARS_CACHE"]).expanduser().absolute()
    if environment.get("XDG_CACHE_HOME"):
        return Path(environment["XDG_CACHE_HOME"]).absolute() / "tars"
    if sys.platform == "darwin":
        return Path.home().absolute() / "Library" / "Caches" / "tars"
    if sys.platform == "win32" and environment.get("LOCALAPPDATA"):
        return Path(environment["LOCALAPPDATA"]) / "tars" / "cache"
    return Path.home().absolute() / ".cache" / "tars"


def _keep(source: Path, target: Path, path: str) -> Leaf:
    fault = fault_of_path(path)
    if fault:
        raise StoreError(f"cannot cache {path!r}: it {fault}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(source, "rb") as file:
        executable = bool(os.fstat(file.fileno()).st_mode & 0o100)
        digest, size = copy_and_hash(file.fileno(), str(target), 0o555 if executable else 0o444)
    return Leaf(Digest(digest), executable, size)


def _name(key: str) -> str:
    """The key as the name of a file: itself where that is safe, else its digest."""
    safe = key and len(key) <= 128 and key[0] != "." and all(c.isascii() and (c.isalnum() or c in "-_.") for c in key)
    return key if safe else blake3(key.encode()).hexdigest()


def _is_complete(folder: Path, marker: Path) -> bool:
    try:
        os.utime(marker, (time.time(), time.time()))
    except FileNotFoundError:
        return False
    except OSError as error:
        raise refusal(f"read the cache {folder}", error) from error
    return folder.is_dir()


def _remove(folder: Path) -> None:
    """Removes the folder; it first takes another name, so that nobody finds it half removed."""
    doomed = folder.with_name(f".gone-{os.getpid()}-{next(_serial)}")
    try:
        os.rename(folder, doomed)
    except OSError:
        return
    shutil.rmtree(cast(str, doomed), ignore_errors=True)
