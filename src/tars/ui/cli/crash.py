"""What a user sees of a bug in TARS: one paragraph, and the path of a report that holds the traceback."""

import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from tars import __version__
from tars.core.errors import TarsError
from tars.ui.cli.console import Console
from tars.ui.cli.project import user_cache


def report_crash(error: Exception, words: Sequence[str], console: Console) -> None:
    """Write the traceback into a file of the user's cache and say in one paragraph where it is."""
    path = _written(_report(error, words))
    where = f"A report is in {path}" if path else "The report could not be written; TARS_DEBUG=1 prints it"
    console.error(
        TarsError(
            f"this is a bug in TARS: {type(error).__name__}: {str(error)[:200] or 'no message'}. Nothing that was "
            f"committed is lost. {where}",
            hint="please open an issue with the report (look through it first: it holds paths of this machine)",
        )
    )


def _report(error: Exception, words: Sequence[str]) -> str:
    lines = [
        f"tarscli {__version__}",
        f"python {sys.version.split()[0]} on {platform.platform()}",
        f"arguments {list(words)!r}",
        "",
    ]
    return "\n".join(lines) + "".join(traceback.format_exception(error))


def _written(text: str) -> Path | None:
    name = f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.txt"
    for folder in (user_cache() / "crashes", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / (name if folder.name == "crashes" else f"tars-crash-{name}")
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return path
    return None
