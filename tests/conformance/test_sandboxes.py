"""Attacks every sandbox with every program in `runner/attacks/`: it must claim exactly what it withstands.

Under `none`, which claims nothing, every attack must bite: that is the control, without which a broken attack would
prove anything. An attack bites when it prints BITTEN, or when the world outside is seen to have changed.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.values import Readiness
from tars.runner.attack import FOLDER, PYTHON, World, attack, make_world
from tars.runner.cells import berths, cgroups, zygotes
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES, Sandbox
from tars.runner.sandboxes._podman import ENGINE_FLAGS
from tars.runner.sandboxes.container import ContainerSandbox
from tars.runner.sandboxes.process import MECHANISMS, ProcessSandbox
from tars.runner.values import Cell, Guarantee, Launch, Limits, Stop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attacks are written for Linux")

ATTACKS = sorted(FOLDER.glob("*/*.py"))
ELSEWHERE = ("container", "hyperlight", "process", "wasm")
"""Sandboxes that other files test, or that are here by their mechanisms."""
NAMES = [
    *(name for name in SANDBOXES if name not in ELSEWHERE),
    *(f"process by {each}" for each in MECHANISMS),
    "process by a berth",
    pytest.param("process by a zygote", marks=pytest.mark.slow),
    *(pytest.param(f"container by {each}", marks=pytest.mark.slow) for each in ENGINE_FLAGS),
]
WATCHED: dict[Guarantee, cgroups.Controller] = {Guarantee.MEMORY: "memory", Guarantee.PROCESSES: "pids"}
ATTEMPTS = 5
"""Some attacks race against one who looks now and then, and win most of the time."""


class Warm(ProcessSandbox):
    """Every command comes from a zygote: a forked Python that becomes the command, with all that then confines it."""

    def launch(self, cell: Cell) -> Launch:
        becomes = "import os, sys\nos.execv(sys.argv[1], sys.argv[1:])"
        program = cell.writes[0] / "becomes.py"
        program.write_text(becomes)
        launch = super().launch(replace(cell, argv=(PYTHON, str(program), *cell.argv)))
        assert bool(launch.zygote) != cell.network, "it is not forked"
        started = replace(launch, argv=("/bin/echo", "BITTEN: it was started"), told=b"", lodging=None)
        return launch if cell.network else started


class Berthed(ProcessSandbox):
    """Every command is started in a berth."""

    def launch(self, cell: Cell) -> Launch:
        launch = super().launch(replace(cell, argv=("/usr/bin/env", *cell.argv)))  # no Python: it would be forked
        assert bool(launch.lodging) != cell.network, "it is started otherwise"
        return launch if cell.network else replace(launch, argv=("/bin/echo", "BITTEN: it was started"), told=b"")

    def wait_for_one(self, folder: Path) -> Readiness:
        readiness = self.readiness()
        for _ in range(200 if readiness.ready else 0):
            cell = Cell(("/bin/true",), folder, {}, writes=(folder,))
            if b"BITTEN" not in run_cell(self, cell).stdout:
                return readiness
            time.sleep(0.05)
        return Readiness(False, "no berth comes up here")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with make_world(tmp_path) as made:
        yield made


@pytest.fixture(scope="module", params=NAMES)
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    name: str = request.param
    found: Sandbox
    if name == "process by a zygote":
        found = Warm(name, MECHANISMS[:1], tmp_path_factory.mktemp("cache"))
    elif name == "process by a berth":
        found = Berthed(name, MECHANISMS[:1], tmp_path_factory.mktemp("cache"))
    elif name.startswith("process by "):
        mechanism = next(each for each in MECHANISMS if name.endswith(each))
        found = ProcessSandbox(name, (mechanism,), tmp_path_factory.mktemp("cache"))
    elif name.startswith("container by "):
        engine = next(each for each in ENGINE_FLAGS if name.endswith(each))
        found = ContainerSandbox(engines=(engine,), cache=tmp_path_factory.mktemp("cache"))
    else:
        found = SANDBOXES.load(name)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(berths, "USES_MIN", 1)
        patched.setattr(berths, "READY_SECONDS_MAX", 10.0)
        folder = tmp_path_factory.mktemp("room")
        readiness = found.wait_for_one(folder) if isinstance(found, Berthed) else found.readiness()
        if not readiness.ready:
            pytest.skip(f"{name}: {readiness.detail}")
        yield found
        zygotes.end()
        berths.end()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zygote is there for the first command of its kind: each world is another kind."""
    monkeypatch.setattr(zygotes, "USES_MIN", 1)


@pytest.mark.parametrize("program", ATTACKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_claimed_is_withstood_and_unclaimed_bites(sandbox: Sandbox, program: Path, world: World) -> None:
    """A sandbox that claims a guarantee withstands each attack on it; under `none` each bites."""
    if program.stem == "trace" and not _may_trace():
        pytest.skip("this system lets nobody trace a process that is not its child")
    if Guarantee(program.parent.name) in sandbox.guarantees():
        bitten, outcome = attack(sandbox, [program], world)
        assert not bitten, (sandbox.readiness().detail, outcome)
    elif sandbox.name == "none":
        if program.stem == "lifted" and not cgroups.holds(WATCHED[Guarantee(program.parent.name)]):
            pytest.skip("this user may make no control groups, so there is nothing to lift")
        attempts = [attack(sandbox, [program], world)]
        while not attempts[-1][0] and len(attempts) < ATTEMPTS:
            attempts.append(attack(sandbox, [program], world))
        bitten, outcome = attempts[-1]
        assert bitten, ("the control: this attack does not work even where nothing stops it", outcome)


@pytest.mark.parametrize("guarantee", list(Guarantee))
def test_a_sandbox_claims_all_that_it_withstands(sandbox: Sandbox, guarantee: Guarantee, world: World) -> None:
    if guarantee in sandbox.guarantees():
        pytest.skip("claimed, and attacked one by one")
    if guarantee in WATCHED and not cgroups.holds(WATCHED[guarantee]):
        pytest.skip("only watched here: it is chance who is quicker")
    programs = [program for program in ATTACKS if program.parent.name == guarantee]
    assert any(attack(sandbox, [program], world)[0] for program in programs * ATTEMPTS), f"it could claim {guarantee}"


def test_the_process_sandbox_uses_the_first_mechanism_that_works(tmp_path: Path) -> None:
    details = [ProcessSandbox("process", (each,), tmp_path / each).readiness() for each in MECHANISMS]
    working = [readiness.detail for readiness in details if readiness.ready]
    both = ProcessSandbox(cache=tmp_path / "both").readiness()
    assert both.ready == bool(working)
    assert both.detail == (working[0] if working else "; ".join(each.detail for each in details))


def test_readiness_is_found_out_once(tmp_path: Path) -> None:
    first = ProcessSandbox(cache=tmp_path).readiness()
    kept = tmp_path / "sandbox" / "process.json"
    known = json.loads(kept.read_text())
    kept.write_text(json.dumps({key: [value[0], f"kept {value[1]}"] for key, value in known.items()}))
    assert ProcessSandbox(cache=tmp_path).readiness().detail == f"kept {first.detail}"
    kept.write_text("{broken")
    assert ProcessSandbox(cache=tmp_path).readiness() == first


ESCAPES = {
    "background": "sleep 61.{} &",
    "session": "setsid sleep 61.{} &",
    "no mark": "env -i setsid sleep 61.{} >/dev/null 2>&1 </dev/null &",
    "twice": "(setsid sh -c 'setsid sleep 61.{} & setsid env -i sleep 61.{}' >/dev/null 2>&1 &) &",
    "deaf": "nohup setsid sh -c 'trap \"\" TERM HUP INT; sleep 61.{}; :' >/dev/null 2>&1 &",
}


@pytest.mark.parametrize("escape", ESCAPES)
def test_nothing_is_left_behind(sandbox: Sandbox, escape: str, world: World) -> None:
    mark = f"{os.getpid()}{time.monotonic_ns() % 10**9}"
    script = ESCAPES[escape].replace("{}", mark) + " sleep 0.1; echo done"
    outcome = run_cell(sandbox, world.cell("/bin/sh", "-c", script))
    assert outcome.ok, outcome
    assert outcome.stdout == b"done\n"
    assert _named(f"61.{mark}") == []
    # The control: without the runner something is left, and `_named` sees it.
    subprocess.run(["/bin/sh", "-c", script], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    left = _named(f"61.{mark}")
    for pid in left:
        os.kill(pid, 9)
    assert left


HARMLESS: dict[str, tuple[str, bytes]] = {
    "reads the project": ('cat "$PROJECT/source"', b"source"),
    "writes scratch": ("mkdir -p a/b && echo x >a/b/c && mv a/b/c d && cat d", b"x\n"),
    "starts programs": ("for i in 1 2 3; do sh -c 'echo $0' $i; done", b"1\n2\n3\n"),
    "has temporary files": ('t=$(mktemp) && echo y >"$t" && cat "$t"', b"y\n"),
    "has devices": ("head -c 2 /dev/zero | wc -c; echo z >/dev/null; head -c 1 /dev/urandom | wc -c", b"2\n1\n"),
    "pipes": ("seq 3 | sort -r | head -1", b"3\n"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_things_work(sandbox: Sandbox, name: str, world: World) -> None:
    script, expected = HARMLESS[name]
    outcome = run_cell(sandbox, world.cell("/bin/sh", "-ec", script))
    assert (outcome.stdout, outcome.stderr, outcome.code) == (expected, b"", 0)


LANGUAGES: dict[str, tuple[str, ...]] = {
    "node": ("-e", "require('child_process').execSync('echo hi', {stdio: 'inherit'})"),
    "python3": ("-c", "import subprocess, tempfile; tempfile.mkdtemp(); subprocess.run(['echo', 'hi'], check=True)"),
    "perl": ("-e", "system('echo hi')"),
}


@pytest.mark.parametrize("program", LANGUAGES)
def test_languages_run(sandbox: Sandbox, program: str, world: World) -> None:
    found = shutil.which(program, path="/usr/bin:/bin")
    if found is None:
        pytest.skip(f"{program} is not installed")
    outcome = run_cell(sandbox, world.cell(found, *LANGUAGES[program]))
    assert (outcome.stdout, outcome.code) == (b"hi\n", 0), outcome


@pytest.mark.parametrize(
    ("compiler", "source", "build"),
    [
        ("go", 'package main\nfunc main() { println("hi") }\n', ("build", "-o", "made", "a.go")),
        ("rustc", 'fn main() { eprintln!("hi"); }\n', ("-o", "made", "a.rs")),
    ],
)
def test_compiled_programs_run(
    sandbox: Sandbox, compiler: str, source: str, build: tuple[str, ...], world: World
) -> None:
    found = shutil.which(compiler)
    if found is None:
        pytest.skip(f"{compiler} is not installed")
    (world.project / build[-1]).write_text(source)
    subprocess.run([found, *build], cwd=world.project, check=True, capture_output=True)
    outcome = run_cell(sandbox, world.cell(str(world.project / "made")))
    assert (outcome.stderr, outcome.code) == (b"hi\n", 0), outcome


def test_a_flood_of_output_and_a_big_input(sandbox: Sandbox, world: World) -> None:
    limits = Limits(seconds_max=60, output_bytes_max=1000)
    outcome = run_cell(sandbox, world.cell("/usr/bin/head", "-c", "1000000000", "/dev/zero", limits=limits))
    assert (outcome.ok, len(outcome.stdout), outcome.stdout_dropped_bytes) == (True, 1000, 999_999_000)
    data = os.urandom(1 << 20) * 8
    assert run_cell(sandbox, world.cell("/bin/cat"), stdin=data).stdout == data


def test_a_granted_network_is_open(sandbox: Sandbox, world: World) -> None:
    program = FOLDER / "network" / "tcp.py"
    cell = world.cell(PYTHON, "-I", "-S", "-B", str(program))
    opened = Cell(cell.argv, cell.cwd, cell.env, cell.limits, cell.reads, cell.writes, network=True)
    assert b"BITTEN" in run_cell(sandbox, opened).stdout


def test_a_missing_program_is_not_started(sandbox: Sandbox, world: World) -> None:
    if isinstance(sandbox, Warm | Berthed):
        pytest.skip("its program is another, and there")
    outcome = run_cell(sandbox, world.cell("/usr/bin/no-such-program"))
    assert (outcome.stop, outcome.code) == (Stop.NOT_STARTED, 127)
    assert "/usr/bin/no-such-program" in outcome.detail


def test_a_program_that_was_not_granted_is_not_started(sandbox: Sandbox, world: World) -> None:
    if isinstance(sandbox, Warm | Berthed):
        pytest.skip("its program is another, and granted")
    program = world.folder / "outside" / "program"
    program.write_text("#!/bin/sh\necho ran\n")
    program.chmod(0o755)
    outcome = run_cell(sandbox, world.cell(str(program)))
    if Guarantee.FILES_READ in sandbox.guarantees():
        assert (outcome.stop, outcome.stdout) == (Stop.NOT_STARTED, b"")
        assert str(program) in outcome.detail
    else:
        assert outcome.stdout == b"ran\n"


def test_a_request_to_end_reaches_the_command(sandbox: Sandbox, world: World) -> None:
    slow = sandbox.name in ("container", "process by a zygote")
    script = "trap 'echo bye; exit 4' TERM; echo ready; while :; do sleep 0.01; done"
    outcome = run_cell(sandbox, world.cell("/bin/sh", "-c", script, limits=Limits(seconds_max=3 if slow else 0.5)))
    assert (outcome.stop, outcome.stdout) == (Stop.TIMEOUT, b"ready\nbye\n")
    assert outcome.seconds < (8 if slow else 2)


def test_a_write_that_would_be_lost_is_refused(sandbox: Sandbox, world: World) -> None:
    """A private root that can be written would take a file and let it vanish; the program must be told."""
    if Guarantee.FILES_WRITE not in sandbox.guarantees():
        pytest.skip("it would write on this machine")
    for place in ("/lost", "/etc/lost", "/usr/lost"):
        assert not run_cell(sandbox, world.cell("/bin/sh", "-c", f"echo x >{place}")).ok


def _named(text: str) -> list[int]:
    """Processes in whose arguments the text stands."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in command and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def _may_trace() -> bool:
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return not scope.exists() or scope.read_text().strip() == "0" or (os.getuid() == 0 and scope.read_text() < "3")
