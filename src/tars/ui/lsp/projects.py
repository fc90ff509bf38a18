"""The metascripts of one project as an editor sees them: as they stand in it, or as they are on the disk."""

import os
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from posixpath import join, normpath
from stat import S_ISREG
from typing import Final

from tars.lang.syntax import tree
from tars.ui.lsp.documents import Document
from tars.ui.lsp.names import included_path

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
FILES_MAX: Final = 1_000
"""More metascripts of a project are not looked through for references."""
ENTRIES_MAX: Final = 50_000
"""More files and folders are not looked through for metascripts: somebody's home folder may be the project."""
_DEPTH_MAX: Final = 6
_SKIPPED: Final = frozenset({"node_modules", "target", "output", "dist", "build", "venv", "__pycache__"})


class Project:
    """A project's folder. Paths are relative to it and use `/`."""

    def __init__(self, root: Path, encoding: str) -> None:
        self.root = root
        self.encoding = encoding
        self.open: dict[str, Document] = {}
        self._closed: dict[str, tuple[tuple[int, int], Document | None]] = {}

    def relative(self, path: Path) -> str | None:
        """The path from the project's root, or None where it is outside of it."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return None

    def document(self, path: str) -> Document | None:
        """The document at a path; None where there is none that can be read as text."""
        if path in self.open:
            return self.open[path]
        try:
            found = os.stat(self.root / path)
        except (OSError, ValueError):
            return None
        stamp = (found.st_mtime_ns, found.st_size)
        known = self._closed.get(path)
        if known is None or known[0] != stamp:
            is_text = S_ISREG(found.st_mode) and found.st_size <= FILE_BYTES_MAX
            known = self._closed[path] = (stamp, self._read(path) if is_text else None)
        return known[1]

    def _read(self, path: str) -> Document | None:
        try:
            text = (self.root / path).read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
        return Document(text, path, self.encoding)

    def texts(self) -> dict[str, str]:
        """The texts of the open documents."""
        return {path: document.text for path, document in self.open.items()}

    def includes(self, path: str) -> dict[str, str]:
        """The files that the document at a path includes, by namespace."""
        document = self.document(path)
        found: dict[str, str] = {}
        for piece in document.index.common if document else ():
            for item in piece.items:
                if isinstance(item, tree.Block) and item.type == "include":
                    written = included_path(item)
                    if written:
                        target = normpath(join(path.rpartition("/")[0], written))
                        name = _as(item) or written.rpartition("/")[2].removesuffix(".tars")
                        if not target.startswith(("../", "/")):
                            found.setdefault(name, target)
        return found

    def reach(self, path: str) -> dict[str, dict[str, str]]:
        """The document at a path and all that it includes, each with what it includes itself, by namespace."""
        found: dict[str, dict[str, str]] = {}
        waiting = [path]
        while waiting and len(found) < FILES_MAX:
            at = waiting.pop()
            if at not in found:
                found[at] = self.includes(at)
                waiting.extend(found[at].values())
        return found

    def metascripts(self) -> list[str]:
        """All metascripts of the project that are open or on the disk, sorted."""
        return sorted({*self.open, *self._on_disk()})

    def _on_disk(self) -> Iterator[str]:
        """The metascripts on the disk, those in outer folders first."""
        waiting = deque([("", 1)])
        files = entries = 0
        while waiting and files < FILES_MAX and entries < ENTRIES_MAX:
            folder, depth = waiting.popleft()
            try:
                with os.scandir(self.root / folder) as found:
                    inside = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in islice(found, ENTRIES_MAX)]
            except OSError:
                continue
            entries += len(inside)
            for name, is_folder in inside:
                path = f"{folder}/{name}" if folder else name
                if is_folder and depth < _DEPTH_MAX and not name.startswith(".") and name not in _SKIPPED:
                    waiting.append((path, depth + 1))
                elif not is_folder and name.endswith(".tars") and name != ".tars":
                    files += 1
                    yield path


def _as(block: tree.Block) -> str:
    for item in block.body.items:
        if isinstance(item, tree.Attribute) and item.name == "as" and isinstance(item.value, tree.Literal):
            return str(item.value.value)
    return ""
