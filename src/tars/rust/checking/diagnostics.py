"""Compiler messages as JSON, normalised: `rustc --error-format=json` and `cargo --message-format=json`."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tars.rust.values import Applicability, Change, Kind, Label, Note, Place, RustDiagnostic, Suggestion

_CODES: dict[Kind, str] = {
    Kind.RESOLVE: "E0405 E0407 E0408 E0411 E0412 E0415 E0416 E0422 E0423 E0424 E0425 E0426 E0428 E0429 E0430 E0431"
    " E0432 E0433 E0434 E0435 E0437 E0438 E0463 E0530 E0531 E0532 E0573 E0574 E0575 E0576 E0583 E0659",
    Kind.VISIBILITY: "E0364 E0365 E0446 E0449 E0451 E0603 E0616 E0624",
    Kind.MOVE: "E0381 E0382 E0505 E0507 E0508 E0509 E0384",
    Kind.BORROW: "E0499 E0500 E0501 E0502 E0503 E0506 E0510 E0594 E0596 E0597 E0713 E0716 E0712 E0515 E0373 E0521",
    Kind.LIFETIME: "E0106 E0107 E0195 E0226 E0227 E0228 E0261 E0262 E0263 E0309 E0310 E0311 E0478 E0491 E0495 E0496"
    " E0582 E0621 E0623 E0637 E0700 E0803",
    Kind.TRAIT: "E0034 E0038 E0046 E0049 E0050 E0053 E0117 E0119 E0120 E0185 E0186 E0191 E0199 E0200 E0201 E0204"
    " E0207 E0210 E0220 E0221 E0223 E0225 E0229 E0271 E0275 E0276 E0277 E0282 E0283 E0323 E0324 E0325 E0369 E0399"
    " E0404 E0599 E0367 E0366 E0184 E0193 E0195",
}
_KIND_OF = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
_LIFETIME_WORDS = re.compile(
    r"lifetime may not live long enough|does not live long enough|lifetime bound|item signature doesn't match"
)
_RESOLVE_WORDS = re.compile(r"^cannot (find|determine resolution for) ")
_SYNTAX_WORDS = re.compile(
    r"^(expected|unexpected|unclosed|mismatched closing|unknown start of token|unterminated|missing|macro expansion"
    r"|this file contains|invalid|cannot parse|leading|incorrect|found|`[^`]*` (is|must|cannot|without)"
    r"|struct literals are)"
)


def kind_of(code: str, message: str) -> Kind:
    """The class of a diagnostic by its code, or, where it has none, by its message."""
    if code in _KIND_OF:
        return _KIND_OF[code]
    if re.fullmatch(r"E\d{4}", code):
        return Kind.SYNTAX if code in {"E0586", "E0585", "E0765", "E0766", "E0762", "E0763", "E0758"} else Kind.TYPE
    if code:
        return Kind.LINT
    if _LIFETIME_WORDS.search(message):
        return Kind.LIFETIME
    if _RESOLVE_WORDS.match(message):
        return Kind.RESOLVE
    return Kind.SYNTAX if _SYNTAX_WORDS.match(message) else Kind.OTHER


def read_messages(output: bytes, base: str = "") -> tuple[RustDiagnostic, ...]:
    """The diagnostics in lines of JSON from rustc, or from cargo, which wraps them; errors first, each once.

    `base` is put before relative paths (the package's folder in the workspace). Lines that are no diagnostics, and
    the closing "aborting due to" lines, are left out.
    """
    found: dict[tuple[object, ...], RustDiagnostic] = {}
    for line in output.splitlines():
        if not line.startswith(b"{"):
            continue
        one = _read(line, base)
        if one is not None:
            found.setdefault((one.code, one.message, one.labels), one)
    return tuple(sorted(found.values(), key=lambda one: one.level != "error"))


def _read(line: bytes, base: str) -> RustDiagnostic | None:
    """What a line tells. A procedural macro may write whatever it likes between the compiler's own lines."""
    try:
        raw = json.loads(line)
        message = raw.get("message") if raw.get("reason") == "compiler-message" else raw
        return _diagnostic(message, base) if isinstance(message, dict) and "spans" in message else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _diagnostic(raw: Mapping[str, Any], base: str) -> RustDiagnostic | None:
    level, message = str(raw["level"]), str(raw["message"])
    if level not in ("error", "warning", "error: internal compiler error"):
        return None
    if not raw["spans"] and message.startswith(("aborting due to", "For more information", "could not compile")):
        return None
    if level == "warning" and not raw["spans"]:
        return None
    code = str((raw.get("code") or {}).get("code") or "")
    notes = tuple(Note(str(c["level"]), str(c["message"]), _labels(c["spans"], base)) for c in raw["children"])
    suggestions = [*_suggestions(raw, base)]
    for child in raw["children"]:
        suggestions += _suggestions(child, base)
    return RustDiagnostic(
        code=code,
        level="error" if level.startswith("error") else level,
        kind=kind_of(code, message),
        message=message,
        labels=_labels(raw["spans"], base),
        notes=notes,
        suggestions=tuple(dict.fromkeys(suggestions)),
        rendered=str(raw.get("rendered") or ""),
    )


def _labels(spans: Sequence[Mapping[str, Any]], base: str) -> tuple[Label, ...]:
    """Labels at places a person wrote: of a macro's expansion, the place where it is used."""
    labels = ((_written(span), span) for span in spans)
    return tuple(
        Label(_place(own, base), str(span.get("label") or ""), bool(span.get("is_primary"))) for own, span in labels
    )


def _written(span: Mapping[str, Any]) -> Mapping[str, Any]:
    while (expansion := span.get("expansion")) and (
        not span["file_name"].endswith(".rs") or span["file_name"].startswith(("/", "<"))
    ):
        span = expansion["span"]
    return span


def _place(span: Mapping[str, Any], base: str) -> Place:
    path = str(span["file_name"]).replace("\\", "/")
    return Place(path if path.startswith(("/", "<")) else base + path, int(span["byte_start"]), int(span["byte_end"]))


def _suggestions(raw: Mapping[str, Any], base: str) -> Iterator[Suggestion]:
    """The message's suggestions. The compiler flattens alternatives and multi-part changes into one list
    (rust-lang/rust#53934): as one change of several parts where the parts do not meet, as several such changes where
    places come again, and as one alternative each."""
    spans = [span for span in raw["spans"] if span.get("suggested_replacement") is not None]
    if not spans:
        return
    message = str(raw["message"])
    parts = [(Change(_place(span, base), str(span["suggested_replacement"])), _applicability(span)) for span in spans]
    whole = tuple(dict.fromkeys(change for change, _ in parts))
    if len(whole) > 1 and _disjoint(whole):
        yield Suggestion(message, whole, max((how for _, how in parts), key=list(Applicability).index))
    for group in _alternatives(parts):
        if 1 < len(group) < len(whole) and _disjoint([change for change, _ in group]):
            yield Suggestion(message, tuple(change for change, _ in group), group[0][1])
    for change, how in parts:
        yield Suggestion(message, (change,), how)


def _alternatives(parts: Sequence[tuple[Change, Applicability]]) -> Iterator[list[tuple[Change, Applicability]]]:
    """The parts in their order, cut before each that has the place of an earlier one of its group."""
    group: list[tuple[Change, Applicability]] = []
    for part in parts:
        if any(part[0].place == change.place for change, _ in group):
            yield group
            group = []
        group.append(part)
    yield group


def _applicability(span: Mapping[str, Any]) -> Applicability:
    try:
        return Applicability(str(span.get("suggestion_applicability")))
    except ValueError:
        return Applicability.UNSPECIFIED


def _disjoint(changes: Sequence[Change]) -> bool:
    ordered = sorted(change.place for change in changes)
    return all(
        first.path != second.path or (first.end <= second.start and first != second)
        for first, second in pairwise(ordered)
    )
