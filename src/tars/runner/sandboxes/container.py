"""The `container` sandbox: podman, else docker; a root that can only be read, no network, limits by control groups."""

import io
import os
import shutil
from functools import cached_property
from pathlib import Path
from subprocess import DEVNULL, CompletedProcess, TimeoutExpired, run
from typing import Final

from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.values import Readiness
from tars.lang.values import Resources
from tars.runner.cells.gpus import devices
from tars.runner.sandbox import Policy, Sandbox, lacks_of_share
from tars.runner.sandboxes import _bubblewrap, _podman
from tars.runner.values import Cell, Guarantee, Launch, Limits
from tars.store.shared import default_root

TRIAL_SECONDS_MAX: Final = 30.0
TRIAL_LIMITS: Final = Limits(memory_bytes_max=64 << 20, processes_max=32, cpus_max=0.5)
HINT: Final = "install podman (`apt install podman runc`, `dnf install podman`), or start docker"
_TRIAL: Final = """echo ran; cat "$1" 2>/dev/null; echo no 2>/dev/null >"$1"; echo yes >made
cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null | sed 's/^/memory /'
cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null | sed 's/^/pids /'
cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max 2>/dev/null | sed 's/^/cpu /'
"""
"""Tells that it ran, and which limits it finds itself under; an engine may ignore those it cannot hold."""
_IMAGE: Final = "name it by digest, `name@sha256:…` (`podman image inspect --format '{{.Digest}}' NAME` shows it)"


class _Found(Prefab, frozen=True):
    """The engine that works, with the limits that it holds, or why there is none."""

    engine: _podman.Engine | None
    detail: str
    held: frozenset[str] = frozenset()


class ContainerSandbox(Prefab, slots=False):
    """Without an image a module sees this machine's own programs in an empty root, as in the `process` sandbox."""

    name: str = "container"
    engines: tuple[_podman.Kind, ...] = ("podman", "docker")
    cache: Path | None = None

    def readiness(self) -> Readiness:
        found = self._found
        return Readiness(found.engine is not None, found.detail, hint="" if found.engine else HINT)

    def guarantees(self) -> frozenset[Guarantee]:
        if self._found.engine is None:
            return frozenset()
        claimed = {Guarantee.FILES_READ, Guarantee.FILES_WRITE, Guarantee.NETWORK, Guarantee.SIGNALS}
        if "memory" in self._found.held:
            claimed.add(Guarantee.MEMORY)
        if "pids" in self._found.held:
            claimed.add(Guarantee.PROCESSES)
        return frozenset(claimed)

    def lacks(self, policy: Policy) -> str:
        resources = policy.resources
        if resources.image and not is_image(resources.image):
            return f"the image `{resources.image}` may be another one tomorrow: {_IMAGE}"
        if share := lacks_of_share(resources):
            return share
        if len(devices()) < resources.gpu:
            return f"this machine has {len(devices())} graphics processors, and `gpu` asks for {resources.gpu}"
        if self._found.engine is None:
            return ""
        if resources.image and self._found.engine.kind == "docker" and not _podman.DIGEST.fullmatch(resources.image):
            return f"docker takes no folder as a root: {_IMAGE}, or install podman"
        return self._lacks_limits(resources)

    def launch(self, cell: Cell) -> Launch:
        engine = self._found.engine
        assert engine is not None, "the readiness was asked first"
        return _podman.launch(engine, cell, self._root)

    def _lacks_limits(self, resources: Resources) -> str:
        asked = {"memory": resources.memory_bytes, "cpu": resources.cpu}
        lacking = [name for name, value in asked.items() if value is not None and name not in self._found.held]
        return f"its engine cannot hold {' and '.join(lacking)} for this user" if lacking else ""

    @cached_property
    def _root(self) -> Path:
        return _podman.make_root(_bubblewrap.make_etc((self.cache or default_root()) / "sandbox"))

    @cached_property
    def _found(self) -> _Found:
        refusals: list[str] = []
        for kind in self.engines:
            program = shutil.which(kind)
            if program is None:
                refusals.append(f"{kind} is not installed")
                continue
            for flags in _podman.ENGINE_FLAGS[kind]:
                found = self._try(_podman.Engine(kind, program, flags))
                if found.engine is not None:
                    return found
                refusals.append(found.detail)
        return _Found(None, "; ".join(dict.fromkeys(refusals)))

    def _try(self, engine: _podman.Engine) -> _Found:
        """Runs a container that tells what it can do, beside a file that it must not read."""
        from tempfile import TemporaryDirectory  # slow, and only tried where it is asked for  # noqa: PLC0415

        try:
            with TemporaryDirectory(prefix="tars-trial-") as folder:
                return self._judge(engine, Path(folder))
        except (OSError, TimeoutExpired) as error:
            return _Found(None, f"{engine.kind} cannot be tried: {error}")

    def _judge(self, engine: _podman.Engine, folder: Path) -> _Found:
        if engine.kind == "docker":
            imported = _import_root(engine, self._root)
            if imported.returncode:
                return _Found(None, f"docker does not work here: {_last_line(imported.stderr)}")
            engine = replace(engine, base=imported.stdout.decode().strip())
        secret, room, given = folder / "secret", folder / "room", folder / "given"
        secret.write_text("seen")
        room.mkdir()
        argv = ("/bin/sh", "-c", _TRIAL, "sh", str(secret))
        cell = Cell(argv, room, {"PATH": "/usr/bin:/bin"}, TRIAL_LIMITS, writes=(room,))
        launch = _podman.launch(engine, cell, self._root)
        given.write_bytes(launch.given)
        command = tuple(str(given) if word == "{given}" else word for word in launch.argv)
        done = run(command, stdin=DEVNULL, capture_output=True, timeout=TRIAL_SECONDS_MAX, check=False)
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        if done.returncode or not lines or lines[0] != "ran":
            return _Found(None, f"{engine.kind} does not work here: {_last_line(done.stderr)}")
        if "seen" in lines or secret.read_text() != "seen" or not (room / "made").is_file():
            return _Found(None, f"{engine.kind} does not hold here: a program in it reached a file outside")
        wanted = {f"memory {64 << 20}": "memory", "pids 32": "pids", "cpu 50000": "cpu", "cpu 50000 100000": "cpu"}
        held = frozenset(wanted[line] for line in lines if line in wanted)
        engine = replace(engine, limits=bool(held))
        version = run((engine.program, "--version"), stdin=DEVNULL, capture_output=True, check=False).stdout.decode()
        if engine.kind == "docker":
            return _Found(engine, version.strip(), held)
        user = "as root" if os.getuid() == 0 else "rootless"
        return _Found(engine, f"{version.strip()}, {user}", held)


def _import_root(engine: _podman.Engine, root: Path) -> CompletedProcess[bytes]:
    """Prints the digest of an image of the root, which is small and nearly empty; made once."""
    name = f"tars-root:{root.name}"
    inspect = (engine.program, *engine.flags, "image", "inspect", "--format", "{{.Id}}", name)
    known = run(inspect, stdin=DEVNULL, capture_output=True, timeout=TRIAL_SECONDS_MAX, check=False)
    if not known.returncode:
        return known
    import tarfile  # slow, and needed once  # noqa: PLC0415

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(root, arcname=".")
    command = (engine.program, *engine.flags, "import", "-", name)
    return run(command, input=packed.getvalue(), capture_output=True, timeout=TRIAL_SECONDS_MAX, check=False)


def is_image(name: str) -> bool:
    """Whether the name is of one image for ever: a digest, or a folder of the project."""
    return bool(_podman.DIGEST.fullmatch(name)) or (":" not in name and not name.startswith("/") and "/" in f"{name}/")


def _last_line(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else "it said nothing"


PLUGIN: Sandbox = ContainerSandbox()
