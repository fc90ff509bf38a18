"""Files that the compiler speaks of and that are nobody's to mend here, and what one can do instead."""

import os
import re
from pathlib import Path

from tars.rust.checking.workspace import FILE_BYTES_MAX, Target

_HEAD_BYTES = 400
_MADE = re.compile(r"/build/(?P<package>[^/]+)-[0-9a-f]{16}/out/(?P<path>.+)$")


def why_left(target: Target, path: str) -> str:
    """Why a file that does not build is not changed, and what to do; `path` is as the compiler names it."""
    place = target.folder / path
    if made := _MADE.search(path):
        return f"the build script of `{made['package']}` makes it: mend that"
    if os.path.isabs(path) and not place.is_relative_to(target.folder):
        package = next((one for one in place.parents if (one / "Cargo.toml").is_file()), None)
        if package is not None and "registry" not in package.parts and "checkouts" not in package.parts:
            return f"it is of the package in {package}: `tarscli rust fix {package}`"
        return "it is of a dependency: another version of it, in Cargo.toml, may build with this toolchain"
    if not place.is_file():
        return "it is made while building: mend what makes it"
    if place.stat().st_size > FILE_BYTES_MAX:
        return f"it has more than {FILE_BYTES_MAX >> 20} MiB, so a program wrote it: mend that"
    if b"@generated" in _head(place):
        return "it says that it is generated: mend what makes it"
    for folder in place.parents:
        if folder == target.folder:
            break
        if (folder / ".git").exists():
            return f"it is of a submodule: `tarscli rust fix {folder}` mends it there"
        if folder.is_symlink():
            return f"it lies behind the link {folder}, which is not followed: name what it leads to"
        if (folder / "Cargo.toml").is_file():
            return f"it is of a package that is not of this workspace: `tarscli rust fix {folder}`"
    return "it is not one of the files that are mended here"


def shown(path: str) -> str:
    """The path as a person knows it: what a build script makes lies in a folder of ours."""
    made = _MADE.search(path)
    return f"OUT_DIR/{made['path']}" if made else path


def links_out(target: Target) -> str:
    """A link in the crate that leads out of it, and so is not followed; empty where there is none."""
    for package in target.packages:
        folder = target.folder / package.folder
        for place in sorted(folder.iterdir()):
            if place.is_symlink() and not place.resolve().is_relative_to(target.folder):
                return f"{place} leads to {place.resolve()}, out of the crate, and is not followed: name that"
    return ""


def _head(place: Path) -> bytes:
    try:
        with place.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""
