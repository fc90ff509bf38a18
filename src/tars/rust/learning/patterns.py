"""Edit patterns over syntax trees: what a mend did for a diagnostic, with what does not matter left open.

A pattern says where its edits stand by the way to them from a place that the diagnostic points at, and what they write
in words of the diagnostic: so it fits wherever the same mistake is made in code of the same shape.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

from ducktools.classbuilder.prefab import Prefab
from tree_sitter import Node

from tars.core.values import Json, as_dict
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place, RustDiagnostic

Template: TypeAlias = tuple[str | int, ...]
"""Text, and the numbers of words of the diagnostic."""
_NAMED = re.compile(r"`([^`]*)`")
_DIGITS = re.compile(r"\d+")
_SORTS = (
    r"reserved identifier|keyword|mutable reference|reference|type parameter|associated type|opaque type|unit type"
    r"|struct|enum|union|type alias|type|trait object|trait|tuple|array|slice|closure|fn item|fn pointer|raw pointer"
    r"|identifier|module|crate"
)
_SORT = re.compile(rf"\b(?:{_SORTS}) (?=`_`)")
_UNNAMED = re.compile(
    r"(?<=found )(?:an? )?(?:integer|floating-point number|closure|fn item|fn pointer|string literal)\b"
)
"""Where the compiler has no name to give."""


class Role(Prefab, frozen=True):
    """Which place of a diagnostic is meant: a label (`primary`, `label`, of itself; `note`, of what stands below it) or
    a `suggestion`, with what is said of it; of several of which the same is said, the one of that number from 0."""

    kind: str
    text: str
    number: int = 0


class Spot(Prefab, frozen=True):
    """A place for edits: a role, its words, and the file with the outermost node that stands exactly there."""

    role: Role
    words: tuple[str, ...]
    place: Place


class Corner(Prefab, frozen=True):
    """The start or end of a node: `up` levels above the place, then `down` by the numbers of children.

    `kinds` are those of the nodes on the way, the last one's left out where the way is empty.
    """

    up: int
    down: tuple[int, ...]
    kinds: tuple[str, ...]
    at_end: bool


class PatternEdit(Prefab, frozen=True):
    """From one corner to another there is written `text`; `old`, where it is not None, is what must stand there."""

    start: Corner
    end: Corner
    text: Template
    old: str | None = None


class Part(Prefab, frozen=True):
    """Edits that are found from one place of the diagnostic. `indent` is what the line there began with."""

    role: Role
    edits: tuple[PatternEdit, ...]
    indent: str = ""


class Pattern(Prefab, frozen=True):
    """A remembered mend: for diagnostics of this code whose message has this shape. `words` are the names that its own
    diagnostic had, in its message and at its first place; `imports` are paths that are brought into scope where the
    diagnostic names their last part."""

    code: str
    shape: str
    words: tuple[str, ...]
    parts: tuple[Part, ...]
    imports: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The sha256 of all but its words: equal mends of equal mistakes are one pattern."""
        body = {**self.to_json(), "words": []}
        return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Json]:
        return as_dict(self)


def pattern_from(body: Mapping[str, Any]) -> Pattern:
    """The pattern of that JSON. Raises `ValueError`, `KeyError` or `TypeError` for what is none."""
    parts = tuple(
        Part(Role(**one["role"]), tuple(_edit_from(edit) for edit in one["edits"]), str(one["indent"]))
        for one in body["parts"]
    )
    return Pattern(str(body["code"]), str(body["shape"]), tuple(body["words"]), parts, tuple(body["imports"]))


def shape_of(message: str) -> str:
    """A message with its names, their sorts (`struct`, `keyword`) and numbers left open; signs such as `;` stay."""
    named = _NAMED.sub(lambda found: "`_`" if re.search(r"\w", found[1]) else found[0], message)
    return _DIGITS.sub("N", _UNNAMED.sub("`_`", _SORT.sub("", named)))


def words_of(text: str) -> tuple[str, ...]:
    """The names in a message."""
    return tuple(_NAMED.findall(text))


def spots_of(diagnostic: RustDiagnostic) -> Iterator[Spot]:
    """The places that a diagnostic points at, its own before those of its notes and suggestions, each once."""
    own = words_of(diagnostic.message)
    seen: set[tuple[str, Place]] = set()
    count: dict[tuple[str, str], int] = {}
    labels = [("primary" if one.primary else "label", one.text, one.place) for one in diagnostic.labels]
    for note in diagnostic.notes:
        labels += [("note", one.text or note.message, one.place) for one in note.labels]
    for suggestion in diagnostic.suggestions:
        labels += [("suggestion", suggestion.message, one.place) for one in suggestion.changes]
    for kind, text, place in labels:
        if (kind, place) not in seen:
            seen.add((kind, place))
            key = (kind, shape_of(text))
            count[key] = count.get(key, -1) + 1
            yield Spot(Role(*key, count[key]), own + words_of(text), place)


def chain_at(file: SourceFile, place: Place) -> list[Node]:
    """The outermost node exactly at the place (else the smallest around it) and all that hold it. Of a place between
    two bytes it is the token that ends there, where blanks follow, else the one that starts there."""
    node: Node | None
    if place.start == place.end and file.data[place.start : place.start + 1].isspace() and place.start:
        node = file.node_at(Place(place.path, place.start - 1, place.start))
    else:
        node = file.exactly(place) or file.node_at(place)
    chain = []
    while node is not None:
        chain.append(node)
        node = node.parent
    return chain


class Fit(Prefab, frozen=True):
    """The changes that a pattern makes for a diagnostic, and the names that this one has where the pattern's had its
    `words`."""

    changes: tuple[Change, ...]
    words: tuple[str, ...]


def fitted(pattern: Pattern, diagnostic: RustDiagnostic, files: Mapping[str, SourceFile]) -> Fit | None:
    """What the pattern does for a diagnostic of its code; None where it does not fit."""
    words: tuple[str, ...] | None = None
    changes: list[Change] = []
    for path in pattern.imports:
        primary = diagnostic.primary
        if primary is None or primary.path not in files or path.rpartition("::")[2] not in words_of(diagnostic.message):
            return None
        changes.append(files[primary.path].insert_use(path, primary))
    spots = [spot for spot in spots_of(diagnostic) if spot.place.path in files]
    for part in pattern.parts:
        spot = next((one for one in spots if one.role == part.role), None)
        made = _placed(part, spot, files) if spot is not None else []
        if spot is None or not made:
            return None
        words = words if words is not None else spot.words
        changes += made
    return Fit(tuple(dict.fromkeys(changes)), words if words is not None else words_of(diagnostic.message))


def _placed(part: Part, spot: Spot, files: Mapping[str, SourceFile]) -> list[Change]:
    file = files[spot.place.path]
    chain = chain_at(file, spot.place)
    indent = file.indent(spot.place.start)
    changes = []
    for edit in part.edits:
        start, end = _offset(edit.start, chain), _offset(edit.end, chain)
        if start is None or end is None or end < start:
            return []
        place = Place(file.path, start, end)
        if edit.old is not None and file.text(place) != edit.old:
            return []
        text = _written(edit.text, spot.words)
        if text is None:
            return []
        changes.append(Change(place, text.replace(f"\n{part.indent}", f"\n{indent}")))
    return changes


def _offset(corner: Corner, chain: Sequence[Node]) -> int | None:
    if corner.up >= len(chain):
        return None
    kinds = [node.type for node in chain[1 : corner.up + 1]]
    node = chain[corner.up]
    for number in corner.down:
        if number >= len(node.children):
            return None
        node = node.children[number]
        kinds.append(node.type)
    if tuple(kinds) != corner.kinds:
        return None
    return node.end_byte if corner.at_end else node.start_byte


def _written(template: Template, words: Sequence[str]) -> str | None:
    """The text of a template; None where the diagnostic does not have as many words."""
    numbers = [piece for piece in template if isinstance(piece, int)]
    if any(number >= len(words) for number in numbers):
        return None
    return "".join(words[piece] if isinstance(piece, int) else piece for piece in template)


def _edit_from(body: Mapping[str, Any]) -> PatternEdit:
    return PatternEdit(_corner_from(body["start"]), _corner_from(body["end"]), tuple(body["text"]), body["old"])


def _corner_from(body: Mapping[str, Any]) -> Corner:
    return Corner(int(body["up"]), tuple(body["down"]), tuple(body["kinds"]), bool(body["at_end"]))
