"""Changes of several rounds as one set of changes to the first files, and what they amount to in lines."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from ducktools.classbuilder.prefab import Prefab, replace

from tars.rust.syntax.source import apply_changes, has_windows_lines, with_windows_lines
from tars.rust.values import Change, Patch, Place


class Hunk(Prefab, frozen=True):
    """One change to the first files, and the numbers of the patches that made it."""

    change: Change
    patches: frozenset[int]


def joined(hunks: Iterable[Hunk]) -> list[tuple[Hunk, ...]]:
    """The hunks, those together that patches have in common, directly or through others."""
    groups: list[tuple[frozenset[int], tuple[Hunk, ...]]] = []
    for hunk in hunks:
        patches = hunk.patches
        own: tuple[Hunk, ...] = (hunk,)
        for group in [one for one in groups if one[0] & hunk.patches]:
            groups.remove(group)
            patches, own = patches | group[0], (*group[1], *own)
        groups.append((patches, own))
    return [tuple(sorted(own, key=lambda one: one.change.place)) for _, own in groups]


def patched(files: Mapping[str, bytes], changes: Iterable[Change]) -> dict[str, bytes]:
    """All files with the changes applied. Raises `ValueError` where they overlap, leave a file or name none of them."""
    by_path: dict[str, list[Change]] = {}
    for change in changes:
        if change.place.path not in files:
            raise ValueError(f"{change.place.path} is not a file of the workspace")
        by_path.setdefault(change.place.path, []).append(change)
    return {**files, **{path: apply_changes(files[path], iter(some)) for path, some in by_path.items()}}


def settled(files: Mapping[str, bytes], patch: Patch) -> Patch:
    """The patch with its line breaks as its files have them, as they will be written: places in the patched files count
    on it."""
    windows = {change.place.path for change in patch.changes if has_windows_lines(files.get(change.place.path, b""))}
    if not windows:
        return patch
    changes = (
        replace(change, text=with_windows_lines(change.text)) if change.place.path in windows else change
        for change in patch.changes
    )
    return replace(patch, changes=tuple(changes))


def composed(first: Sequence[Hunk], then: Iterable[tuple[Change, int]]) -> tuple[Hunk, ...]:
    """Hunks that do at once what `first`, and then the changes `then` to its result, do.

    What overlaps becomes one hunk; what only meets stays apart. With each change comes the number of its patch.
    """
    texts: dict[str, list[_Stretch]] = {}
    for hunk in first:
        place = hunk.change.place
        stretches = texts.setdefault(place.path, [])
        stretches.append(_Stretch(stretches[-1].end if stretches else 0, place.start))
        stretches.append(_Stretch(place.start, place.end, hunk.change.text.encode(), hunk.patches))
    # From the last to the first, so that what is still to come keeps its place.
    for change, number in sorted(then, key=lambda one: (one[0].place.start, one[0].place.end))[::-1]:
        stretches = texts.get(change.place.path, [])
        end = stretches[-1].end if stretches else 0
        texts[change.place.path] = _changed([*stretches, _Stretch(end, _FAR)], change, number)[:-1]
    return tuple(
        Hunk(Change(Place(path, one.start, one.end), one.text.decode("utf-8", "surrogateescape")), one.patches)
        for path in sorted(texts)
        for one in texts[path]
        if one.text is not None
    )


_FAR = 1 << 60


class _Stretch(Prefab, frozen=True):
    """The bytes `[start, end)` of the first file, kept as they were or, where there is a `text`, replaced by it."""

    start: int
    end: int
    text: bytes | None = None
    patches: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return self.end - self.start if self.text is None else len(self.text)

    def part(self, low: int, high: int) -> "_Stretch":
        """The part `[low, high)` of what stands there now; of a written text, without the bytes that it replaced."""
        if self.text is None:
            return _Stretch(self.start + low, self.start + high)
        return _Stretch(self.start, self.end, self.text[low:high], self.patches)


def _changed(stretches: Sequence[_Stretch], change: Change, number: int) -> list[_Stretch]:
    low, high = change.place.start, change.place.end
    before, after = list[_Stretch](), list[_Stretch]()
    start, end, head, tail = _FAR, 0, b"", b""
    patches = frozenset({number})
    at = 0
    for one in stretches:
        ends = at + len(one)
        if ends <= low:
            before.append(one)
        elif at >= high:
            after.append(one)
        elif one.text is None:
            cut, rest = max(low, at) - at, min(high, ends) - at
            before += [one.part(0, cut)] if cut else []
            after += [one.part(rest, len(one))] if rest < len(one) else []
            start, end = min(start, one.start + cut), max(end, one.start + rest)
        else:
            head, tail = head or one.text[: max(low - at, 0)], one.text[max(high - at, 0) :] if ends > high else tail
            start, end, patches = min(start, one.start), max(end, one.end), patches | one.patches
        at = ends
    if start == _FAR:
        start = end = before[-1].end if before else 0
    own = _Stretch(start, end, head + change.text.encode("utf-8", "surrogateescape") + tail, patches)
    return [*before, own, *after]


def lines_changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> int:
    """Lines removed and lines added, of all files together."""
    total = sum(data.count(b"\n") for path, data in before.items() if path not in after)
    for path, data in after.items():
        old = before.get(path, b"")
        if old != data:
            total += _differing(old.splitlines(), data.splitlines())
    return total


def _differing(old: list[bytes], new: list[bytes]) -> int:
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    old, new = old[first:], new[first:]
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return len(old) + len(new) - 2 * sum(block.size for block in blocks)


def trimmed(change: Change, files: Mapping[str, bytes]) -> Change:
    """The change without what it replaces by itself at its beginning and its end."""
    place = change.place
    old = files[place.path][place.start : place.end].decode("utf-8", "surrogateescape")
    head = _common(old, change.text)
    old, new = old[head:], change.text[head:]
    tail = _common(old[::-1], new[::-1])
    left = old[: len(old) - tail].encode("utf-8", "surrogateescape")
    end = place.end - len(old.encode("utf-8", "surrogateescape"))
    return Change(Place(place.path, end, end + len(left)), new[: len(new) - tail])


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next(
        (index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
