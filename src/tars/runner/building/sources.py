"""What a toolchain may look at: the project's files, read when asked for, and places in them."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from tars.core.errors import InputError, TarsError
from tars.core.values import Diagnostic, Severity, Span
from tars.lang.values import Module
from tars.runner.values import Source
from tars.runner.warm import names_in

FILES_MAX = 50_000
FILE_BYTES_MAX = 256 * 1024 * 1024

IGNORED = frozenset(
    {".git", ".hg", ".svn", ".tars", ".DS_Store", "node_modules", "__pycache__", ".venv", ".tox", ".idea", ".vscode"}
)
_MARKS_NO_SOURCE = frozenset({"CACHEDIR.TAG", "pyvenv.cfg"})


class ProjectFiles(Mapping[str, bytes]):
    """The files of a project by their path relative to it, with `/`. Kept are the listing of folders, and one file.

    Going through them leaves out what holds no source: the names in `IGNORED` and `ignore` (a name, or a path from the
    root), caches that mark themselves with `CACHEDIR.TAG`, virtual environments, and Cargo's `target`. Asking for one
    path finds it wherever it is in the project. A link that leads out of the project is refused with a `TarsError`.
    """

    def __init__(self, root: Path, ignore: frozenset[str] = frozenset()) -> None:
        self.root = os.path.abspath(root)
        self._real_root = os.path.realpath(root)
        self._ignore = IGNORED | ignore
        self.looked: dict[str, frozenset[str]] = {}
        """The folders in which something was looked for, each with the names that were in it: what is made there later
        may come to count. Where a folder was missing, the nearest one above it."""
        self._noted: set[str] = set()
        self._folders: dict[str, bool]
        self._listed: dict[str, tuple[str, ...]]
        self.renew()
        # The file that was read last: planning looks at the same one several times.
        self._last: tuple[tuple[str | int, ...], bytes] = ((), b"")

    def __getitem__(self, path: str) -> bytes:
        status = self._status(path)
        if status is None:
            raise KeyError(path)
        stamp = (path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        if self._last[0] != stamp:
            try:
                self._last = (stamp, self._read(path))
            except OSError as error:
                raise TarsError(f"cannot read {path}: {error.strerror}", hint="check its permissions") from error
        return self._last[1]

    def _read(self, path: str) -> bytes:
        descriptor = os.open(f"{self.root}/{path}", os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            size = os.fstat(descriptor).st_size
            content = os.read(descriptor, min(size, FILE_BYTES_MAX) + 1)
            while 0 < len(content) <= min(size, FILE_BYTES_MAX) and (more := os.read(descriptor, 1 << 20)):
                content += more
        finally:
            os.close(descriptor)
        if len(content) > FILE_BYTES_MAX:
            raise TarsError(
                f"`{path}` is larger than {FILE_BYTES_MAX >> 20} MB, too large for a source file",
                hint="hand large data to the agent as `input`, or leave it out of the module's folder",
            )
        return content

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self._status(path) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.under(""))

    def __len__(self) -> int:
        return len(self.under(""))

    def renew(self) -> None:
        """Forgets the folders and their listings: there may be other files now."""
        self._folders = {"": True}
        self._listed = {}

    def under(self, folder: str) -> tuple[str, ...]:
        """The paths of all files below the folder, sorted; listed once."""
        known = self._listed.get(folder)
        if known is None:
            found: list[str] = []
            self._list(folder, found)
            known = self._listed[folder] = tuple(sorted(found))
        return known

    def _status(self, path: str) -> os.stat_result | None:
        """Of the regular file at the path; None where there is none."""
        folder, _, name = path.rpartition("/")
        if not self._is_inside(folder) or name in ("", ".", ".."):
            return None
        try:
            status = os.lstat(f"{self.root}/{path}")
            if stat.S_ISLNK(status.st_mode):
                self._refuse_leaving(path)
                status = os.stat(f"{self.root}/{path}")
        except (OSError, ValueError):
            status = None
        if status is None or not stat.S_ISREG(status.st_mode):
            self._note(folder)
            return None
        return status

    def _note(self, folder: str) -> None:
        if folder in self._noted:
            return
        self._noted.add(folder)
        for place in upward(folder):
            names = names_in(f"{self.root}/{place}")
            if names is not None:
                self.looked.setdefault(place, names)
                return

    def _is_inside(self, folder: str) -> bool:
        known = self._folders.get(folder)
        if known is None:
            parent, _, name = folder.rpartition("/")
            known = not folder.startswith("/") and name not in ("", ".", "..") and self._is_inside(parent)
            if known and os.path.islink(f"{self.root}/{folder}"):
                self._refuse_leaving(folder)
            self._folders[folder] = known
        return known

    def _refuse_leaving(self, path: str) -> None:
        target = os.path.realpath(f"{self.root}/{path}")
        if target != self._real_root and not target.startswith(self._real_root.rstrip(os.sep) + os.sep):
            raise TarsError(
                f"`{path}` is a link that leads out of the project, to {target}",
                hint="copy what it leads to into the project, so that a version holds all that a module is made of",
            )

    def _list(self, folder: str, found: list[str]) -> None:
        try:
            with os.scandir(f"{self.root}/{folder}") as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            return
        names = frozenset(entry.name for entry in inside)
        self.looked.setdefault(folder, names)
        if folder and names & _MARKS_NO_SOURCE:
            return
        for entry in inside:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name in self._ignore or path in self._ignore:
                continue
            if entry.is_symlink():
                self._refuse_leaving(path)
                if entry.is_file():
                    found.append(path)
            elif entry.is_dir(follow_symlinks=False):
                if not (entry.name == "target" and "Cargo.toml" in names):
                    self._list(path, found)
            elif entry.is_file(follow_symlinks=False):
                found.append(path)
            if len(found) > FILES_MAX:
                raise TarsError(
                    f"`{folder or '.'}` holds more than {FILES_MAX:,} files, too many for one module",
                    hint="let `source` name the module's own folder",
                )


def source_of(
    module: Module, project: Path, ignore: frozenset[str] = frozenset(), files: ProjectFiles | None = None
) -> Source:
    """What a toolchain may look at for this module. `files` shares one listing among the modules of a run."""
    shared = files if files is not None else ProjectFiles(project, ignore)
    is_folder = module.source in ("", ".") or os.path.isdir(os.path.join(project, module.source))
    return Source(module, shared, is_folder)


def under(source: Source, folder: str) -> tuple[str, ...]:
    """The paths of all files below a folder (`""` or `"."` is the project), sorted."""
    folder = "" if folder == "." else folder.strip("/")
    if isinstance(source.files, ProjectFiles):
        return source.files.under(folder)
    return tuple(sorted(path for path in source.files if not folder or path.startswith(folder + "/")))


def folder_of(source: Source) -> str:
    """The module's folder: its source where that is a folder, else the source's parent; `""` is the project."""
    if source.is_folder:
        return "" if source.module.source in ("", ".") else source.module.source.strip("/")
    return source.module.source.rpartition("/")[0]


def joined(folder: str, path: str) -> str:
    """`path` as seen from `folder`, without `.` and `..`; it begins with `../` where it leaves the project."""
    return os.path.normpath(f"{folder}/{path}" if folder else path).replace(os.sep, "/")


def upward(folder: str) -> Iterator[str]:
    """The folder and its parents up to the project's root, `""`."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def path_of(source: Source, path: str) -> str | None:
    """The project's file that a message means by `path`: absolute, or relative to a folder above the source."""
    path = path.replace("\\", "/").removeprefix("file://")
    root = getattr(source.files, "root", "")
    if root:
        for base in {root, os.path.realpath(root)}:
            path = path.removeprefix(base.replace(os.sep, "/") + "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return None
    for folder in upward(folder_of(source)):
        candidate = joined(folder, path)
        if not candidate.startswith("..") and candidate in source.files:
            return candidate
    return None


def span_at(source: Source, path: str, line: int, column: int = 1, length: int = 0) -> Span:
    """The place of a line and column (both from 1, in characters); without a length to the end of the line."""
    text = source.files[path].decode("utf-8", "replace")
    lines = text.split("\n")
    line = min(max(line, 1), len(lines))
    before = sum(len(one) + 1 for one in lines[: line - 1])
    content = lines[line - 1].rstrip("\r")
    start = min(max(column - 1, 0), len(content))
    end = min(start + length, len(content)) if length else len(content)
    return Span(path, before + start, before + max(end, start))


def found_at(
    source: Source, code: str, message: str, path: str, line: int, column: int = 1, hint: str = ""
) -> Diagnostic | None:
    """An error at the place that a tool's message names, or None where that is not one of the project's files."""
    inside = path_of(source, path)
    if inside is None:
        return None
    return Diagnostic(code, Severity.ERROR, message, span_at(source, inside, line, column), hint)


def refused(source: Source, message: str, hint: str = "", span: Span | None = None) -> InputError:
    """The error of a plan that cannot be made; it points at the module's block unless a better place is known."""
    module = source.module
    code = f"{module.language}:plan"
    return InputError(message, (Diagnostic(code, Severity.ERROR, message, span or module.span, hint),), hint=hint)
