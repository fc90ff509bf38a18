"""A run that is interrupted, watched, or read by somebody who leaves ends in good order."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tars.runner.cells.spawn import GRACE_SECONDS

SECONDS_MAX = 60


@pytest.fixture
def started(environment: dict[str, str]) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts tarscli and kills what the test leaves of it."""
    processes: list[subprocess.Popen[str]] = []

    def start(folder: Path, *words: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tars.ui.cli", *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def wait_for(found: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS_MAX
    while not found():
        assert time.monotonic() < end, f"waited {SECONDS_MAX} s for {what}"
        time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_its_children(
    number: signal.Signals, fresh: Path, started: Callable[..., "subprocess.Popen[str]"]
) -> None:
    mark = fresh / "pid"
    (fresh / "pipeline.tars").write_text('python_module "sleeper" {\n  source = "sleeper.py"\n}\n')
    (fresh / "sleeper.py").write_text(
        f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)\n"
    )
    process = started(fresh, "run", "--sandbox", "none")
    wait_for(lambda: mark.exists() and mark.read_text() != "", "the module to start")
    process.send_signal(number)
    _, err = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 130, err
    assert "Interrupted" in err
    assert "tarscli run --resume" in err
    wait_for(lambda: not Path(f"/proc/{mark.read_text()}").exists(), "the child to end")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to ignore")
def test_the_second_interrupt_ends_at_once_what_ignores_the_first(
    fresh: Path, started: Callable[..., "subprocess.Popen[str]"]
) -> None:
    mark = fresh / "pid"
    (fresh / "pipeline.tars").write_text('python_module "deaf" {\n  source = "deaf.py"\n}\n')
    (fresh / "deaf.py").write_text(
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)\n"
    )
    process = started(fresh, "run", "--sandbox", "none")
    wait_for(lambda: mark.exists() and mark.read_text() != "", "the module to start")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    second = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=SECONDS_MAX)
    assert time.monotonic() - second < GRACE_SECONDS - 0.5, "it waited for what was asked to end"
    assert process.returncode == 130, err
    wait_for(lambda: not Path(f"/proc/{mark.read_text()}").exists(), "the child to end")


def test_a_reader_who_leaves_is_not_worth_a_word(
    tmp_path: Path, started: Callable[..., "subprocess.Popen[str]"]
) -> None:
    process = started(tmp_path, "explain")
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=SECONDS_MAX)
    assert err == ""
    assert process.returncode in (0, 1)


def test_ctrl_c_ends_following(project: Path, started: Callable[..., "subprocess.Popen[str]"]) -> None:
    process = started(project, "logs", "first", "--follow")
    assert process.stdout is not None
    assert "first" in process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=SECONDS_MAX)
    assert (err, process.returncode) == ("Stopped following\n", 130)


@pytest.mark.skipif(os.name == "nt", reason="closing a stream is written for a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-", "> /dev/full"])
def test_streams_that_are_closed(closed: str, project: Path, environment: dict[str, str]) -> None:
    command = f"exec {shlex.quote(sys.executable)} -m tars.ui.cli versions {closed}"
    done = subprocess.run(
        command, shell=True, cwd=project, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == (1 if "full" in closed else 0), done.stderr
    if "full" in closed:
        assert "no space left on device" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full on this system")
@pytest.mark.parametrize("words", ["--version", "--help", "help", "explain", "schema --json", "completion bash"])
def test_a_full_disk_behind_stdout(words: str, tmp_path: Path, environment: dict[str, str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tars.ui.cli", *words.split()], cwd=tmp_path, env=environment, stdout=full,
            stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith("Error: ")
    assert "no space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full on this system")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("words", "code"),
    [("run --sandbox none --json", 1), ("run-module first --sandbox none --json", 1), ("check nope.tars --json", 2)],
)
def test_a_full_disk_behind_json(
    words: str, code: int, unbuffered: str, fresh: Path, environment: dict[str, str]
) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tars.ui.cli", *words.split()], cwd=fresh, stdout=full, stderr=subprocess.PIPE,
            env={**environment, "PYTHONUNBUFFERED": unbuffered}, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == code
    assert done.stderr.count("Error: cannot write to stdout: no space left on device\n") == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_watch_runs_again(fresh: Path, started: Callable[..., "subprocess.Popen[str]"]) -> None:
    process = started(fresh, "run", "--watch", "--sandbox", "none")
    second = fresh / "output" / "second.txt"
    wait_for(lambda: second.exists() and second.read_text() == "hello ONE\n", "the first run")
    time.sleep(1.0)
    scratch = fresh / ".in.txt.swp"
    scratch.write_text("two\n")
    os.replace(scratch, fresh / "in.txt")  # as an editor saves
    wait_for(lambda: second.read_text() == "hello TWO\n", "the second run")
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=SECONDS_MAX)
    assert "Changed: in.txt" in err
    assert "first: done" in err
    assert process.returncode == 130
    assert "Stopped watching" in err


@pytest.mark.parametrize(
    ("daemon", "said"),
    [(True, ["exit handler"]), (False, ["the thread is done", "exit handler"])],
    ids=["daemon", "not"],
)
def test_a_command_that_ends_at_once_leaves_nothing_undone(daemon: bool, said: list[str]) -> None:
    """Exit handlers run, and threads that Python waits for are waited for, though Python is not taken apart."""
    program = (
        "import atexit, sys, threading, time\n"
        "from tars.ui.cli.main import main\n"
        f"def work():\n    time.sleep({60 if daemon else 0.5})\n    print('the thread is done', file=sys.stderr)\n"
        f"threading.Thread(target=work, daemon={daemon}).start()\n"
        "atexit.register(print, 'exit handler', file=sys.stderr)\n"
        "sys.argv = ['tarscli', '--version']\nsys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.splitlines()) == (0, said)
    assert done.stdout.startswith("tarscli ")
