"""Delete what nothing needs any more.

That is: objects that no version and no result names, and scratch files of killed runs. What is younger than an hour
stays, for a run may just be storing it. With --cache the derived files go as well: what is known of the project's
files, and the builds and environments that all projects of the user share; they are made again. What was used within
the hour stays there too, and the project's cache while the project runs.
"""

import argparse
import os
import shutil
from pathlib import Path

from tars.core.errors import UsageError
from tars.runner.workspace import run_lock
from tars.store import Store, open_store
from tars.store.collect import GRACE_SECONDS, gc
from tars.store.evict import evict
from tars.store.materialise import remove_pruned
from tars.store.shared import Shared
from tars.ui.cli.console import Console
from tars.ui.cli.meaning import output_folders
from tars.ui.cli.project import STATE, known_project, user_cache
from tars.ui.cli.times import plural, size_text

EXAMPLES = (
    ("tarscli gc", "delete what no version needs"),
    ("tarscli gc --dry-run", "only say how much that is"),
    ("tarscli gc --cache", "also empty the caches of builds and environments"),
    ("tarscli gc --cache --unused-for 30", "of the user's cache only what nobody used for 30 days"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", action="store_true", help="also empty the project's and the user's caches")
    parser.add_argument(
        "--unused-for", type=days, metavar="DAYS", help="with --cache: only what was not used for so long"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be deleted; delete nothing")
    parser.add_argument(
        "--grace", type=seconds, default=GRACE_SECONDS, metavar="SECONDS", help="what is younger stays; default: 3600"
    )


def seconds(text: str) -> float:
    """A duration of 0 or more seconds, as an argument."""
    try:
        value = float(text.removesuffix("s"))
    except ValueError:
        value = -1.0
    if not 0.0 <= value < 1e9:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number of seconds, such as 3600")
    return value


def days(text: str) -> float:
    """A number of days as seconds, as an argument."""
    try:
        return seconds(text.removesuffix("d")) * 86400.0
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number of days, such as 30") from None


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.unused_for is not None and not arguments.cache:
        raise UsageError("--unused-for is about the caches", hint="add --cache")
    project = known_project(arguments)
    if arguments.cache:
        _refuse_cache_around(project)
    with open_store(project / STATE) as store:
        done = gc(store, arguments.grace, dry_run=arguments.dry_run)
        if not arguments.dry_run:  # Only now: where the journal is damaged, what was pruned is not known.
            for folder in output_folders(project, store):
                remove_pruned(store, folder)
        caches = _clean_caches(store, arguments, console) if arguments.cache else {}
    console.answer(
        {
            "dry_run": arguments.dry_run,
            "objects": done.objects,
            "bytes": done.bytes,
            "kept": done.kept,
            "spared": done.spared,
            "leftovers": done.leftovers,
            "caches": caches,
        }
    )
    verb = "Would delete" if arguments.dry_run else "Deleted"
    console.write(f"{verb} {plural(done.objects, 'object')} ({size_text(done.bytes)}); {done.kept:,} are needed")
    for place, size in caches.items():
        console.write(f"{verb} {size_text(size)} of the cache {place}")
    if done.spared:
        console.note(f"{plural(done.spared, 'object')} that nothing needs stayed, being younger than the grace time")
    return 0


def folder_size(folder: Path) -> int:
    """The bytes of all files beneath the folder; 0 where there is none."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_size
            except OSError:
                continue  # removed meanwhile
    return total


def _refuse_cache_around(project: Path) -> None:
    folder = user_cache()
    if folder == Path.home() or folder in project.parents or folder == project:
        raise UsageError(f"the cache `{folder}` holds the project itself; it was left alone", hint="check TARS_CACHE")


def _clean_caches(store: Store, arguments: argparse.Namespace, console: Console) -> dict[str, int]:
    """The bytes that went, by cache. What a process may be using stays: of the project's cache everything while it
    runs, of the user's what was used within the grace time."""
    sizes = {}
    if arguments.unused_for is None:
        folder = store.root / "cache"
        with run_lock(store).exclusive(seconds_max=0.0) as alone:
            sizes[str(folder)] = folder_size(folder) if alone else 0
            if alone and not arguments.dry_run:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(exist_ok=True)
        if not alone:
            console.note(f"The cache {folder} stayed: the project is running")
    gone = evict(
        Shared(user_cache()),
        age_seconds_max=arguments.unused_for or 0.0,
        in_use_seconds=arguments.grace,
        dry_run=arguments.dry_run,
    )
    return sizes | {str(user_cache()): gone.bytes}
