"""Draw the lineage of an evolution: as text, or with --output as a picture (`.svg`, or `.html` with the patches).

The text shows the candidates that are better than their parents, and those that lead to them; --all shows every one.
The picture stands alone: it loads nothing.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from tars.core.errors import UsageError
from tars.evolve.picture import Mark, page, picture
from tars.runner.workspace import replace_text
from tars.ui.cli.console import Console
from tars.ui.cli.evolve._opened import Opened, add_session, opened

EXAMPLES = (
    ("tarscli evolve tree", "who came from whom, as text"),
    ("tarscli evolve tree --output lineage.html", "as a page that can be opened anywhere"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    add_session(parser)
    parser.add_argument("--all", action="store_true", help="also what led nowhere")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write a picture: .svg or .html")


def run(arguments: argparse.Namespace, console: Console) -> int:
    output: Path | None = arguments.output
    if output is not None and output.suffix not in (".svg", ".html"):
        raise UsageError(f"`{output}` is neither .svg nor .html", hint="as --output lineage.svg")
    with opened(arguments, console) as found:
        marks = _marks(found, every=arguments.all or output is not None)
        title, sign = f"{found.session.target}, session {found.session.id}", found.sign
    if output is not None:
        replace_text(
            output.absolute(), page(title, marks, sign) if output.suffix == ".html" else picture(title, marks, sign)
        )
        console.note(f"Wrote {output}")
    else:
        for line in _lines(marks, 0, ""):
            console.write(line)
    console.answer({
        "session": found.session.id, "output": str(output) if output else None,
        "nodes": [{"number": one.number, "parent": one.parent, "score": one.score} for one in marks],
    })  # fmt: skip
    return 0


def _marks(found: Opened, *, every: bool) -> list[Mark]:
    chosen = found.chosen()
    wanted = set(found.kept) if every else _telling(found)
    marks = [Mark(0, -1, "the version before", found.score(0), "", accepted=False)]
    for number in sorted(wanted):
        one = found.kept[number]
        marks.append(
            Mark(number, one.parents[0], one.producer, found.score(number), one.patch.canonical, number == chosen)
        )  # fmt: skip
    return marks


def _telling(found: Opened) -> set[int]:
    """Those that are better than their parents, with all their ancestors."""
    wanted: set[int] = set()
    for number, one in found.kept.items():
        score, before = found.score(number), found.score(one.parents[0])
        if score is not None and (before is None or found.sign * score > found.sign * before):
            wanted |= set(found.line(number))
    return wanted


def _lines(marks: list[Mark], number: int, indent: str) -> Iterator[str]:
    one = next(mark for mark in marks if mark.number == number)
    score = "" if one.score is None else f"  {one.score:.6g}"
    yield f"{indent}{number} {one.producer}{score}{'  accepted' if one.accepted else ''}"
    for child in marks:
        if child.parent == number:
            yield from _lines(marks, child.number, indent + "  ")
