"""The command that runs a cell in a container, by podman or docker; pure, but for looking which paths are there."""

import os
import re
import resource
import shutil
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from ducktools.classbuilder.prefab import Prefab

from tars.runner.cells.gpus import granted
from tars.runner.cells.orphans import MARK, PREFIX
from tars.runner.sandboxes._podman_profile import make_profile
from tars.runner.values import Cell, Launch

DIGEST: Final = re.compile(r"(?:[a-zA-Z0-9][\w.:/-]*@)?sha256:[0-9a-f]{64}", re.ASCII)
"""No name begins with `-`, which the engine would take for an option."""
PROCESSES_MAX: Final = 512
RESOURCES_MAX: Final = {"nofile": 16_384, "nproc": 4096}
TEMPORARY_BYTES_MAX: Final = 256 << 20
LATE_SECONDS: Final = 30
NO_VOLUMES: Final = "none-for-folders-that-an-image-declares-as-VOLUME"
"""A driver that does not exist, so that docker refuses an image with folders which could be written; it knows no option
for that, and shows this name."""
_SYSTEM: Final = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
_PLACES: Final = ("dev", "proc", "run", "sys", "tmp")


Kind = Literal["podman", "docker"]


class Engine(Prefab, frozen=True):
    """A program that runs containers, with the flags that make it work on this machine."""

    kind: Kind
    program: str
    flags: tuple[str, ...] = ()
    base: str = ""
    """The image of docker, which takes no folder, that holds the root for cells without an image."""
    limits: bool = True
    """Whether it holds any limits for this user; where it does not, it would complain of them among the command's own
    errors."""


ENGINE_FLAGS: Final[Mapping[Kind, tuple[tuple[str, ...], ...]]] = {
    "podman": (
        (),
        ("--cgroup-manager", "cgroupfs"),
        ("--runtime", "runc", "--cgroup-manager", "cgroupfs"),
        ("--runtime", "crun", "--cgroup-manager", "cgroupfs"),
    ),
    "docker": ((),),
}
"""What is tried, in this order. Without systemd podman needs the second, beside control groups of both versions the
third: crun refuses those."""


def launch(engine: Engine, cell: Cell, root: Path) -> Launch:
    """The cell in a container that is gone when it ends. `root` stands in where the cell names no image."""
    name = f"tars-{PREFIX}-{os.urandom(8).hex()}"  # by which it is found if TARS is killed
    quiet = "fatal" if engine.kind == "podman" else "error"  # else its warnings would be the command's errors
    argv = [engine.program, *engine.flags, "--log-level", quiet, "run", "--rm", "--name", name, "--interactive"]
    argv += _closed(engine, cell)
    if engine.kind == "podman" and os.getuid() == 0:
        argv += ("--security-opt", f"seccomp={make_profile(root.parent)}")
    given, variables = _environment(cell)
    argv += variables
    argv += (part for device in granted(cell.gpus) for part in ("--device", device))
    argv += _mounts(cell)
    argv += ("--workdir", str(cell.cwd), "--entrypoint", "")
    if DIGEST.fullmatch(cell.image) or engine.base:
        argv += ("--pull", "missing", cell.image or engine.base)
    else:
        argv += ("--rootfs", f"{cell.image or root}:O")
    removal = (engine.program, *engine.flags, "rm", "--force", name)
    return Launch(
        (*argv, *cell.argv),
        engine_environment(os.getuid()) if engine.kind == "podman" else dict(os.environ),
        cell.cwd,
        complaint=b"Error: " if engine.kind == "podman" else b"docker: ",
        complaint_codes=(125, 126, 127),
        after=(*removal, "--time", "0", "--ignore") if engine.kind == "podman" else removal,
        limited=True,
        given=given,
    )


def engine_environment(user: int) -> dict[str, str]:
    """TARS's own environment, with the folder that podman takes for an ordinary user's sockets where none is named.
    With it podman 4 joins its user namespace at once; without, it starts itself again below, and what the command says
    when it is asked to end is lost, and its exit code."""
    env = dict(os.environ)
    for folder in (f"/run/user/{user}", f"{env.get('TMPDIR') or '/tmp'}/podman-run-{user}"):
        if user == 0 or env.get("XDG_RUNTIME_DIR"):
            break
        with suppress(OSError):
            status = os.lstat(folder)
            if status.st_uid == user and stat.S_IMODE(status.st_mode) & 0o777 == 0o700 and stat.S_ISDIR(status.st_mode):
                env["XDG_RUNTIME_DIR"] = folder
    return env


def make_root(etc: Path) -> Path:
    """A root file system beside `etc` that holds a copy of it, and is else empty but for the places at which this
    machine's programs are mounted; made once."""
    made = etc.with_name(f"root-{etc.name}")
    if made.is_dir():
        return made
    fresh = etc.with_name(f"root-new-{os.urandom(8).hex()}")
    shutil.copytree(etc, fresh / "etc", symlinks=True)
    for name in _PLACES:
        (fresh / name).mkdir()
    for name in _SYSTEM:
        if os.path.islink(f"/{name}"):
            (fresh / name).symlink_to(os.readlink(f"/{name}"))
        elif os.path.isdir(f"/{name}"):
            (fresh / name).mkdir()
    try:
        fresh.rename(made)
    except OSError:
        shutil.rmtree(fresh)  # Another process was quicker.
    return made


def _closed(engine: Engine, cell: Cell) -> list[str]:
    """No capability, nothing to write on but what is granted, no network, and limits on all that can be used up."""
    limits = cell.limits
    argv = ["--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--log-driver", "none"]
    argv += ("--network", "host" if cell.network else "none", "--hostname", "agent", "--ipc", "private")
    # Not what an image says: another user could not write the scratch folder. Rootless podman's root is this user.
    argv += ("--no-healthcheck", "--user", "0:0" if engine.kind == "podman" else f"{os.getuid()}:{os.getgid()}")
    if engine.limits:
        argv += ("--pids-limit", str(limits.processes_max or PROCESSES_MAX))
    argv += ("--tmpfs", f"/tmp:rw,mode=1777,size={TEMPORARY_BYTES_MAX}")
    if engine.kind == "podman":
        argv += ("--quiet", "--read-only-tmpfs=false", "--no-hosts", "--image-volume", "ignore", "--http-proxy=false")
        if limits.seconds_max is not None:  # should TARS itself be killed
            argv += ("--timeout", str(int(limits.seconds_max) + LATE_SECONDS))
    elif cell.image:
        argv += ("--volume-driver", NO_VOLUMES)
    for name, most in RESOURCES_MAX.items():
        hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
        value = most if hard == resource.RLIM_INFINITY else min(hard, most)
        argv += ("--ulimit", f"{name}={value}:{value}")  # the engines' own are refused where the user's are lower
    argv += ("--ulimit", "core=0:0")
    if engine.limits and limits.memory_bytes_max is not None:
        argv += ("--memory", str(limits.memory_bytes_max), "--memory-swap", str(limits.memory_bytes_max))
    if engine.limits and limits.cpus_max is not None:
        argv += ("--cpus", f"{min(limits.cpus_max, os.cpu_count() or 1):g}")  # more than there are is refused
    return argv


def _environment(cell: Cell) -> tuple[bytes, list[str]]:
    """The cell's variables as the content of a file, since any user may read a command line; never as the engine's
    own environment, in which a stranger's variable could change what the engine does."""
    variables = {"TMPDIR": "/tmp", **{name: value for name, value in cell.env.items() if name != "TMPDIR"}}
    if cell.image and variables.get("PATH") == os.environ.get("PATH"):
        variables.pop("PATH", None)  # An image has its own.
    lines = [f"{name}={value}\n" for name, value in variables.items() if "\n" not in value and name[:1].isalpha()]
    argv = ["--env-file", "{given}", "--env", MARK]
    for name, value in variables.items():
        if "\n" in value or not name[:1].isalpha():
            argv += ("--env", f"{name}={value}")
    return "".join(lines).encode("utf-8", "surrogateescape"), argv


def _mounts(cell: Cell) -> list[str]:
    writes = {_real(path) for path in cell.writes}
    reads = {_real(path) for path in cell.reads} - writes
    if not cell.image:
        system = [f"/{name}" for name in _SYSTEM if os.path.isdir(f"/{name}") and not os.path.islink(f"/{name}")]
        reads = {path for path in reads if not _below(path, system)}
        reads.update(system)
    mounts = [(path, path, "ro=true") for path in reads] + [(path, path, "ro=false") for path in writes]
    argv: list[str] = []
    for source, target, mode in sorted(mounts, key=lambda each: (each[1].count("/"), each[1])):
        if os.path.exists(source):
            fields = ("type=bind", f"source={source}", f"target={target}", mode, "bind-propagation=rprivate")
            argv += ("--mount", ",".join(map(_quoted, fields)))
    return argv


def _quoted(field: str) -> str:
    """A field of comma-separated values, as both engines read them."""
    return '"' + field.replace('"', '""') + '"' if any(mark in field for mark in ',"\n') else field


def _real(path: Path) -> str:
    return os.path.realpath(path) if path.is_symlink() else os.fspath(path)


def _below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)
