"""Does the cache tell the truth? Nine probes against TARS and its peers, each in a folder of its own.

Goal: TARS passes all nine; the best of the peers passes eight, and none of them notices a corrupted output.

Five tasks each copy `in/N` to `out/N` by a shell script that also logs that it ran. A probe passes when afterwards
exactly what had to run did run, or at least every output is right where a tool may choose to restore or to run again.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import _peers
from _measure import environment, machine, scratch, tarscli

COUNT = 5
START_SECONDS_MAX = 60
SCRIPT = """#!/bin/sh
# Copies the last file named (or the one before TARS_OUTPUT); `upper` makes capitals of it.
how=$1 from=$2 to=${3:-$TARS_OUTPUT}
echo "$from" >> "LOG"
if [ -e "SLOW" ]; then printf 'part of' > "$to"; echo waiting >> "LOG"; sleep 60; fi
if [ "$how" = upper ]; then tr a-z A-Z < "$from" > "$to"; else cat "$from" > "$to"; fi
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A tool under probe, in its own folder: `declare` writes its build file for a way to copy, `argv` runs it."""

    name: str
    folder: Path
    argv: tuple[str, ...]
    declare: Callable[[str], None]

    def start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self.argv, cwd=self.folder, env=environment(self.folder.parent), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def run(self) -> list[str]:
        """Run it to its end, and tell which inputs were copied."""
        self.log.write_text("")
        self.start().wait()
        return sorted(Path(line).name for line in self.log.read_text().splitlines())

    @property
    def log(self) -> Path:
        return self.folder.parent / "log"

    def given(self, number: int) -> Path:
        return self.folder / "in" / str(number)

    def made(self, number: int) -> str:
        path = self.folder / "out" / str(number)
        return path.read_text() if path.exists() else ""

    def right(self) -> bool:
        return all(self.made(n) == self.given(n).read_text() for n in range(COUNT))


def nothing_changed(subject: Subject) -> bool:
    return subject.run() == [] and subject.right()


def touched_but_equal(subject: Subject) -> bool:
    later = time.time() + 5
    os.utime(subject.given(0), (later, later))
    return subject.run() == [] and subject.right()


def edited(subject: Subject) -> bool:
    subject.given(0).write_text("something else\n")
    return subject.run() == ["0"] and subject.right()


def edited_with_time_and_size_kept(subject: Subject) -> bool:
    given = subject.given(0)
    kept = given.stat()
    given.write_text(given.read_text().swapcase())
    os.utime(given, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    subject.run()
    return subject.right()


def output_deleted(subject: Subject) -> bool:
    (subject.folder / "out" / "0").unlink()
    subject.run()
    return subject.right()


def output_corrupted(subject: Subject) -> bool:
    made = subject.folder / "out" / "0"
    made.chmod(0o644)
    made.write_text("garbage\n")
    subject.run()
    return subject.right()


def command_changed(subject: Subject) -> bool:
    subject.declare("upper")
    subject.run()
    return all(subject.made(n) == subject.given(n).read_text().upper() for n in range(COUNT))


def there_and_back(subject: Subject) -> bool:
    """Input A, then B, then A again: the output must follow."""
    first = subject.given(0).read_text()
    subject.given(0).write_text("something else\n")
    subject.run()
    there = subject.right()
    subject.given(0).write_text(first)
    subject.run()
    return there and subject.right()


def killed_in_the_middle(subject: Subject) -> bool:
    """`kill -9` of the tool and its children while an output is half written; what follows must be whole."""
    slow = subject.folder.parent / "slow"
    slow.touch()
    subject.given(0).write_text("something else\n")
    subject.log.write_text("")
    process = subject.start()
    end = time.monotonic() + START_SECONDS_MAX
    while "waiting" not in subject.log.read_text() and time.monotonic() < end and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    slow.unlink()
    subject.log.write_text("")
    code = subject.start().wait()
    # A tool that refuses to go on (snakemake asks to be unlocked) tells the truth; TARS has to go on by itself.
    return subject.right() or (code != 0 and subject.name != "TARS")


PROBES: tuple[Callable[[Subject], bool], ...] = (
    nothing_changed, touched_but_equal, edited, edited_with_time_and_size_kept, output_deleted, output_corrupted,
    command_changed, there_and_back, killed_in_the_middle,
)  # fmt: skip


def tars(folder: Path) -> Subject:
    script(folder)

    def declare(how: str) -> None:
        blocks = (
            f'agent_module "m{n}" {{\n  language  = "executable"\n  source    = "copy.sh"\n  args      = ["{how}"]\n'
            f'  input     = "in/{n}"\n  inject_as = "args"\n  output    = "out/{n}"\n  sandbox   = "none"\n}}\n'
            for n in range(COUNT)
        )
        (folder / "all.tars").write_text("\n".join(blocks))

    _peers.inputs(folder, COUNT)
    return Subject("TARS", folder, (*tarscli(), "run", "all.tars"), declare)


def peer_subject(peer: _peers.Peer, program: str, folder: Path) -> Subject:
    path = script(folder)

    def declare(how: str) -> None:
        (folder / peer.file).write_text(peer.text(COUNT, f"sh {path} {how}"))

    _peers.lay_out(peer, folder, COUNT, "true")
    return Subject(peer.name.split()[0], folder, (program, *peer.arguments), declare)


def script(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "copy.sh"
    text = SCRIPT.replace('"LOG"', f'"{folder.parent}/log"').replace('"SLOW"', f'"{folder.parent}/slow"')
    path.write_text(text)
    path.chmod(0o755)
    return path


def subjects() -> dict[str, Callable[[Path], Subject]]:
    """How to make each subject that is on this machine, by name."""
    found: dict[str, Callable[[Path], Subject]] = {"TARS": tars}
    for peer in _peers.PEERS:
        if program := _peers.find(peer):
            found[peer.name.split()[0]] = lambda folder, peer=peer, program=program: peer_subject(peer, program, folder)
    return found


def probe(make: Callable[[Path], Subject], question: Callable[[Subject], bool]) -> bool:
    """One probe of one tool, which first ran once from nothing."""
    with scratch("trust") as root:
        subject = make(root / "project")
        subject.declare("plain")
        subject.run()
        if not subject.right():
            raise SystemExit(f"Error: {subject.name} does not even run the tasks")
        passed = question(subject)
        _peers.remove(root / "project")
        return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="probe this tool alone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if os.name == "nt" or shutil.which("sh") is None:
        print("Error: the probes need a POSIX shell", file=sys.stderr)
        return 3
    chosen = {name: make for name, make in subjects().items() if options.only in (None, name)}
    results = {name: {q.__name__: probe(make, q) for q in PROBES} for name, make in chosen.items()}
    if options.json:
        print(json.dumps(results))
    else:
        show(results)
    return 0 if all(results.get("TARS", {}).values()) else 1


def show(results: dict[str, dict[str, bool]]) -> None:
    print(f"What the caches say is true ({machine()})")
    print(f"  {'':34}" + "".join(f"{name:>11}" for name in results))
    for question in PROBES:
        marks = ("✓" if passed[question.__name__] else "✗" for passed in results.values())
        print(f"  {question.__name__.replace('_', ' '):34}" + "".join(f"{mark:>11}" for mark in marks))
    print(f"  {'of ' + str(len(PROBES)):34}" + "".join(f"{sum(passed.values()):>11}" for passed in results.values()))


if __name__ == "__main__":
    sys.exit(main())
