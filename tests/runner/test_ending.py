"""How a run ends before it is through: failures, faults, cancelling, and who listens no more."""

from threading import Event as Flag
from time import monotonic, sleep
from typing import Any

import pytest

from tars.runner.events import Event, ModuleFinished, ModuleOutput, ModuleStarted, Status
from tars.runner.execute import KEPT_BYTES_MAX
from tars.runner.run import run
from tars.runner.workers import WAITING_BYTES_MAX
from tars.store import open_store

from .conftest import Ran

RAN, CACHED, FAILED, SKIPPED = Status.SUCCEEDED, Status.CACHED, Status.FAILED, Status.SKIPPED


def test_fail_fast_starts_nothing_more(project: Any) -> None:
    project.script("a", "exit 1")
    project.script("b", "touch output/b")
    assert project.run(jobs=1).statuses == {"a": FAILED, "b": SKIPPED}
    assert project.run(jobs=1, keep_going=True).statuses == {"a": FAILED, "b": RAN}


def test_nothing_is_begun_after_a_failure(project: Any) -> None:
    for name in "abcdef":
        project.script(name, "exit 3" if name == "c" else f"echo {name} > $TARS_OUTPUT", output=f'"output/{name}.txt"')
    ran = project.run(jobs=1)
    begun = [event.address.partition(".")[2] for event in ran.events if isinstance(event, ModuleStarted)]
    assert begun == ["a", "b", "c"]
    assert ran.statuses == {"a": RAN, "b": RAN, "c": FAILED, "d": SKIPPED, "e": SKIPPED, "f": SKIPPED}


def test_a_fault_in_a_worker_ends_the_run(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project.script("a", "echo a > $TARS_OUTPUT", output='"output/a.txt"')

    def breaks(*_: object) -> None:
        raise RecursionError("a fault that nobody foresaw")

    monkeypatch.setattr("tars.runner.workers.execute", breaks)
    with pytest.raises(RecursionError, match="nobody foresaw"):
        project.run()
    monkeypatch.undo()
    assert project.run().statuses == {"a": RAN}


def test_a_result_that_cannot_be_noted_ends_the_run(project: Any) -> None:
    logs = project.root / "output/logs"
    body = f"mkdir {logs.parent}; echo a file where the records go > {logs}; echo a > $TARS_OUTPUT"
    project.script("a", body, output='"output/a.txt"')
    project.script("b", "sleep 303", output='"output/b.txt"')
    with pytest.raises(NotADirectoryError, match="logs"):
        project.run(jobs=2)
    assert not project.is_alive("sleep 303")
    logs.unlink()
    project.script("c", "echo c > $TARS_OUTPUT", output='"output/c.txt"')
    assert project.run(only=("a", "c")).statuses == {"a": CACHED, "c": RAN}, "what was done before is known"


def test_a_timeout_ends_the_whole_group(project: Any) -> None:
    project.script("a", "trap '' TERM\nsleep 300 & echo $! > $TARS_EVENTS\nsleep 300", timeout='"500ms"')
    ran = project.run()
    assert ran.statuses == {"a": FAILED}
    assert "timeout" in ran.finished["a"].error
    assert not project.is_alive("sleep 300")


def test_cancelling_ends_the_children_and_resume_goes_on(project: Any) -> None:
    project.script("a", "echo a > output/a", output='"output/a"', cache="false")
    project.script("b", "sleep 301; echo b > output/b", output='"output/b"', depends_on="[agent_module.a]")
    project.script("c", "echo c > output/c", output='"output/c"', depends_on="[agent_module.b]")
    cancel = Flag()

    def stop(event: Event) -> None:
        if isinstance(event, ModuleStarted) and event.address.endswith("b"):
            cancel.set()

    ran = project.run(cancel, stop)
    assert ran.statuses == {"a": RAN, "b": Status.CANCELLED, "c": SKIPPED}
    assert ran.end.status is Status.CANCELLED
    assert not project.is_alive("sleep 301")
    project.write("agents/b.sh", "#!/bin/sh\necho b > output/b\n")
    again = project.run(resume=True)
    assert again.statuses == {"a": CACHED, "b": RAN, "c": RAN}, "a was done, though it is never cached"
    assert project.run(resume=True).statuses["a"] is RAN, "there is nothing to resume any more"


def test_closing_the_iterator_ends_the_children(project: Any) -> None:
    project.script("a", "sleep 302")
    events = run(project.options())
    while not isinstance(next(events), ModuleStarted):
        pass
    events.close()
    assert not project.is_alive("sleep 302")


def test_what_was_done_before_the_iterator_is_closed_is_kept(project: Any) -> None:
    project.chain()
    events = run(project.options(jobs=1))
    while not isinstance(next(events), ModuleFinished):
        pass
    events.close()
    assert CACHED in project.run().statuses.values()


def test_what_runs_does_not_wait_for_who_listens(project: Any) -> None:
    for number in range(8):
        project.script(f"m{number}", "sleep 0.2; echo x > $TARS_OUTPUT", output=f'"output/{number}.txt"')
    events = run(project.options(jobs=2))
    next(event for event in events if isinstance(event, ModuleStarted))
    last = project.root / "output/7.txt"
    until = monotonic() + 30
    while not last.exists() and monotonic() < until:
        sleep(0.02)
    with open_store(project.root / ".tars") as store:
        assert [*store.entries(kind="result")], "results are committed all the same"
    assert Ran([*events]).statuses == {f"m{number}": RAN for number in range(8)}


def test_a_version_is_told_though_its_folder_cannot_be_made(project: Any) -> None:
    versions = project.root / "output/versions"
    body = f"mkdir {versions.parent}; echo a file where the folders go > {versions}; echo a > $TARS_OUTPUT"
    project.script("a", body, output='"output/a.txt"')
    ran = project.run()
    assert ran.end.version == 1
    assert any("the folder of v1 could not be made" in notice for notice in ran.notices)
    versions.unlink()
    assert project.run().statuses == {"a": CACHED}


def test_time_is_held_while_nobody_listens(project: Any) -> None:
    """And what is recorded is whole; only whoever did not listen misses some, and is told so."""
    project.script("a", "exec yes tars-held", timeout='"1s"')
    events = run(project.options())
    begun = [next(event for event in events if isinstance(event, ModuleStarted))]
    until = monotonic() + 20
    while not [*project.root.glob("output/logs/*")] and monotonic() < until:
        sleep(0.02)
    assert monotonic() < until, "it ends at its time"
    assert not project.is_alive("yes tars-held")
    ran = Ran([*begun, *events])
    assert "timeout" in ran.finished["a"].error
    assert ran.finished["a"].record is not None
    assert len(str(ran.finished["a"].record["stdout"])) == KEPT_BYTES_MAX
    told = sum(len(event.data) for event in ran.events if isinstance(event, ModuleOutput))
    assert KEPT_BYTES_MAX < told <= WAITING_BYTES_MAX
    assert any("bytes that executable_module.a wrote are not shown" in notice for notice in ran.notices)


def test_no_further_attempt_after_a_failure(project: Any) -> None:
    project.script("a", "exit 1", retries="2", backoff='"60s"')
    project.script("b", "sleep 0.3; exit 1")
    began = monotonic()
    ran = project.run(jobs=2)
    assert monotonic() - began < 20, "the failure of b ends the wait of a"
    assert ran.statuses == {"a": FAILED, "b": FAILED}
    assert len([event for event in ran.events if isinstance(event, ModuleStarted) and event.attempt > 1]) == 0


def test_a_module_that_was_begun_does_not_wait_until_others_are_found_cached(project: Any) -> None:
    """The thread that begins it goes on to those that it frees as well."""
    project.script("r", "echo 1 > $TARS_OUTPUT", output='"output/r.txt"')
    project.script("d", "sleep 0.2; echo d > $TARS_OUTPUT", output='"output/d.txt"', input="[agent_module.r.output]")
    block = project.read("main.tars").partition('agent_module "d"')[2]
    project.script("c", "echo c > $TARS_OUTPUT", output='"output/c.txt"')
    for number in range(400):
        more = block.replace("agents/d.sh", "agents/c.sh").replace("output/d.txt", f"output/c{number}.txt")
        project.replace('agent_module "c" {', f'agent_module "c{number}"{more}agent_module "c" {{')
    project.run()
    for name in "rd":
        project.write(f"agents/{name}.sh", project.read(f"agents/{name}.sh") + "\ntrue\n")
    ran = project.run(jobs=2)
    assert [ran.statuses[name] for name in ("r", "d", "c0")] == [RAN, RAN, CACHED]
    begun = next(
        at for at, event in enumerate(ran.events) if isinstance(event, ModuleStarted) and event.address.endswith(".d")
    )
    cached = sum(isinstance(event, ModuleFinished) and event.status is CACHED for event in ran.events[:begun])
    assert cached < 390, "it begins while the others are gone through"
