"""Putting back what an interrupted change of files left in the work tree, and saying so."""

from pathlib import Path

from tars.core.errors import TarsError
from tars.store import Store
from tars.store.rewrite import PutBack, put_back
from tars.ui.cli.console import Console
from tars.ui.cli.printable import one_line


def take_back(store: Store, project: Path, console: Console) -> None:
    """Puts back what was interrupted, and says it. A disk that refuses must not keep one from looking at what is
    stored."""
    try:
        tell_put_back(put_back(store, project), console)
    except TarsError as error:
        console.warning(f"an interrupted change could not be taken back: {error.message}", error.hint)


def tell_put_back(back: PutBack, console: Console) -> None:
    """Says what was put back, if anything was."""
    if back.text:
        (console.warning if back.changed or back.lost else console.note)(one_line(back.text))
