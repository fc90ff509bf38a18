"""Show what modules wrote.

Without NAME: all modules of the last run; with NAME: that module, the last time that it ran. What a module writes to
stdout and stderr is kept, of each the first 16 MiB, and all that it reported: logs, metrics, progress, beliefs,
reflections. On a terminal control sequences are taken out; a pipe gets the bytes as they were written with --stdout or
--stderr.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.store import Store, open_store
from tars.ui.cli.console import Console
from tars.ui.cli.display.board import seconds_text
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.printable import decoded, printable
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.records import Record, latest_run, output_of, records_of
from tars.ui.cli.times import when

EXAMPLES = (
    ("tarscli logs", "what every module of the last run wrote"),
    ("tarscli logs rank", "what `rank` wrote when it last ran"),
    ("tarscli logs rank --stderr > errors.txt", "its stderr alone, byte by byte"),
    ("tarscli logs --run 20260102T030405-abcdef", "a run that `tarscli history` lists"),
    ("tarscli logs --follow", "wait for more, and show it as modules finish"),
)
POLL_SECONDS = 0.25
INTERRUPTED = 130


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="a module's name or address; default: all")
    parser.add_argument(
        "--run", default="", metavar="ID", help="a run, as `tarscli history` lists it; default: the last"
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--stdout", action="store_true", help="only stdout, without headings")
    only.add_argument("--stderr", action="store_true", help="only stderr, without headings")
    parser.add_argument("--follow", action="store_true", help="go on with what modules write from now on; Ctrl-C ends")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.follow and arguments.json:
        raise UsageError(
            "--follow and --json exclude each other", hint="`tarscli run --json` prints events as they come"
        )
    with open_store(known_project(arguments) / STATE) as store:
        chosen = arguments.run or ("" if arguments.name else latest_run(store))
        if not chosen and not arguments.name and not arguments.follow:
            console.answer({"logs": []})
            console.note("Nothing has run yet in this project: `tarscli run` begins.")
            return 0
        after = store.head
        if chosen or arguments.name:
            found = records_of(store, name=arguments.name, run=chosen, limit=1 if arguments.name else None)
            console.answer({"logs": [_body(store, record) for record in reversed(found)]})
            if not found:
                console.note(f"No module ran in run {chosen}: what it needed was cached.")
            for record in reversed(found):
                _show(store, record, arguments, console)
        if arguments.follow:
            try:
                _follow(store, after, arguments, console)
            except KeyboardInterrupt:
                console.note("Stopped following")
                return INTERRUPTED
        return 0


def _follow(store: Store, after: int, arguments: argparse.Namespace, console: Console) -> None:
    """Shows what comes after the entry of that number, for ever."""
    while True:
        time.sleep(POLL_SECONDS)
        if store.head > after:
            fresh = records_of(store, name=arguments.name, run=arguments.run, after=after)
            after = store.head
            for record in reversed(fresh):
                _show(store, record, arguments, console)


def _show(store: Store, record: Record, arguments: argparse.Namespace, console: Console) -> None:
    if console.json:
        return
    streams = (
        ("stdout", record.stdout, record.stdout_dropped_bytes), ("stderr", record.stderr, record.stderr_dropped_bytes)
    )  # fmt: skip
    if arguments.stdout or arguments.stderr:
        title, digest, dropped = streams[0 if arguments.stdout else 1]
        _raw(output_of(store, digest))
        if dropped:
            console.note(_not_kept(title, dropped))
        return
    code = f", exit code {record.exit_code}" if record.exit_code else ""
    head = f"{record.address}  {record.status}{code} after {seconds_text(record.seconds)}, {when(record.time)}"
    console.write(console.styled(f"== {head}", "strong", out=True))
    if record.error:
        console.write(console.styled("error: ", "error", out=True) + printable(record.error))
    for title, digest, dropped in streams:
        data = output_of(store, digest)
        if data:
            console.write(console.styled(f"-- {title}", "quiet", out=True))
            console.write(readable(data).rstrip("\n"))
        if dropped:
            console.write(_not_kept(title, dropped))
    if record.events:
        console.write(console.styled("-- reported", "quiet", out=True))
        for event in record.events:
            console.write(printable(_reported(event)))
    sys.stdout.flush()


def _not_kept(stream: str, dropped_bytes: int) -> str:
    return f"… and {dropped_bytes:,} bytes more of {stream}, which were not kept"


def readable(data: bytes) -> str:
    """What a module wrote as text; of a compiler's JSON messages, the text that they hold for people."""
    if b'"rendered":' not in data:
        return decoded(data)
    return "".join(_rendered(line) for line in data.splitlines(keepends=True))


def _rendered(line: bytes) -> str:
    try:
        message = json.loads(line) if line.startswith(b"{") else None
    except ValueError:
        message = None
    if isinstance(message, dict) and isinstance(message.get("message"), dict):
        message = message["message"]  # as cargo wraps what rustc says
    if isinstance(message, dict) and isinstance(message.get("rendered"), str):
        return printable(message["rendered"])
    return decoded(line)


def _reported(event: Mapping[str, Json]) -> str:
    """An event on one line: a log as it was said, all else as JSON."""
    said = event.get("log")
    return said if isinstance(said, str) and len(event) == 1 else json.dumps(json_value(event), ensure_ascii=False)


def _raw(data: bytes) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(decoded(data))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _body(store: Store, record: Record) -> dict[str, object]:
    texts = {
        name: output_of(store, digest).decode("utf-8", "backslashreplace")
        for name, digest in (("stdout", record.stdout), ("stderr", record.stderr))
    }
    return record.body() | texts | {"events": json_value(list(record.events))}
