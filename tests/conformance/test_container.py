"""What is particular to containers and micro-VMs; `test_sandboxes.py` attacks containers one by one, as slow tests."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.lang.values import Resources
from tars.runner.attack import judge
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import Policy
from tars.runner.sandboxes._podman import NO_VOLUMES, engine_environment
from tars.runner.sandboxes.container import ContainerSandbox, is_image
from tars.runner.sandboxes.hyperlight import HyperlightSandbox
from tars.runner.values import Cell, Guarantee, Limits, Stop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="containers of Linux")


@pytest.fixture(scope="module", params=["podman", "docker"])
def container(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ContainerSandbox:
    found = ContainerSandbox(engines=(request.param,), cache=tmp_path_factory.mktemp("cache"))
    if not found.readiness().ready:
        pytest.skip(found.readiness().detail)
    return found


def cell(folder: Path, script: str, seconds: float = 20) -> Cell:
    env = {"SECRET": "a \"b\" 'c' # d", "LINES": "one\ntwo", "PATH": "/usr/bin:/bin"}
    return Cell(("/bin/sh", "-c", script), folder, env, Limits(seconds), writes=(folder,))


def left(name: str) -> bytes:
    """The processes that sleep so long, on this machine and in its containers."""
    return subprocess.run(["pgrep", "-f", f"sleep {name}"], capture_output=True, check=False).stdout


@pytest.mark.slow
def test_a_container_withstands_what_it_claims(container: ContainerSandbox) -> None:
    held = {guarantee for guarantee, verdict in judge(container).items() if verdict == "held"}
    assert held >= container.guarantees() >= {Guarantee.FILES_READ, Guarantee.FILES_WRITE, Guarantee.NETWORK}


def test_variables_arrive_whole_and_not_in_a_command_line(container: ContainerSandbox, tmp_path: Path) -> None:
    script = 'printf "%s|%s" "$SECRET" "$LINES"; cat /proc/1/cmdline >line'
    outcome = run_cell(container, cell(tmp_path, script))
    assert outcome.stdout.decode() == "a \"b\" 'c' # d|one\ntwo"
    assert not any('a "b"' in word for word in container.launch(cell(tmp_path, "true")).argv)


def test_a_timeout_ends_the_container(container: ContainerSandbox, tmp_path: Path) -> None:
    mark = f"63.{os.getpid()}"
    outcome = run_cell(container, cell(tmp_path, f"trap '' TERM; sleep {mark}", seconds=2), grace_seconds=0.2)
    assert outcome.stop is Stop.TIMEOUT
    assert left(mark) == b""


def test_a_container_ends_when_tars_is_killed(container: ContainerSandbox, tmp_path: Path) -> None:
    """Also one that bears no mark any more, because it has cleared its environment."""
    mark = f"66.{os.getpid()}"
    program = f"""
from pathlib import Path
from tars.runner.cells.spawn import run_cell
from tars.runner.sandboxes.container import ContainerSandbox
from tars.runner.values import Cell
folder = Path({str(tmp_path)!r})
argv = ("/bin/sh", "-c", "echo >ready; exec env -i /usr/bin/sleep {mark}")
sandbox = ContainerSandbox(engines={container.engines!r}, cache=folder / "cache")
run_cell(sandbox, Cell(argv, folder, {{"PATH": "/usr/bin:/bin"}}, writes=(folder,)))
"""
    tars = subprocess.Popen([sys.executable, "-c", program])
    assert eventually(lambda: (tmp_path / "ready").exists() and left(mark) != b"")
    tars.kill()
    tars.wait()
    assert eventually(lambda: left(mark) == b"")


def eventually(holds: Callable[[], bool], seconds_max: float = 60) -> bool:
    until = time.monotonic() + seconds_max
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_folder_is_a_root(container: ContainerSandbox, tmp_path: Path) -> None:
    if container.engines == ("docker",):
        assert "takes no folder" in container.lacks(Policy(Resources(image="images/root")))
        return
    busybox = shutil.which("busybox")
    if busybox is None or b"dynamic" in subprocess.run(["ldd", busybox], capture_output=True, check=False).stdout:
        pytest.skip("no busybox that needs no libraries")
    root, room = tmp_path / "root", tmp_path / "room"
    (root / "bin").mkdir(parents=True)
    room.mkdir()
    shutil.copy(busybox, root / "bin" / "sh")
    before = sorted(path.relative_to(root) for path in root.rglob("*"))
    own = replace(cell(room, "echo /usr/bin/*; echo ran >file; echo x >/written"), image=str(root))
    outcome = run_cell(container, own)
    assert (outcome.stdout, (room / "file").read_text()) == (b"/usr/bin/*\n", "ran\n"), outcome
    assert b"Read-only" in outcome.stderr
    assert sorted(path.relative_to(root) for path in root.rglob("*")) == before


def of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Users of this machine may have no number within a rootless engine."""
    member.uid = member.gid = 0
    return member


@contextmanager
def image(container: ContainerSandbox, folder: Path, *changes: str) -> Iterator[str]:
    """The digest of an image that holds a shell, its libraries and a folder `/data`, and says what `changes` say."""
    root = folder / "root"
    (root / "data").mkdir(parents=True)
    (root / "data").chmod(0o777)
    shell = os.path.realpath("/bin/sh")
    linked = subprocess.run(["ldd", shell], capture_output=True, check=True, text=True).stdout
    for path in (shell, *re.findall(r"(/\S+) \(", linked)):
        place = root / "bin/sh" if path == shell else Path(f"{root}{path}")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    with tarfile.open(folder / "image.tar", "w") as archive:
        archive.add(root, arcname=".", filter=of_root)
    assert container._found.engine is not None
    engine = (container._found.engine.program, *container._found.engine.flags)
    said = [word for change in changes for word in ("--change", change)]
    order = [*engine, "import", *said, str(folder / "image.tar")]
    made = subprocess.run(order, capture_output=True, check=True, text=True)
    digest = f"sha256:{made.stdout.strip().removeprefix('sha256:')}"
    try:
        yield digest
    finally:
        subprocess.run([*engine, "rmi", digest], capture_output=True, check=True)


@pytest.mark.slow
def test_an_image_by_its_digest_is_a_root(container: ContainerSandbox, tmp_path: Path) -> None:
    """Only what is in the image is there, and what it is given; the root cannot be written."""
    room = tmp_path / "room"
    room.mkdir()
    with image(container, tmp_path) as digest:
        assert container.lacks(Policy(Resources(image=digest))) == ""
        own = replace(cell(room, "echo /usr/bin/* /bin/*; echo ran >file; echo x >/written"), image=digest)
        outcome = run_cell(container, own)
    assert (outcome.stdout, (room / "file").read_text()) == (b"/usr/bin/* /bin/sh\n", "ran\n"), outcome
    assert b"Read-only" in outcome.stderr


@pytest.mark.slow
def test_an_image_does_not_say_how_it_is_run(container: ContainerSandbox, tmp_path: Path) -> None:
    """Its user could not write the outputs, its entry point is another program, and its PATH is its own."""
    room = tmp_path / "room"
    room.mkdir(mode=0o700)
    says = ("USER 4321", 'ENTRYPOINT ["/bin/sh", "-c", "echo other"]', "ENV PATH=/its/own", "ENV SECRET=forged")
    with image(container, tmp_path, *says) as digest:
        own = cell(room, 'echo "$PATH $SECRET"; echo ran >file')
        outcome = run_cell(container, replace(own, env={**own.env, "PATH": os.environ["PATH"]}, image=digest))
    assert outcome.stdout.decode() == f"/its/own {own.env['SECRET']}\n", outcome
    assert ((room / "file").read_text(), (room / "file").stat().st_uid) == ("ran\n", os.getuid())


@pytest.mark.slow
def test_folders_that_an_image_declares_are_not_written(container: ContainerSandbox, tmp_path: Path) -> None:
    """podman leaves them out, and docker, which cannot, does not start the image."""
    room = tmp_path / "room"
    room.mkdir()
    with image(container, tmp_path, "VOLUME /data") as digest:
        own = replace(cell(room, "echo x >/data/written; echo ran", seconds=60), image=digest)
        outcome = run_cell(container, own)
    if container.engines == ("docker",):
        assert (outcome.stop, NO_VOLUMES in outcome.detail) == (Stop.NOT_STARTED, True), outcome
        return
    assert outcome.stdout == b"ran\n", outcome
    assert b"cannot create /data/written" in outcome.stderr


def test_the_folder_that_podman_takes_for_its_sockets_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it rootless podman 4 loses what a command says when it is asked to end. Never a stranger's folder."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    user = os.getuid() or 4321
    folder = tmp_path / f"podman-run-{user}"
    if not Path(f"/run/user/{user}").exists():
        assert "XDG_RUNTIME_DIR" not in engine_environment(user)
        folder.mkdir(mode=0o700)
        if user != os.getuid():
            assert "XDG_RUNTIME_DIR" not in engine_environment(user), "it is somebody else's"
            os.chown(folder, user, -1)
        assert engine_environment(user)["XDG_RUNTIME_DIR"] == str(folder)
        folder.chmod(0o755)
        assert "XDG_RUNTIME_DIR" not in engine_environment(user), "others can look into it"
    assert "XDG_RUNTIME_DIR" not in engine_environment(0)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/mine")
    assert engine_environment(user)["XDG_RUNTIME_DIR"] == "/mine"


def test_images_are_named_for_ever() -> None:
    digest = "sha256:" + "0" * 64
    assert is_image(f"docker.io/library/python@{digest}")
    assert is_image(digest)
    assert is_image("images/root")
    option = f"--cidfile=/somewhere@{digest}"
    for name in ("docker.io/library/python:3", "python@sha256:12", "/etc", "a:b", option, f"a b@{digest}"):
        assert not is_image(name), name
    assert "name it by digest" in ContainerSandbox().lacks(Policy(Resources(image="python:3")))


def test_hyperlight_is_ready_only_where_a_guest_ran(tmp_path: Path) -> None:
    """Without the packages, and with an interpreter that cannot run a guest, it says so; nothing is claimed."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'hyperlight: no guest' >&2; exit 125\n")
    program.chmod(0o755)
    broken = HyperlightSandbox(python=str(program))
    assert (broken.readiness().ready, broken.readiness().detail) == (False, "a guest did not run: no guest")
    program.write_text("#!/bin/sh\necho 42\n")
    assert HyperlightSandbox(python=str(program)).readiness().ready
    assert broken.guarantees() == frozenset()
    assert "use a machine with KVM" in broken.readiness().hint
    own = HyperlightSandbox().readiness()
    assert own.ready or "hyperlight-sandbox is not installed" in own.detail or "did not run" in own.detail
    assert broken.lacks(Policy()) == "it runs lone Python scripts only, without packages"
    assert "network" in broken.lacks(Policy(Resources(network=True), script=True))
    assert broken.lacks(Policy(script=True)) == ""
