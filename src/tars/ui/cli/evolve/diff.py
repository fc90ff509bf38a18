"""Show how a candidate differs from the version before, or from its parent or another candidate, as a unified diff."""

import argparse
from difflib import unified_diff

from tars.evolve.evolution import text_of
from tars.evolve.sources.files import texts_at
from tars.ui.cli.console import Console, Style
from tars.ui.cli.evolve._opened import add_session, numbered, opened
from tars.ui.cli.printable import printable

EXAMPLES = (
    ("tarscli evolve diff", "the accepted candidate beside the version before"),
    ("tarscli evolve diff 12 --from 3", "candidate 12 beside candidate 3"),
)
_STYLES: dict[str, Style] = {"+": "added", "-": "removed", "@": "place"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", type=int, nargs="?", metavar="N", help="the candidate (default: the accepted one)")
    parser.add_argument("--from", dest="other", type=int, default=0, metavar="N", help="default: 0, the version before")
    add_session(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened(arguments, console) as found:
        number, other = numbered(found, arguments.number), numbered(found, arguments.other)
        before, after = (
            texts_at(text_of(found.store, found.session, each), found.session.target) for each in (other, number)
        )
    lines = [
        line
        for path in after
        for line in unified_diff(
            before[path].splitlines(True), after[path].splitlines(True), f"{path} ({other})", f"{path} ({number})"
        )
    ]
    console.answer({"from": other, "to": number, "diff": "".join(lines)})
    for line in lines:
        text = printable(line.rstrip("\n"))
        style = _STYLES.get(line[:1])
        console.write(console.styled(text, style, out=True) if style else text)
    return 0
