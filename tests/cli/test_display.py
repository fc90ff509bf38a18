"""The displays of a run are functions of its events: the same events, the same text."""

import io
import json
import sys
from collections.abc import Iterator

import pytest
from rich.console import Console as RichConsole

from tars.core.values import Diagnostic, Severity
from tars.runner.events import (
    Event,
    ModuleFinished,
    ModuleOutput,
    ModuleProgress,
    ModuleRetry,
    ModuleStarted,
    Notice,
    RunFinished,
    RunStarted,
    Status,
)
from tars.ui.cli.console import Console
from tars.ui.cli.display.board import Board, labels
from tars.ui.cli.display.eventlines import event_object
from tars.ui.cli.display.live import render
from tars.ui.cli.display.progress import show_run

A, B, C = "python_module.a", "rust_module.b", "go_module.c"

GOOD: list[Event] = [
    RunStarted("r1", (A, B), 2),
    Notice("sandbox `none` is used", "see doctor"),
    ModuleFinished(A, Status.CACHED, why="nothing changed"),
    ModuleStarted(B, "build", 1, "process", "source changed"),
    ModuleOutput(B, "stderr", b"compi"),
    ModuleOutput(B, "stderr", b"ling\n"),
    ModuleStarted(B, "run", 1, "process", "source changed"),
    ModuleProgress(B, 0.5),
    ModuleOutput(B, "stdout", b"10%\r100%\n\x1b[2Jlast"),
    ModuleFinished(B, Status.SUCCEEDED, 1.25, why="source changed"),
    RunFinished("r1", Status.SUCCEEDED, {"cached": 1, "succeeded": 1}, 1.3, 2),
]
GOOD_TEXT = """\
Run r1: 2 modules, 2 at once
Note: sandbox `none` is used (see doctor)
a: cached: nothing changed
b: building, in process: source changed
b | compiling
b: running, in process: source changed
b | 100%
b | last
b: done in 1.2 s
Done in 1.3 s: 2 modules (1 ran, 1 cached); made v2
"""
BAD: list[Event] = [
    RunStarted("r2", (A, B, C), 2),
    ModuleFinished(C, Status.UNAVAILABLE, error="[ERROR] Go toolchain not found. Install it: apt install golang"),
    ModuleStarted(A, "run", 1, "none", "it has not succeeded before"),
    ModuleOutput(A, "stderr", b"oh\nno\n"),
    ModuleRetry(A, 1, "exit code 1", 0.5),
    ModuleStarted(A, "run", 2, "none"),
    ModuleFinished(
        A,
        Status.FAILED,
        2.0,
        error="exit code 1",
        hint="read the message",
        record={},
    ),
    ModuleFinished(B, Status.SKIPPED, error="a failed"),
    RunFinished("r2", Status.FAILED, {}, 2.1),
]
BAD_TEXT = """\
Run r2: 3 modules, 2 at once
c: unavailable
a: running, in none: it has not succeeded before
a | oh
a | no
a: attempt 1 failed, again in 500 ms: exit code 1
a: running, attempt 2, in none
a: failed: exit code 1
b: skipped: a failed

[ERROR] Go toolchain not found. Install it: apt install golang

a failed after 2.0 s: exit code 1
  | oh
  | no
  Hint: read the message
Failed in 2.1 s: 3 modules (1 failed, 1 unavailable, 1 skipped)
Hint: `tarscli logs a` shows all it wrote; `tarscli run x.tars --resume` runs what is left
"""
EXPLAINED: list[Event] = [
    RunStarted("r6", (A,), 1),
    ModuleStarted(A, "build", 1, "process"),
    ModuleOutput(A, "stderr", b"said at length"),
    ModuleFinished(
        A, Status.FAILED, 0.5, error="the build failed", diagnostics=(Diagnostic("E1", Severity.ERROR, "wrong"),)
    ),
    RunFinished("r6", Status.FAILED, {}, 0.6),
]
EXPLAINED_TEXT = """\
Run r6: 1 module, 1 at once
a: building, in process
a | said at length
a: failed: the build failed

a failed after 500 ms: the build failed
error[E1]: wrong
Failed in 600 ms: 1 module (1 failed)
Hint: `tarscli run x.tars --resume` runs what is left
"""
LACKING: list[Event] = [
    RunStarted("r3", (C,), 1),
    ModuleFinished(C, Status.UNAVAILABLE, error="[ERROR] Go toolchain not found."),
    RunFinished("r3", Status.UNAVAILABLE, {}, 0.1),
]
INTERRUPTED: list[Event] = [
    RunStarted("r4", (A,), 1),
    ModuleStarted(A, "run"),
    ModuleFinished(A, Status.CANCELLED, 1.0, error="cancelled"),
    RunFinished("r4", Status.CANCELLED, {}, 1.0),
]
NOTHING: list[Event] = [
    RunStarted("r5", (A,), 1),
    ModuleFinished(A, Status.CACHED, why="nothing changed"),
    RunFinished("r5", Status.SUCCEEDED, {}, 0.01),
]


def shown(events: list[Event], capsys: pytest.CaptureFixture[str], **options: bool) -> tuple[int, str, str]:
    code = show_run(iter(events), Console("run", **options), "x.tars")
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("events", "code", "text"),
    [(GOOD, 0, GOOD_TEXT), (BAD, 1, BAD_TEXT), (EXPLAINED, 1, EXPLAINED_TEXT)],
    ids=["good", "bad", "explained"],
)
def test_plain(events: list[Event], code: int, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(events, capsys) == (code, "", text)


@pytest.mark.parametrize(
    ("events", "code"),
    [(GOOD, 0), (BAD, 1), (LACKING, 3), (INTERRUPTED, 130), (NOTHING, 0), (GOOD[:-1], 130)],
    ids=["good", "bad", "lacking", "interrupted", "nothing", "cut off"],
)
def test_exit_codes(events: list[Event], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(events, capsys, quiet=True)[0] == code


def test_quiet_shows_failures_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(GOOD, capsys, quiet=True)[1:] == ("", "")
    assert "exit code 1" in shown(BAD, capsys, quiet=True)[2]


@pytest.mark.parametrize("events", [GOOD, BAD, LACKING, INTERRUPTED])
def test_json_lines(events: list[Event], capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = shown(events, capsys, json=True)
    objects = [json.loads(line) for line in out.splitlines()]
    assert [one["schema"] for one in objects] == ["tars.run/1"] * len(events)
    assert objects[0]["event"] == "run-started"
    assert objects[-1]["event"] == "run-finished"
    assert out.isascii()


def test_json_of_output() -> None:
    assert event_object(ModuleOutput(A, "stdout", "ä".encode()))["text"] == "ä"
    assert event_object(ModuleOutput(A, "stdout", b"\xff"))["base64"] == "/w=="


def test_labels_are_short_where_that_is_clear() -> None:
    assert labels([A, "go_module.a", B]) == {A: A, "go_module.a": "go_module.a", B: "b"}


def test_the_run_is_closed_when_the_display_fails(capsys: pytest.CaptureFixture[str]) -> None:
    closed = []

    def events() -> Iterator[Event]:
        try:
            yield RunStarted("r", (A,), 1)
            raise RuntimeError("the engine broke")
        finally:
            closed.append(True)

    with pytest.raises(RuntimeError):
        show_run(events(), Console("run"))
    assert closed


def test_one_module_cannot_flood_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    flood = [ModuleOutput(A, "stdout", b"0123456789abcdef\n" * 4096)] * 100
    events: list[Event] = [RunStarted("r", (A,), 1), ModuleStarted(A, "run"), *flood]
    _, _, err = shown(events, capsys)
    assert len(err) < 3 << 20
    assert "tarscli logs a" in err


@pytest.mark.parametrize("count", [1, 40, 10_000])
@pytest.mark.parametrize("height", [5, 24])
def test_a_frame_is_never_higher_than_the_screen(count: int, height: int) -> None:
    board = Board()
    names = tuple(f"python_module.m{number}" for number in range(count))
    board.apply(RunStarted("r", names, 500), 0.0)
    for name in names[: count // 2]:
        board.apply(ModuleFinished(name, Status.SUCCEEDED, 0.1), 1.0)
    for name in names[count // 2 :][:500]:
        board.apply(ModuleStarted(name, "run"), 1.0)
        board.apply(ModuleOutput(name, "stdout", b"\x1b[2Jvery long " * 100), 1.0)
    screen = RichConsole(file=io.StringIO(), width=80, height=height, force_terminal=True, color_system=None)
    screen.print(render(board, screen, 2.0, unicode=True))
    assert isinstance(screen.file, io.StringIO)
    text = screen.file.getvalue()
    assert len(text.splitlines()) <= height
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "\x1b" not in text
    assert f"{count // 2}/{count}" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_long_message_leaves_the_names_and_states_whole(width: int) -> None:
    board = Board()
    board.apply(RunStarted("r", (A, "rust_module.tokenise"), 2), 0.0)
    board.apply(ModuleFinished("rust_module.tokenise", Status.UNAVAILABLE, 12.3, error="no Rust here: " * 30), 0.0)
    board.apply(ModuleStarted(A, "build"), 0.0)
    board.apply(ModuleOutput(A, "stderr", b"warning: unused variable " * 30), 0.0)
    screen = RichConsole(file=io.StringIO(), width=width, height=24, force_terminal=True, color_system=None)
    screen.print(render(board, screen, 75.0, unicode=True))
    assert isinstance(screen.file, io.StringIO)
    first, second, _ = screen.file.getvalue().splitlines()
    assert first.startswith("! tokenise unavailable 12.3 s no")
    assert second.startswith("> a        build       75.0 s wa")


def test_the_slowest_are_named_also_when_one_is_slow(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = {f"python_module.m{number}": 0.1 for number in range(5)} | {A: 3.0}
    ended: list[Event] = [ModuleFinished(name, Status.SUCCEEDED, took) for name, took in seconds.items()]
    events = [RunStarted("r", tuple(seconds), 2), *reversed(ended), RunFinished("r", Status.SUCCEEDED, {}, 3.1)]
    assert "Slowest: a 3.0 s, m" in shown(events, capsys)[2]


def test_what_the_build_wrote_does_not_explain_a_failed_run() -> None:
    board = Board()
    board.apply(ModuleStarted(A, "build"), 0.0)
    board.apply(ModuleOutput(A, "stderr", b"compiling\n"), 0.0)
    board.apply(ModuleStarted(A, "run"), 0.0)
    board.apply(ModuleOutput(A, "stdout", b"hi\n"), 0.0)
    board.apply(ModuleFinished(A, Status.FAILED, error="it did not write its output"), 0.0)
    assert board.failures[0][1] == ("hi",)


def test_a_board_of_many_modules_stays_small() -> None:
    board = Board()
    names = tuple(f"python_module.m{number}" for number in range(10_000))
    board.apply(RunStarted("r", names, 2), 0.0)
    for name in names:
        board.apply(ModuleStarted(name, "run"), 0.0)
        board.apply(ModuleOutput(name, "stdout", b"x" * 100), 0.0)
        board.apply(ModuleFinished(name, Status.SUCCEEDED, 0.1), 0.0)
    assert board.done == 10_000
    assert len(board.finished) <= board.all_max
    assert not board.active
    assert sys.getsizeof(board.slowest) < 1000
