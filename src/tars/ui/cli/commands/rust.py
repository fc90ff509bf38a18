"""Mend Rust that does not build, offline, with minimal patches that were proven first.

`tarscli rust fix PATH` looks for the smallest change with which everything builds and the tests pass, in a copy; the
files themselves change only after a yes, or with --apply, and `tarscli rust rollback ID` takes it back byte for byte.
"""

import argparse

from tars.core.errors import UsageError
from tars.ui.cli import rust
from tars.ui.cli.console import Console

ACTIONS = rust
"""Each file of this package is one action; `tarscli rust ACTION --help` is its manual."""
EXAMPLES = (
    ("tarscli rust fix .", "mend the crate in this folder"),
    ("tarscli rust explain E0382", "an error code, with anchors into the documentation on this disk"),
    ("tarscli rust rollback 1f0c9a", "take a patch back"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", metavar="ACTION", nargs="?", help="what to do; each has a manual of its own")


def run(arguments: argparse.Namespace, console: Console) -> int:
    raise UsageError("the action is missing", hint="for instance `tarscli rust fix .`; `tarscli rust --help` lists all")
