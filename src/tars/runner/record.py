"""What is kept of a module's run: the record file of the specification, and the same facts for the journal."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Json
from tars.store.copy import write_whole

EVENT_BYTES_MAX = 16 * 1024 * 1024
EVENT_DEPTH_MAX = 100
"""How deeply an event may be nested; whoever shows it goes down as deep."""
_CAREFULLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_DOUBTFUL = rb"NaN|Infinity|[0-9][eE]|\\u[dD][89a-fA-F]|[0-9]{300}"
_NO_SIGNS = str.maketrans("", "", "-:.")
EVENT_KINDS = ("belief", "reflection", "metric", "progress", "log")

RECORD_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "The record of one run of one module",
    "type": "object",
    "additionalProperties": False,
    "required": [
        "module", "version", "language", "status", "exit_code", "compile_time_ms", "execution_time_ms", "output_file",
        "outputs", "stdout", "stderr", "inputs", "artifact", "sandbox", "attempt", "error",
    ],
    "properties": {
        "schema": {"const": "tars.record/1"},
        "run": {"type": "string", "description": "the run that this was part of"},
        "time": {"type": "string", "format": "date-time"},
        "module": {"type": "string", "description": "the module's address in its metascript"},
        "version": {"type": ["string", "null"], "description": "the version that this run made, null for none"},
        "language": {"type": "string"},
        "status": {"enum": ["succeeded", "failed", "cancelled", "unavailable"]},
        "exit_code": {"type": ["integer", "null"], "description": "null: not started; negative: a signal"},
        "compile_time_ms": {"type": "number", "minimum": 0},
        "execution_time_ms": {"type": "number", "minimum": 0},
        "output_file": {"type": ["string", "null"]},
        "outputs": {"type": "array", "items": {"type": "string"}},
        "undeclared": {"type": "array", "items": {"type": "string"}, "description": "written, not declared, not kept"},
        "stdout": {"type": "string"},
        "stderr": {"type": "string"},
        "stdout_dropped_bytes": {"type": "integer", "minimum": 0},
        "stderr_dropped_bytes": {"type": "integer", "minimum": 0},
        "inputs": {"type": "array", "items": {"type": "string"}},
        "artifact": {"type": ["string", "null"]},
        "sandbox": {"type": "string"},
        "sandbox_reasons": {"type": "array", "items": {"type": "string"}, "description": "why not the earlier ones"},
        "attempt": {"type": "integer", "minimum": 1},
        "error": {"type": ["string", "null"]},
        "metrics": {"type": "object"},
        "events": {"type": "array"},
    },
}  # fmt: skip
"""The JSON Schema of `output/logs/module_run_*.json`."""


class Reported(Prefab):
    """What an agent wrote to TARS_EVENTS: its events in order, and the last value of each metric."""

    events: list[dict[str, Json]] = attribute(default_factory=list)
    metrics: dict[str, Json] = attribute(default_factory=dict)
    refused: int = 0
    """Lines that were not an event."""
    dropped_bytes: int = 0
    """What came after the first `EVENT_BYTES_MAX`, which was not read."""


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",\n ", ": ")).encode
"""A line for each value: nearly an indented text, which the compiled encoder cannot make."""


def write_record(folder: str | Path, record: Mapping[str, Json]) -> str:
    """Writes a record to a new file `module_run_{timestamp}.json` in `folder` and returns its path."""
    text = f"{{\n {_encode(dict(record))[1:-1]}\n}}\n".encode("utf-8", "surrogateescape")
    while True:
        stamp = datetime.now(UTC).isoformat(timespec="microseconds")[:26].translate(_NO_SIGNS)
        path = f"{folder}/module_run_{stamp}Z.json"
        try:
            write_whole(path, text, 0o644)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
        except FileExistsError:
            pass
        else:
            return path


def read_events(path: str) -> Reported:
    """Takes the JSON lines of an agent, and the file away. A line that is no event is counted, never an error."""
    if not os.access(path, os.F_OK):  # most agents report nothing, and an exception takes longer
        return Reported()
    try:
        with _open_events(path) as file:
            data = file.read(EVENT_BYTES_MAX)
            dropped_bytes = os.fstat(file.fileno()).st_size - len(data)
        os.unlink(path)
    except OSError:
        return Reported()
    reported = Reported(dropped_bytes=dropped_bytes)
    if reported.dropped_bytes:
        data = data[: data.rfind(b"\n") + 1]
    for line in data.splitlines():
        if not line.strip():
            continue
        event = _event(line)
        if event is None:
            reported.refused += 1
            continue
        reported.events.append(event)
        metric = event.get("metric")
        if isinstance(metric, dict):
            reported.metrics.update(metric)
    return reported


def unkept(reported: Reported) -> list[str]:
    """What of an agent's reports was not kept, a sentence each without its subject."""
    told = []
    if reported.refused:
        count = "a line that is no event" if reported.refused == 1 else f"{reported.refused} lines that are no events"
        told.append(f"reported {count}: not kept")
    if reported.dropped_bytes:
        told.append(
            f"reported more than {EVENT_BYTES_MAX >> 20} MiB: the last {reported.dropped_bytes} bytes are not kept"
        )
    return told


def few_names(paths: Sequence[str]) -> str:
    """A few of the paths, in words that a terminal can be sent."""
    shown = [path if len(path) < 80 else f"{path[:60]}…" for path in paths[:3]]
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(each if each.isprintable() else ascii(each) for each in shown) + more


def _open_events(path: str) -> BinaryIO:
    """Raises `OSError` for what is no file of the agent's own: to open a FIFO would wait for ever, and a symbolic link
    may lead to a file of the user's."""
    file = open(os.open(path, _CAREFULLY), "rb")  # noqa: SIM115
    if S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(f"{path} is not a file")


def last_progress(path: str) -> float | None:
    """The last progress that a running agent reported, read from the end of its events."""
    try:
        with _open_events(path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4096))
            lines = file.read(4096).splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        event = _event(line)
        progress = event.get("progress") if event else None
        if isinstance(progress, (int, float)):
            return min(1.0, max(0.0, float(progress)))
    return None


def _event(line: bytes) -> dict[str, Json] | None:
    """The event of a line; None where it is no object of JSON, or holds what the journal cannot: numbers that are not
    finite, halves of surrogate pairs; nor one that is nested deeper than `EVENT_DEPTH_MAX`, or has a metric that is no
    number."""
    try:
        event = json.loads(line)
        if line.count(b"[") + line.count(b"{") > EVENT_DEPTH_MAX and _depth(event) > EVENT_DEPTH_MAX:
            return None
        if re.search(_DOUBTFUL, line):
            json.dumps(event, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or not any(kind in event for kind in EVENT_KINDS):
        return None
    metrics = event.get("metric", {})
    if not isinstance(metrics, dict) or any(type(value) not in (int, float) for value in metrics.values()):
        return None
    return event


def _depth(value: Json) -> int:
    """How deeply the value is nested: 1 for one that holds no other."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            each
            for outer in level
            if isinstance(outer, (dict, list))
            for each in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth
