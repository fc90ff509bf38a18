"""The fast path says "all cached" only where nothing has changed, and otherwise leaves it to the ordinary path."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tars.runner.events import Options, Status
from tars.runner.run import run
from tars.runner.warm import try_warm

from .conftest import Ran


@pytest.fixture
def ready(project: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    """A project that has run, so that the fast path can tell that it would be cached."""
    project.settings.clear()
    project.write("data/in.txt", "one\n")
    attributes = {"input": '"data/in.txt"', "output": '"output/a"', "sandbox": '"none"'}
    project.script("a", "cat $TARS_INPUT > output/a", **attributes)
    project.write("main.tars", project.read("main.tars") + 'output "where" {\n  value = agent_module.a.output\n}\n')
    project.run()
    assert try_warm(["run", str(project.root / "main.tars")]) == 0
    assert capsys.readouterr().out == "where = output/a\n"
    return project


def edit_keeping_size_and_time(project: Any) -> None:
    path = project.root / "data/in.txt"
    before = os.stat(path)
    path.write_text("two\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[Any], object]] = {
    "an input edited": lambda p: p.write("data/in.txt", "two\n"),
    "an input edited, its size and time kept": edit_keeping_size_and_time,
    "an input touched": lambda p: os.utime(p.root / "data/in.txt"),
    "the source edited": lambda p: p.write("agents/a.sh", "#!/bin/sh\ntrue\n"),
    "the metascript edited": lambda p: p.replace("agents/a.sh", "./agents/a.sh"),
    "an output deleted": lambda p: (p.root / "output/a").unlink(),
    "an output damaged": lambda p: p.write("output/a", "two\n"),
    "the manifest cut short": lambda p: cut(next((p.root / ".tars/cache/warm").iterdir())),
    "the manifest of another version": lambda p: swap(next((p.root / ".tars/cache/warm").iterdir())),
    "the journal emptied": lambda p: (p.root / ".tars/journal.db").write_bytes(b""),
    "a journal of a newer version": lambda p: renumber(p.root / ".tars/journal.db"),
    "an entry more": lambda p: p.run(only=("a",), force=True),
    "the objects removed": lambda p: (p.root / ".tars/objects").rename(p.root / "elsewhere"),
    "the state removed": lambda p: (p.root / ".tars").rename(p.root / "elsewhere"),
}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def swap(path: Path) -> None:
    path.write_text(path.read_text().replace("tars-warm 1", "tars-warm 0"))


def renumber(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[63] = 2
    path.write_bytes(data)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_any_change_is_left_to_the_ordinary_path(ready: Any, change: Callable[[Any], object]) -> None:
    change(ready)
    assert try_warm(["run", str(ready.root / "main.tars")]) is None


@pytest.mark.parametrize(
    "words", [["--force"], ["--only", "a"], ["--json"], ["--var", "a=b"], ["--dry-run"], ["x.tars"]]
)
def test_any_other_wish_is_left_to_the_ordinary_path(ready: Any, words: list[str]) -> None:
    assert try_warm(["run", str(ready.root / "main.tars"), *words]) is None


def test_the_environment_counts(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARS_VAR_anything", "1")
    assert try_warm(["run", str(ready.root / "main.tars")]) is None
    monkeypatch.delenv("TARS_VAR_anything")
    monkeypatch.setenv("PATH", "/nowhere")
    assert try_warm(["run", str(ready.root / "main.tars")]) is None


def test_what_was_too_new_is_read_once_more_and_then_trusted(ready: Any) -> None:
    manifest = next((ready.root / ".tars/cache/warm").iterdir())
    time.sleep(0.05)
    assert try_warm(["run", str(ready.root / "main.tars")]) == 0
    settled = manifest.read_text()
    assert all(not line.split("\t")[1] for line in settled.split("\n") if line.count("\t") == 2)
    assert try_warm(["run", str(ready.root / "main.tars")]) == 0
    assert manifest.read_text() == settled


def test_a_module_that_is_never_cached_is_never_warm(project: Any) -> None:
    project.settings.clear()
    project.script("a", "true", cache="false", sandbox='"none"')
    project.run()
    assert try_warm(["run", str(project.root / "main.tars")]) is None


@pytest.mark.parametrize("change", ["removed", "filled"])
def test_a_folder_that_was_left_empty_is_looked_into(project: Any, change: str) -> None:
    project.settings.clear()
    project.script("a", "mkdir -p output/d", output='"output/d"', sandbox='"none"')
    project.run()
    command = ["run", str(project.root / "main.tars")]
    assert try_warm(command) == 0
    folder = project.root / "output/d"
    if change == "removed":
        folder.rmdir()
    else:
        (folder / "new").write_text("new")
    assert try_warm(command) is None
    assert project.run().statuses == {"a": Status.CACHED}
    assert folder.is_dir()


def test_a_metascript_far_down(project: Any) -> None:
    """Its path is longer than a file's name may be."""
    project.settings.clear()
    project.script("a", "echo a > $TARS_OUTPUT", output='"output/a"', sandbox='"none"')
    path = project.root / "/".join(["a folder with a long name"] * 12) / "main.tars"
    path.parent.mkdir(parents=True)
    (project.root / "main.tars").rename(path)
    (project.root / "agents").rename(path.parent / "agents")
    assert Ran([*run(Options(path, project.root))]).statuses["a"] is Status.SUCCEEDED
    assert try_warm(["run", str(path)]) == 0
    (path.parent / "agents/a.sh").write_text("#!/bin/sh\nfalse\n")
    assert try_warm(["run", str(path)]) is None


def test_a_proof_that_cannot_be_kept_is_no_failure(project: Any) -> None:
    project.settings.clear()
    project.script("a", "echo a > $TARS_OUTPUT", output='"output/a"', sandbox='"none"')
    project.write(".tars/cache/warm", "a file where the folder of proofs goes")
    assert project.run().statuses["a"] is Status.SUCCEEDED
    assert try_warm(["run", str(project.root / "main.tars")]) is None
