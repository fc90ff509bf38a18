"""Runs on a Ray cluster of two nodes, whose daemons are killed while modules run: each in processes of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tars.core.errors import UnavailableError
from tars.runner.engines._join import address_to_join

from .conftest import Project

pytest.importorskip("ray", reason='needs the extra: pip install "tars-agents[ray]"')
UNAVAILABLE = 3
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.skipif(os.name == "nt", reason="shell scripts")]

NODES = """
import json
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
nodes = [cluster.head_node, cluster.add_node(num_cpus=2)]
raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
print(json.dumps({"address": cluster.address, "raylets": raylets}), flush=True)
input()
for node in nodes:
    node.kill_all_processes(check_alive=False, allow_graceful=False)
"""


class Cluster(NamedTuple):
    address: str
    raylets: list[int]


@pytest.fixture
def cluster(environment: dict[str, str], tmp_path: Path) -> Iterator[Cluster]:
    """A head with one CPU and a second node with two; the workers have a user cache of their own."""
    command = [sys.executable, "-c", NODES]
    env = {**environment, "TARS_CACHE": str(tmp_path / "workers")}
    held = subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert held.stdout is not None
    line = next(line for line in held.stdout if line.startswith("{"))
    yield Cluster(**json.loads(line))
    held.communicate("\n", timeout=60)


def begin(project: Project, cluster: Cluster, environment: dict[str, str], *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tars.ui.cli", "run", "--engine", "ray", "--sandbox", "none", "--json", *more]
    return subprocess.Popen(
        command, cwd=project.root, env={**environment, "RAY_ADDRESS": cluster.address},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def events(command: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    assert command.stdout is not None
    return (json.loads(line) for line in command.stdout)


def test_a_module_lands_on_the_second_node(
    project: Project, cluster: Cluster, environment: dict[str, str], tmp_path: Path
) -> None:
    """Its record, its output and what was built for it come back; a local run finds it cached."""
    project.script("one", "echo said; echo 1 > output/one.txt", output='"output/one.txt"')
    if shutil.which("rustc"):
        project.write("two.rs", 'fn main() { std::fs::write("output/two.txt", "2\\n").unwrap(); }\n')
        block = (
            'rust_module "two" {\n  source = "two.rs"\n  compile = true\n  artifact = "bin/two"\n'
            '  output = "output/two.txt"\n}\n'
        )
        project.write("main.tars", project.read("main.tars") + block)
    project.replace("  source", "  resources { cpu = 2 }\n  source")  # only the second node has two
    told = list(events(command := begin(project, cluster, environment)))
    assert command.wait(60) == 0, told
    assert any("2 machines, 3 CPUs" in event.get("message", "") for event in told)
    ended = {event["address"].rpartition(".")[2]: event for event in told if event["event"] == "module-finished"}
    assert ended["one"]["record"]["stdout"] == "said\n"
    assert project.read("output/one.txt") == "1\n"
    if "two" in ended:
        assert project.read("output/two.txt") == "2\n"
        assert (project.root / "bin/two").stat().st_mode & 0o100
    assert set(project.run(engine="local").statuses.values()) == {"cached"}


def test_a_node_that_dies_fails_its_module_alone(
    project: Project, cluster: Cluster, environment: dict[str, str]
) -> None:
    project.script("far", "echo begun; exec sleep 54321.5", output='"output/far.txt"')
    project.replace("  source", "  resources { cpu = 2 }\n  source")
    command = begin(project, cluster, environment)
    told = []
    for event in events(command):
        told.append(event)
        if event["event"] == "module-output":
            os.kill(cluster.raylets[1], signal.SIGKILL)
    assert command.wait(60) in (1, UNAVAILABLE)  # the second node may be the one that the command has joined
    (ended,) = [event for event in told if event["event"] == "module-finished"]
    assert ended["error"] in (
        "the machine of the Ray worker went away",
        "Ray's daemon (raylet) of this machine has died",
    )


def test_the_death_of_this_machines_daemon_ends_the_run_and_it_can_be_resumed(
    project: Project, cluster: Cluster, environment: dict[str, str]
) -> None:
    """At once, with the retries unused; modules that had not begun are skipped, and stdout holds nothing of Ray's."""
    project.script("first", "echo 1 > output/first.txt", output='"output/first.txt"')
    project.script("second", "echo begun; [ -e go ] || sleep 30; echo 2 > output/second.txt", retries=5,
                   input="agent_module.first.output", output='"output/second.txt"')  # fmt: skip
    project.script("third", "echo 3 > output/third.txt", input="agent_module.second.output",
                   output='"output/third.txt"')  # fmt: skip
    command = begin(project, cluster, environment)
    told = []
    for event in events(command):
        told.append(event)
        if event["event"] == "module-output":
            for raylet in cluster.raylets:
                os.kill(raylet, signal.SIGKILL)
    assert command.stderr is not None
    errors = command.stderr.read()
    assert command.wait(60) == UNAVAILABLE, errors
    ended = {event["address"].rpartition(".")[2]: event for event in told if event["event"] == "module-finished"}
    assert {name: event["status"] for name, event in ended.items()} == {
        "first": "succeeded", "second": "unavailable", "third": "skipped",
    }  # fmt: skip
    assert "has died" in ended["second"]["error"]
    assert "--resume" in ended["second"]["hint"]
    project.write("go", "")
    ran = project.run(engine="local", resume=True)
    assert ran.statuses == {"first": "cached", "second": "succeeded", "third": "succeeded"}


def test_a_stopped_daemon_ends_the_run_and_the_command(
    project: Project, cluster: Cluster, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP, as Ctrl-Z: nothing could begin any more, and Ray itself would wait for the daemon for ever."""
    project.script("first", "echo begun; sleep 60; echo 1 > output/first.txt", output='"output/first.txt"')
    command = begin(project, cluster, environment)
    told = []
    for event in events(command):
        told.append(event)
        if event["event"] == "module-output":
            for raylet in cluster.raylets:
                os.kill(raylet, signal.SIGSTOP)
    assert command.wait(60) == UNAVAILABLE
    for raylet in cluster.raylets:
        os.kill(raylet, signal.SIGCONT)
    (ended,) = [event for event in told if event["event"] == "module-finished"]
    assert "is stopped" in ended["error"]


def test_a_head_that_is_gone_is_refused_and_one_that_was_left_behind_is_not_waited_for(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{ear.getsockname()[1]}"
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(UnavailableError, match="cannot be reached: connection refused"):
        address_to_join()
    monkeypatch.delenv("RAY_ADDRESS")
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "ray_current_cluster").write_text(address)
    assert address_to_join() == "local"
