"""Which Go modules of the project a build may take in, from go.mod and go.work (https://go.dev/ref/mod)."""

import re
from collections.abc import Iterator
from typing import Final

from tars.runner.building.sources import joined, under, upward
from tars.runner.values import Source

_COMMENT: Final = re.compile(r"//[^\n]*")
_MODULE: Final = re.compile(r"^\s*module[\s(]+[\"`]?([^\s\"`)]+)", re.MULTILINE)
_USED: Final = re.compile(r"^\s*use\s*(?:\(([^)]*)\)|([^\n(]+))", re.MULTILINE)
_REPLACED: Final = re.compile(r"[\"`]?([^\s\"`(]+)[\"`]?(?:[ \t]+\S+)?[ \t]*=>[ \t]*(\"[^\"\n]+\"|`[^`\n]+`|\S+)")
_WORD: Final = re.compile(r"\"[^\"\n]+\"|`[^`\n]+`|\S+")


def files_beside(source: Source, folder: str, contents: bytes | None) -> tuple[str, ...]:
    """The files of all Go modules of the project that a package in the folder may import: its own, those that `replace`
    leads to, those of its workspace, and what was vendored.

    Where `contents` are given, those of a lone file, there are none unless it names one of these modules.
    """
    modules = _modules(source, folder)
    vendored = dict.fromkeys(joined(home, "vendor") for home in modules)
    if contents is not None:
        names = [name for ones in modules.values() for name in ones]
        for vendor in vendored:
            names += re.findall(r"^[^#\s]\S*", _text(source, joined(vendor, "modules.txt")), re.MULTILINE)
        if not any(mark + name.encode() in contents for name in names for mark in (b'"', b"`")):
            return ()
    return tuple(path for home in (*modules, *vendored) for path in under(source, home))


def _modules(source: Source, folder: str) -> dict[str, list[str]]:
    """The folders of the modules, each with the paths by which packages of it are imported."""
    found: dict[str, list[str]] = {}
    work = next((one for one in upward(folder) if joined(one, "go.work") in source.files), None)
    home = next((one for one in upward(folder) if joined(one, "go.mod") in source.files), None)
    waiting = [home] if home is not None else []
    if work is not None:
        text = _text(source, joined(work, "go.work"))
        used = [_plain(word) for match in _USED.finditer(text) for word in _WORD.findall(match[1] or match[2])]
        for name, path in _replaced(text, work):
            found.setdefault(path, []).append(name)
        waiting += [*(_place(work, path) for path in used), *found]
    seen: set[str] = set()
    while waiting:
        current = waiting.pop()
        if current in seen or current.startswith(".."):
            continue
        seen.add(current)
        text = _text(source, joined(current, "go.mod"))
        found.setdefault(current, []).extend(_MODULE.findall(text))
        for name, path in _replaced(text, current):
            found.setdefault(path, []).append(name)
            waiting.append(path)
    return {path: names for path, names in found.items() if not path.startswith("..")}


def _replaced(text: str, folder: str) -> Iterator[tuple[str, str]]:
    """The names of modules that are taken from a folder, and its path."""
    for name, word in _REPLACED.findall(text):
        if (path := _plain(word)).startswith("."):
            yield name, _place(folder, path)


def _place(folder: str, path: str) -> str:
    place = joined(folder, path)
    return "" if place == "." else place


def _plain(word: str) -> str:
    return word.strip('"`')


def _text(source: Source, path: str) -> str:
    """Without its comments; empty where there is no such file."""
    return _COMMENT.sub("", source.files[path].decode("utf-8", "replace")) if path in source.files else ""
