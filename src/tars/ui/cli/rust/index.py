"""Read a crate into the project graph: its items, imports and modules, and the standard library's.

Only files whose content is new are read again. The graph is a derived file in `.tars/cache`.
"""

import argparse
from pathlib import Path

from tars.rust.checking.workspace import find_target
from tars.rust.graph import index_project
from tars.ui.cli.console import Console, table
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE
from tars.ui.cli.rust._opened import project_around
from tars.ui.cli.times import plural

EXAMPLES = (("tarscli rust index .", "the crate in this folder"),)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="a crate or a `.rs` file (default: .)")


def run(arguments: argparse.Namespace, console: Console) -> int:
    target = find_target(Path(arguments.path))
    report = index_project(target, project_around(arguments, target.folder) / STATE / "cache")
    console.answer({"index": json_value(report)})
    console.write(table([(kind, f"{count:,}") for kind, count in report.items.items()]) or "no items")
    for line in report.missing:
        console.warning(f"{line} has no file")
    if not report.documentation:
        console.warning("the toolchain's documentation is not installed", "`rustup component add rust-docs`")
    changed = f"{plural(len(report.read), 'file')} read, {len(report.gone)} gone"
    console.note(
        f"Indexed {plural(report.files, 'file')} of {', '.join(map(printable, report.crates)) or 'no crate'} "
        f"({changed}) in {report.seconds:.2f} s; {report.standard_items:,} items of the standard library"
    )
    return 0
