"""Let go of all versions but the newest.

Their files go with the next `tarscli gc`; the journal keeps their history. Versions that a metascript pins
(`use_go_module = "rank@v3"`) stay: one in the project's folder, or one elsewhere in the project that was run. A
variable has its default there, or what `TARS_VAR_name` says. Without --keep it is `settings { retention = N }`.
"""

import argparse

from tars.core.errors import UsageError
from tars.store import open_store
from tars.store.materialise import remove_pruned
from tars.store.retention import prune
from tars.ui.cli.console import Console
from tars.ui.cli.meaning import output_folders, pinned_versions, retention
from tars.ui.cli.parser import count
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli prune --keep 10", "keep the ten newest versions"),
    ("tarscli prune --keep 10 && tarscli gc", "and delete the files that only older ones held"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", type=count, metavar="N", help="how many versions stay; default: as settings say")


def run(arguments: argparse.Namespace, console: Console) -> int:
    project = known_project(arguments)
    with open_store(project / STATE) as store:
        keep = arguments.keep or retention(project, store)
        if not keep:
            raise UsageError(
                "how many versions to keep is not said",
                hint="use --keep N, or `settings { retention = N }` in the metascript",
            )
        gone = prune(store, keep, pinned=pinned_versions(project, store))
        refusals = [error for folder in output_folders(project, store) for error in remove_pruned(store, folder)]
    console.answer({"pruned": list(gone), "keep": keep})
    for error in refusals:
        console.warning(f"the folder of a pruned version is still there: {error.message}", error.hint)
    if gone:
        console.write("\n".join(f"v{number}" for number in gone))
        console.note(f"Let go of {plural(len(gone), 'version')}; `tarscli gc` deletes the files that only they held")
    else:
        console.note(f"There are no more than {plural(keep, 'version')}; nothing to let go of")
    return 0
