"""Take an applied patch back, byte for byte.

It works after a crash too: what `kill -9` or a power cut interrupted is first put back to what the files were before.
A file that was changed since the patch was applied is not touched, and then none is.
"""

import argparse
from pathlib import Path

from tars.core.errors import TarsError, UsageError
from tars.rust.patches import review
from tars.rust.patches.review import Kept
from tars.store import Store
from tars.ui.cli.console import Console
from tars.ui.cli.rust._opened import opened_known
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli rust rollback 1f0c9a", "show what would change, and ask"),
    ("tarscli rust rollback 1f0c9a --yes", "without asking"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the beginning of a patch's id, or the episode that found it")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened_known(arguments, console) as (project, store):
        return take_back(review.find(store, arguments.id), project, store, console, yes=arguments.yes)


def take_back(kept: Kept, project: Path, store: Store, console: Console, *, yes: bool) -> int:
    """Rolls the patch back, after asking unless `yes`; returns the exit code."""
    count = plural(len(kept.patch.files), "file")
    if not yes and kept.state is review.State.APPLIED:
        if not console.can_ask:
            raise UsageError(
                f"taking back the patch {kept.short} changes {count}, and nobody can be asked",
                hint=f"`tarscli rust rollback {kept.short} --yes`",
            )
        if not console.ask(f"Take back the patch {kept.short} ({count})?"):
            raise TarsError("nothing was changed", hint="answer `y` to take it back")
    changed = review.rollback(store, project, kept)
    console.answer({"patch": kept.id, "files": list(changed), "state": str(review.state_of(store, kept.id))})
    if changed:
        console.note(f"Took back {kept.short}: {plural(len(changed), 'file')} as before it, byte for byte")
    else:
        console.note(f"Nothing to take back: every file is as it was before {kept.short}")
    return 0
