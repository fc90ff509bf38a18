"""Finds the files that a crate consists of, from its root file on, also where the compiler cannot read them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute

ASSET_BYTES_MAX: Final = 64 << 20
_MODULE: Final = re.compile(rb"\bmod\s+(?:r#)?(?P<name>\w+)\s*(?P<end>[;{])")
_PATH: Final = re.compile(
    rb'#\s*\[\s*path\s*=\s*"([^"\n]+)"\s*\]\s*(?:#\s*\[[^\]]*\]\s*)*(?:\bpub\b(?:\s*\([^)]*\))?\s+)?\Z'
)
_ATTRIBUTES_BYTES_MAX: Final = 1000
_INCLUDE: Final = re.compile(rb'\binclude(?:_str|_bytes)?!\s*\(\s*"(?P<path>[^"\n]+)"')


class ModuleFiles(Prefab):
    """What a root file takes in. `above` tells that something of it lies outside the folder."""

    sources: dict[str, bytes] = attribute(default_factory=dict)
    """Rust files, by path relative to the folder."""
    assets: dict[str, bytes] = attribute(default_factory=dict)
    """Other files, taken in by `include_str!` and `include_bytes!`."""
    above: bool = False


def module_files(folder: Path, root: str) -> ModuleFiles:
    """The root file and those that it takes in by `mod name;`, `#[path]` and `include…!`, directly or not.

    It looks at the text and not at its meaning, so that it works on files that do not parse: a module in a comment is
    found too, where there is such a file.
    """
    found = ModuleFiles()
    waiting = [(root, root.rpartition("/")[0])]
    while waiting:
        path, inner = waiting.pop(0)
        data = _read(folder, path, found)
        if data is None or path in found.sources or path in found.assets:
            continue
        if not path.endswith(".rs"):
            found.assets[path] = data
            continue
        found.sources[path] = data
        waiting += _taken_in(data, path, inner)
    found.sources = dict(sorted(found.sources.items()))
    return found


def _taken_in(data: bytes, path: str, inner: str) -> Iterator[tuple[str, str]]:
    """Files that may exist, each with the folder in which its own modules are."""
    here = path.rpartition("/")[0]
    declared = list(_MODULE.finditer(data))
    inline = ["", *(one["name"].decode() for one in declared if one["end"] == b"{")]
    for one in declared:
        if one["end"] == b"{":
            continue
        before = data[max(0, one.start() - _ATTRIBUTES_BYTES_MAX) : one.start()]
        elsewhere = _PATH.search(before) if b"path" in before else None
        if elsewhere:
            file = _joined(here, elsewhere[1].decode("utf-8", "replace"))
            yield file, file.rpartition("/")[0]
            continue
        name = one["name"].decode()
        for outer in inline:
            place = _joined(inner, outer)
            yield _joined(place, f"{name}.rs"), _joined(place, name)
            yield _joined(place, f"{name}/mod.rs"), _joined(place, name)
    for one in _INCLUDE.finditer(data):
        file = _joined(here, one["path"].decode("utf-8", "replace"))
        yield file, file.rpartition("/")[0]


def _joined(folder: str, path: str) -> str:
    joined = os.path.normpath(os.path.join(folder, path)).replace(os.sep, "/")
    return "" if joined == "." else joined


def _read(folder: Path, path: str, found: ModuleFiles) -> bytes | None:
    place = folder / path
    if not place.is_file() or place.stat().st_size > ASSET_BYTES_MAX:
        return None
    if path.startswith(("../", "/")):
        found.above = found.above or path.startswith("../")
        return None
    try:
        return place.read_bytes()
    except OSError:
        return None
