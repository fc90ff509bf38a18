"""What citations are shown as: passages that carry their proof, what a search finds, and whole explanations."""

from enum import StrEnum

from ducktools.classbuilder.prefab import Prefab

from tars.core.values import Json
from tars.rust.values import Anchor, Label, Place, RustDiagnostic


class Role(StrEnum):
    """What a passage is there for."""

    MEANING = "meaning"
    """What the diagnostic means, in the documentation's words."""
    ERRONEOUS = "erroneous example"
    CORRECTED = "corrected example"
    REMEDY = "remedy"
    """What the documentation says on mending it."""
    RELATED = "related"
    """What the Reference, the book or another document says of the matter."""
    CODE = "code"
    """The project's own lines."""


class Passage(Prefab, frozen=True):
    """A text with its proof: `text` is what the bytes of `anchor` say, made readable (examples stand in fences).

    `address` is where a person finds it: `docs:book/ch04-01-what-is-ownership.html#ownership-rules`, `src/lib.rs:12`.
    """

    anchor: Anchor
    title: str
    text: str
    address: str
    role: Role = Role.RELATED


class Hit(Prefab, frozen=True):
    """What a search found: `rank` is the higher the better, and comparable within one search only."""

    anchor: Anchor
    title: str
    address: str
    rank: float


class Explanation(Prefab, frozen=True):
    """What is known of an error code, a lint or one diagnostic.

    `diagnostic` is None where a code or a lint was asked about. Nothing in `passages` and `code` is without an anchor
    that resolved when it was made, and one of them holds something.
    """

    target: str
    title: str
    passages: tuple[Passage, ...]
    diagnostic: RustDiagnostic | None = None
    code: tuple[Passage, ...] = ()
    """The lines that the diagnostic's labels point at, in the order of the files."""


def to_json(explanation: Explanation) -> dict[str, Json]:
    """The explanation as JSON."""
    diagnostic = explanation.diagnostic
    return {
        "target": explanation.target,
        "title": explanation.title,
        "diagnostic": _diagnostic(diagnostic) if diagnostic else None,
        "code": [_passage(one) for one in explanation.code],
        "passages": [_passage(one) for one in explanation.passages],
    }


def anchor_to_json(anchor: Anchor) -> dict[str, Json]:
    return {"sha256": anchor.digest, "source": anchor.source, "start": anchor.start, "end": anchor.end}


def _passage(passage: Passage) -> dict[str, Json]:
    return {
        "role": passage.role.value,
        "title": passage.title,
        "text": passage.text,
        "address": passage.address,
        "anchor": anchor_to_json(passage.anchor),
    }


def _diagnostic(diagnostic: RustDiagnostic) -> dict[str, Json]:
    notes: list[Json] = [
        {"level": note.level, "message": note.message, "labels": [_label(one) for one in note.labels]}
        for note in diagnostic.notes
    ]
    return {
        "code": diagnostic.code,
        "level": diagnostic.level,
        "kind": diagnostic.kind.value,
        "message": diagnostic.message,
        "labels": [_label(one) for one in diagnostic.labels],
        "notes": notes,
        "rendered": diagnostic.rendered,
    }


def _label(label: Label) -> Json:
    place: Place = label.place
    where: Json = {"path": place.path, "start": place.start, "end": place.end}
    return {"place": where, "text": label.text, "primary": label.primary}
