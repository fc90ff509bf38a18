"""Keeps a sandbox ready, made before a command is there for it: all that bubblewrap makes but what the cell is granted.

`berth.py SETTINGS SOCKET` makes one berth after the other. Each is the first process of user, mount, process, network
and IPC namespaces of its own. It says `ready` and its number, and receives one packet: JSON with `argv`, `env`, `cwd`,
`grants` (path, whether it may be written, device and inode) and `processes_max`, with the standard streams and, after
them, the doors of control groups. It mounts what is granted, gives up what it may, starts the command and says `up`; or
it says why not, having started nothing. This process tells the exit code of each at its end. Nothing but the berth
reads the packet, so that no later one can find it in memory.

A berth has two mount namespaces: one with the machine's own root, from which it takes what is granted, and that in
which the command will live. The system takes its time to end one, so this process holds them until the end of the
command was told.

Sources: mount_setattr(2), open_tree(2), move_mount(2), openat2(2), pivot_root(2), and bubblewrap, whose order it keeps.
"""

from __future__ import annotations

import array
import ctypes
import fcntl
import gc
import json
import os
import resource
import signal
import socket
import stat
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_NEW_MOUNTS = 0x00020000
NAMESPACES = 0x10000000 | _NEW_MOUNTS | 0x08000000 | 0x20000000 | 0x40000000  # user, mount, IPC, process, network
ORDER_BYTES_MAX = 100_000
DESCRIPTORS_MAX = 8
_BASE, _NEW, _OLD = "/tmp", "/new", "/old"
_READ_ONLY, _NOSUID, _NODEV, _NOEXEC = 1, 2, 4, 8
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE, _SLAVE, _DETACH = 32, 4096, 16384, 1 << 18, 1 << 19, 2
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _CAPBSET_DROP, _SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
_CALLS = {"x86_64": (56, 250, 155, 308, 272), "aarch64": (220, 219, 41, 268, 97)}
_CLONE, _KEYCTL, _PIVOT_ROOT, _SETNS, _UNSHARE = _CALLS[os.uname().machine]
_OPEN_TREE, _MOVE_MOUNT, _OPENAT2, _MOUNT_SETATTR = 428, 429, 437, 442
_JOIN_SESSION_KEYRING = 1
_EMPTY_PATH, _WHOLE_TREE, _CLONE_TREE = 0x1000, 0x8000, 1
_BOTH_EMPTY, _NO_SYMLINKS = 0x4 | 0x40, 0x04
_UP, _SET_FLAGS = 1, 0x8914

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.syscall.argtypes = [ctypes.c_long] * 7


def main() -> NoReturn:
    """Makes berths until the socket is closed."""
    settings, connection = json.loads(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    connection.set_inheritable(False)  # No command may hear or say anything there.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()
    mask = os.umask(0)
    holder, held = socket.socketpair()
    holder.setblocking(False)
    while True:
        first = _call(_CLONE, NAMESPACES | signal.SIGCHLD)
        if not first:
            try:
                _berth(settings, connection, held, mask)
            except BaseException as error:
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
                connection.shutdown(socket.SHUT_RDWR)  # No other would fare better: that ends this process as well.
            finally:
                os._exit(127)
        code = _code(os.waitpid(first, 0)[1])
        try:
            connection.send(struct.pack("=i", code))
        except OSError:
            os._exit(0)
        try:
            for namespace in _receive(holder)[1]:
                os.close(namespace)
        except BlockingIOError:
            pass  # It was ended before it had any.


def _berth(settings: dict[str, Any], connection: socket.socket, held: socket.socket, mask: int) -> None:
    """The first process of the namespaces, to its end."""
    _libc.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.setsid()
    number = os.readlink("/proc/self")  # as it is known outside
    _call(_KEYCTL, _JOIN_SESSION_KEYRING)  # Keys are handed on with no namespace between.
    (user, group), (outer_user, outer_group) = settings["inner"], settings["outer"]
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {outer_user} 1")
    _write("/proc/self/gid_map", f"{group} {outer_group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH22x", b"lo", _UP))
    machine = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    _call(_UNSHARE, _NEW_MOUNTS)
    _make_root(settings)
    own = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    held.sendmsg((b"held",), ((socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", (machine, own))),))
    for capability in range(64):
        _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    _rehearse(machine, own)
    connection.send(f"ready {number}".encode())
    data, (stdin, stdout, stderr, *doors) = _receive(connection)
    order = json.loads(data)
    try:
        for door in doors:
            os.write(door, b"0")
        _grant(order["grants"], machine, own)
        _give_up(settings["filter"])
        os.chdir(order["cwd"])
        os.umask(mask)
        if order["processes_max"] is not None:
            resource.setrlimit(resource.RLIMIT_NPROC, (order["processes_max"],) * 2)
        streams = [(os.POSIX_SPAWN_DUP2, each, number) for number, each in enumerate((stdin, stdout, stderr))]
        ours = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores them.
        command = os.posix_spawn(order["argv"][0], order["argv"], order["env"], file_actions=streams, setsigdef=ours)
    except (OSError, ValueError) as error:
        connection.send(str(error).encode()[:1000])
        os._exit(127)
    connection.send(b"up")
    os.closerange(3, 256)
    while True:
        ended, status = os.wait()
        if ended == command:
            os._exit(_code(status))


def _make_root(settings: dict[str, Any]) -> None:
    """A root with what every cell sees, and nothing of the machine's own beside."""
    _mount(None, "/", None, _SLAVE | _RECURSIVE)
    _mount("tmpfs", _BASE, "tmpfs", _NOSUID | _NODEV, "mode=0755")
    os.chdir(_BASE)
    for name in ("new", "old"):
        os.mkdir(name, 0o755)
    _mount("new", "new", None, _BIND)
    _call(_PIVOT_ROOT, b".", b"old")
    os.chdir("/")
    for name in ("proc", "tmp", "dev"):
        os.mkdir(f"{_NEW}/{name}", 0o755)
    for path, source in settings["binds"]:
        os.mkdir(f"{_NEW}{path}", 0o755)
        _attach(_copy(f"{_OLD}{source}"), os.open(f"{_NEW}{path}", os.O_PATH), _READ_ONLY | _NODEV)
    for device in settings["devices"]:
        os.close(os.open(f"{_NEW}{device}", os.O_CREAT | os.O_WRONLY, 0o444))
        _attach(_copy(f"{_OLD}{device}"), os.open(f"{_NEW}{device}", os.O_PATH), 0)
    for target, path in settings["links"]:
        os.symlink(target, f"{_NEW}{path}")
    settings_flag = _READ_ONLY if settings["owns_settings"] else 0
    _mount("proc", f"{_NEW}/proc", "proc", _NOSUID | _NODEV | _NOEXEC | settings_flag)
    _mount("tmpfs", f"{_NEW}/tmp", "tmpfs", _NOSUID | _NODEV, "mode=0755")
    os.chdir(_NEW)
    _call(_PIVOT_ROOT, b".", b".")
    _check(_libc.umount2(b".", _DETACH), "leave the old root")
    os.chdir("/")


def _rehearse(machine: int, own: int) -> None:
    """Does once what the order will need, so that the pages which this changes are this process's own by then."""
    json.loads('{"argv": ["/a"], "env": {"A": "b", "C": "d"}, "cwd": "/", "grants": [["/a", true, 1, 2]]}')
    for namespace in (machine, own):
        _call(_SETNS, namespace, _NEW_MOUNTS)
    root = os.open("/", os.O_PATH | os.O_DIRECTORY)
    for descriptor in (_copy("/")[0], _make_place(root, "/tmp/place", is_folder=True), root):
        os.close(descriptor)
    os.rmdir("/tmp/place")


def _grant(grants: list[tuple[str, bool, int, int]], machine: int, own: int) -> None:
    """Mounts what is at each path now, which must be what was meant, at the same path of this root, which can only be
    read from then on."""
    _call(_SETNS, machine, _NEW_MOUNTS)
    trees = [_copy(path, (device, inode)) for path, _, device, inode in grants]
    _call(_SETNS, own, _NEW_MOUNTS)
    root = os.open("/", os.O_PATH | os.O_DIRECTORY)
    for (path, writable, *_), (tree, is_folder) in zip(grants, trees, strict=True):
        how = struct.pack("=QQQ", os.O_PATH | os.O_CLOEXEC, 0, _NO_SYMLINKS)
        try:
            place = _call(_OPENAT2, root, os.fsencode(path), how, len(how))
        except FileNotFoundError:
            place = _make_place(root, path, is_folder)
        _attach((tree, is_folder), place, _NODEV | (0 if writable else _READ_ONLY))
    _mount(None, "/", None, _BIND | _REMOUNT | _READ_ONLY | _NOSUID | _NODEV)
    for descriptor in (machine, own, root):
        os.close(descriptor)


def _copy(path: str, identity: tuple[int, int] | None = None) -> tuple[int, bool]:
    """What is there with all that is mounted below it, to be mounted elsewhere, and whether it is a folder."""
    source = os.open(path, os.O_PATH)
    status = os.fstat(source)
    if identity not in (None, (status.st_dev, status.st_ino)):
        raise OSError(f"{path} is another one by now")
    tree = _call(_OPEN_TREE, source, b"", _EMPTY_PATH | _WHOLE_TREE | _CLONE_TREE | os.O_CLOEXEC)
    os.close(source)
    return tree, stat.S_ISDIR(status.st_mode)


def _make_place(new: int, path: str, is_folder: bool) -> int:
    """An empty folder or file at the path, whose folders are made as well; no link is followed."""
    *folders, name = path.strip("/").split("/")
    place = os.dup(new)
    for folder in [*folders, *([name] if is_folder else [])]:
        try:
            inner = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
        except FileNotFoundError:
            os.mkdir(folder, 0o755, dir_fd=place)
            inner = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
        os.close(place)
        place = inner
    if not is_folder:
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o444, dir_fd=place))
        place = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=place)
    return place


def _attach(copy: tuple[int, bool], place: int, flags: int) -> None:
    """Mounts the copy there, with these flags and without set-user-id programs."""
    attributes = struct.pack("=QQQQ", flags | _NOSUID, 0, _PRIVATE, 0)
    _call(_MOUNT_SETATTR, copy[0], b"", _EMPTY_PATH | _WHOLE_TREE, attributes, len(attributes))
    _call(_MOVE_MOUNT, copy[0], b"", place, b"", _BOTH_EMPTY)
    for descriptor in (copy[0], place):
        os.close(descriptor)


def _give_up(program: str) -> None:
    """Gives up every capability and the calls that the filter refuses; nobody may look into this process any more."""
    code = bytes.fromhex(program)
    buffer = ctypes.create_string_buffer(code, len(code))
    filters = struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    _check(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "renounce new privileges")
    _check(_libc.capset(struct.pack("=Ii", 0x20080522, 0), bytes(24)), "drop its capabilities")
    _check(_libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0), "keep others out")
    _check(_libc.prctl(_SET_SECCOMP, 2, filters, 0, 0), "install the seccomp filter")


def _receive(connection: socket.socket) -> tuple[bytes, array.array[int]]:
    """The next packet and its descriptors. Ends the process where none comes."""
    room = socket.CMSG_SPACE(DESCRIPTORS_MAX * array.array("i").itemsize)
    data, ancillary, _, _ = connection.recvmsg(ORDER_BYTES_MAX, room, socket.MSG_CMSG_CLOEXEC)
    if not data:
        os._exit(0)
    descriptors = array.array("i")
    for _, _, content in ancillary:
        descriptors.frombytes(content)
    return data, descriptors


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    first, second, third, last = (None if word is None else os.fsencode(word) for word in (source, target, kind, data))
    _check(_libc.mount(first, second, third, flags, last), f"mount {target}")


def _check(result: int, what: str) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), f"cannot {what}")


def _call(number: int, *arguments: int | bytes) -> int:
    """A system call. Raises `OSError` where it fails."""
    kept = [ctypes.create_string_buffer(each) if isinstance(each, bytes) else each for each in arguments]
    words = [ctypes.addressof(each) if isinstance(each, ctypes.Array) else each for each in kept]
    result = int(_libc.syscall(number, *words, *(0,) * (6 - len(words))))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def _code(status: int) -> int:
    """As a shell tells it: 128 more than the number of the signal that ended the process."""
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


if __name__ == "__main__":
    main()
