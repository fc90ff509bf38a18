"""`store verify`, `store repair`, `gc` and `prune` on projects whose `.tars` is empty, damaged or in use."""

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.runner.workspace import run_lock
from tars.store import open_store

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
RunLines = Callable[[list[list[str]], Path], list[tuple[int | str, str, str]]]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])


def one_file(path: Path) -> Path:
    """The journal with all its entries in the one file."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def test_repairing_a_project_that_has_not_run_leaves_it_as_it_was(fresh: Path, run_lines: RunLines) -> None:
    lines = [["run", "--dry-run"], ["store", "verify"], ["store", "repair"], ["run"], ["store", "verify"]]
    for words, (code, _, err) in zip(lines, run_lines(lines, fresh), strict=True):
        assert code == 0, (words, err)


@pytest.mark.parametrize(("spoil", "told"), [(Path.unlink, "is missing"), (cut, "damaged")], ids=["gone", "cut short"])
def test_verify_tells_of_a_journal_that_cannot_be_opened_and_makes_none(
    project: Path, run_tarscli: RunTarscli, spoil: Callable[[Path], None], told: str
) -> None:
    path = one_file(project / ".tars/journal.db")
    spoil(path)
    done = run_tarscli("store", "verify", "--json", folder=project, code=1)
    (found,) = json.loads(done.stdout)["findings"]
    assert found["code"] == "S0001"
    assert told in found["message"]
    assert "backup" in found["hint"]
    assert path.exists() == (spoil is cut)


def test_a_project_whose_journal_is_gone_goes_on_after_a_repair(project: Path, run_lines: RunLines) -> None:
    for path in (project / ".tars").glob("journal.db*"):
        path.unlink()
    (refused, _, _), (repaired, out, _), (ran, _, err) = run_lines(
        [["run", "--force"], ["store", "repair"], ["run"]], project
    )
    assert (refused, repaired) == (1, 1)
    assert "was committed, but the journal ends at 0" in out
    assert ran == 0, err


def test_gc_removes_nothing_where_the_journal_is_damaged(project: Path, run_lines: RunLines) -> None:
    assert run_lines([["prune", "--keep", "1"]], project)[0][0] == 0
    path = one_file(project / ".tars/journal.db")
    path.write_bytes(path.read_bytes().replace(b'"versions":[1]', b'"versions":[2]'))
    before = sorted(project.rglob("*"))
    for code, _, err in run_lines([["gc", "--grace", "0"], ["prune", "--keep", "1"]], project):
        assert code == 1
        assert "is damaged, so that what is needed is not known" in err
    after = [path for path in project.rglob("*") if "journal.db-" not in path.name]
    assert [path for path in before if "journal.db-" not in path.name] == sorted(after)


def test_emptying_the_caches_takes_nothing_that_may_be_in_use(
    project: Path, user_cache: Path, run_tarscli: RunTarscli
) -> None:
    pinned = project / ".tars/cache/pins/abc/first.py"
    pinned.parent.mkdir(parents=True)
    pinned.touch()
    build, index = user_cache / "builds-1/ab/used", user_cache / "rust-docs-1/a.db"
    for path in (build / "file", index, user_cache / "tmp/half/made"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    with open_store(project / ".tars") as store, run_lock(store).exclusive(seconds_max=10.0) as alone:
        assert alone
        assert "is running" in run_tarscli("gc", "--cache", "--grace", "0", "--dry-run", folder=project).stderr
        run_tarscli("gc", "--cache", folder=project)
        assert pinned.exists()
    assert build.exists()
    assert (user_cache / "tmp/half/made").exists()
    os.utime(build, (1, 1))
    run_tarscli("gc", "--cache", folder=project)
    assert not pinned.exists()
    assert not build.exists()
    assert index.exists()
    run_tarscli("gc", "--cache", "--grace", "0", folder=project)
    assert not index.exists()
    run_tarscli("run", folder=project)


def test_days_are_called_days(project: Path, run_tarscli: RunTarscli) -> None:
    assert (
        "`x` is not a number of days"
        in run_tarscli("gc", "--cache", "--unused-for", "x", folder=project, code=2).stderr
    )
