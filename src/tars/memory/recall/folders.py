"""Reads folders of a project into the index: only what changed since, in the order of the paths, with counts."""

import os
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Final, NamedTuple

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import UnavailableError, UsageError
from tars.core.extras import install_of
from tars.memory.recall import database
from tars.memory.recall.chunking import language_of, sections
from tars.memory.recall.index import BATCH, Draft, Index
from tars.memory.recall.memories import note_folder, remembered

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FILE_BYTES_MAX: Final = 1 << 20
LINE_CHARACTERS_MAX: Final = 20_000
FILES_MAX: Final = 500_000
SETTLED_NS: Final = 2_000_000_000
"""A file that changed so shortly before it was read is read again next time: its times may not tell of a change."""
LEFT_OUT: Final = frozenset({".tars", ".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__"})
IGNORE: Final = ".gitignore"


class Figures(Prefab):
    """What reading a folder did. `left` counts files that were not read, by reason."""

    files: int = 0
    unchanged: int = 0
    read: int = 0
    passages_added: int = 0
    passages_removed: int = 0
    files_removed: int = 0
    left: dict[str, int] = attribute(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.passages_added or self.passages_removed or self.files_removed)

    def leave(self, reason: str) -> None:
        self.left[reason] = self.left.get(reason, 0) + 1


class Progress(NamedTuple):
    files_done: int
    files: int
    passages: int


class _File(NamedTuple):
    """A file to be read: its path relative to the project, and what `stat` said of it."""

    path: str
    stamp: str
    time: float
    settled: bool


def read_folder(index: Index, folder: Path, tell: Callable[[Progress], None] = lambda progress: None) -> Figures:
    """Brings the index up to what stands in a folder of the project, and journals what changed.

    What `.gitignore` files leave out, links, binary and very large files are not read; passages of files that are no
    longer there go. Each batch of files is one transaction: a kill loses no more than the batch. Raises `UsageError`
    where the folder is not one of the project.
    """
    root = relative(index.project, folder)
    figures = Figures()
    files = list(_files(index.project, root, figures))
    figures.files = len(files)
    known = _known(index, root)
    waiting: list[tuple[_File, str, list[Draft]]] = []
    for done, file in enumerate(files, 1):
        had = known.pop(file.path, None)
        if had is not None and had[0] == file.stamp and had[2]:
            figures.unchanged += 1
            continue
        content = _text(index.project / file.path, figures)
        if content is None:
            if had is not None:
                known[file.path] = had  # What cannot be read any more goes with the files that are gone.
            continue
        digest, text = content
        if had is not None and had[1] == digest:
            figures.unchanged += 1
            _stamp(index, file, digest)
            continue
        figures.read += 1
        waiting.append((file, digest, list(drafts_of(file.path, text, file.time))))
        if sum(len(drafts) for _, _, drafts in waiting) >= BATCH:
            _write(index, waiting, figures)
            waiting = []
            tell(Progress(done, len(files), figures.passages_added))
    _write(index, waiting, figures)
    tell(Progress(len(files), len(files), figures.passages_added))
    _drop(index, list(known), figures)
    _note(index, root, figures)
    return figures


def leave_folder(index: Index, folder: Path) -> Figures:
    """Takes a folder out of the index: its passages go, and no rebuilding reads it again. Raises `UsageError` where
    nothing of it was read."""
    root = relative(index.project, folder, missing_ok=True)
    read, known = remembered(index.store).folders, list(_known(index, root))
    if not known and root not in read:
        hint = f"these were: {', '.join(read)}" if read else "`tarscli memory index FOLDER` reads one"
        raise UsageError(f"the folder `{root}` was not read", hint=hint)
    figures = Figures()
    _drop(index, known, figures)
    note_folder(index.store, root, {"passages_removed": figures.passages_removed}, leave=True)
    index.catch_up()
    return figures


def drafts_of(path: str, text: str, time: float) -> Iterator[Draft]:
    """The passages of a text file, each exactly the lines that it cites, without the last line's end."""
    lines = text.split("\n")
    for section in sections(path, [f"{line}\n" for line in lines]):
        cited = "\n".join(lines[section.first - 1 : section.last])
        metadata = {"language": language_of(path)}
        if section.title:
            metadata["symbol"] = section.title
        yield Draft(
            f"{path}:{section.first}", "file", path, section.first, section.last, section.title, cited, time, metadata
        )


def relative(project: Path, folder: Path, *, missing_ok: bool = False) -> str:
    """A folder's path in the project, as the index has it. Raises `UsageError` where it is none of the project's."""
    place = Path(os.path.abspath(folder))
    if not place.is_dir() and not missing_ok:
        raise UsageError(
            f"`{folder}` is no folder", hint="name a folder of the project; single texts are `memory add`ed"
        )
    for here, base in ((place, project), (place.resolve(), project.resolve())):
        if here.is_relative_to(base):
            return here.relative_to(base).as_posix()
    raise UsageError(
        f"`{folder}` is not in the project `{project}`", hint="paths of anchors are the project's: use --project"
    )


def _files(project: Path, root: str, figures: Figures) -> Iterator[_File]:
    """The files below a folder that are to be read, by path; those left out are counted."""
    waiting: list[tuple[str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [(root, tuple(_ignores_above(project, root)))]
    count = 0
    while waiting:
        folder, ignores = waiting.pop()
        ignores = (*ignores, *_ignores_in(project, folder))
        try:
            with os.scandir(project / folder) as found:
                entries = sorted(found, key=lambda entry: entry.name, reverse=True)
        except OSError:
            figures.leave("folders that cannot be read")
            continue
        inner = []
        for entry in entries:
            path = entry.name if folder == "." else f"{folder}/{entry.name}"
            count += 1
            if count > FILES_MAX:
                raise UsageError(f"there are more than {FILES_MAX:,} files", hint="index a smaller folder")
            file = _judged(entry, path, ignores, figures)
            if isinstance(file, _File):
                inner.append(file)
            elif file:
                waiting.append((path, ignores))
        yield from reversed(inner)


def _judged(
    entry: "os.DirEntry[str]", path: str, ignores: "tuple[tuple[str, GitIgnoreSpec], ...]", figures: Figures
) -> _File | bool:
    """A file to be read, True for a folder to be looked into, False for what is left out."""
    try:
        path.encode()
    except UnicodeEncodeError:
        figures.leave("names that are no text")
        return False
    if entry.is_symlink():
        figures.leave("links")
        return False
    is_folder = entry.is_dir(follow_symlinks=False)
    if is_folder and entry.name in LEFT_OUT:
        return False
    if _is_ignored(path, is_folder, ignores):
        figures.leave("ignored")
        return False
    if is_folder:
        return True
    if not entry.is_file(follow_symlinks=False):
        figures.leave("no regular files")
        return False
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return False  # It went away while we looked.
    if status.st_size > FILE_BYTES_MAX:
        figures.leave("larger than 1 MiB")
        return False
    stamp = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
    settled = time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > SETTLED_NS
    return _File(path, stamp, status.st_mtime, settled)


def _ignores_above(project: Path, root: str) -> "Iterator[tuple[str, GitIgnoreSpec]]":
    """The `.gitignore` files of the folders above one, the project's first."""
    parts = [] if root == "." else root.split("/")
    for depth in range(len(parts)):
        yield from _ignores_in(project, "/".join(parts[:depth]) or ".")


def _ignores_in(project: Path, folder: str) -> "Iterator[tuple[str, GitIgnoreSpec]]":
    try:
        lines = (project / folder / IGNORE).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return
    try:
        from pathspec import GitIgnoreSpec  # noqa: PLC0415  (an extra, and only folders with a .gitignore need it)
    except ImportError as error:
        raise UnavailableError(
            "reading a folder with a .gitignore needs pathspec, which is not installed",
            hint=install_of("recall"),
        ) from error
    spec = GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(GitIgnoreSpec, line))
    yield ("" if folder == "." else f"{folder}/", spec)


def _is_pattern(kind: "type[GitIgnoreSpec]", line: str) -> bool:
    """Git passes over a line that is no pattern, and so does this."""
    try:
        kind.from_lines([line])
    except ValueError:
        return False
    return True


def _is_ignored(path: str, is_folder: bool, ignores: "tuple[tuple[str, GitIgnoreSpec], ...]") -> bool:
    """As git judges: the innermost `.gitignore` that says anything of the path decides."""
    for prefix, spec in reversed(ignores):
        if path.startswith(prefix):
            verdict = spec.check_file(path[len(prefix) :] + ("/" if is_folder else "")).include
            if verdict is not None:
                return verdict
    return False


def _text(path: Path, figures: Figures) -> tuple[str, str] | None:
    """The SHA-256 of a file and its text; None, with the reason counted, where it is not to be read."""
    try:
        with open(path, "rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError:
        figures.leave("cannot be read")
        return None
    if b"\0" in data or len(data) > FILE_BYTES_MAX:
        figures.leave("binary" if b"\0" in data else "larger than 1 MiB")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        figures.leave("not UTF-8")
        return None
    if max(map(len, text.split("\n"))) > LINE_CHARACTERS_MAX:
        figures.leave("with lines of more than 20,000 characters")
        return None
    return sha256(data).hexdigest(), text


def _known(index: Index, root: str) -> dict[str, tuple[str, str, int]]:
    """Stamp, digest and whether the stamp can be trusted, of each file below the folder that is in the index."""
    below = "" if root == "." else f"{root}/"
    with database.refusals(index.path):
        rows = index.connection.execute(
            "SELECT path, stamp, sha256, settled FROM files WHERE ? = '' OR (path >= ? AND path < ?)",
            (below, below, f"{below[:-1]}0"),
        ).fetchall()
    return {path: (stamp, digest, settled) for path, stamp, digest, settled in rows}


def _stamp(index: Index, file: _File, digest: str) -> None:
    with index.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", (file.path, file.stamp, digest, int(file.settled))
        )


def _write(index: Index, waiting: list[tuple[_File, str, list[Draft]]], figures: Figures) -> None:
    if not waiting:
        return
    drafts = [draft for _, _, made in waiting for draft in made]
    vectors = index.embedded(drafts)
    with index.writing() as connection:
        for file, digest, _ in waiting:
            figures.passages_removed += index.remove_file(file.path)
            row = (file.path, file.stamp, digest, int(file.settled))
            connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", row)
        index.insert(drafts, vectors)
    figures.passages_added += len(drafts)


def _drop(index: Index, paths: list[str], figures: Figures) -> None:
    for start in range(0, len(paths), BATCH):
        with index.writing():
            for path in paths[start : start + BATCH]:
                figures.passages_removed += index.remove_file(path)
                figures.files_removed += 1


def _note(index: Index, root: str, figures: Figures) -> None:
    """The journal learns of a folder once, and of what changed in it."""
    if figures.changed or root not in remembered(index.store).folders:
        said = {"files": figures.files, "added": figures.passages_added, "removed": figures.passages_removed}
        note_folder(index.store, root, dict(said))
        index.catch_up()
    index.mark_read(root)
