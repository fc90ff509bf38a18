"""What the actions on recall share: the project's index, and how passages are shown."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.memory.recall.index import Index, open_index
from tars.memory.recall.values import Answer, Passage, State, condition
from tars.store import open_store
from tars.ui.cli.console import Console
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE, known_project

LINES_SHOWN = 12
WIDTH_SHOWN = 160
_STATES = {
    State.SAME: "",
    State.MOVED: "moved since it was read",
    State.CHANGED: "changed since it was read: not shown; `tarscli memory index` reads it again",
    State.GONE: "gone since it was read",
}


@contextmanager
def opened_index(arguments: argparse.Namespace, console: Console, *, reading: bool = False) -> Iterator[Index]:
    """The index of the project that is meant, which must exist; for `reading`, a copy of one that cannot be written."""
    project = known_project(arguments)
    with (
        open_store(project / STATE) as store,
        open_index(store, reading=reading, progress=telling(console, "Passages embedded anew")) as index,
    ):
        if index.refused:
            console.warning(index.refused, "this was answered from a copy, which takes longer")
        yield index


def telling(console: Console, what: str) -> Callable[[int, int], None]:
    """Shows how far something is on stderr, on a terminal only, each time over the last."""

    def tell(done: int, total: int) -> None:
        if console.is_terminal and not console.quiet:
            sys.stderr.write(f"\r{what}: {done:,} of {total:,}" + ("\n" if done >= total else ""))
            sys.stderr.flush()

    return tell


def add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--k", type=int, default=5, metavar="N", help="how many passages; default: 5")
    parser.add_argument("--in", dest="folder", default="", metavar="FOLDER", help="only what stands below this folder")
    parser.add_argument(
        "--where", action="append", default=[], metavar="KEY=VALUE",
        help="only with this metadata (or `!=`, `>=`, `<=`), as `kind`, `language`, `symbol`, `path`; repeatable",
    )  # fmt: skip
    parser.add_argument("--since", metavar="TIME", help="only what was added or changed since, as 2026-11-22T10:00")
    parser.add_argument("--until", metavar="TIME", help="only what was added or changed until then")


def filters(arguments: argparse.Namespace) -> dict[str, object]:
    """The fields of a `Question` that the options set. Raises `UsageError` for what is no condition or no time."""
    return {
        "count": arguments.k,
        "conditions": tuple(condition(text) for text in arguments.where),
        "folder": _below(arguments),
        "since": moment("--since", arguments.since),
        "until": moment("--until", arguments.until),
    }


def _below(arguments: argparse.Namespace) -> str:
    """The folder of `--in`, relative to the project; empty is all of it. Raises `UsageError` where it is outside."""
    if not arguments.folder:
        return ""
    project, place = known_project(arguments), Path(os.path.abspath(arguments.folder))
    for here in (place, place.resolve()):
        if here.is_relative_to(project):
            found = here.relative_to(project).as_posix()
            return "" if found == "." else found
    raise UsageError(
        f"`{arguments.folder}` is not in the project `{project}`", hint="--in names a folder of the project"
    )


def moment(option: str, text: str | None) -> float | None:
    """The time that an option names, in seconds since 1970."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"{option} `{text}` is no time", hint="write it as 2026-11-22 or 2026-11-22T10:00") from error


def pairs(option: str, form: str, given: list[str]) -> dict[str, str]:
    """What an option of that form, `NAME=TEXT` for instance, was given. Raises `UsageError` where one has another."""
    made: dict[str, str] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{option} `{text}` is not of the form {form}", hint=f"write `{option} {form}`")
        made[key.strip()] = value.strip()
    return made


def passage_json(passage: Passage) -> dict[str, Json]:
    """A passage as `--json` has it; `text` is null where the file no longer says it."""
    anchor = passage.anchor
    place: dict[str, Json] = {"sha256": anchor.sha256, "state": str(anchor.state)}
    if anchor.path:
        place = {"path": anchor.path, "lines": [anchor.first, anchor.last], **place}
    return {
        "id": passage.id, "kind": passage.kind, "title": passage.title, "text": passage.text, "anchor": place,
        "metadata": dict(passage.metadata), "time": passage.time, "score": round(passage.score, 6),
        "similarity": None if passage.similarity is None else round(passage.similarity, 4),
    }  # fmt: skip


def answer_json(answer: Answer) -> dict[str, Json]:
    return {
        "passages": [passage_json(one) for one in answer.passages], "embedder": answer.embedder,
        "knows_meaning": answer.knows_meaning, "notice": answer.notice, "searched": answer.passages_searched,
        "milliseconds": round(answer.seconds * 1e3, 2),
        "embedding_milliseconds": round(answer.embedding_seconds * 1e3, 2),
    }  # fmt: skip


def show(answer: Answer, console: Console) -> None:
    for passage in answer.passages:
        anchor = passage.anchor
        where = f"{anchor.path}:{anchor.first}-{anchor.last}" if anchor.path else passage.id
        facts = " ".join(
            f"{key}={value}" for key, value in passage.metadata.items() if key not in ("language", "symbol")
        )
        state = _STATES[anchor.state]
        extra = "  ".join(part for part in (printable(passage.title), printable(facts), state) if part)
        place = console.styled(oneline(where), "place", out=True)
        console.write(f"{place}  sha256:{anchor.sha256[:12]}  {oneline(extra)}".rstrip())
        lines = (passage.text or "").strip("\n").split("\n") if passage.text is not None else []
        for line in lines[:LINES_SHOWN]:
            console.write(f"    {printable(line)[:WIDTH_SHOWN]}".rstrip())
        if len(lines) > LINES_SHOWN:
            console.write(f"    … {len(lines) - LINES_SHOWN} more lines")
    if answer.notice:
        console.warning(answer.notice)
    ms = answer.seconds * 1e3
    console.note(f"{len(answer.passages)} of {answer.passages_searched:,} passages in {ms:.1f} ms")


def oneline(text: str) -> str:
    """Text on one line: a file may be named with line breaks in it."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")
