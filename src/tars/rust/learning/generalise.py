"""From a proven mend to the edit patterns that are remembered of it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.rust.learning.patterns import (
    Corner,
    Part,
    Pattern,
    PatternEdit,
    Spot,
    Template,
    chain_at,
    fitted,
    shape_of,
    spots_of,
    words_of,
)
from tars.rust.patches.patch import BoundPatch, Edit
from tars.rust.syntax.source import SourceFile, apply_changes
from tars.rust.values import Change, Place, RustDiagnostic

DISTANCE_MAX = 8
"""How many steps in the tree an edit may be away from the place that it is found from."""
TEXT_MAX = 400
_TOKEN = re.compile(r"'[^\W\d]\w*(?!')|\w+|\s+|[^\w\s]")
_NAME = re.compile(r"'?[^\W\d]\w*")
_IMPORT = re.compile(r"\s*use ([\w:]+);\s*")


class _Way(Prefab, frozen=True):
    """An edit, the place that it was found from, and how far it is from there."""

    diagnostic: int
    spot: Spot
    edit: PatternEdit
    distance: int


def patterns_of(
    files: Mapping[str, bytes], diagnostics: Sequence[RustDiagnostic], patch: BoundPatch
) -> tuple[Pattern, ...]:
    """What is to be remembered of a patch that mended these files, for each diagnostic that it answers.

    Only what gives the same change again, when it is tried on the files that it was learnt from, is kept.
    """
    sources = {path: SourceFile(path, data) for path, data in files.items()}
    ways: dict[int, list[_Way]] = {}
    imports: dict[int, list[str]] = {}
    changes: dict[int, list[Change]] = {}
    for change in _small_changes(patch, sources):
        if found := _IMPORT.fullmatch(change.text):
            for number, one in enumerate(diagnostics):
                if found[1].rpartition("::")[2] in words_of(one.message):
                    imports.setdefault(number, []).append(found[1])
            continue
        way = min(_ways(change, diagnostics, sources), key=lambda one: one.distance, default=None)
        if way is not None:
            ways.setdefault(way.diagnostic, []).append(way)
            changes.setdefault(way.diagnostic, []).append(change)
    kept = []
    for number in sorted(ways.keys() | imports.keys()):
        pattern = _pattern(diagnostics[number], ways.get(number, []), imports.get(number, []), sources)
        made = fitted(pattern, diagnostics[number], sources)
        if made is not None and (number in imports or _same(made.changes, changes[number], sources)):
            kept.append(pattern)
    return tuple(dict.fromkeys(kept))


def _pattern(
    diagnostic: RustDiagnostic, ways: Sequence[_Way], imports: Sequence[str], sources: Mapping[str, SourceFile]
) -> Pattern:
    by_spot: dict[Spot, list[PatternEdit]] = {}
    for way in ways:
        by_spot.setdefault(way.spot, []).append(way.edit)
    parts = tuple(
        Part(spot.role, tuple(edits), sources[spot.place.path].indent(spot.place.start))
        for spot, edits in by_spot.items()
    )
    words = next(iter(by_spot)).words if by_spot else words_of(diagnostic.message)
    return Pattern(diagnostic.code, shape_of(diagnostic.message), words, parts, tuple(dict.fromkeys(imports)))


def _small_changes(patch: BoundPatch, sources: Mapping[str, SourceFile]) -> Iterator[Change]:
    """The edits of the patch without what is the same before and after, token by token."""
    for file in patch.files:
        if file.path not in sources or file.after is None:
            continue
        for edit in file.edits:
            whole = _whole_words(edit, sources[file.path].data)
            try:
                old, new = whole.old.decode(), whole.new.decode()
            except UnicodeDecodeError:
                continue
            if len(new) <= TEXT_MAX:
                yield from _differing(file.path, whole.start, old, new)


def _whole_words(edit: Edit, data: bytes) -> Edit:
    """The edit, widened to the ends of the words that it cuts or makes longer."""
    start, end = edit.start, edit.start + len(edit.old)
    left, right = start, end
    if any(_is_word(text[:1]) for text in (edit.old + data[end : end + 1], edit.new + data[end : end + 1])):
        while left and _is_word(data[left - 1 : left]):
            left -= 1
    if any(
        _is_word(text[-1:])
        for text in (data[max(start - 1, 0) : start] + edit.old, data[max(start - 1, 0) : start] + edit.new)
    ):
        while right < len(data) and _is_word(data[right : right + 1]):
            right += 1
    return Edit(left, data[left:right], data[left:start] + edit.new + data[end:right])


def _is_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_" or byte >= b"\x80"


def _differing(path: str, start: int, old: str, new: str) -> Iterator[Change]:
    """What is put before and after text that stays, else what is put in the place of what does not."""
    first, second = _TOKEN.findall(old), _TOKEN.findall(new)
    kept = range(len(second) - len(first) + 1) if first else range(0)
    at = next((number for number in kept if second[number : number + len(first)] == first), None)
    if at is not None:
        end = start + len(old.encode())
        around = ((start, second[:at]), (end, second[at + len(first) :]))
        yield from (Change(Place(path, place, place), "".join(text)) for place, text in around if text)
        return
    head = 0
    while head < min(len(first), len(second)) and first[head] == second[head]:
        head += 1
    tail = 0
    while tail < min(len(first), len(second)) - head and first[-1 - tail] == second[-1 - tail]:
        tail += 1
    begin = start + len("".join(first[:head]).encode())
    gone, come = "".join(first[head : len(first) - tail]), "".join(second[head : len(second) - tail])
    yield Change(Place(path, begin, begin + len(gone.encode())), come)


def _ways(change: Change, diagnostics: Sequence[RustDiagnostic], sources: Mapping[str, SourceFile]) -> Iterator[_Way]:
    """How the change can be found from each place of each diagnostic."""
    file = sources[change.place.path]
    old = file.text(change.place)
    for number, diagnostic in enumerate(diagnostics):
        for spot in spots_of(diagnostic):
            if spot.place.path != file.path:
                continue
            chain = chain_at(file, spot.place)
            start = _corner(file, chain, change.place.start)
            end = start if change.place.start == change.place.end else _corner(file, chain, change.place.end)
            if start is None or end is None:
                continue
            template = _template(change.text, spot.words)
            literal = any(_NAME.search(piece) for piece in template if isinstance(piece, str))
            edit = PatternEdit(start, end, template, old if old and (literal or not template) else None)
            distance = sum(one.up + len(one.down) for one in (start, end))
            if distance <= DISTANCE_MAX:
                yield _Way(number, spot, edit, distance)


def _template(text: str, words: Sequence[str]) -> Template:
    """The text with the words of the diagnostic, where they stand as whole tokens, left open."""
    pieces: list[str | int] = []
    for token in _TOKEN.findall(text):
        if _NAME.fullmatch(token) and token in words:
            pieces.append(words.index(token))
        elif pieces and isinstance(pieces[-1], str):
            pieces[-1] += token
        else:
            pieces.append(token)
    return tuple(pieces)


def _corner(file: SourceFile, chain: Sequence[Node], offset: int) -> Corner | None:
    """The way from the chain's first node to the nearest node that starts or ends at the byte."""
    numbers = {node.id: number for number, node in enumerate(chain)}
    best: Corner | None = None
    for node, at_end in _touching(file, offset):
        down: list[int] = []
        kinds: list[str] = []
        while node.id not in numbers:
            parent = node.parent
            if parent is None:
                break
            down.insert(0, next(i for i, child in enumerate(parent.children) if child.id == node.id))
            kinds.insert(0, node.type)
            node = parent
        up = numbers.get(node.id)
        if up is None:
            continue
        above = [one.type for one in chain[1 : up + 1]]
        found = Corner(up, tuple(down), (*above, *kinds), at_end)
        if best is None or up + len(down) < best.up + len(best.down):
            best = found
    return best


def _touching(file: SourceFile, offset: int) -> Iterator[tuple[Node, bool]]:
    """The nodes that start, then those that end, at the byte, the smallest first."""
    node = file.root.descendant_for_byte_range(offset, offset + 1)
    while node is not None and node.start_byte == offset:
        yield node, False
        node = node.parent
    node = file.root.descendant_for_byte_range(offset - 1, offset) if offset else None
    while node is not None and node.end_byte >= offset:
        if node.end_byte == offset:
            yield node, True
        node = node.parent


def _same(made: Sequence[Change], wanted: Sequence[Change], sources: Mapping[str, SourceFile]) -> bool:
    """Whether both turn the files into the same."""
    for path in {one.place.path for one in (*made, *wanted)}:
        data = sources[path].data
        try:
            results = [
                apply_changes(data, iter([one for one in some if one.place.path == path])) for some in (made, wanted)
            ]
        except ValueError:
            return False
        if results[0] != results[1]:
            return False
    return True
