"""The files of a source as one text: what a candidate is. One file is its own text; several are joined in one.

Each of several begins with a NUL character, which no source holds; then come its path relative to the project, the end
of the line, and its text. So one digest, one patch and one line of parents hold for all files together.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

ALONE: Final = ""
"""The path under which a source of one file is found."""
_MARK: Final = "\0"


def as_text(files: Mapping[str, str]) -> str:
    """The inverse of `files_in`; equal files give equal texts."""
    if tuple(files) == (ALONE,):
        return files[ALONE]
    assert not any(_MARK in path + text or "\n" in path for path, text in files.items())
    return "".join(f"{_MARK}{path}\n{files[path]}" for path in sorted(files))


@lru_cache(maxsize=1024)
def files_in(text: str) -> Mapping[str, str]:
    """The texts by path, sorted; that of a source of one file under `ALONE`."""
    if not text.startswith(_MARK):
        return MappingProxyType({ALONE: text})
    parts = (part.partition("\n") for part in text[1:].split(_MARK))
    return MappingProxyType({path: rest for path, _, rest in parts})


def texts_at(text: str, target: str) -> Mapping[str, str]:
    """The texts by path relative to the project, where `target` is the path of a source of one file."""
    found = files_in(text)
    return {target: found[ALONE]} if ALONE in found else found


def legible(text: str) -> str:
    """The text for people and models: several files with a line above each."""
    found = files_in(text)
    return text if ALONE in found else "\n".join(f"==> {path} <==\n{each}" for path, each in found.items())
