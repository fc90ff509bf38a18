"""What a build made, as it is kept: in the project's `.tars/cache/build/<key>/`, and in the user's cache.

Beside the files stand `build.log` and `build.json`, which notes each file's digest, size and times. A file whose size
and times are as noted is taken to be intact; another is read again.
"""

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from blake3 import blake3

from tars.core.errors import CorruptError, StoreError
from tars.store.shared import Shared

FORMAT: Final = 1
NOTE: Final = "build.json"
LOG: Final = "build.log"


def is_intact(place: Path, key: str) -> bool:
    """Whether the folder holds what a build of this key made, unchanged."""
    try:
        note = json.loads((place / NOTE).read_bytes())
        if note["format"] != FORMAT or note["key"] != key:
            return False
        stale = False
        for name, (digest, *noted) in note["files"].items():
            path = os.path.join(place, name)
            signature = _signature(path)
            if signature != noted:
                if signature[-1] != noted[-1] or content_digest(path) != digest:
                    return False
                stale = True
        if stale:
            _write_note(place, key, {name: row[0] for name, row in note["files"].items()}, note["seconds"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def restore(shared: Shared, key: str, place: Path) -> bool:
    """Take a build from the user's cache, if it holds one that is intact."""
    held = shared.get(key)
    if held is None:
        return False
    folder = place.parent / f".{key[:16]}.{os.getpid()}.{os.urandom(4).hex()}"
    try:
        held.restore_all(folder)
        digests = {path: str(leaf.digest) for path, leaf in held.tree.items() if path != LOG}
        _write_note(folder, key, digests, held.meta.get("seconds", 0.0))
        _move_in(folder, place)
    except CorruptError:
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return True


def keep(
    shared: Shared, key: str, folder: Path, place: Path, *, keeps: Sequence[str], log: bytes, seconds: float
) -> None:
    """Put what a build made in `folder` in place and into the user's cache: only `keeps` and the log."""
    kept = folder.with_name(folder.name + ".kept")
    try:
        kept.mkdir()
        for name in keeps:
            (kept / name).parent.mkdir(parents=True, exist_ok=True)
            os.rename(folder / name, kept / name)
        files = {path.relative_to(kept).as_posix(): path for path in sorted(kept.rglob("*")) if path.is_file()}
        digests = {name: content_digest(str(path)) for name, path in files.items()}
        (kept / LOG).write_bytes(log)
        with suppress(StoreError):  # A cache that cannot be written costs time, never a build.
            shared.put(key, {**files, LOG: kept / LOG}, {"seconds": seconds, "exit_code": 0})
        _write_note(kept, key, digests, seconds)
        _move_in(kept, place)
    finally:
        shutil.rmtree(kept, ignore_errors=True)


def content_digest(path: str) -> str:
    return blake3(max_threads=1).update_mmap(path).hexdigest()


def _move_in(folder: Path, place: Path) -> None:
    """Rename the folder into place. Where another process was faster, its result, which is equal, stands."""
    try:
        os.rename(folder, place)
    except OSError:
        note = json.loads((folder / NOTE).read_bytes())
        if is_intact(place, note["key"]):
            return
        damaged = folder.with_name(folder.name + ".damaged")
        os.rename(place, damaged)
        os.rename(folder, place)
        shutil.rmtree(damaged, ignore_errors=True)


def _write_note(folder: Path, key: str, digests: dict[str, str], seconds: object) -> None:
    rows = {name: [digest, *_signature(os.path.join(folder, name))] for name, digest in digests.items()}
    note = {"format": FORMAT, "key": key, "seconds": seconds, "exit_code": 0, "files": rows}
    temporary = folder / f".{NOTE}.{os.getpid()}.{os.urandom(4).hex()}"
    temporary.write_text(json.dumps(note), encoding="utf-8")
    os.replace(temporary, folder / NOTE)


def _signature(path: str) -> list[int]:
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode & 0o111]
