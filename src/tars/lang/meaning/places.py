"""Paths as a metascript writes them: made relative to the project, and kept inside it, symbolic links included."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from tars.lang.meaning.primitives import ProjectPath, Wrong

Look = Literal["file", "folder", "other", "missing"]

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
"""The largest metascript."""

_ODD: Final = re.compile(r"[\x00-\x1f\x7f\\]|^[~/]|^[A-Za-z]:|//|(?:^|/)\.{1,2}(?:/|$)|/$|^$")


class Places:
    """The project's folder, each path looked at once. Paths given and returned use `/` and are relative to it.

    `texts` are files as an editor has them, whatever is on the disk.
    """

    __slots__ = ("_inside", "_looks", "_root", "_texts", "project")

    def __init__(self, project: Path, texts: Mapping[str, str] = {}) -> None:
        self._texts = texts
        self.project = os.path.abspath(project)
        self._root = os.path.realpath(project)
        self._inside: dict[str, bool] = {"": True}
        self._looks: dict[str, Look] = dict.fromkeys(texts, "file")

    def relative(self, folder: str, text: str) -> str:
        """A path written in a file of `folder`, from the project's root; `.` is the root itself.

        Raises `Wrong` for one that leaves the project, also through a symbolic link, or that works on one system only.
        """
        if isinstance(text, ProjectPath):
            folder = ""
        path = f"{folder}/{text}" if folder else str(text)
        if _ODD.search(text):
            path = _plain(folder, text)
        if not self.is_inside(path):
            raise Wrong(
                f"`{text}` leads out of the project through a symbolic link",
                "copy what it leads to into the project",
                code="T0051",
            )
        return path

    def look(self, path: str) -> Look:
        """What is at a path, links followed."""
        found = self._looks.get(path)
        if found is None:
            try:
                mode = os.stat(f"{self.project}/{path}").st_mode
                found = "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"
            except (OSError, ValueError):
                found = "missing"
            self._looks[path] = found
        return found

    def is_inside(self, path: str) -> bool:
        """Whether the path, all links followed, is in the project. What does not exist yet counts where it would be."""
        known = self._inside.get(path)
        if known is None:
            parent, _, _ = path.rpartition("/")
            known = self.is_inside(parent)
            try:
                is_link = known and stat.S_ISLNK(os.lstat(f"{self.project}/{path}").st_mode)
            except (OSError, ValueError):
                is_link = False
            if is_link:
                real = os.path.realpath(f"{self.project}/{path}")
                known = real == self._root or real.startswith(self._root.rstrip(os.sep) + os.sep)
            self._inside[path] = known
        return known

    def read(self, path: str, bytes_max: int = FILE_BYTES_MAX) -> str:
        """The text of a file. Raises `Wrong` where it is none, is too large, or is not UTF-8."""
        if path in self._texts:
            return self._texts[path]
        data = self.read_bytes(path, bytes_max)
        try:
            return data.decode("utf-8-sig" if data[:3] == b"\xef\xbb\xbf" else "utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            hint = "save it as UTF-8" if b"\x00" not in data[:4096] else "it looks like a binary file"
            raise Wrong(f"`{path}` is not UTF-8 text (line {line})", hint, code="T0030") from None

    def read_bytes(self, path: str, bytes_max: int = FILE_BYTES_MAX) -> bytes:
        look = self.look(path)
        if look == "missing":
            raise Wrong(f"there is no file `{path}`", code="T0050")
        if look != "file":
            what = "a folder" if look == "folder" else "not a regular file"
            raise Wrong(f"`{path}` is {what}", "name a file in it" if look == "folder" else "", code="T0064")
        try:
            with open(f"{self.project}/{path}", "rb") as file:
                data = file.read(bytes_max + 1)
        except OSError as error:
            raise Wrong(f"`{path}` cannot be read: {error.strerror}", "check its permissions", code="T0050") from None
        if len(data) > bytes_max:
            raise Wrong(f"`{path}` is larger than {bytes_max // (1024 * 1024)} MB", code="T0064")
        return data


def _plain(folder: str, text: str) -> str:
    """The path without `.`, `..` and doubled slashes."""
    if not text:
        raise Wrong("the path is empty", "`.` is the metascript's own folder", code="T0034")
    if "\\" in text:
        raise Wrong("a path has `/` between its parts", f'write "{text.replace(chr(92), "/")}"', code="T0052")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise Wrong("a path cannot hold control characters", code="T0052")
    if text[0] in "/~" or re.match(r"[A-Za-z]:", text):
        hint = "write it relative to the metascript's folder; only what is in the project is the same on every machine"
        raise Wrong(f"`{text}` is not inside the project", hint, code="T0051")
    parts: list[str] = folder.split("/") if folder else []
    for part in text.split("/"):
        if part == "..":
            if not parts:
                raise Wrong(
                    f"`{text}` leaves the project", "move what it names into the project's folder", code="T0051"
                )
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or "."
