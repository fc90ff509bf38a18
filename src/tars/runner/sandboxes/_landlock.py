"""Landlock with seccomp: the command gives up what it was not granted before it starts; needs no other program."""

import os
import sys
from functools import cache

from tars.runner.cells.gpus import granted
from tars.runner.values import Cell, Launch

_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
    "/etc/alternatives", "/etc/fonts", "/etc/gai.conf", "/etc/group", "/etc/ld.so.cache", "/etc/localtime",
    "/etc/mime.types", "/etc/nsswitch.conf", "/etc/os-release", "/etc/passwd", "/etc/protocols", "/etc/services",
    "/etc/ssl/openssl.cnf", "/etc/timezone",
    "/proc/self", "/proc/cpuinfo", "/proc/filesystems", "/proc/loadavg", "/proc/meminfo", "/proc/stat",
    "/proc/uptime", "/proc/version", "/proc/sys/kernel", "/proc/sys/vm", "/sys/devices/system/cpu",
)  # fmt: skip
_NETWORK = (
    "/etc/ca-certificates.conf", "/etc/hosts", "/etc/pki/ca-trust", "/etc/pki/tls/certs", "/etc/resolv.conf",
    "/etc/ssl/certs", "/run/systemd/resolve/stub-resolv.conf", "/run/systemd/resolve/resolv.conf",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
COMPLAINT = b"tars-confine: "
TEMPORARY = ".tars-tmp"
"""The folder for temporary files, in the first folder that the cell may write."""


def launch(cell: Cell) -> Launch:
    """The cell behind a small program that confines itself and then becomes the command."""
    argv = list(_interpreter())
    argv += (f"-r{path}" for path in (*_SYSTEM, *(_NETWORK if cell.network else ())))
    argv += (f"-r{path}" for path in cell.reads)
    argv += (f"-w{path}" for path in (*_DEVICES, *granted(cell.gpus), *cell.writes))
    if cell.network:
        argv.append("-n")
    env = dict(cell.env)
    if cell.writes:
        env["TMPDIR"] = os.path.join(cell.writes[0], TEMPORARY)
        argv.append(f"-t{env['TMPDIR']}")
    return Launch((*argv, "--", *cell.argv), env, cell.cwd, complaint=COMPLAINT)


@cache
def abi() -> int:
    """The version of Landlock that this kernel offers; 0 where it offers none or the machine is not known."""
    from tars.runner.sandboxes import _confine  # it loads ctypes, of which bubblewrap has no need  # noqa: PLC0415

    return _confine.landlock_abi()


@cache
def _interpreter() -> tuple[str, ...]:
    """The real interpreter with nothing loaded that can be left out: what it costs to start is paid for every cell."""
    from tars.runner.sandboxes import _confine  # as above; imported so that it is compiled  # noqa: PLC0415

    program = getattr(sys, "_base_executable", sys.executable) or sys.executable
    # What was compiled when this process imported it is current, and starts in half the time.
    compiled = getattr(_confine, "__cached__", None)
    script = compiled if compiled and os.path.exists(compiled) else _confine.__file__
    return (os.path.realpath(program), "-I", "-S", "-B", os.path.abspath(script))
