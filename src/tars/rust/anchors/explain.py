"""Explains error codes, lints, and the diagnostics of a line, with nothing but passages whose proof holds."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tars.core.errors import TarsError, UnavailableError, UsageError
from tars.core.near import close_matches
from tars.rust.anchors.entry import entry_passages, opening
from tars.rust.anchors.index import Index
from tars.rust.anchors.library import Library, open_library
from tars.rust.anchors.related import related, related_to_message
from tars.rust.anchors.sources import DOCUMENTS
from tars.rust.anchors.values import Explanation, Passage, Role
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.workspace import find_target, read_files
from tars.rust.mending.rule import RULES
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Place, RustDiagnostic
from tars.store.shared import default_root

RELATED_MAX: Final = 3
RANK_MIN: Final = 16.0
"""What ranks lower in a search of the Reference is more often than not about something else."""
_CODE: Final = re.compile(r"[eE]\d{1,4}")
_LINT: Final = re.compile(r"(?:(?:clippy|rustdoc)::)?[a-z][a-z0-9_-]*")
_PLACE: Final = re.compile(r"(?P<path>.+?\.rs)(?::(?P<line>\d+)(?::\d+)?)?")
_LISTINGS: Final = tuple(f"docs:rustc/lints/listing/{one}-by-default.html" for one in ("warn", "deny", "allowed"))
_LINK: Final = re.compile(
    r'href="(?:https://doc\.rust-lang\.org/(?:stable/|nightly/)?|\.\./)((?:reference|book|nomicon)/[^"]+\.html[^"]*)"'
)


def explain(target: str, folder: Path | None = None) -> tuple[Explanation, ...]:
    """Explains `E0382`, a lint (`clippy::needless_return`, `unused_variables`), or what the compiler finds at
    `PATH:LINE` (`PATH`: in the whole file), which checks the file, or the crate that it belongs to, and changes
    nothing. `folder` is what the path is relative to: the current folder without it.

    One explanation for each diagnostic, errors first; none where there is nothing to explain at that line.

    Raises `UsageError` for what is none of these (with the nearest codes or lints), `UnavailableError` where there is
    no Rust compiler, and what `tars.rust.checking.workspace.find_target` raises.
    """
    folder = folder or Path.cwd()
    place = _PLACE.fullmatch(target)
    if place:
        return explain_place(folder / place["path"], int(place["line"] or 0))
    library = open_library(folder)
    if _CODE.fullmatch(target):
        return (explain_code(library, f"E{int(target[1:]):04}"),)
    if _LINT.fullmatch(target):
        return (explain_lint(library, target.replace("-", "_")),)
    raise UsageError(
        f"{target!r} is no error code, lint or place", hint="as E0382, clippy::needless_return, src/lib.rs:12"
    )


def explain_code(library: Library, code: str) -> Explanation:
    """What the error index and the Reference say of an error code. Raises `UsageError` for one that does not exist."""
    passages = (*_entry(library, _code_sources(code)), *_related(library, code))
    if not passages:
        raise _unknown(library, code)
    return Explanation(code, _first_sentence(passages), passages)


def explain_lint(library: Library, lint: str) -> Explanation:
    """What the toolchain says of a lint of rustc or clippy. Raises `UsageError` for one that it does not know."""
    passages = _entry(library, _lint_sources(lint))
    if not passages:
        hint = "clippy's are named as `clippy::needless_return`" if "::" not in lint else "is it spelt so?"
        raise UsageError(f"this toolchain has no lint `{lint}`", hint=hint)
    return Explanation(lint, _first_sentence(passages), passages)


def explain_place(path: Path, line: int = 0) -> tuple[Explanation, ...]:
    """What the compiler, or where it is content clippy, finds in a line of a file; in the whole file for line 0."""
    target = find_target(path)
    files = read_files(target)
    name = path.resolve().relative_to(target.folder.resolve()).as_posix()
    if name not in files:
        raise UsageError(f"{path} is not one of the sources of {target.folder}", hint="is it generated or vendored?")
    span = _line(files[name], line, path)
    with open_checkers(target, jobs=1) as checkers, checkers.one() as checker:
        found = _at(checker.check(files).diagnostics, name, span)
        if not found:
            with suppress(UnavailableError):
                found = _at(checker.clippy(files).diagnostics, name, span)
    library = open_library(target.folder)
    sources = {one: SourceFile(one, data) for one, data in files.items()}
    explained = (explain_diagnostic(library, one, sources) for one in found)
    return tuple(one for one in explained if one.passages or one.code)


def explain_diagnostic(library: Library, diagnostic: RustDiagnostic, files: Mapping[str, SourceFile]) -> Explanation:
    """What is known of one diagnostic: its code's or lint's entry, related parts, and the lines that it points at.

    `files` must be what is on disk below the library's project: only what resolves there is cited.
    """
    code = diagnostic.code
    if _CODE.fullmatch(code):
        passages = (*_entry(library, _code_sources(code)), *_related(library, code))
    elif code:
        passages = _entry(library, _lint_sources(code))
    else:
        passages = _openings(library, related_to_message(diagnostic.message)) or _searched(library, diagnostic.message)
    lines = _code_passages(library, diagnostic, files)
    return Explanation(code or diagnostic.kind.value, diagnostic.message, passages, diagnostic, lines)


def _code_sources(code: str) -> tuple[str, ...]:
    return f"docs:error_codes/{code}.html", f"tool:{code}"


def _lint_sources(lint: str) -> tuple[str, ...]:
    if lint.startswith("clippy::"):
        return (f"tool:{lint}",)
    fragment = lint.rpartition("::")[2].replace("_", "-")
    return tuple(f"{listing}#{fragment}" for listing in _LISTINGS)


def _entry(library: Library, citations: Iterable[str]) -> tuple[Passage, ...]:
    """The passages of the first of these entries that exists."""
    for citation in citations:
        with suppress(TarsError):
            return entry_passages(library, citation)
    return ()


def _related(library: Library, code: str) -> tuple[Passage, ...]:
    """What to read besides: what the rules for this code cite, what the entry links, what is known to fit, and, where
    all that is nothing, what a search in the Reference finds for the entry's first words."""
    known = (*related().get(code, ()), *_cited_by_rules(code), *_linked(library, code))
    found = _openings(library, dict.fromkeys(one for one in known if not one.startswith("docs:error_codes/")))
    if found:
        return found
    entry = _entry(library, _code_sources(code))
    return _searched(library, _first_sentence(entry)) if entry else ()


def _cited_by_rules(code: str) -> Iterator[str]:
    for name in RULES.names():
        if name.startswith(code.lower() + "_"):
            yield from RULES.load(name).cites


def _linked(library: Library, code: str) -> Iterator[str]:
    with suppress(TarsError):
        page = library.sources.read(f"docs:error_codes/{code}.html").decode("utf-8", "replace")
        yield from (DOCUMENTS + link for link in _LINK.findall(page.partition("<main>")[2].partition("</main>")[0]))


def _openings(library: Library, citations: Iterable[str]) -> tuple[Passage, ...]:
    found: dict[str, Passage] = {}
    for citation in citations:
        if len(found) < RELATED_MAX:
            with suppress(TarsError):
                passage = opening(library, citation)
                found.setdefault(passage.anchor.source + passage.anchor.digest, passage)
    return tuple(found.values())


def _searched(library: Library, words: str) -> tuple[Passage, ...]:
    with suppress(UnavailableError):
        hits = Index(library, default_root()).search(words, parts=("reference",), limit=1)
        return tuple(library.passage(hit.anchor) for hit in hits if hit.rank >= RANK_MIN)
    return ()


def _at(diagnostics: Sequence[RustDiagnostic], path: str, span: range) -> list[RustDiagnostic]:
    """Those that point at the bytes: with their first label, else, where there is none such, with any other."""

    def touches(place: Place | None) -> bool:
        return (
            place is not None
            and place.path == path
            and place.start < span.stop
            and max(place.end, place.start + 1) > span.start
        )

    first = [one for one in diagnostics if touches(one.primary)]
    return first or [one for one in diagnostics if any(touches(label.place) for label in one.all_labels())]


def _line(data: bytes, line: int, path: Path) -> range:
    """The bytes of a line with its end, of the whole file for line 0."""
    if not line:
        return range(len(data) + 1)
    lines = data.splitlines(keepends=True) or [b""]
    if line > len(lines):
        raise UsageError(f"{path} has {len(lines)} lines, and no line {line}", hint=f"as {path.name}:{len(lines)}")
    start = sum(map(len, lines[: line - 1]))
    return range(start, start + len(lines[line - 1]) + (line == len(lines)))


def _code_passages(
    library: Library, diagnostic: RustDiagnostic, files: Mapping[str, SourceFile]
) -> tuple[Passage, ...]:
    """The lines that the labels point at, each once."""
    found: dict[Place, Passage] = {}
    for label in diagnostic.all_labels():
        file = files.get(label.place.path)
        if file is not None:
            lines = Place(
                file.path,
                file.line_start(label.place.start),
                file.line_end(max(label.place.end - 1, label.place.start)),
            )
            with suppress(TarsError):
                found[lines] = library.passage(library.anchor_at(lines), Role.CODE)
    return tuple(found[place] for place in sorted(found))


def _first_sentence(passages: Sequence[Passage]) -> str:
    text = next((one.text for one in passages if one.role is Role.MEANING), passages[0].text if passages else "")
    paragraph = next((part for part in text.split("\n\n") if part and not part.startswith("#")), text)
    return re.split(r"(?<=[.])\s", " ".join(paragraph.split()), maxsplit=1)[0]


def _unknown(library: Library, code: str) -> UsageError:
    root = library.sources.documentation
    codes = sorted(path.stem for path in (root / "error_codes").glob("E[0-9]*.html")) if root else []
    near = close_matches(code, codes)
    hint = f"did you mean {' or '.join(near)}?" if near else "codes have the form E0382"
    return UsageError(f"this toolchain has no error code {code}", hint=hint)
