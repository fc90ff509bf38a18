"""Signals at bad moments: twice at once, while nobody reads, while another run is waited for, or not heeded at all."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tars.runner.again import Again
from tars.runner.events import Event, ModuleStarted, Status
from tars.runner.run import run
from tars.store import Store, open_store
from tars.store.transaction import Transaction

from .conftest import Ran

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are not signalled there")


def begin(project: Any, *words: str, **streams: Any) -> "subprocess.Popen[str]":
    """`tarscli run` as a process; it has started its modules when `started` says so."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = (sys.executable, "-m", "tars.ui.cli", "run", *words)
    return subprocess.Popen(command, cwd=project.root, env=env, text=True, **streams)


def until(condition: Any, seconds: float = 30.0) -> None:
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "it took too long"
        sleep(0.02)


def test_two_signals_at_once_end_a_run(project: Any) -> None:
    project.script("a", "echo $$ > $TARS_EVENTS; sleep 311", output='"output/a"', sandbox='"none"')
    for _ in range(8):
        process = begin(project, stderr=subprocess.PIPE)
        until(lambda: project.is_alive("sleep 311"))
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGHUP)
        assert process.wait(20) == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        assert not project.is_alive("sleep 311")


def test_an_interrupt_while_nobody_reads_what_is_told(project: Any) -> None:
    line = "a" * 99
    body = f"i=0; while [ $i -lt 3000 ]; do echo {line}; i=$((i+1)); done; sleep 312"
    project.script("a", body, output='"output/a"', sandbox='"none"')
    reading, writing = os.pipe()
    process = begin(project, stderr=writing)
    os.close(writing)
    until(lambda: project.is_alive("sleep 312") or b"pipe" in Path(f"/proc/{process.pid}/wchan").read_bytes())
    sleep(0.3)
    process.send_signal(signal.SIGINT)
    sleep(0.3)
    with os.fdopen(reading, errors="replace") as told:
        text = told.read()
    assert process.wait(20) == 130
    assert "Interrupted: ending what runs" in text
    assert "bug in TARS" not in text
    assert not project.is_alive("sleep 312")


def test_a_signal_that_was_ignored_from_the_start_stays_so(project: Any) -> None:
    project.script("a", "sleep 1.5; echo a > $TARS_OUTPUT", output='"output/a"', sandbox='"none"')
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'tars.ui.cli', 'run'])\n"
    )
    process = subprocess.Popen((sys.executable, "-c", program), cwd=project.root, stderr=subprocess.DEVNULL)
    until(lambda: project.is_alive("sleep 1.5"))
    process.send_signal(signal.SIGHUP)
    assert process.wait(20) == 0


def test_waiting_for_another_run_can_be_interrupted_and_holds_nothing(project: Any) -> None:
    project.script("a", "sleep 313", output='"output/a"', sandbox='"none"')
    first = begin(project, stderr=subprocess.DEVNULL)
    until(lambda: project.is_alive("sleep 313"))
    second = begin(project, "--only", "a", stderr=subprocess.PIPE)
    held = Path(f"/proc/{second.pid}/fd")
    until(lambda: any(path.name.endswith("run") for path in _targets(held)))
    sleep(0.5)
    before = len(_targets(held))
    sleep(1.5)
    assert len(_targets(held)) <= before + 1
    second.send_signal(signal.SIGINT)
    assert second.wait(20) == 130
    first.send_signal(signal.SIGINT)
    assert first.wait(20) == 130


def _targets(folder: Path) -> list[Path]:
    found = []
    for path in folder.iterdir():
        try:
            found.append(path.readlink())
        except OSError:
            continue
    return found


def test_a_result_made_of_a_change_is_not_kept_where_the_module_starts_anew(project: Any) -> None:
    """The change is heard of only when the module has ended, and its outputs are being moved in."""
    outside = project.root.parent
    project.write("in.txt", "old\n")
    wait = f'while [ ! -e "{outside}/go" ]; do sleep 0.02; done'
    many = "mkdir -p output/d; i=0; while [ $i -lt 3000 ]; do echo > output/d/$i; i=$((i+1)); done"
    body = f'{wait}\n{many}\ncat $TARS_INPUT > output/d/read\n: > "{outside}/ended"'
    project.script("a", body, input='"in.txt"', output='"output/d"')

    class Heard:
        given = False

        def take(self) -> frozenset[str]:
            if self.given or not (outside / "ended").exists():
                return frozenset()
            self.given = True
            return frozenset(("in.txt",))

        def put_back(self, paths: frozenset[str]) -> None:
            raise AssertionError(paths)

    heard, events = Heard(), list[Event]()
    for event in run(project.options(), None, Again(heard)):
        events.append(event)
        if isinstance(event, ModuleStarted) and not heard.given:
            project.write("in.txt", "new\n")
            (outside / "go").write_text("")
    assert Ran(events).statuses == {"a": Status.SUCCEEDED}
    assert heard.given
    assert project.read("output/d/read") == "new\n"
    project.write("in.txt", "old\n")
    assert project.run().statuses == {"a": Status.SUCCEEDED}
    assert project.read("output/d/read") == "old\n"


def test_what_a_failed_commit_held_is_committed_by_the_next(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project.script("a", "echo a > $TARS_OUTPUT", output='"output/a"')
    project.script("b", "sleep 1; echo b > $TARS_OUTPUT", output='"output/b"', depends_on="[agent_module.a]")
    real, tries = Store.transaction, list[int]()

    @contextmanager
    def refused(self: Store) -> Iterator[Transaction]:
        tries.append(1)
        with real(self) as transaction:
            yield transaction
            if len(tries) == 1:
                raise OSError(5, "the disk had a moment")

    monkeypatch.setattr(Store, "transaction", refused)
    with pytest.raises(OSError, match="moment"):
        project.run()
    monkeypatch.undo()
    with open_store(project.root / ".tars") as store:
        assert [entry.kind for entry in store.entries()][:2] == ["run-started", "result"]
    assert project.run(resume=True).statuses["a"] is Status.CACHED


def test_what_was_committed_when_the_commit_was_interrupted_is_not_committed_twice(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.script("a", "echo a > $TARS_OUTPUT", output='"output/a"')
    project.script("b", "sleep 1; echo b > $TARS_OUTPUT", output='"output/b"', depends_on="[agent_module.a]")
    real, tries = Store.transaction, list[int]()

    @contextmanager
    def interrupted(self: Store) -> Iterator[Transaction]:
        with real(self) as transaction:
            yield transaction
        tries.append(1)
        if len(tries) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Store, "transaction", interrupted)
    with pytest.raises(KeyboardInterrupt):
        project.run()
    monkeypatch.undo()
    with open_store(project.root / ".tars") as store:
        kinds = [entry.kind for entry in store.entries()]
        assert kinds.count("run-started") == 1
        assert kinds.count("result") == len({entry.subject for entry in store.entries(kind="result")})
