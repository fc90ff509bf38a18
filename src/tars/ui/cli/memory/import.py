"""Read beliefs, memories, folders and answers from JSON lines, as `tarscli memory export` writes them: all or none.

What is read is added to what is held: it takes nothing back.
"""

import argparse
import json
import sys
from pathlib import Path

from tars.core.errors import InputError, UsageError
from tars.core.values import Diagnostic, Json, Severity
from tars.memory.exchange import fault_in, import_lines
from tars.ui.cli.console import Console
from tars.ui.cli.memory._shown import opened_to_write
from tars.ui.cli.times import plural

EXAMPLES = (("tarscli memory import beliefs.jsonl", "add what the file says"),)
BYTES_MAX = 1 << 30
FINDINGS_MAX = 20


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="JSON lines; `-` is the standard input")


def run(arguments: argparse.Namespace, console: Console) -> int:
    said, faults = _read(arguments.file)
    if faults:
        findings = [Diagnostic("M0001", Severity.ERROR, fault) for fault in faults[:FINDINGS_MAX]]
        raise InputError(
            f"{arguments.file} has {plural(len(faults), 'line')} that cannot be read; nothing was read",
            findings,
        )
    with opened_to_write(arguments) as store:
        import_lines(store, said)
    console.answer({"imported": len(said)})
    console.note(f"Read {plural(len(said), 'line')}")
    return 0


def _read(file: str) -> tuple[list[dict[str, Json]], list[str]]:
    """The lines as data, and what is wrong with the others."""
    if file == "-":
        data = sys.stdin.buffer.read(BYTES_MAX + 1)
    else:
        path = Path(file)
        if not path.is_file():
            raise UsageError(f"there is no file {file}")
        with path.open("rb") as stream:
            data = stream.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        raise UsageError(f"{file} is larger than 1 GiB", hint="split it")
    said: list[dict[str, Json]] = []
    faults: list[str] = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        fault = fault_in(value) if isinstance(value, dict) else "it is no JSON object"
        if fault:
            faults.append(f"{file}:{number}: {fault}")
        else:
            said.append(value)
    return said, faults
