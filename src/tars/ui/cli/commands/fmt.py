"""Write metascripts in their canonical form; every comment stays, and the meaning.

Without FILES all metascripts of the folder are formatted in place; `-` formats stdin to stdout. A file with syntax
errors is left alone and told.
"""

import argparse
import os
import sys
from difflib import unified_diff
from pathlib import Path

from tars.core.errors import InputError, TarsError
from tars.lang.forms.format import format_text
from tars.ui.cli.console import Console, Style
from tars.ui.cli.findings import show_input_error
from tars.ui.cli.metatexts import read_text, read_texts
from tars.ui.cli.printable import printable
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli fmt", "format all metascripts of this folder"),
    ("tarscli fmt --check", "change nothing; exit code 1 where one is not formatted"),
    ("tarscli fmt --diff pipeline.tars", "show what would change"),
    ("tarscli fmt - < a.tars", "format stdin to stdout, as editors do"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="*", metavar="FILES", help="metascripts; default: all in the folder; `-` is stdin"
    )
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 where a file would change")
    parser.add_argument("--diff", action="store_true", help="change nothing; show what would change")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.files == ["-"]:
        return _filter(arguments, console)
    results: list[dict[str, object]] = []
    failures: dict[str, InputError] = {}
    texts = read_texts(arguments)
    for path, text in texts.items():
        try:
            formatted = format_text(text, str(path))
        except InputError as error:
            failures[str(path)] = error
            continue
        changed = formatted != text
        results.append({"path": str(path), "changed": changed})
        if not changed:
            continue
        if arguments.diff:
            console.write(_diff(str(path), text, formatted, console))
        elif arguments.check:
            console.write(printable(str(path)))
        else:
            replace_file(path, formatted)
            console.write(printable(str(path)))
    count = sum(bool(result["changed"]) for result in results)
    if failures:
        shown = {str(path): text for path, text in texts.items()}
        show_input_error(_together(failures), console, shown, {"files": results})
    else:
        console.answer({"files": results})
    if count or not failures:
        console.note(_told(count, len(texts), arguments.check or arguments.diff))
    return 1 if failures or (count and arguments.check) else 0


def _together(failures: dict[str, InputError]) -> InputError:
    """One error with the findings of all."""
    first, *others = failures.values()
    if not others:
        return first
    message = f"{len(failures)} files have syntax errors and were not formatted: {', '.join(failures)}"
    return InputError(message, [one for error in failures.values() for one in error.diagnostics], hint=first.hint)


def _told(changed: int, files: int, keeping: bool) -> str:
    if not changed:
        return f"{plural(files, 'file')} formatted already"
    return f"{changed} of {plural(files, 'file')} {'would change' if keeping else 'changed'}"


def replace_file(path: Path, text: str) -> None:
    """Write the file anew so that a reader sees the old or the new content; its permissions stay."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(scratch, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(scratch, path.stat().st_mode & 0o7777)
        os.replace(scratch, path.resolve())
    except OSError as error:
        scratch.unlink(missing_ok=True)
        reason = (error.strerror or str(error)).lower()
        raise TarsError(f"cannot write `{path}`: {reason}", hint="check who owns it and its folder") from error


def _filter(arguments: argparse.Namespace, console: Console) -> int:
    text = read_text(sys.stdin.buffer.read(), "-")
    try:
        formatted = format_text(text, "-")
    except InputError as error:
        show_input_error(error, console, {"-": text})
        return error.exit_code
    changed = formatted != text
    console.answer({"files": [{"path": "-", "changed": changed}], "text": formatted})
    if arguments.diff:
        console.write(_diff("-", text, formatted, console))
    elif not arguments.check and not console.json:
        sys.stdout.write(formatted)
    return 1 if changed and arguments.check else 0


def _diff(path: str, before: str, after: str, console: Console) -> str:
    styles: dict[str, Style] = {"+": "added", "-": "removed", "@": "place"}
    lines = unified_diff(_lines(before), _lines(after), f"a/{path}", f"b/{path}", lineterm="")
    return "\n".join(
        console.styled(printable(line), styles[line[0]], out=True) if line[:1] in styles else printable(line)
        for line in lines
    )


def _lines(text: str) -> list[str]:
    """The lines, of which the last says where its end is missing."""
    *lines, last = text.split("\n")
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines
