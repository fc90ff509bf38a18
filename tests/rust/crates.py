"""What the tests of the Rust engineer share: crates made from a few lines, and pictures of folders to compare."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from tars.runner.sandbox import choose
from tars.rust.checking.cargo import CargoChecker
from tars.rust.checking.warmth import Warmth
from tars.rust.checking.workspace import Target, find_target

Picture = dict[str, tuple[int, int, bytes]]


def write_crate(folder: Path, files: Mapping[str, str | bytes], manifest: str = "") -> Path:
    """Makes a crate of these files in the folder, named like it. A Cargo.toml is added where none is given; `manifest`
    goes on after its package's edition."""
    package = f'[package]\nname = "{folder.name}"\nversion = "0.1.0"\nedition = "2021"\n{manifest}'
    for path, content in {"Cargo.toml": package, **files}.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def checker(
    target: Target | Path, cache: Path, seconds_max: float = 120.0, warmth: Warmth | None = None
) -> CargoChecker:
    """A checker whose places are below `cache`, in the process sandbox of this machine."""
    if isinstance(target, Path):
        target = find_target(target)
    sandbox, _ = choose(("process",))
    return CargoChecker(target, sandbox, warmth=warmth, seconds_max=seconds_max, cache=cache)


def picture(folder: Path) -> Picture:
    """Everything below the folder: kind and rights, time of change, content or where a link leads."""
    found: Picture = {}
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place, name)
            status = path.lstat()
            content = b""
            if stat.S_ISLNK(status.st_mode):
                content = os.fsencode(os.readlink(path))
            elif stat.S_ISREG(status.st_mode):
                content = path.read_bytes()
            found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, content)
    return found
