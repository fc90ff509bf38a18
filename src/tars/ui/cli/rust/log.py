"""Read what an episode did and why, as a diary: what was sensed, decided, asked, proposed and judged.

ID is an episode's, or that of the patch that it found; without one, all episodes are listed. Each probe stands there as
the tool action that it was, with the hash of what the tool answered; each citation says whether it still holds.
"""

import argparse
from collections.abc import Callable

from tars.core.errors import TarsError
from tars.rust.anchors.library import open_library
from tars.rust.patches.devlog import Episode, diary, episodes, find, observations_of, steps_of, unfinished
from tars.store import Store
from tars.ui.cli.console import Console, table, terminal_width
from tars.ui.cli.printable import one_line, printable, shortened
from tars.ui.cli.rust._opened import opened_known
from tars.ui.cli.times import plural, when

EXAMPLES = (
    ("tarscli rust log", "all episodes, the newest first"),
    ("tarscli rust log 1f0c9a", "the diary of one"),
    ("tarscli rust log 1f0c9a --json", "with everything that the tools answered"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help="the beginning of an episode's or a patch's id")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with opened_known(arguments, console) as (_, store):
        if arguments.id is None:
            return _list(store, console)
        episode = find(store, arguments.id)
        steps = steps_of(store, episode)
        if console.json:
            console.answer({**_json(episode), "steps": steps, "observations": observations_of(store, episode)})
        for line in diary(episode, steps, _cited()):
            console.write(printable(line))
    return 0


def _list(store: Store, console: Console) -> int:
    ended, going = list(episodes(store)), unfinished(store)
    console.answer({"episodes": [_json(one) for one in ended], "unfinished": [_json(one) for one in going]})
    rows = [(one.id[:8], when(one.time), one.status, one.subject, shortened(one.why, 60)) for one in ended]
    rows += [(one.id[:8], when(one.time), "no end", one.subject, "it goes on, or was killed") for one in going]
    if rows:
        console.write(table([tuple(map(one_line, row)) for row in rows], width=terminal_width()))
    console.note(f"{plural(len(rows), 'episode')} in this project")
    return 0


def _json(episode: Episode) -> dict[str, object]:
    return {
        "episode": episode.id, "time": episode.time, "subject": episode.subject, "goal": episode.goal,
        "status": episode.status, "why": episode.why, "probes": episode.probes, "tried": episode.tried,
        "seconds": episode.seconds,
    }  # fmt: skip


def _cited() -> Callable[[str], str]:
    """What says of a citation where it is, and whether it holds on this machine."""
    try:
        library = open_library()
    except TarsError as error:
        why = error.message
        return lambda citation: f"{citation} (not looked up: {why})"

    def cited(citation: str) -> str:
        try:
            anchor = library.anchor_for(citation)
        except TarsError as error:
            return f"{citation} (not here: {error.message})"
        return f"{citation} [{anchor.start}..{anchor.end}] sha256 {anchor.digest[:12]}"

    return cited
