"""What the tests of every package share: the command line as a person starts it, in a user cache of its own."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tars.runner.building.tools import cache_folder

# Every run tries the same generated inputs, so that a change is judged by what it changed; new ones are looked for with
# `python3 dev.py test --hypothesis-profile explore`.
# None depends on how busy the machine is.
TIMELESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", TIMELESS, derandomize=True, database=None)
settings.register_profile("explore", TIMELESS, derandomize=False)
settings.load_profile("same")

# Whoever started the tests may ignore these, as `nohup` and a shell do for what runs in the background; then so would
# every command that is interrupted here.
for _number in (getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)):
    if signal.getsignal(_number) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)

COMMAND_SECONDS_MAX = 240
RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user cache without anything built or prepared in it, but with the node tools that `dev.py setup` installs."""
    folder = tmp_path_factory.mktemp("user-cache")
    tools = cache_folder() / "tools"
    if tools.is_dir():
        try:
            (folder / "tools").symlink_to(tools, target_is_directory=True)
        except OSError:  # Windows without developer mode
            shutil.copytree(tools, folder / "tools")
    return folder


@pytest.fixture(scope="session")
def environment(user_cache: Path) -> dict[str, str]:
    """The environment of commands: `tarscli` of this Python first on PATH, no colours, the cache of the session."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "TARS_CACHE": str(user_cache), "NO_COLOR": "1", "COLUMNS": "100"}


@pytest.fixture(scope="session")
def run_tarscli(environment: dict[str, str]) -> RunTarscli:
    """`run_tarscli("run", "a.tars", folder=…, code=0)`: a process of its own; fails on any other exit code.

    `code=None` takes any.
    """

    def run(*words: str, folder: Path, code: int | None = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [sys.executable, "-m", "tars.ui.cli", *words],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=COMMAND_SECONDS_MAX, check=False,
        )  # fmt: skip
        if code is not None and done.returncode != code:
            pytest.fail(f"tarscli {' '.join(words)}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    return run


KILLED_BETWEEN_FILES = """import os, signal, sys
placed = []
def hook(event, arguments):
    if event == "os.rename" and arguments[3] != -1:
        placed.append(arguments)
        if len(placed) == 2: os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
"""


@pytest.fixture(scope="session")
def kill_between_files(environment: dict[str, str]) -> Callable[..., None]:
    """`kill_between_files(program, *arguments, folder=…)` runs the Python program until it is about to put a second
    file into the work tree, and kills it there."""

    def run(program: str, *arguments: str, folder: Path) -> None:
        argv = [sys.executable, "-c", KILLED_BETWEEN_FILES + program, *arguments]
        done = subprocess.run(argv, cwd=folder, env=environment, timeout=COMMAND_SECONDS_MAX, check=False)
        assert done.returncode == -9

    return run
