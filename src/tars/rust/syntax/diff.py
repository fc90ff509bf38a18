"""A bound patch as a unified diff, as `patch -p1` and `git apply` read it."""

from collections.abc import Iterator, Mapping

from ducktools.classbuilder.prefab import Prefab

from tars.rust.patches.patch import Block, BoundPatch, FilePatch, changed_lines, lines_of

CONTEXT_LINES = 3
_QUOTED = frozenset('"\\')
_ESCAPED: Mapping[int, bytes] = {9: b"\\t", 10: b"\\n", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
_NO_END = b"\\ No newline at end of file\n"


class Size(Prefab, frozen=True):
    """How many lines a patch removes and adds."""

    removed: int
    added: int

    @property
    def lines(self) -> int:
        return self.removed + self.added


def unified_diff(patch: BoundPatch, files: Mapping[str, bytes]) -> bytes:
    """The patch as a unified diff of `files`, those it was made for. Raises `StalePatchError` for others."""
    after = patch.applied(files)
    return b"".join(_file_diff(file, files.get(file.path), after.get(file.path)) for file in patch.files)


def size_of(patch: BoundPatch, files: Mapping[str, bytes]) -> Size:
    """How many lines the patch removes from and adds to `files`, those it was made for."""
    after = patch.applied(files)
    blocks = [
        block
        for file in patch.files
        for block in changed_lines(lines_of(files.get(file.path, b"")), lines_of(after.get(file.path, b"")))
    ]
    return Size(sum(i2 - i1 for i1, i2, _, _ in blocks), sum(j2 - j1 for _, _, j1, j2 in blocks))


def _file_diff(file: FilePatch, before: bytes | None, after: bytes | None) -> bytes:
    old_name = b"/dev/null" if before is None else _name(f"a/{file.path}")
    new_name = b"/dev/null" if after is None else _name(f"b/{file.path}")
    old, new = lines_of(before or b""), lines_of(after or b"")
    hunks = b"".join(_hunk(old, new, group) for group in _groups(changed_lines(old, new)))
    return b"--- %s\n+++ %s\n%s" % (old_name, new_name, hunks)


def _name(path: str) -> bytes:
    """A path as git writes it: quoted as in C where it holds what would end the line or steer a terminal."""
    if path.isprintable() and not _QUOTED & set(path):
        return path.encode()
    data = path.encode("utf-8", "surrogateescape")
    shown = (_ESCAPED.get(byte, b"%c" % byte if 0x20 <= byte < 0x7F else b"\\%03o" % byte) for byte in data)
    return b'"%s"' % b"".join(shown)


def _groups(blocks: Iterator[Block]) -> Iterator[list[Block]]:
    """Blocks whose contexts meet stand in one hunk."""
    group: list[Block] = []
    for block in blocks:
        if group and block[0] - group[-1][1] > 2 * CONTEXT_LINES:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _hunk(old: list[bytes], new: list[bytes], group: list[Block]) -> bytes:
    first, last = group[0], group[-1]
    before = min(first[0], CONTEXT_LINES)
    after = min(len(old) - last[1], CONTEXT_LINES)
    start, end = first[0] - before, last[1] + after
    new_start, new_end = first[2] - before, last[3] + after
    lines = [_range(start, end, new_start, new_end)]
    at = start
    for i1, i2, j1, j2 in group:
        lines += [_line(b" ", one) for one in old[at:i1]]
        lines += [_line(b"-", one) for one in old[i1:i2]]
        lines += [_line(b"+", one) for one in new[j1:j2]]
        at = i2
    lines += [_line(b" ", one) for one in old[at:end]]
    return b"".join(lines)


def _range(start: int, end: int, new_start: int, new_end: int) -> bytes:
    def part(first: int, last: int) -> bytes:
        count = last - first
        at = first + 1 if count else first
        return b"%d" % at if count == 1 else b"%d,%d" % (at, count)

    return b"@@ -%s +%s @@\n" % (part(start, end), part(new_start, new_end))


def _line(mark: bytes, line: bytes) -> bytes:
    return mark + line if line.endswith(b"\n") else mark + line + b"\n" + _NO_END
