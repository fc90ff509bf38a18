"""A warm Python in a sandbox, of which agents are forked: each finds a started interpreter and nothing of another's.

`zygote.py FILTER SOCKET` is started in a sandbox of the agents' own, which lacks only the seccomp filter (BPF as
hexadecimal digits) that each agent is put behind. It always has the next agent waiting, in user, mount,
process, network and IPC namespaces of its own, with an empty `/tmp` and no capabilities. The one packet which this
agent receives is its order: JSON with `argv`, `env` and `cwd`, and its three standard streams. Nothing but the agent
reads it, so that no later one can find it in memory. `ready` is sent when one waits, and its exit code at its end.

It runs in the agents' own interpreter, which may be older than TARS's and has none of its packages.
"""

from __future__ import annotations

import array
import ctypes
import fcntl
import gc
import importlib.machinery
import importlib.util
import io
import json
import os
import re
import resource
import runpy
import socket
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAMESPACES = 0x10000000 | 0x00020000 | 0x08000000 | 0x20000000 | 0x40000000  # user, mount, IPC, process, network
ORDER_BYTES_MAX = 100_000
_READ_ONLY, _NOSUID_NODEV, _NOEXEC, _BIND = 1, 2 | 4, 8, 4096 | 16384
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _CAPBSET_DROP, _SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
_SIGKILL = 9
run_module: Any = vars(runpy)["_run_module_as_main"]  # as `python -m` does it
_KEYCTL, _JOIN_SESSION_KEYRING = {"x86_64": 250, "aarch64": 219}, 1
_UP, _GET_FLAGS, _SET_FLAGS = 1, 0x8913, 0x8914


def main() -> None:
    """Forks agents until the socket is closed; returns in each agent, when it has ended well."""
    connection = socket.socket(fileno=int(sys.argv[2]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    while True:
        waiter = os.fork()
        if not waiter:
            return _agent(connection, libc)
        code = _code(os.waitpid(waiter, 0)[1])
        try:
            connection.send(struct.pack("=i", code))
        except OSError:
            os._exit(0)


def _agent(connection: socket.socket, libc: Any) -> None:
    """Becomes an agent, two processes below: one is the first of the new namespace, and takes it along when it ends."""
    _confine(libc)
    first = os.fork()
    if first:
        connection.close()
        os._exit(_code(os.waitpid(first, 0)[1]))
    libc.prctl(_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    os.setsid()
    owns_settings = os.stat("/proc/sys").st_uid == os.getuid()
    flags = _NOSUID_NODEV | _NOEXEC | (_READ_ONLY if owns_settings else 0)
    _check(libc.mount(b"proc", b"/proc", b"proc", flags, None), "mount /proc")
    _empty_tmp(libc)
    _drop_capabilities(libc)
    _filter_calls(libc, bytes.fromhex(sys.argv[1]))
    agent = os.fork()
    if agent:
        connection.close()
        while True:
            ended, status = os.wait()
            if ended == agent:
                os._exit(_code(status))
    _warm_up()
    connection.send(b"ready")
    _run(*_receive(connection))


def _confine(libc: Any) -> None:
    """Namespaces of its own, in which this user is who it was."""
    user, group = os.getuid(), os.getgid()
    _check(libc.unshare(NAMESPACES), "have namespaces of its own")
    if os.uname().machine in _KEYCTL:  # Keys are handed on with no namespace between; some systems have none.
        libc.syscall(_KEYCTL[os.uname().machine], _JOIN_SESSION_KEYRING, None)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        flags = fcntl.ioctl(any_socket, _GET_FLAGS, struct.pack("16sH22x", b"lo", 0))
        up = struct.unpack("16sH22x", flags)[1] | _UP
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH22x", b"lo", up))


def _empty_tmp(libc: Any) -> None:
    """An empty `/tmp` in place of the zygote's; what was granted below it stands in it again."""
    granted: list[str] = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            place = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), line.split()[4])
            if place.startswith("/tmp/") and not any(place.startswith(f"{outer}/") for outer in granted):
                granted.append(place)
    opened = [(place, os.open(place, os.O_PATH | os.O_CLOEXEC)) for place in granted]
    _check(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", _NOSUID_NODEV, b"mode=0755"), "mount /tmp")
    for place, descriptor in opened:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            os.makedirs(place, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o644))
        source = f"/proc/self/fd/{descriptor}".encode()
        _check(libc.mount(source, os.fsencode(place), None, _BIND, None), f"mount {place}")
        os.close(descriptor)


def _drop_capabilities(libc: Any) -> None:
    """All of them; no program can bring one back. The process stays one that its own user may look into."""
    for capability in range(64):
        libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    _check(libc.capset(struct.pack("=Ii", 0x20080522, 0), bytes(24)), "drop its capabilities")
    libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0)


def _filter_calls(libc: Any, program: bytes) -> None:
    """Puts this process and all that come of it behind the seccomp filter."""
    if program:
        buffer = ctypes.create_string_buffer(program, len(program))
        filters = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
        _check(libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "renounce new privileges")
        _check(libc.prctl(_SET_SECCOMP, 2, filters, 0, 0), "install the seccomp filter")


def _warm_up() -> None:
    """Does before it is asked what every agent does first, so that the pages which this changes are its own by then."""
    gc.collect()
    json.loads('{"argv": ["a"], "env": {"a": "b"}, "cwd": "/"}')
    exec(compile("import os\ndef one(a):\n    return [str(a)]\none(1)\n", "warm-up", "exec", dont_inherit=True), {})
    sys.stdout.flush()


def _receive(connection: socket.socket) -> tuple[list[str], dict[str, str], str]:
    """The order, after the standard streams have been put in place. Ends the process where no order comes."""
    room = socket.CMSG_SPACE(3 * array.array("i").itemsize)
    data, ancillary, _, _ = connection.recvmsg(ORDER_BYTES_MAX, room)
    if not data:
        os._exit(0)
    streams = array.array("i")
    for _, _, content in ancillary:
        streams.frombytes(content)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    found = json.loads(data)
    return found["argv"], found["env"], found["cwd"]


def _run(argv: list[str], env: dict[str, str], cwd: str) -> None:
    """Does what `python ARGV…` does. Returns where the program ends well; else raises `SystemExit`."""
    os.chdir(cwd)
    coerced = {name: os.environ[name] for name in ("LC_CTYPE",) if name in os.environ}
    os.environ.clear()
    os.environ.update({**coerced, **env, "PWD": cwd})
    encoding, errors = sys.stdin.encoding, sys.stdin.errors
    stream: Any = io.FileIO(0, "r", closefd=False)
    stream.name = "<stdin>"
    sys.stdin = io.TextIOWrapper(io.BufferedReader(stream), encoding, errors)
    sys.stdin.mode = "r"  # type: ignore[misc]
    setattr(sys, "__stdin__", sys.stdin)  # noqa: B010 - a constant, it is said
    sys.orig_argv = [sys.executable, *argv]
    try:
        if argv[0] == "-m":
            sys.argv[:] = ["-m", *argv[2:]]
            _start_from(cwd)
            run_module(argv[1])
        else:
            sys.argv[:] = argv
            _run_path(argv[0])
    except SystemExit:
        raise
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        raise SystemExit(1) from None


def _run_path(path: str) -> None:
    if os.path.isdir(path) or path.endswith((".zip", ".pyz")):
        _start_from(os.path.abspath(path))
        run_module("__main__", alter_argv=False)
        return
    _start_from(os.path.dirname(os.path.realpath(path)))
    path = os.path.abspath(path)
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        sys.stderr.write(f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}\n")
        raise SystemExit(2) from None
    names = sys.modules["__main__"].__dict__
    names.clear()
    names.update(
        __name__="__main__", __file__=path, __builtins__=sys.modules["builtins"], __doc__=None, __package__=None,
        __spec__=None, __cached__=None, __annotations__={},
        __loader__=importlib.machinery.SourceFileLoader("__main__", path),
    )  # fmt: skip
    exec(compile(source, path, "exec", dont_inherit=True), names)


def _start_from(folder: str) -> None:
    """Has imports begin in that folder; what is loaded already gives way to what bears its name there."""
    sys.path[0] = folder
    sys.modules.pop("zygote", None)
    try:
        own = {name.partition(".")[0] for name in os.listdir(folder)}
    except OSError:
        return
    for name in [name for name in sys.modules if name.partition(".")[0] in own]:
        if name.partition(".")[0] not in _STARTED:
            del sys.modules[name]


def _code(status: int) -> int:
    """As a shell tells it: 128 more than the number of the signal that ended the process."""
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _check(result: int, what: str) -> None:
    if result < 0:
        sys.exit(f"tars: cannot {what}: {os.strerror(ctypes.get_errno())}")


_STARTED = {"builtins", "sys", "os", "io", "abc", "codecs", "encodings", "site", "stat", "posix", "posixpath",
            "genericpath", "zipimport", "marshal", "time", "__main__", "_collections_abc", "_io", "_abc", "_codecs",
            "_signal", "_thread", "_warnings", "_weakref", "_frozen_importlib",
            "_frozen_importlib_external"}  # fmt: skip
"""What every Python has loaded before its program starts, so that no file of an agent stands in for it."""

if __name__ == "__main__":
    import zygote  # this file once more, since the program takes the place of `__main__`

    zygote.main()
