"""Runs on a real Ray cluster of this machine: the same comes back, failures are told, and nothing is left."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag

import pytest

from tars.core.errors import UnavailableError
from tars.runner.engine import ENGINES
from tars.runner.events import ModuleOutput, ModuleProgress, ModuleRetry, ModuleStarted, Status

from .conftest import Project

ray = pytest.importorskip("ray", reason='needs the extra: pip install "tars-agents[ray]"')
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.skipif(os.name == "nt", reason="shell scripts")]


VARYING = frozenset({"run", "time", "execution_time_ms", "compile_time_ms", "version"})
"""What two runs of the same module differ in, wherever they are executed."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster of one machine, whose workers have a user cache of their own; its address."""
    before = os.environ.get("TARS_CACHE")
    os.environ["TARS_CACHE"] = str(tmp_path_factory.mktemp("workers"))
    context = ray.init(
        address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False
    )
    if before is None:
        del os.environ["TARS_CACHE"]
    else:
        os.environ["TARS_CACHE"] = before
    yield context.address_info["gcs_address"]
    ray.shutdown()


@pytest.fixture
def remote(project: Project, cluster: str) -> Project:
    project.settings["engine"] = "ray"
    return project


def test_the_same_comes_back_as_from_here(remote: Project) -> None:
    """Data and outputs travel between modules, what was reported is there, and a local run finds everything cached."""
    remote.write("words.txt", "b\na\n")
    remote.script("sort", 'sort "$TARS_INPUT" > output/sorted.txt; echo \'{"metric": {"lines": 2}}\' > "$TARS_EVENTS"',
                  input='"words.txt"', output='"output/sorted.txt"')  # fmt: skip
    remote.script("head", 'echo told; head -n1 "$TARS_INPUT" > output/first.txt; echo x > stray.txt',
                  input="agent_module.sort.output", output='"output/first.txt"')  # fmt: skip
    ran = remote.run()
    assert ran.statuses == {"sort": Status.SUCCEEDED, "head": Status.SUCCEEDED}, ran.events
    assert remote.read("output/first.txt") == "a\n"
    assert ran.end.version == 1
    record = ran.finished["sort"].record
    assert record is not None
    assert record["metrics"] == {"lines": 2}
    assert record["sandbox"] == "none"
    assert any("stray.txt" in notice for notice in ran.notices)
    assert any("runs on Ray" in notice for notice in ran.notices)
    (remote.root / "output/first.txt").unlink()
    here = remote.run(engine="local")
    assert here.statuses == {"sort": Status.CACHED, "head": Status.CACHED}
    assert remote.read("output/first.txt") == "a\n"
    again = remote.run(engine="local", force=True)
    for name, one in ran.finished.items():
        known, other = one.record, again.finished[name].record
        assert known is not None
        assert other is not None
        assert known.keys() == other.keys()
        assert {key: known[key] for key in known.keys() - VARYING} == {
            key: other[key] for key in other.keys() - VARYING
        }


def test_progress_and_output_come_while_it_runs(remote: Project) -> None:
    go = remote.root / "go"
    body = f'echo \'{{"progress": 0.5}}\' > "$TARS_EVENTS"; echo begun; while [ ! -e {go} ]; do sleep 0.1; done'
    remote.script("slow", body)
    seen = set()

    def watch(event: object) -> None:
        seen.update({type(event)} if isinstance(event, ModuleOutput | ModuleProgress) else ())
        if len(seen) == 2:
            go.touch()

    assert remote.run(on_event=watch).statuses == {"slow": Status.SUCCEEDED}


def test_the_sandbox_holds_on_the_worker(remote: Project, tmp_path: Path) -> None:
    remote.script("hostile", f"echo x > {tmp_path}/escaped; cat /proc/1/environ > /dev/null 2>&1; exit 0")
    ran = remote.run(sandbox=("process",))
    assert ran.finished["hostile"].record is not None, ran.events
    assert ran.finished["hostile"].record["sandbox"] == "process"
    assert not (tmp_path / "escaped").exists()
    assert remote.run(sandbox=("none",), force=True).end.status is Status.SUCCEEDED
    assert (tmp_path / "escaped").exists(), "the control: where nothing holds it, it escapes"


def test_a_failure_is_the_modules_own(remote: Project) -> None:
    remote.write("output/x.txt", "before\n")
    remote.script("bad", "echo after > output/x.txt; echo why >&2; exit 3", output='"output/x.txt"')
    ended = remote.run().finished["bad"]
    assert (ended.status, ended.error) == (Status.FAILED, "exit code 3")
    assert ended.record is not None
    assert ended.record["stderr"] == "why\n"
    assert remote.read("output/x.txt") == "before\n"


def test_a_worker_that_dies_is_told_and_retried_where_that_is_asked(remote: Project) -> None:
    marker = remote.root / "died"
    body = f"[ -e {marker} ] && exit 0; touch {marker}; kill -9 $PPID; sleep 60"
    remote.script("deadly", body, retries=1, backoff='"1s"')
    ran = remote.run()
    assert ran.statuses == {"deadly": Status.SUCCEEDED}, ran.finished
    (retry,) = [event for event in ran.events if isinstance(event, ModuleRetry)]
    assert "the Ray worker died" in retry.error
    marker.unlink()
    remote.replace("retries = 1", "retries = 0")
    ended = remote.run(force=True).finished["deadly"]
    assert ended.status is Status.FAILED
    assert "the Ray worker died" in ended.error
    assert "retries" in ended.hint


def test_cancelling_ends_what_runs_on_the_cluster(remote: Project) -> None:
    remote.script("long", "exec sleep 76543.5")
    cancel = Flag()

    def watch(event: object) -> None:
        if isinstance(event, ModuleStarted):
            cancel.set()

    assert remote.run(cancel=cancel, on_event=watch).statuses == {"long": Status.CANCELLED}
    assert not remote.is_alive("sleep 76543.5")


def test_what_no_machine_has_is_refused(remote: Project) -> None:
    remote.script("big", "true")
    remote.replace('language = "executable"\n', 'language = "executable"\n  resources { cpu = 64 }\n')
    ended = remote.run().finished["big"]
    assert ended.status is Status.UNAVAILABLE
    assert "64 CPU" in ended.error


def test_a_client_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "ray://127.0.0.1:10001")
    with pytest.raises(UnavailableError, match="Ray client"):
        ENGINES.load("ray").connect()


def test_interrupting_the_command_ends_what_runs(remote: Project, cluster: str, environment: dict[str, str]) -> None:
    """The process group gets SIGINT, as from a terminal; the cluster, which is not this command's, goes on."""
    remote.script("long", "echo begun; exec sleep 65432.5")
    command = subprocess.Popen(
        [sys.executable, "-m", "tars.ui.cli", "run", "--engine", "ray", "--sandbox", "none", "--json"], cwd=remote.root,
        env={**os.environ, **environment, "RAY_ADDRESS": cluster},  # how Ray is asked is known since it was started
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert command.stdout is not None
    for line in command.stdout:
        if json.loads(line)["event"] == "module-output":
            break
    os.killpg(command.pid, signal.SIGINT)
    assert command.wait(60) == 130
    until = time.monotonic() + 20
    while remote.is_alive("sleep 65432.5") and time.monotonic() < until:
        time.sleep(0.1)
    assert not remote.is_alive("sleep 65432.5")
    assert ray.nodes()
