"""Where a command prints: stdout is data, stderr the rest; colour only on a terminal, and never as the only sign."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TextIO

from tars.core.errors import TarsError
from tars.ui.cli.main import leave_stdout
from tars.ui.cli.printable import printable

Color = Literal["auto", "always", "never"]
Style = Literal["error", "warning", "good", "quiet", "strong", "added", "removed", "place"]
LAST_COLUMN_MIN = 24
"""Where a terminal leaves the last column of a table less, rows are broken as paragraphs."""
_CODES: Mapping[Style, str] = {
    "error": "1;31",
    "warning": "1;33",
    "good": "32",
    "quiet": "2",
    "strong": "1",
    "added": "32",
    "removed": "31",
    "place": "36",
}


class Console:
    """The two streams of one command.

    With `json`, stdout gets one object that names its schema and nothing else. `quiet` drops notes, not errors.
    """

    def __init__(self, command: str, *, json: bool = False, quiet: bool = False, color: Color = "auto") -> None:
        self.command = command
        self.json = json
        self.quiet = quiet
        self.project = Path(".")
        """Where the paths of diagnostics begin; a command that knows its project sets it."""
        self.answered = False
        """Whether the JSON object of this command has been written."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # printing a file's name must never fail
        self._color_out = wants_color(sys.stdout, color)
        self._color_err = wants_color(sys.stderr, color)

    @property
    def is_terminal(self) -> bool:
        """Whether stderr, where progress is shown, is a terminal that can move its cursor."""
        return sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb"

    @property
    def can_ask(self) -> bool:
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty() and not self.json

    @property
    def color_err(self) -> bool:
        return self._color_err

    def write(self, text: str = "") -> None:
        """One or more lines of data, on stdout; left out with `--json`."""
        if not self.json:
            _out(text + "\n")

    def answer(self, body: Mapping[str, object]) -> None:
        """The one JSON object of the command on stdout; nothing without `--json`.

        Only ASCII, so that it is valid JSON in every encoding of stdout.
        """
        if self.json and not self.answered:
            self.answered = True
            self.line({"schema": f"tars.{self.command}/1", **body})

    def line(self, body: Mapping[str, object]) -> None:
        """A JSON object as one line of stdout, at once."""
        _out(json.dumps(body) + "\n", at_once=True)

    def note(self, text: str) -> None:
        """A line that is not data, on stderr; left out with `--quiet`."""
        if not self.quiet:
            sys.stderr.write(text + "\n")

    def say(self, text: str) -> None:
        """A line on stderr that `--quiet` does not leave out."""
        sys.stderr.write(text + "\n")

    def warning(self, message: str, hint: str = "") -> None:
        sys.stderr.write(f"{self.styled('Warning:', 'warning')} {printable(message)}\n")
        self._hint(hint)

    def error(self, error: TarsError) -> None:
        """The error, what caused it, and the next step, on stderr; with `--json` on stdout as well, as an object."""
        reasons = self._say(error)
        try:
            self.answer({"error": {"message": error.message, "causes": reasons, "hint": error.hint}})
        except TarsError as unwritten:
            self._say(unwritten)

    def _say(self, error: TarsError) -> list[str]:
        """Tells of an error on stderr; returns what caused it."""
        sys.stderr.write(f"{self.styled('Error:', 'error')} {printable(error.message)}\n")
        reasons = causes(error)
        for reason in reasons:
            sys.stderr.write(f"{self.styled('Caused by:', 'error')} {printable(reason)}\n")
        self._hint(error.hint)
        return reasons

    def ask(self, question: str) -> bool:
        """Whether the person at the terminal says yes."""
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def styled(self, text: str, style: Style, *, out: bool = False) -> str:
        """`text` in a colour where the stream (stderr, or stdout where `out`) shows colours."""
        wanted = self._color_out if out else self._color_err
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if wanted and text else text

    def _hint(self, hint: str) -> None:
        if hint:
            sys.stderr.write(f"{self.styled('Hint:', 'place')} {printable(hint)}\n")


def _out(text: str, *, at_once: bool = False) -> None:
    try:
        sys.stdout.write(text)
        if at_once:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        leave_stdout()  # it is said once, and the error stays the one that it is
        reason = (error.strerror or str(error)).lower()
        raise TarsError(f"cannot write to stdout: {reason}", hint="check where it is redirected to") from error


def causes(error: BaseException) -> list[str]:
    """The messages of the exceptions that led to this one, the nearest first; what was said already is left out."""
    found: list[str] = []
    told = str(error).lower()
    seen = error.__cause__
    while seen is not None and len(found) < 8:
        text = (seen.strerror if isinstance(seen, OSError) else None) or str(seen) or type(seen).__name__
        if text.lower() not in told:
            found.append(text)
            told += "\n" + text.lower()
        seen = seen.__cause__
    return found


def wants_color(stream: TextIO, color: Color) -> bool:
    """Whether to colour: as `--color` says, else as NO_COLOR, FORCE_COLOR and TERM say, else if it is a terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM", "") != "dumb"


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = (), *, width: int = 0) -> str:
    """Rows as columns of equal width, two blanks apart, without blanks at the line ends. Where they are wider than
    `width` (0: any) they are broken between words: within the last column, or where that is too narrow each as a
    paragraph."""
    return "\n".join(table_rows(rows, header, width=width))


def table_rows(rows: Sequence[Sequence[str]], header: Sequence[str] = (), *, width: int = 0) -> list[str]:
    """The rows of a table, the header among them, each of one line or, where it is broken, of several."""
    lines = [header, *rows] if header else rows
    widths = [max(places(line[column]) for line in lines) for column in range(len(lines[0]))] if lines else []
    found = [
        "  ".join(cell + " " * (wide - places(cell)) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    if not width or max(map(places, found), default=0) <= width:
        return found
    from textwrap import fill  # noqa: PLC0415 - for narrow terminals only

    before = sum(widths[:-1]) + 2 * len(widths[:-1])
    if width - before < LAST_COLUMN_MIN:
        texts, indent = ["  ".join(filter(None, line)) for line in lines], " " * 4
    else:
        texts, indent = found, " " * before
    return [
        fill(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        if places(text) > width else text
        for text in texts
    ]  # fmt: skip


def places(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width  # noqa: PLC0415 - few texts need it

    return sum(0 if category(one) in ("Mn", "Me") else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def terminal_width() -> int:
    """How wide the terminal behind stdout is; 0 where there is none, so that what another program reads has its lines
    whole."""
    if not sys.stdout.isatty():
        return 0
    try:
        return int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(1).columns
    except (ValueError, OSError):
        return 0
