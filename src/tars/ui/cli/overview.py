"""The list of commands, and what `tarscli --help` prints; imports no command and no parser."""

import importlib
import os
from collections.abc import Sequence
from types import ModuleType

from tars.ui.cli import commands

GROUPS = (
    ("Start", ("new", "run", "run-module", "doctor")),
    ("Metascripts", ("check", "fmt", "convert", "schema", "explain")),
    ("Versions", ("versions", "show", "diff", "rollback", "prune", "gc")),
    ("Records", ("logs", "history", "why", "store")),
    ("Rust", ("rust",)),
    ("Shell", ("completion",)),
)
DESCRIPTION_MIN = 24
"""Where a page leaves descriptions less beside their terms, they are below them."""
EXITS = (
    (0, "done"),
    (1, "findings, or a run that failed"),
    (2, "the command line is wrong"),
    (3, "this machine lacks something; `tarscli doctor` shows what"),
    (70, "a bug in TARS"),
    (130, "interrupted"),
)


def verbs(package: ModuleType = commands) -> tuple[str, ...]:
    """The names of all commands in a package, sorted; imports none of them."""
    files = (file for folder in package.__path__ for file in os.listdir(folder))
    return tuple(sorted(file[:-3].replace("_", "-") for file in files if file.endswith(".py") and file[0] != "_"))


def summary(verb: str, package: ModuleType = commands) -> str:
    """The command's one sentence: the first line of its file, so that the overview need not import every command."""
    for folder in package.__path__:
        path = os.path.join(folder, verb.replace("-", "_") + ".py")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return first_sentence(file.readline().strip().strip('"'))
    return first_sentence(importlib.import_module(f"{package.__name__}.{verb.replace('-', '_')}").__doc__ or "")


def first_sentence(text: str) -> str:
    return text.strip().partition("\n")[0].rstrip(".")


def overview() -> str:
    """Every command in one line, in groups; those that no group names come last."""
    width = page_width()
    known = verbs()
    grouped = {verb for _, chosen in GROUPS for verb in chosen}
    groups = [*GROUPS, ("More", tuple(verb for verb in known if verb not in grouped))]
    parts = [
        "Usage: tarscli COMMAND [ARGUMENTS] [OPTIONS]",
        "Runs agents written in any language from one declarative file, and remembers every version.",
    ]
    for title, chosen in groups:
        rows = [(verb, summary(verb)) for verb in chosen if verb in known]
        if rows:
            parts.append(f"{title}:\n" + columns(rows, width, term_width=14))
    parts.append("`tarscli COMMAND --help` is the manual of a command. To begin: `tarscli new demo`")
    parts.append("Exit codes:\n" + columns([(str(code), meaning) for code, meaning in EXITS], width, term_width=14))
    return "\n\n".join(filled(part, width) for part in parts)


def page_width() -> int:
    """How wide help pages are: as the terminal, between 20 and 100 characters."""
    try:
        width = int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(1).columns
    except (ValueError, OSError):
        width = 100
    return max(min(width, 100), 20)


def filled(text: str, width: int) -> str:
    """One paragraph broken into lines; text that has lines already is left alone."""
    from textwrap import fill  # noqa: PLC0415 - only pages of help are filled

    return text if "\n" in text else fill(text, width, break_long_words=False, break_on_hyphens=False)


def columns(rows: Sequence[tuple[str, str]], width: int, term_width: int = 24) -> str:
    """Terms on the left, their descriptions on the right, broken into lines; a long term has a line of its own. On a
    narrow page descriptions are below their terms."""
    from textwrap import wrap  # noqa: PLC0415 - as above

    lines = []
    if width - term_width < DESCRIPTION_MIN:
        for left, right in rows:
            lines += wrap(left, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
            lines += wrap(right, width, initial_indent="      ", subsequent_indent="      ", break_on_hyphens=False)
        return "\n".join(lines)
    for left, right in rows:
        wrapped = wrap(right, width - term_width - 2, break_long_words=False, break_on_hyphens=False) or [""]
        if len(left) >= term_width:
            lines.append(f"  {left}")
        else:
            lines.append(f"  {left.ljust(term_width)}{wrapped.pop(0)}".rstrip())
        lines += [" " * (term_width + 2) + line for line in wrapped]
    return "\n".join(lines)
