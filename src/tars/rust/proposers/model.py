"""What a chat model proposes: it is shown the errors, the code around them and the documentation, and answers with
edits, each a text that stands exactly once in a file and what is to stand there. Off unless a model was chosen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tars.core.errors import TarsError
from tars.episode.budget import OverBudgetError
from tars.rust.anchors.entry import entry_passages
from tars.rust.anchors.library import Library, open_library
from tars.rust.mending.context import Workbench
from tars.rust.mending.proposer import Proposer
from tars.rust.syntax.edits import patched, trimmed
from tars.rust.syntax.source import SourceFile, has_windows_lines, with_windows_lines
from tars.rust.values import Change, Patch, Place, RustDiagnostic

FIXES_MAX: Final = 3
EDITS_MAX: Final = 8
TEXT_CHARACTERS_MAX: Final = 20_000
WHOLE_BYTES_MAX: Final = 12_000
"""A file up to this size is shown whole, a larger one around the places that are pointed at."""
LINES_AROUND: Final = 20
FILES_BYTES_MAX: Final = 40_000
ENTRY_CHARACTERS_MAX: Final = 2_500
OTHERS_MAX: Final = 6
_CONFIDENCE: Final = (0.1, 0.6)
"""Within these bounds what the model says of its own sureness is believed."""

_EDIT: Final = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "old": {"type": "string"}, "new": {"type": "string"}},
    "required": ["path", "old", "new"],
    "additionalProperties": False,
}
_FIX: Final = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "confidence": {"type": "number"},
        "edits": {"type": "array", "items": _EDIT},
    },
    "required": ["reason", "confidence", "edits"],
    "additionalProperties": False,
}
SCHEMA: Final[Mapping[str, object]] = {
    "type": "object",
    "properties": {"fixes": {"type": "array", "items": _FIX}},
    "required": ["fixes"],
    "additionalProperties": False,
}
"""What is asked of the model. Servers differ in the limits they take in a schema, so all limits are held here."""

_TASK: Final = f"""You mend Rust code that does not build. Give up to {FIXES_MAX} fixes, the likeliest first.
Each fix must make the code build and keep what it does. Change as little as possible.
Never delete or empty what the code is for, never add `unsafe`, `todo!()`, `unimplemented!()` or `#[allow(...)]`, and
never change tests.
An edit replaces the text `old` of the file `path` by `new`. Copy `old` exactly from the file, blanks and all, with
enough of it that it stands there exactly once. `confidence` is between 0 and 1, `reason` one short sentence."""


class Model:
    """One question for each state of the files, about its first error; the others are told with it."""

    name = "model"
    stage = 2

    def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
        ask = bench.resources.ask
        if ask is None or diagnostic != next(iter(bench.diagnostics), None):
            return
        prompt = prompt_for(diagnostic, bench.diagnostics, bench.files, _library())
        try:
            answer = json.loads(ask(prompt, SCHEMA, seed=bench.resources.seed))
        except OverBudgetError:
            raise
        except TarsError:
            # Whoever opened the way to the model notes what went wrong; other proposers go on.
            return
        citations = (f"docs:error_codes/{diagnostic.code}.html",) if diagnostic.code.startswith("E0") else ()
        for fix in answer["fixes"][:FIXES_MAX]:
            changes = changes_of(fix["edits"], bench.files)
            if changes:
                reason = " ".join(fix["reason"].split())[:200] or "the model gives no reason"
                yield Patch(changes, f"the model suggests: {reason}", _sure(fix["confidence"]), "model", citations)


def prompt_for(
    diagnostic: RustDiagnostic,
    diagnostics: Sequence[RustDiagnostic],
    files: Mapping[str, SourceFile],
    library: Library | None = None,
) -> str:
    """The question: the task, the error as the compiler prints it, the other errors, what the toolchain's own
    documentation says of it, and the code. The same for the same of all these."""
    others = [one for one in diagnostics if one is not diagnostic and one.level == "error"]
    parts = [_TASK, f"The error:\n{diagnostic.rendered or _told(diagnostic)}"]
    if others:
        listed = "\n".join(f"- {_told(one)}" for one in others[:OTHERS_MAX])
        more = f"\n- and {len(others) - OTHERS_MAX} more" if len(others) > OTHERS_MAX else ""
        parts.append(f"Other errors, which may have the same cause:\n{listed}{more}")
    if library is not None and (entry := _entry(library, diagnostic.code)):
        parts.append(f"What Rust's documentation says of {diagnostic.code}:\n{entry}")
    parts += _excerpts([diagnostic, *others], files)
    return "\n\n".join(parts)


def changes_of(edits: Sequence[Mapping[str, Any]], files: Mapping[str, SourceFile]) -> tuple[Change, ...]:
    """The edits as changes; none at all where one of them names no file, or text that does not stand in it exactly
    once, or where together they overlap or change nothing."""
    if not 0 < len(edits) <= EDITS_MAX:
        return ()
    changes = [_change(edit, files) for edit in edits]
    found = tuple(one for one in changes if one is not None)
    if len(found) < len(changes):
        return ()
    before = {path: file.data for path, file in files.items()}
    try:
        after = patched(before, found)
    except ValueError:
        return ()
    return found if after != before else ()


def _change(edit: Mapping[str, Any], files: Mapping[str, SourceFile]) -> Change | None:
    file = files.get(str(edit["path"]).removeprefix("./"))
    old, new = str(edit["old"]), str(edit["new"])
    if file is None or not old.strip() or "\0" in new or len(old) + len(new) > TEXT_CHARACTERS_MAX:
        return None
    if has_windows_lines(file.data):
        old, new = with_windows_lines(old), with_windows_lines(new)
    try:
        sought = old.encode()
        new.encode()
    except UnicodeEncodeError:
        return None
    start = file.data.find(sought)
    if start < 0 or file.data.find(sought, start + 1) >= 0:
        return None
    change = Change(Place(file.path, start, start + len(sought)), new)
    return trimmed(change, {file.path: file.data})


def _sure(told: object) -> float:
    low, high = _CONFIDENCE
    number = float(told) if isinstance(told, int | float) else 0.0
    return low + (high - low) * min(max(number, 0.0), 1.0)


def _told(diagnostic: RustDiagnostic) -> str:
    """A diagnostic in one line."""
    code = f"[{diagnostic.code}]" if diagnostic.code else ""
    where = f" ({diagnostic.primary.path})" if diagnostic.primary else ""
    return f"{diagnostic.level}{code}: {diagnostic.message}{where}"


def _entry(library: Library, code: str) -> str:
    """The error's entry in the error index, as far as there is room for it."""
    for citation in (f"docs:error_codes/{code}.html", f"tool:{code}"):
        with suppress(TarsError):
            text = ""
            for passage in entry_passages(library, citation):
                if len(text) + len(passage.text) <= ENTRY_CHARACTERS_MAX:
                    text += f"{passage.text}\n\n"
            return text.strip()
    return ""


def _excerpts(diagnostics: Sequence[RustDiagnostic], files: Mapping[str, SourceFile]) -> Iterator[str]:
    """The files that are pointed at, the first error's first."""
    left = FILES_BYTES_MAX
    places: dict[str, list[Place]] = {}
    for label in (label for one in diagnostics for label in one.all_labels()):
        if label.place.path in files:
            places.setdefault(label.place.path, []).append(label.place)
    for path, pointed in places.items():
        data = files[path].data
        whole = len(data) <= WHOLE_BYTES_MAX
        text = (data if whole else _around(data, pointed)).decode("utf-8", "replace").replace("\r\n", "\n")
        if len(text) > left:
            return
        left -= len(text)
        yield f"The file {path}{'' if whole else ', in part'}:\n```rust\n{text}\n```"


def _around(data: bytes, places: Sequence[Place]) -> bytes:
    """The lines around the places; `…` alone on a line stands for those left out."""
    lines = data.split(b"\n")
    shown: set[int] = set()
    for place in places:
        line = data.count(b"\n", 0, place.start)
        shown |= set(range(max(0, line - LINES_AROUND), min(len(lines), line + LINES_AROUND + 1)))
    parts: list[bytes] = []
    for number in sorted(shown):
        if number and number - 1 not in shown:
            parts.append("…".encode())
        parts.append(lines[number])
    return b"\n".join(parts if len(lines) - 1 in shown else [*parts, "…".encode()])


@lru_cache(maxsize=1)
def _library() -> Library | None:
    try:
        return open_library(Path.cwd())
    except TarsError:
        return None


PLUGIN: Proposer = Model()
