"""The texts of the metascripts that a command is about."""

import argparse
from pathlib import Path

from tars.core.errors import UsageError
from tars.ui.cli.project import existing_file, metascripts

FILE_BYTES_MAX = 64 * 1024 * 1024


def chosen_files(arguments: argparse.Namespace) -> list[Path]:
    """The files that were named, else all metascripts of the folder. Raises `UsageError` where there is none."""
    if arguments.files:
        return [existing_file(name, "metascript") for name in dict.fromkeys(arguments.files)]
    folder = Path(arguments.project or ".")
    found = metascripts(folder)
    if not found:
        place = f"`{folder}`" if arguments.project else "this folder"
        hint = "name one, or start a project with `tarscli new demo`"
        raise UsageError(f"there is no metascript (*.tars) in {place}", hint=hint)
    return found


def read_texts(arguments: argparse.Namespace) -> dict[Path, str]:
    """The text of each chosen file."""
    return {path: read_text(path.read_bytes(), str(path)) for path in chosen_files(arguments)}


def read_text(data: bytes, name: str) -> str:
    """The bytes as text. Raises `UsageError` where they are none, or too many."""
    if len(data) > FILE_BYTES_MAX:
        raise UsageError(f"`{name}` is larger than 64 MiB", hint="a metascript is a text that people write")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"`{name}` is not UTF-8 text (byte {error.start})", hint="is it a metascript?") from None
