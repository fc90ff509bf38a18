"""Show what is known of a name: declaration, members, methods, traits, and where it is written.

NAME is a name or a path: `Circle`, `Circle::area`, `crate::shapes`. The graph is brought up to date first.
"""

import argparse
from pathlib import Path

from tars.rust.checking.workspace import find_target
from tars.rust.graph import GraphAnswer, SymbolAnswer, graph_of
from tars.ui.cli.console import Console
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE
from tars.ui.cli.rust._opened import project_around
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli rust graph Circle", "an item of the crate in this folder"),
    ("tarscli rust graph HashMap --in crates/core", "of another crate"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("symbol", metavar="NAME", help="a name or a path, such as `Circle::area`")
    parser.add_argument("--in", dest="path", default=".", metavar="PATH", help="a crate or a `.rs` file (default: .)")


def run(arguments: argparse.Namespace, console: Console) -> int:
    target = find_target(Path(arguments.path))
    answer = graph_of(target, arguments.symbol, project_around(arguments, target.folder) / STATE / "cache")
    known = bool(answer.symbols or answer.mentions or answer.standard)
    console.answer({"known": known, **_object(answer)})
    for symbol in answer.symbols:
        console.write(_text(symbol, console) + "\n")
    for path in answer.standard:
        console.write(f"{printable(path)}  (the standard library)")
    for spot in answer.mentions:
        console.write(f"{printable(spot.path)}:{spot.line}:{spot.column}  {printable(spot.text)}")
    if not known:
        near = f"; near to it: {', '.join(map(printable, answer.near[:5]))}" if answer.near else ""
        console.note(f"Nothing of that name is known here{near}")
        return 1
    console.note(f"{plural(len(answer.symbols), 'item')}, written in {plural(len(answer.mentions), 'place')}")
    return 0


def _object(answer: GraphAnswer) -> dict[str, object]:
    body = json_value(answer)
    assert isinstance(body, dict)
    return body


def _text(symbol: SymbolAnswer, console: Console) -> str:
    head = console.styled(printable(symbol.path), "strong", out=True)
    lines = [f"{head}  {printable(symbol.spot.path)}:{symbol.spot.line}", f"  {printable(symbol.declaration)}"]
    lines += [f"    {printable(member)}" for member in symbol.members]
    lines += [f"  {printable(method.signature)}" for method in symbol.methods]
    lines += [f"  implements {', '.join(map(printable, symbol.traits))}"] if symbol.traits else []
    lines += [f"  implemented by {', '.join(map(printable, symbol.implementors))}"] if symbol.implementors else []
    return "\n".join(lines)
