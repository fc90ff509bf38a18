"""What is left when a run is killed, interrupted, run twice at once, or out of disk: always a project that goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from tars.core.values import Digest
from tars.runner.events import Status
from tars.store import open_store
from tars.store.verify import verify
from tars.store.versions import versions

STAGES = 5


def pipeline(project: Any, seconds: float = 0.05) -> None:
    """A chain of five modules beside five that stand alone; each takes a little while and writes in two steps."""
    project.write("data/in.txt", "x\n")
    for stage in range(STAGES):
        given = f"agent_module.s{stage - 1}.output" if stage else '"data/in.txt"'
        body = f"printf half > $TARS_OUTPUT; sleep {seconds}; (cat $TARS_INPUT; echo {stage}) > $TARS_OUTPUT"
        project.script(f"s{stage}", body, input=given, output=f'"output/s{stage}.txt"')
        project.script(f"t{stage}", f"sleep {seconds}; echo {stage} > $TARS_OUTPUT", output=f'"output/t{stage}.txt"')


def start(project: Any, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tars.ui.cli", "run", "main.tars", "--sandbox", "none", *arguments]
    return subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def check_whole(project: Any) -> None:
    """Every output is whole or absent, and the store is clean."""
    with open_store(project.root / ".tars") as store:
        assert verify(store) == ()
    for stage in range(STAGES):
        path = project.root / f"output/s{stage}.txt"
        if path.exists():
            assert path.read_text() == "x\n" + "".join(f"{i}\n" for i in range(stage + 1))


def check_complete(project: Any) -> None:
    check_whole(project)
    assert all((project.root / f"output/{kind}{i}.txt").exists() for kind in "st" for i in range(STAGES))
    with open_store(project.root / ".tars") as store:
        names = {name for version in versions(store) for name in version.modules}
    assert names == {f"{kind}{i}" for kind in "st" for i in range(STAGES)}


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 60))])
def test_killed_at_a_random_moment_it_loses_nothing_and_resumes(project: Any, seed: int) -> None:
    pipeline(project)
    chance = random.Random(seed)
    for _ in range(3):
        process = start(project)
        time.sleep(chance.uniform(0.1, 1.2))
        process.kill()
        process.communicate()
        if (project.root / ".tars/journal.db").exists():
            check_whole(project)
    process = start(project, "--resume")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, f"seed {seed}: {errors.decode()}"
    check_complete(project)
    assert not [path for path in (project.root / ".tars/tmp").iterdir() if path.is_dir()], "scratch folders are left"


def test_objects_that_a_killed_run_left_empty_are_written_again(project: Any) -> None:
    """The state that a random kill meets about once in a hundred: an object's file was made, its bytes were not."""
    pipeline(project)
    with open_store(project.root / ".tars") as store:
        for source in (project.root / "agents").iterdir():
            path = store.objects.path(Digest(blake3(source.read_bytes()).hexdigest()))
            path.parent.mkdir(exist_ok=True)
            path.touch(mode=0o500)
    process = start(project)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors.decode()
    check_complete(project)


def test_two_runs_at_once_take_turns(project: Any) -> None:
    pipeline(project)
    both = [start(project), start(project)]
    results = [process.communicate(timeout=60)[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], results
    assert sum("waits for run" in text for text in results) <= 1
    check_complete(project)
    with open_store(project.root / ".tars") as store:
        assert len(versions(store)) == 1, "the second had nothing to do"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_ends_every_child_and_resume_goes_on(project: Any, number: signal.Signals) -> None:
    pipeline(project)
    slow = f"sleep 30{number:02}"  # no other test that runs at the same time waits for the same command line
    project.script("slow", slow, depends_on="[agent_module.s0]")
    process = start(project)
    until = time.monotonic() + 20
    while not project.is_alive(slow):
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors.decode()
    assert b"Traceback" not in errors
    assert not project.is_alive(slow)
    project.write("agents/slow.sh", "#!/bin/sh\ntrue\n")
    again = start(project, "--resume")
    _, errors = again.communicate(timeout=60)
    assert again.returncode == 0, errors.decode()
    check_complete_with_slow(project)


def check_complete_with_slow(project: Any) -> None:
    check_whole(project)
    with open_store(project.root / ".tars") as store:
        assert "slow" in {name for version in versions(store) for name in version.modules}


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[None]:
    mount = ["mount", *arguments, str(folder)]
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("mounting needs Linux and root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_named_and_costs_nothing_that_was_there(project: Any) -> None:
    with mounted(project.root, "-t", "tmpfs", "-o", "size=3m", "tmpfs"):
        project.script("a", "echo a > output/a", output='"output/a"')
        assert project.run().statuses == {"a": Status.SUCCEEDED}
        project.script("b", "head -c 9000000 /dev/zero > output/b", output='"output/b"')
        ran = project.run()
        assert ran.statuses == {"a": Status.CACHED, "b": Status.FAILED}
        assert not (project.root / "output/b").exists()
        with open_store(project.root / ".tars") as store:
            assert verify(store) == ()
        project.write("agents/b.sh", "#!/bin/sh\necho b > output/b\n")
        assert project.run().statuses == {"a": Status.CACHED, "b": Status.SUCCEEDED}


def test_a_read_only_project_is_refused_in_words(project: Any) -> None:
    pipeline(project)
    with mounted(project.root, "--bind", "-o", "ro", str(project.root)):
        process = start(project)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"Traceback" not in errors
    assert b"ead-only" in errors


@pytest.mark.parametrize("open_elsewhere", [False, True], ids=["closed", "with entries in its log"])
def test_a_read_only_project_can_be_looked_at(project: Any, run_tarscli: Any, open_elsewhere: bool) -> None:
    project.script("a", "echo a > output/a", output='"output/a"')
    assert project.run().statuses == {"a": Status.SUCCEEDED}
    with open_store(project.root / ".tars") as store:
        if open_elsewhere:
            with store.transaction() as tx:
                tx.append("note", {})
        else:
            store.close()
        with mounted(project.root, "--bind", "-o", "ro", str(project.root)):
            for words in (("versions",), ("show", "a@v1"), ("logs",), ("history",), ("why", "a"), ("store", "verify")):
                run_tarscli(*words, folder=project.root)
            assert "cached" in run_tarscli("run", "main.tars", "--dry-run", folder=project.root).stdout
            refused = run_tarscli("gc", folder=project.root, code=1)
    assert "read-only" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_run_puts_back_what_a_change_of_several_files_had_begun(
    project: Any, kill_between_files: Callable[..., None]
) -> None:
    project.write("data/one.txt", "old 1\n")
    project.write("data/two.txt", "old 2\n")
    project.script(
        "both", "cat data/one.txt data/two.txt > $TARS_OUTPUT", input='["data/one.txt", "data/two.txt"]',
        output='"output/both.txt"',
    )  # fmt: skip
    project.run()
    kill_between_files(
        "from pathlib import Path; from tars.store import open_store; from tars.store.rewrite import rewrite\n"
        "old, new = ({f'data/{a}.txt': f'{word} {b}\\n'.encode() for a, b in (('one', 1), ('two', 2))} "
        "for word in ('old', 'new'))\n"
        "with open_store(Path('.tars')) as store: rewrite(store, Path(), old, new, subject='data')",
        folder=project.root,
    )
    assert (project.read("data/one.txt"), project.read("data/two.txt")) == ("new 1\n", "old 2\n")
    again = project.run()
    assert again.notices == ["data/one.txt: put back, since a change of files had been interrupted"]
    assert project.read("data/one.txt") == "old 1\n"
    assert again.statuses == {"both": Status.CACHED}
    assert project.run().notices == []
    with open_store(project.root / ".tars") as store:
        assert verify(store) == ()
