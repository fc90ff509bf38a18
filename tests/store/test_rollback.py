"""Rolling back: what the work tree is afterwards, what stands in the way, what takes it back, and being killed."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.core.errors import StoreError
from tars.core.values import Digest
from tars.store import ModuleState, Store, open_store
from tars.store.rewrite import ChangedError, PutBack, put_back
from tars.store.rollback import plan_rollback, rollback
from tars.store.verify import verify
from tars.store.versions import append_version, latest_number, resolve, versions

Commit = Callable[..., int]


def roll_back(store: Store, project: Path, selector: str) -> str:
    """Rolls back as the command does; returns what takes it back."""
    put_back(store, project)
    return rollback(store, project, plan_rollback(store, project, selector)).undo


def test_rollback_puts_the_source_back_as_a_new_version_and_loses_nothing(
    store: Store, line: Commit, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    (project / "src" / "alpha.py").write_bytes(b"never recorded\n")
    assert roll_back(store, project, "alpha@v1") == "alpha@v5"
    assert (project / "src" / "alpha.py").read_bytes() == b"one\n"
    assert not (project / "src" / "beta.py").exists()
    kept = store.objects.tree(resolve(store, "alpha@v5")[1].source)["src/alpha.py"]
    assert store.objects.get(kept.digest) == b"never recorded\n"
    assert resolve(store, "alpha")[0] == 6
    reasons = [known.reason for known in versions(store)]
    assert reasons[4:] == ["work tree before rollback to alpha@v1", "rollback to alpha@v1"]
    roll_back(store, project, "v3")
    assert (project / "src" / "alpha.py").read_bytes() == b"two\n"
    assert (project / "src" / "beta.py").read_bytes() == b"one\n"
    assert verify(store) == ()


def test_rollback_removes_what_the_older_version_had_not_but_nothing_that_others_read(
    store: Store, commit: Commit, tmp_path: Path
) -> None:
    commit("alpha", {"a.py": b"1"})
    commit("alpha", {"a.py": b"2", "extra.py": b"x", "shared.py": b"s"})
    commit("beta", {"shared.py": b"s"})
    for name in ("a.py", "extra.py", "shared.py", "mine.txt"):
        (tmp_path / name).write_bytes(b"now")
    roll_back(store, tmp_path, "alpha@v1")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a.py", "mine.txt", "shared.py"]


def test_rollback_ends_a_change_of_several_files_that_was_interrupted(
    store: Store, commit: Commit, tmp_path: Path, kill_between_files: Callable[..., None]
) -> None:
    older, newer = ({"a.py": text, "b.py": text} for text in (b"old\n", b"new\n"))
    commit("alpha", older, {})
    commit("alpha", newer, {})
    for path, text in newer.items():
        (tmp_path / path).write_bytes(text)
    kill_between_files(  # something was making both files as they had been in v1
        "from pathlib import Path; from tars.store import open_store; from tars.store.rewrite import rewrite\n"
        f"with open_store(Path({str(store.root)!r})) as store:\n"
        f"    rewrite(store, Path(), {newer}, {older}, subject='alpha')",
        folder=tmp_path,
    )
    assert [(tmp_path / path).read_bytes() for path in newer] == [b"old\n", b"new\n"]
    roll_back(store, tmp_path, "alpha@v1")
    assert put_back(store, tmp_path) == PutBack()
    assert {path: (tmp_path / path).read_bytes() for path in older} == older


OLDER = {"a.py": b"old a\n", "gone.py": b"in v1 only\n", "run.sh": b"#!/bin/sh\n"}
NEWER = {"a.py": b"new a\n", "later.py": b"in v2 only\n", "run.sh": b"#!/bin/sh\nls\n"}


@pytest.fixture
def two_versions(store: Store, commit: Commit, tmp_path: Path) -> Path:
    """A project in whose work tree stands the second of two versions."""
    commit("alpha", OLDER, {})
    commit("alpha", NEWER, {})
    project = tmp_path / "project"
    project.mkdir()
    for path, data in NEWER.items():
        (project / path).write_bytes(data)
    return project


def files_in(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.iterdir()}


def modes_in(project: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in project.iterdir()}


KILLED_AT = """import os, signal, sys
events = 0
def hook(event, arguments):
    global events
    events += event in ("os.rename", "os.remove", "os.mkdir", "os.chmod", "os.link") or (
        event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR)))
    if events == int(sys.argv[1]) and event != "os.kill": os.kill(os.getpid(), signal.SIGKILL)
from pathlib import Path
from tars.store import open_store
from tars.store.rollback import plan_rollback, rollback
with open_store(Path(sys.argv[2])) as store:
    sys.addaudithook(hook)
    project = Path(sys.argv[3])
    rollback(store, project, plan_rollback(store, project, "v1"))
"""


def test_a_rollback_that_is_killed_changes_all_files_or_none(store: Store, two_versions: Path, tmp_path: Path) -> None:
    edited = {**NEWER, "a.py": b"of no version\n"}
    (two_versions / "a.py").write_bytes(edited["a.py"])
    seen = set()
    code = -signal.SIGKILL
    point = 0
    while code:
        point += 1
        root, project = tmp_path / f"{point}/.tars", tmp_path / f"{point}/project"
        shutil.copytree(store.root, root)
        shutil.copytree(two_versions, project)
        argv = [sys.executable, "-c", KILLED_AT, str(point), str(root), str(project)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        code = done.returncode
        assert code in (0, -signal.SIGKILL), done.stderr
        seen.add(frozenset(files_in(project).items()))
        with open_store(root) as copy:
            assert not put_back(copy, project).changed
            assert (latest_number(copy), files_in(project)) in ((2, edited), (3, edited), (4, OLDER))
            assert verify(copy) == ()
    assert len(seen) > 3, "it was killed between files too"


def test_a_rollback_that_cannot_be_finished_changes_nothing(store: Store, two_versions: Path) -> None:
    (two_versions / "run.sh").unlink()
    (two_versions / "run.sh").mkdir()
    with pytest.raises(StoreError, match=r"run\.sh"):
        roll_back(store, two_versions, "v1")
    (two_versions / "run.sh").rmdir()
    assert files_in(two_versions) == {path: data for path, data in NEWER.items() if path != "run.sh"}
    assert latest_number(store) == 2


def test_a_rollback_of_what_a_version_holds_makes_no_other_version(store: Store, two_versions: Path) -> None:
    assert roll_back(store, two_versions, "v1") == "v2"
    assert (latest_number(store), files_in(two_versions)) == (3, OLDER)
    assert roll_back(store, two_versions, "alpha@v2") == "alpha@v3"
    assert (latest_number(store), files_in(two_versions)) == (4, NEWER)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
@pytest.mark.parametrize("selector", ["alpha@v1", "v1"])
def test_a_rollback_over_what_no_version_holds_can_be_taken_back(
    store: Store, two_versions: Path, commit: Commit, selector: str
) -> None:
    commit("beta", {"beta.py": b"as recorded\n"})
    project = two_versions
    (project / "beta.py").write_bytes(b"edited, and no file of alpha's\n")
    (project / "a.py").write_bytes(b"edited\n")
    (project / "gone.py").write_bytes(b"made again\n")
    (project / "run.sh").unlink()
    for path, mode in (("a.py", 0o750), ("later.py", 0o600), ("gone.py", 0o640)):
        (project / path).chmod(mode)
    before, modes = files_in(project), modes_in(project)
    undo = roll_back(store, project, selector)
    assert {path: data for path, data in files_in(project).items() if path != "beta.py"} == OLDER
    again = roll_back(store, project, undo)
    assert (files_in(project), modes_in(project)) == (before, modes)
    roll_back(store, project, again)
    assert {path: data for path, data in files_in(project).items() if path != "beta.py"} == OLDER
    assert verify(store) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes neither links nor pipes so")
@pytest.mark.parametrize("make", [lambda at: at.symlink_to("a.py"), Path.mkdir, os.mkfifo])
def test_what_is_no_file_of_that_name_is_not_removed(
    store: Store, two_versions: Path, make: Callable[[Path], None]
) -> None:
    (two_versions / "later.py").unlink()
    make(two_versions / "later.py")
    with pytest.raises(StoreError, match=r"later\.py"):
        plan_rollback(store, two_versions, "v1")
    assert os.path.lexists(two_versions / "later.py")
    assert (two_versions / "a.py").read_bytes() == NEWER["a.py"]


def test_a_plan_that_is_outdated_changes_nothing(store: Store, two_versions: Path) -> None:
    plan = plan_rollback(store, two_versions, "v1")
    (two_versions / "later.py").write_bytes(b"changed while one was asked\n")
    with pytest.raises(ChangedError, match=r"later\.py"):
        rollback(store, two_versions, plan)
    assert files_in(two_versions) == {**NEWER, "later.py": b"changed while one was asked\n"}
    assert latest_number(store) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_rollback_keeps_permissions_but_those_to_execute(store: Store, two_versions: Path, commit: Commit) -> None:
    (two_versions / "run.sh").chmod(0o750)
    (two_versions / "a.py").chmod(0o600)
    with store.transaction() as transaction:
        leaves = {"run.sh": store.objects.put_file(two_versions / "run.sh")}
        source = store.objects.put_tree(leaves)
        append_version(transaction, [ModuleState("alpha", "x", "x.alpha", source, Digest(""), source)])
    roll_back(store, two_versions, "v2")
    modes = modes_in(two_versions)
    assert (modes["run.sh"], modes["a.py"]) == (0o640, 0o600)
    roll_back(store, two_versions, "v3")
    assert stat.S_IMODE((two_versions / "run.sh").stat().st_mode) == 0o750


def test_rollback_through_a_link_out_of_the_project_is_refused(store: Store, line: Commit, tmp_path: Path) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    outside.mkdir()
    (outside / "alpha.py").write_bytes(b"precious")
    (project / "src").symlink_to(outside)
    with pytest.raises(StoreError, match="symbolic link"):
        roll_back(store, project, "alpha@v1")
    assert (outside / "alpha.py").read_bytes() == b"precious"
    assert latest_number(store) == 4
