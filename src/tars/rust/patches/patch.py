"""A patch bound to bytes: it applies to exactly the files that it was made for, and has an exact inverse.

Its identity is the sha256 of the canonical JSON of its files, and, where they are in a folder of the project, of that
folder's path: equal changes to equal bytes in one place are one patch.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError
from tars.core.values import Json
from tars.rust.syntax.source import apply_changes
from tars.rust.values import Change, Sha256
from tars.store.tree import fault_of_path

_LINES = re.compile(rb"[^\n]*\n|[^\n]+")


class StalePatchError(TarsError):
    """The files are not those that the patch was made for; nothing was changed."""


class Edit(Prefab, frozen=True):
    """At the byte `start` of the file as it was, `old` becomes `new`."""

    start: int
    old: bytes
    new: bytes


class FilePatch(Prefab, frozen=True):
    """The edits of one file, in order and apart. `before` and `after` are the hashes of the whole file; None is that
    there is no file."""

    path: str
    before: Sha256 | None
    after: Sha256 | None
    edits: tuple[Edit, ...]

    def inverse(self) -> "FilePatch":
        """What takes this back."""
        edits, shift = [], 0
        for edit in self.edits:
            edits.append(Edit(edit.start + shift, edit.new, edit.old))
            shift += len(edit.new) - len(edit.old)
        return FilePatch(self.path, self.after, self.before, tuple(edits))

    def applied(self, data: bytes | None) -> bytes | None:
        """The file after the edits. Raises `StalePatchError` where it is not the one they were made for."""
        if sha256_of(data) != self.before:
            raise _stale(self.path, gone=data is None)
        parts, at = [], 0
        for edit in self.edits:
            parts += [(data or b"")[at : edit.start], edit.new]
            at = edit.start + len(edit.old)
        made = b"".join((*parts, (data or b"")[at:]))
        if self.after is None:
            return None
        if sha256_of(made) != self.after:
            raise TarsError(f"the patch of `{self.path}` does not give the bytes that it names", hint="it is damaged")
        return made


class BoundPatch(Prefab, frozen=True, slots=False):
    """Changes to files, by path; applies to all of them or to none."""

    files: tuple[FilePatch, ...]

    @cached_property
    def id(self) -> Sha256:
        """The sha256 of the canonical JSON of its files."""
        text = json.dumps(self.to_json()["files"], sort_keys=True, separators=(",", ":"))
        return Sha256(hashlib.sha256(text.encode()).hexdigest())

    def id_in(self, root: str) -> Sha256:
        """Its identity where its paths are relative to the folder `root` of the project."""
        return Sha256(hashlib.sha256(f"{root}\0{self.id}".encode()).hexdigest()) if root else self.id

    def inverse(self) -> "BoundPatch":
        """The patch that takes this one back, byte for byte."""
        return BoundPatch(tuple(file.inverse() for file in self.files))

    def applied(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The files after the patch; those that it does not touch are as they were.

        Raises `StalePatchError`, naming the file, where one is not as it was when the patch was made.
        """
        found = dict(files)
        for file in self.files:
            made = file.applied(files.get(file.path))
            if made is None:
                del found[file.path]
            else:
                found[file.path] = made
        return found

    def to_json(self) -> dict[str, Json]:
        """Its form in the schema `patch`, without what is known about it besides its files."""
        return {
            "files": [
                {
                    "path": file.path,
                    "before": file.before,
                    "after": file.after,
                    "edits": [
                        {"start": edit.start, "old": shown_bytes(edit.old), "new": shown_bytes(edit.new)}
                        for edit in file.edits
                    ],
                }
                for file in self.files
            ]
        }


def bind(files: Mapping[str, bytes], changes: Iterable[Change]) -> BoundPatch:
    """The changes, bound to these very files. A change of a file that is not there makes it.

    Changes that change nothing are left out. Raises `ValueError` where changes overlap or leave their file.
    """
    by_path: dict[str, list[Change]] = {}
    for change in changes:
        by_path.setdefault(change.place.path, []).append(change)
    bound = []
    for path, own in sorted(by_path.items()):
        data = files.get(path)
        made = apply_changes(data or b"", iter(own))
        if made != data:
            bound.append(FilePatch(path, sha256_of(data), sha256_of(made), _edits(data or b"", own)))
    return BoundPatch(tuple(bound))


def between(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> BoundPatch:
    """The patch that turns the one set of files into the other, line by line."""
    bound = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new:
            bound.append(FilePatch(path, sha256_of(old), sha256_of(new), _line_edits(old or b"", new or b"")))
    return BoundPatch(tuple(bound))


def from_json(body: Mapping[str, Any]) -> BoundPatch:
    """The patch of that JSON, whose form the schema `patch` has checked.

    Raises `TarsError` where it names a file outside its folder, edits overlap, or its `id` is not that of its files in
    its `root`.
    """
    try:
        files = tuple(_file_from(item) for item in body["files"])
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise TarsError(f"this is no patch: {error}", hint="`tarscli rust schema patch` is its form") from error
    if len({file.path for file in files}) != len(files):
        raise TarsError("this is no patch: it names a file twice")
    patch = BoundPatch(files)
    named = patch.id_in(str(body.get("root", "")))
    if body.get("id", named) != named:
        raise TarsError("the patch is damaged: its files do not have its id", hint="make it again: `tarscli rust fix`")
    return patch


Block = tuple[int, int, int, int]
"""The lines `[0:1]` of the one file become the lines `[2:3]` of the other."""


def lines_of(data: bytes) -> list[bytes]:
    """The lines with their ends; only `\\n` ends one."""
    return _LINES.findall(data)


def changed_lines(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[Block]:
    """Where the lines of two files differ, in order and apart."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - slow to import, and most patches come from changes

    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    for tag, i1, i2, j1, j2 in middle.get_opcodes():
        if tag != "equal":
            yield head + i1, head + i2, head + j1, head + j2


def _file_from(item: Mapping[str, Any]) -> FilePatch:
    path = str(item["path"])
    if fault := fault_of_path(path):
        raise ValueError(f"the path {path!r} {fault}")
    edits = tuple(Edit(int(one["start"]), bytes_from(one["old"]), bytes_from(one["new"])) for one in item["edits"])
    at = 0
    for edit in edits:
        if edit.start < at:
            raise ValueError(f"the edits of `{path}` overlap")
        at = edit.start + len(edit.old)
    before, after = item["before"], item["after"]
    if before is None and after is None:
        raise ValueError(f"`{path}` is there neither before nor after")
    return FilePatch(path, before and Sha256(before), after and Sha256(after), edits)


def _edits(data: bytes, changes: Sequence[Change]) -> tuple[Edit, ...]:
    """One edit for each run of changes that touch."""
    runs: list[list[Change]] = []
    for change in sorted(changes, key=lambda one: (one.place.start, one.place.end)):
        if runs and change.place.start <= runs[-1][-1].place.end:
            runs[-1].append(change)
        else:
            runs.append([change])
    edits = []
    for run in runs:
        start, end = run[0].place.start, run[-1].place.end
        # Taken from a changed file and not from the texts: line breaks are written as the file has them.
        made = apply_changes(data, iter(run))
        edits.append(Edit(start, data[start:end], made[start : end + len(made) - len(data)]))
    return tuple(edit for edit in edits if edit.old != edit.new)


def _line_edits(old: bytes, new: bytes) -> tuple[Edit, ...]:
    first, second = lines_of(old), lines_of(new)
    starts = [0]
    for line in first:
        starts.append(starts[-1] + len(line))
    return tuple(
        Edit(starts[i1], b"".join(first[i1:i2]), b"".join(second[j1:j2]))
        for i1, i2, j1, j2 in changed_lines(first, second)
    )


def sha256_of(data: bytes | None) -> Sha256 | None:
    """The hash of a file's bytes; None for no file."""
    return None if data is None else Sha256(hashlib.sha256(data).hexdigest())


def shown_bytes(data: bytes) -> Json:
    """Bytes as JSON: a text where they are UTF-8, else base64."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def bytes_from(value: Any) -> bytes:
    """The bytes that `shown_bytes` made JSON of."""
    return base64.b64decode(value["base64"], validate=True) if isinstance(value, Mapping) else str(value).encode()


def _stale(path: str, *, gone: bool) -> StalePatchError:
    return StalePatchError(
        f"`{path}` {'is gone' if gone else 'was changed'} since the patch was made; nothing was written",
        hint="run `tarscli rust fix` again: it looks at the files as they are now",
    )
