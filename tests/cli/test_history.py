"""The list of runs: every run that changed something is in it, with when it began and how long it took."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tars.store import open_store

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]


def test_a_run_of_which_all_was_cached_and_that_made_a_version_is_listed(fresh: Path, run_tarscli: RunTarscli) -> None:
    first = (fresh / "first.py").read_text()
    for text in (first, f"{first}# changed\n", first):
        (fresh / "first.py").write_text(text)
        run_tarscli("run", "--sandbox", "none", folder=fresh)
    runs = json.loads(run_tarscli("history", "--json", folder=fresh).stdout)["runs"]
    versions = json.loads(run_tarscli("versions", "--json", folder=fresh).stdout)["versions"]
    assert {run["version"]: run["run"] for run in runs} == {one["number"]: one["run"] for one in versions}
    assert [run["version"] for run in runs] == [3, 2, 1]
    newest = runs[0]
    assert (newest["status"], newest["counts"]["succeeded"]) == ("succeeded", 0)
    assert "No module ran" in run_tarscli("logs", "--run", newest["run"], folder=fresh).stderr
    assert "first ran" in run_tarscli("logs", folder=fresh).stdout


def test_a_run_is_listed_with_when_it_began_and_how_long_it_took(fresh: Path, run_tarscli: RunTarscli) -> None:
    slow = f"import time\ntime.sleep(0.8)\n{(fresh / 'first.py').read_text()}"
    (fresh / "first.py").write_text(slow)
    before = time.time()
    run_tarscli("run", "--only", "first", "--sandbox", "none", folder=fresh)
    after = time.time()
    (run,) = json.loads(run_tarscli("history", "--json", folder=fresh).stdout)["runs"]
    assert before <= run["time"]
    assert 0.8 <= run["seconds"] <= after - run["time"] + 0.001


def test_a_run_in_a_journal_of_before_is_listed_with_the_times_of_its_entries(
    fresh: Path, run_tarscli: RunTarscli
) -> None:
    (fresh / ".tars").mkdir()
    clock = iter((10.0, 12.5)).__next__
    with open_store(fresh / ".tars", clock=clock) as store:
        for kind in ("run-started", "run-finished"):
            with store.transaction() as transaction:
                transaction.append(kind, {}, subject="pipeline.tars", run="old")
    (run,) = json.loads(run_tarscli("history", "--json", folder=fresh).stdout)["runs"]
    assert (run["time"], run["seconds"]) == (10.0, 2.5)
