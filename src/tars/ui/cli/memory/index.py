"""Read folders of the project into memory: only what changed since they were last read.

Code is cut by symbol, Markdown by heading, other text by lines. What `.gitignore` leaves out, links, binary and very
large files are not read; the counts say how many. Without a folder, those that were read before are read again.
"""

import argparse
from pathlib import Path

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.memory.recall.folders import Figures, leave_folder, read_folder, relative
from tars.memory.recall.index import open_index
from tars.memory.recall.memories import remembered
from tars.store import open_store
from tars.ui.cli.console import Console
from tars.ui.cli.memory._recalled import oneline, telling
from tars.ui.cli.project import STATE, project_of
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli memory index docs src", "read two folders"),
    ("tarscli memory index", "read again what changed in them"),
    ("tarscli memory index --rebuild", "make the index anew from the journal and the folders"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", metavar="FOLDER", nargs="*", help="what to read; default: what was read before")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--leave", action="store_true", help="take the folders out of memory instead")
    change.add_argument("--rebuild", action="store_true", help="delete the index first; nothing is lost by it")


def run(arguments: argparse.Namespace, console: Console) -> int:
    project = project_of(arguments)
    with open_store(project / STATE) as store:
        named = [relative(project, Path(folder), missing_ok=arguments.leave) for folder in arguments.folders]
        folders = [*named, *(remembered(store).folders if arguments.rebuild or not named else ())]
        if not folders and not arguments.rebuild:
            raise UsageError("no folder was read before", hint="name one: `tarscli memory index .`")
        totals: dict[str, Json] = {}
        show = telling(console, "Files read")
        with open_index(store, anew=arguments.rebuild, progress=telling(console, "Passages embedded anew")) as index:
            for folder in dict.fromkeys(folders):
                place = project / folder
                if not place.is_dir() and folder not in named:
                    console.warning(f"the folder {oneline(folder)} is gone", "its passages go with it")
                    figures = leave_folder(index, place)
                elif arguments.leave:
                    figures = leave_folder(index, place)
                else:
                    figures = read_folder(index, place, lambda at: show(at.files_done, at.files))
                totals[folder] = _json(figures)
                console.write(f"{oneline(folder)}: {_sentence(figures)}")
            count, embedder = index.passages(), index.fact("embedder")
            if not index.embedder.knows_meaning:
                console.warning(
                    "no embedding model is installed: questions will be answered by words, not by meaning",
                    "`tarscli memory model` says how to get one",
                )
    console.answer({"folders": totals, "passages": count, "embedder": embedder})
    console.note(f"{plural(count, 'passage')} in memory, embedded by {embedder}")
    return 0


def _sentence(figures: Figures) -> str:
    parts = [f"{plural(figures.files, 'file')}, {figures.read:,} read, {figures.unchanged:,} unchanged"]
    if figures.files_removed:
        parts.append(f"{figures.files_removed:,} gone")
    parts.append(f"{plural(figures.passages_added, 'passage')} added, {figures.passages_removed:,} removed")
    if figures.left:
        left = ", ".join(f"{count:,} {reason}" for reason, count in sorted(figures.left.items()))
        parts.append(f"left out: {left}")
    return "; ".join(parts)


def _json(figures: Figures) -> Json:
    left: dict[str, Json] = dict(figures.left)
    return {
        "files": figures.files, "read": figures.read, "unchanged": figures.unchanged,
        "files_removed": figures.files_removed, "passages_added": figures.passages_added,
        "passages_removed": figures.passages_removed, "left_out": left,
    }  # fmt: skip
