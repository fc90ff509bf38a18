"""Look at a candidate that passed every gate and waits for a yes, and let it in as the next version.

Without --accept or --refuse it shows what waits. `tarscli rollback NAME@vN` takes a version back.
"""

import argparse
from pathlib import Path

from tars.core.errors import TarsError, UsageError
from tars.evolve.commit import commit, version_of
from tars.evolve.evolution import text_of
from tars.evolve.judging.guarded import digests_of
from tars.evolve.records import ENDED, entries_of, note
from tars.evolve.sources.files import texts_at
from tars.evolve.sources.languages import language_of
from tars.ui.cli.console import Console
from tars.ui.cli.evolve._opened import Opened, add_session, opened

EXAMPLES = (
    ("tarscli evolve review", "what waits, and its diff"),
    ("tarscli evolve review --accept", "make it the next version"),
)
REFUSED = "evolve-refused"


def configure(parser: argparse.ArgumentParser) -> None:
    add_session(parser)
    parser.add_argument("--accept", action="store_true", help="make it the next version")
    parser.add_argument("--refuse", action="store_true", help="let it go; it stays in the log")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.accept and arguments.refuse:
        raise UsageError("--accept and --refuse exclude each other", hint="choose one")
    with opened(arguments, console) as found:
        number = found.chosen()
        made = version_of(found.store, found.session)
        refused = next(entries_of(found.store, found.session, REFUSED), None) is not None
        if number is None or made is not None or refused:
            state = f"is version v{made[1]}" if made else "was refused" if refused else "no candidate passed every gate"
            console.answer({"session": found.session.id, "waits": None, "version": made[1] if made else None})
            asked = arguments.accept or arguments.refuse
            tell = console.say if asked else console.note
            tell(f"Nothing waits: of session {found.session.id} candidate {number} {state}" if number else
                 f"Nothing waits: {state}")  # fmt: skip
            return 1 if asked else 0
        if arguments.refuse:
            note(found.store, found.session, REFUSED, {"number": number}, number)
            console.answer({"session": found.session.id, "refused": number})
            console.note(f"Candidate {number} is refused")
            return 0
        version = accept(found, number, console) if arguments.accept else None
        console.answer({"session": found.session.id, "waits": None if version else number, "version": version})
        if version is None:
            console.write(f"{found.session.target}: candidate {number} waits ({found.score(number):g})")
            console.note("`tarscli evolve diff` shows it; `tarscli evolve review --accept` lets it in")
    return 0


def accept(found: Opened, number: int, console: Console) -> int:
    """Commits the candidate. Raises `TarsError` where what judged it has changed since."""
    for path, digest in found.session.guarded.items():
        present = found.project / path
        if digests_of([present])[str(present)] != digest:
            raise TarsError(
                f"`{path}`, which the gates rest on, was changed since; nothing was written",
                hint="put it back, or begin a new evolution",
            )
    text = text_of(found.store, found.session, number)
    first = next(iter(texts_at(text, found.session.target)))
    version = commit(found.store, found.project, found.session, number, text, language_of(first, "tars"))
    name = Path(found.session.target).stem
    end = next(entries_of(found.store, found.session, ENDED))
    console.note(f"Version v{version}: {found.session.target} is now candidate {number} ({end.body['said']})")
    console.note(f"Take it back with `tarscli rollback {name}@v{version - 1}`")
    return version
