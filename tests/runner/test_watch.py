"""Watching tells of what a person changes, once per burst, and is blind to what runs and editors write."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest

from tars.runner.watch import changes, matters

PATHS: list[tuple[str, bool]] = [
    ("pipeline.tars", True),
    ("agents/rank.go", True),
    ("agents/output/rank.go", True),
    ("outputs/a", True),
    ("output/a.json", False),
    ("output", False),
    ("site/index.html", False),
    (".tars/journal.db", False),
    ("crate/target/debug/x", False),
    ("node_modules/a/index.js", False),
    ("agents/__pycache__/rank.pyc", False),
    (".git/index", False),
    ("agents/.rank.go.swp", False),
    ("agents/rank.go~", False),
    ("agents/4913", False),
    ("agents/.#rank.go", False),
    (".", False),
]


@pytest.mark.parametrize(("path", "wanted"), PATHS)
def test_what_matters(path: str, wanted: bool) -> None:
    assert matters(path, ("output", "site/index.html")) is wanted


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Callable[[], frozenset[str]]]:
    """Watches `tmp_path`; each call gives the next burst."""
    stop, bursts = threading.Event(), Queue[frozenset[str]]()
    (tmp_path / "output").mkdir()
    (tmp_path / "a.txt").write_text("one")

    def listen() -> None:
        for burst in changes(tmp_path, ignored=("output",), stop=stop):
            bursts.put(burst)

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.5)
    yield lambda: bursts.get(timeout=20)
    stop.set()
    thread.join(timeout=20)
    assert not thread.is_alive()
    with pytest.raises(Empty):
        bursts.get_nowait()


def test_an_edit_is_told(tmp_path: Path, watched: Callable[[], frozenset[str]]) -> None:
    (tmp_path / "a.txt").write_text("two")
    assert watched() == {"a.txt"}


def test_an_atomic_save_is_one_change(tmp_path: Path, watched: Callable[[], frozenset[str]]) -> None:
    (tmp_path / "sedA1b2C3").write_text("two")
    os.replace(tmp_path / "sedA1b2C3", tmp_path / "a.txt")
    assert watched() == {"a.txt"}


def test_what_runs_write_is_not(tmp_path: Path, watched: Callable[[], frozenset[str]]) -> None:
    (tmp_path / "output" / "x.json").write_text("{}")
    (tmp_path / ".tars").mkdir(exist_ok=True)
    (tmp_path / ".tars" / "journal.db").write_text("x")
    time.sleep(0.5)
    (tmp_path / "b.txt").write_text("new")
    assert watched() == {"b.txt"}


def test_a_file_to_which_our_own_output_goes_is_not(tmp_path: Path, watched: Callable[[], frozenset[str]]) -> None:
    """`tarscli run --watch 2>log` had run for ever, because each run wrote to a file of the project."""
    log, errors = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), os.dup(2)
    os.dup2(log, 2)
    try:
        os.write(2, b"Run 1\n")
        time.sleep(0.5)
        (tmp_path / "a.txt").write_text("two")
        assert watched() == {"a.txt"}
    finally:
        os.dup2(errors, 2)
        os.close(log)
        os.close(errors)


def test_a_deleted_file_is_told(tmp_path: Path, watched: Callable[[], frozenset[str]]) -> None:
    (tmp_path / "a.txt").unlink()
    assert watched() == {"a.txt"}
