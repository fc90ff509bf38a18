"""Writes a run as JSON lines: one event a line, each naming its schema `tars.run/1`."""

import base64
from collections.abc import Iterable, Mapping
from enum import Enum
from os import PathLike, fspath
from time import monotonic

from ducktools.classbuilder.prefab import get_attributes, is_prefab

from tars.runner.events import Event, ModuleOutput
from tars.ui.cli.console import Console
from tars.ui.cli.display.board import Board


def show_json(events: Iterable[Event], console: Console) -> Board:
    """Print each event on stdout as it comes, and return the state at the end."""
    board = Board()
    for event in events:
        board.apply(event, monotonic())
        console.line(event_object(event, console.command))
    return board


def event_object(event: Event, command: str = "run") -> dict[str, object]:
    """The event's fields by name, with `event` as its kind (`module-finished`) and `schema`.

    Output that is UTF-8 is in `text`, all other in `base64`; `data` does not appear.
    """
    body = json_value(event)
    assert isinstance(body, dict)
    if isinstance(event, ModuleOutput):
        del body["data"]
        try:
            body["text"] = event.data.decode()
        except UnicodeDecodeError:
            body["base64"] = base64.b64encode(event.data).decode()
    return {"schema": f"tars.{command}/1", "event": _kebab(type(event).__name__), **body}


def json_value(value: object) -> object:
    """A value of the layers below (prefabs, enums, mappings, paths) as what `json` can write."""
    if value is None or isinstance(value, bool | int | float) or type(value) is str:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if is_prefab(value) and not isinstance(value, type):
        return {name: json_value(getattr(value, name)) for name in get_attributes(type(value))}
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, PathLike):
        return fspath(value)
    if isinstance(value, Iterable):
        return [json_value(item) for item in value]
    return str(value)


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
