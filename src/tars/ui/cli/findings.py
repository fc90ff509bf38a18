"""Shows diagnostics on the console: the language's report, coloured where the console is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tars.core.errors import InputError, TarsError
from tars.core.values import Diagnostic
from tars.lang import report
from tars.ui.cli.console import Console, Style

SHOWN_MAX = 50
_STYLES: Mapping[report.Style, Style] = {
    "error": "error",
    "warning": "warning",
    "note": "place",
    "message": "strong",
    "frame": "place",
    "related": "place",
    "hint": "place",
}


def show_input_error(
    error: InputError, console: Console, texts: Mapping[str, str] | None = None, more: Mapping[str, object] = {}
) -> None:
    """The findings that a command stumbled over, then the error itself. Texts that are not given are read; `more` is
    what the command answers beside these."""
    known = texts_of(error.diagnostics, console.project) if texts is None else texts
    show_findings([one for one in error.diagnostics if one.span or one.message != error.message], known, console)
    reason = {"message": error.message, "causes": [], "hint": error.hint}
    console.answer({"error": reason, "diagnostics": report.to_json(error.diagnostics, known), **more})
    console.error(TarsError(error.message, hint=error.hint))


def show_findings(
    diagnostics: Sequence[Diagnostic], texts: Mapping[str, str], console: Console, *, out: bool = False
) -> None:
    """Each finding, the first `SHOWN_MAX` of them: on stderr, or on stdout where they are what was asked for."""
    say = console.write if out else console.say
    for one in diagnostics[:SHOWN_MAX]:
        say(finding_text(one, texts, console, out=out))
    if len(diagnostics) > SHOWN_MAX:
        say(f"… and {len(diagnostics) - SHOWN_MAX} more; `tarscli check --format json` has all\n")


def finding_text(one: Diagnostic, texts: Mapping[str, str], console: Console, *, out: bool = False) -> str:
    """One finding with its source line, coloured where the stream is; ends with a newline."""
    return "".join(
        console.styled(text, _STYLES[style], out=out) if style in _STYLES else text
        for text, style in report.segments(one, texts)
    )


def texts_of(diagnostics: Sequence[Diagnostic], project: Path) -> dict[str, str]:
    """The texts of the files that the findings are in, as far as they can be read; paths are the project's."""
    texts = {}
    for path in {one.span.path for one in diagnostics if one.span}:
        try:
            texts[path] = (project / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
    return texts
