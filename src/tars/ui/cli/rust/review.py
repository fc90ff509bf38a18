"""Look through the patches that were found, apply one, or take one back.

Every patch that `tarscli rust fix` finds is kept with its reasons and its proof. ID is the beginning of a patch's id,
or the name of the episode that found it. A patch applies only to the very bytes that it was made for.
"""

import argparse
from pathlib import Path

from tars.core.errors import TarsError, UsageError
from tars.rust.patches import review
from tars.rust.patches.review import Kept
from tars.rust.syntax.diff import unified_diff
from tars.store import Store
from tars.ui.cli.console import Console, table
from tars.ui.cli.printable import printable
from tars.ui.cli.rust import rollback
from tars.ui.cli.rust._opened import opened_known
from tars.ui.cli.rust._patches import (
    files_of,
    json_of,
    proof_lines,
    reason_lines,
    row_of,
    show_diff,
    size_text,
    state_hint,
)
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli rust review list", "all patches, the newest first"),
    ("tarscli rust review show 1f0c9a", "one of them: diff, reasons, anchors, proof"),
    ("tarscli rust review apply 1f0c9a --yes", "without asking"),
    ("tarscli rust review show 1f0c9a --inverse", "what a rollback would change"),
)
CHOICES = ("list", "show", "apply", "rollback")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=CHOICES, metavar="ACTION", help="`list`, `show`, `apply` or `rollback`")
    parser.add_argument("id", nargs="?", metavar="ID", help="the patch; not for `list`")
    parser.add_argument("--inverse", action="store_true", help="with `show`: print the diff that takes it back")
    parser.add_argument("--yes", action="store_true", help="with `apply` and `rollback`: do not ask")


def run(arguments: argparse.Namespace, console: Console) -> int:
    _check(arguments)
    with opened_known(arguments, console) as (project, store):
        if arguments.action == "list":
            return _list(store, console)
        kept = review.find(store, arguments.id)
        if arguments.action == "show":
            return _show(kept, project, console, inverse=arguments.inverse)
        if arguments.action == "rollback":
            return rollback.take_back(kept, project, store, console, yes=arguments.yes)
        return _apply(kept, project, store, console, yes=arguments.yes)


def _check(arguments: argparse.Namespace) -> None:
    if (arguments.action == "list") == bool(arguments.id):
        what = "takes no ID" if arguments.id else "needs the ID of a patch"
        raise UsageError(f"`tarscli rust review {arguments.action}` {what}", hint="`tarscli rust review list` has them")
    if arguments.inverse and arguments.action != "show":
        raise UsageError("--inverse is for `show` only", hint="`tarscli rust review show ID --inverse`")
    if arguments.yes and arguments.action in ("list", "show"):
        raise UsageError("--yes is for `apply` and `rollback` only", hint="leave it out: nothing is asked here")


def _list(store: Store, console: Console) -> int:
    found = list(review.kept_patches(store))
    console.answer({"patches": [json_of(one) for one in found]})
    if found:
        console.write(table([row_of(one) for one in found]))
    console.note(f"{plural(len(found), 'patch').replace('patchs', 'patches')} kept in this project")
    return 0


def _show(kept: Kept, project: Path, console: Console, *, inverse: bool) -> int:
    files = files_of(kept, project)
    patch = kept.patch.inverse() if inverse else kept.patch
    before = kept.patch.applied(files) if inverse else files
    diff = unified_diff(patch, before)
    console.answer({"patch": json_of(kept), "diff": diff.decode("utf-8", "backslashreplace")})
    show_diff(diff, console)
    if not inverse:
        console.note("")
        for line in describing(kept, files):
            console.note(line)
    return 0


def describing(kept: Kept, files: dict[str, bytes]) -> list[str]:
    """Everything about a patch besides its diff, for people."""
    lines = [f"Patch {kept.short}, {kept.state}: {size_text(kept, files)}"]
    lines += [f"Found by episode {printable(kept.episode)}"] if kept.episode else []
    lines += ["Why:", *(f"  {line}" for line in reason_lines(kept.reasons))] if kept.reasons else []
    return [*lines, f"Proof, in a copy: {'; '.join(proof_lines(kept.proof))}", state_hint(kept)]


def _apply(kept: Kept, project: Path, store: Store, console: Console, *, yes: bool) -> int:
    files = files_of(kept, project)
    if not yes:
        show_diff(unified_diff(kept.patch, files), console)
        confirm(f"apply the patch {kept.short}", size_text(kept, files), console)
    review.apply(store, project, kept)
    console.answer({"patch": kept.id, "files": [file.path for file in kept.patch.files], "state": "applied"})
    console.note(f"Applied {kept.short}: {size_text(kept, files)}. `tarscli rust rollback {kept.short}` takes it back")
    return 0


def confirm(what: str, size: str, console: Console) -> None:
    """Asks; raises `UsageError` where nobody can be asked, and `TarsError` where the answer is no."""
    if not console.can_ask:
        raise UsageError(f"to {what} changes {size}, and nobody can be asked", hint="use --yes")
    if not console.ask(f"{what[:1].upper()}{what[1:]} ({size})?"):
        raise TarsError("nothing was changed", hint="answer `y` to do it")
