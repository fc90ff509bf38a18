"""bubblewrap: namespaces of the command's own, in which only what it was granted exists."""

import json
import os
import re
import shutil
import sys
from functools import cache
from pathlib import Path

from blake3 import blake3

from tars.runner import shims
from tars.runner.cells import cgroups
from tars.runner.cells.gpus import granted
from tars.runner.sandboxes import _seccomp
from tars.runner.values import Cell, Launch, Lodging

NOBODY = 65534
BERTH = str(Path(next(iter(shims.__path__)), "berth.py"))
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_DEVICES = ("null", "zero", "random", "urandom")
_ETC = (
    "alternatives", "fonts", "gai.conf", "ld.so.cache", "localtime", "mime.types", "nsswitch.conf", "os-release",
    "protocols", "services", "ssl/openssl.cnf", "timezone",
)  # fmt: skip
"""What of `/etc` programs need in order to start; none of it is a secret."""
_ETC_NETWORK = ("ca-certificates.conf", "hosts", "pki/ca-trust", "pki/tls/certs", "resolv.conf", "ssl/certs")
_LINKS = (("/proc/self/fd", "/dev/fd"), ("/proc/self/fd/0", "/dev/stdin"), ("/proc/self/fd/1", "/dev/stdout"),
          ("/proc/self/fd/2", "/dev/stderr"), ("/tmp", "/dev/shm"))  # fmt: skip

_LIMIT = 'ulimit -u "$1" 2>/dev/null || ulimit -p "$1" || exit 126; shift; exec "$@"'
"""Shells have either letter. The shell bears bubblewrap's name, since its complaints are about starting the command."""
_COUNTED_SINCE = (5, 14)


def find_program() -> str | None:
    """The path of `bwrap`, or None."""
    return shutil.which("bwrap")


def launch(program: str, cell: Cell, etc: Path, *, trusted: bool = False) -> Launch:
    """The cell in namespaces of its own. Its root is empty but for the system's programs, `etc`, and what the cell
    was granted; no capability is left to it, and when TARS is killed it dies as well. A `trusted` one confines itself
    what it runs."""
    argv = [program, *_base(str(etc))]
    told = b"" if trusted else filter_program()
    if told:
        argv += ("--seccomp", "{told}")
    if cell.network:
        for name in _ETC_NETWORK:
            argv += ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    else:
        argv.append("--unshare-net")
    for device in granted(cell.gpus):
        argv += ("--dev-bind", device, device)
    for path, writable in _grants(cell):
        argv += ("--bind" if writable else "--ro-bind-try", path, path)
    if not trusted and owns_settings():
        argv += ("--remount-ro", "/proc")
    argv += ("--remount-ro", "/", "--chdir", str(cell.cwd), "--")
    most = _counted(cell)
    if most is not None:
        argv += ("/bin/sh", "-c", _LIMIT, "bwrap", str(most))
    argv += cell.argv
    env = {**cell.env, "TMPDIR": "/tmp"}
    return Launch(
        tuple(argv), env, cell.cwd, wrappers=2, complaint=b"bwrap: ", processes_held=most is not None, told=told
    )


def lodge(cell: Cell, etc: Path) -> Lodging | None:
    """How the cell's command is started in a berth, which is made as bubblewrap makes its namespaces; None where the
    cell is granted more than files."""
    if cell.network or cell.gpus or not filter_program() or not os.path.isabs(cell.argv[0]):
        return None
    return Lodging(_keeper(str(etc)), cell.argv, tuple(_grants(cell)), _counted(cell))


@cache
def _keeper(etc: str) -> tuple[str, ...]:
    binds = [(path, path) for path in _SYSTEM if os.path.isdir(path) and not os.path.islink(path)]
    links = [(os.readlink(path), path) for path in _SYSTEM if os.path.islink(path)]
    settings = {
        "binds": [*binds, ("/etc", etc)], "links": [*links, *_LINKS], "devices": [f"/dev/{name}" for name in _DEVICES],
        "inner": _inner_ids(), "outer": (os.getuid(), os.getgid()), "owns_settings": owns_settings(),
        "filter": filter_program().hex(),
    }  # fmt: skip
    python = os.path.realpath(getattr(sys, "_base_executable", sys.executable) or sys.executable)
    return (python, "-I", "-S", "-X", "utf8", BERTH, json.dumps(settings))


def _counted(cell: Cell) -> int | None:
    """The user's processes in a namespace of the cell, where they are counted and no control group does it."""
    most = cell.limits.processes_max
    if most is None or cgroups.holds("pids") or not counts_processes():
        return None
    return _as_allowed(most + 1)


def owns_settings() -> bool:
    """Whether the system's settings in `/proc` are this user's own, who could write them without any capability."""
    return os.getuid() == 0


@cache
def filter_program() -> bytes:
    """The seccomp filter of every cell; empty on a machine whose system calls are not known."""
    machine = os.uname().machine
    return _seccomp.filter_program(machine, not _owns_groups()) if _seccomp.knows(machine) else b""


def lacks() -> str:
    """Why this machine's system cannot confine this user's programs, or nothing."""
    if filter_program() or not _owns_groups():
        return ""
    return f"bubblewrap does not hold who owns control groups, for want of a seccomp filter for {os.uname().machine}"


def _owns_groups() -> bool:
    """Whether control groups are this user's own, whose limits a program could lift that mounts them."""
    return os.getuid() == 0 or any(cgroups.holds(each) for each in ("memory", "pids", "cpu"))


@cache
def counts_processes() -> bool:
    """Whether a limit on a user's processes that is set in a user namespace counts those in it alone, and holds. Before
    Linux 5.14 it counted all that the user has anywhere; root is never held."""
    version = re.match(r"(\d+)\.(\d+)", os.uname().release) if sys.platform == "linux" else None
    return version is not None and os.getuid() != 0 and (int(version[1]), int(version[2])) >= _COUNTED_SINCE


def _as_allowed(most: int) -> int:
    """No more than this user may have, which a limit cannot be raised above."""
    import resource  # there is none on Windows  # noqa: PLC0415

    own = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    return most if own == resource.RLIM_INFINITY else min(most, own)


def make_etc(folder: Path) -> Path:
    """A small `/etc` below `folder`, made once for each state of the real one: one mount is quicker than ten."""
    sources = [*_ETC, *_ETC_NETWORK]
    key = blake3("\0".join(f"{name} {_signature(name)}" for name in sources).encode())
    made = folder / f"etc-{key.hexdigest()[:16]}-{os.getuid()}"
    if made.is_dir():
        return made
    fresh = folder / f"etc-new-{os.getpid()}-{os.urandom(4).hex()}"
    fresh.mkdir(parents=True)
    for name in _ETC:
        _copy(Path("/etc", name), fresh / name)
    for name in _ETC_NETWORK:
        _make_place(Path("/etc", name), fresh / name)
    user, group = _inner_ids()
    (fresh / "passwd").write_text(f"root:x:0:0::/nonexistent:/bin/sh\nagent:x:{user}:{group}::/tmp:/bin/sh\n")
    (fresh / "group").write_text(f"root:x:0:\nagent:x:{group}:\n")
    try:
        fresh.rename(made)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
    return made


@cache
def _base(etc: str) -> tuple[str, ...]:
    argv = ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--cap-drop", "ALL"]
    if os.getuid() == 0:
        argv += ("--uid", str(NOBODY), "--gid", str(NOBODY))
    for path in _SYSTEM:
        if os.path.islink(path):
            argv += ("--symlink", os.readlink(path), path)
        elif os.path.isdir(path):
            argv += ("--ro-bind", path, path)
    argv += ("--ro-bind", etc, "/etc", "--proc", "/proc", "--tmpfs", "/tmp")
    for name in _DEVICES:
        argv += ("--dev-bind", f"/dev/{name}", f"/dev/{name}")
    for target, path in _LINKS:
        argv += ("--symlink", target, path)
    return tuple(argv)


def _grants(cell: Cell) -> list[tuple[str, bool]]:
    """What the cell was granted, and whether it may be written; outer folders first, so that an inner one is not hidden
    by what lies around it."""
    writes = {_real(path) for path in cell.writes}
    reads = {_real(path) for path in cell.reads} - writes
    reads = {path for path in reads if not path.startswith(("/usr/", *(f"{write}/" for write in writes)))}
    return [(path, path in writes) for path in sorted(reads | writes, key=lambda each: (each.count("/"), each))]


def _real(path: Path) -> str:
    """A granted link means what it leads to: inside, the link in its granted folder leads there."""
    return os.path.realpath(path) if path.is_symlink() else os.fspath(path)


def _inner_ids() -> tuple[int, int]:
    return (NOBODY, NOBODY) if os.getuid() == 0 else (os.getuid(), os.getgid())


def _signature(name: str) -> str:
    try:
        status = os.lstat(f"/etc/{name}")
    except OSError:
        return "absent"
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copyfile(source, target, follow_symlinks=False)
    except (OSError, shutil.Error):
        pass  # A program that needs it does without, as on a system that never had it.


def _make_place(source: Path, target: Path) -> None:
    """An empty file or folder on which the real one can be mounted."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        target.mkdir()
    elif source.exists():
        target.touch()
