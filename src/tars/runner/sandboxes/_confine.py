"""Run as a program: gives up all but what its arguments grant, by Landlock and seccomp, then becomes another program.

Arguments: `-rPATH` may be read, `-wPATH` also written, `-n` the network is open, `-tPATH` is made for temporary files;
after `--` the command. It imports next to nothing, because its start is part of the start of every command.
Sources: Documentation/userspace-api/landlock.rst and seccomp_filter.rst of Linux; linux/landlock.h, linux/filter.h.
"""

import ctypes
import os
import sys
from struct import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn  # To import it takes as long as to start the interpreter.

COMPLAINT = "tars-confine: "

# Rights on files, by the version of Landlock that brought them: each adds its bits to those before it.
_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
_READ = 0b1101  # execute, read a file, list a folder
_FILE = 0b111 | 1 << 14 | 1 << 15  # the rights that mean something on what is no folder
_TCP = 0b11
_SCOPED = 0b11  # abstract Unix sockets, signals

# System calls: their numbers on x86_64 and aarch64 (-1: there is none).
_FORBIDDEN = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142),
    "sethostname": (170, 161), "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "acct": (163, 89), "syslog": (103, 116), "iopl": (172, -1), "ioperm": (173, -1),
    "open_by_handle_at": (304, 265), "io_uring_setup": (425, 425), "fanotify_init": (300, 262),
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "msgget": (68, 186),
    "mq_open": (240, 180),
}  # fmt: skip
_IGNORED = {
    "chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, -1),
    "fchown": (93, 55), "lchown": (94, -1), "fchownat": (260, 54), "utime": (132, -1), "utimes": (235, -1),
    "futimesat": (261, -1), "utimensat": (280, 88),
}  # fmt: skip
"""Landlock cannot tell whose permissions and times are changed. Copying tools change those of what they made and take
a refusal for a failure, so these calls are told that they succeeded, and nothing is done."""
_UNSUPPORTED = {
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463), "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}  # fmt: skip
_SOCKET, _IOCTL, _CLONE, _CLONE3, _PRLIMIT = (41, 198), (16, 29), (56, 220), (435, 435), (302, 261)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_FAMILIES_OPEN = (2, 10, 16)  # AF_INET, AF_INET6, AF_NETLINK; never AF_UNIX, which would reach the host's services
_TERMINAL = (0x5412, 0x541C, 0x5423)  # TIOCSTI, TIOCLINUX, TIOCSETD: they put words into the user's mouth
_NEW_NAMESPACES = 0x7E020000

_EPERM, _EACCES, _ENOSYS, _EOPNOTSUPP = 1, 13, 38, 95
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 24, 38, 22


def landlock_abi() -> int:
    """The version of Landlock that this kernel offers, or 0; also 0 on a machine whose system calls are not known."""
    if sys.platform != "linux" or os.uname().machine not in _MACHINES:
        return 0
    return max(0, int(_libc().syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)))


def filter_program(machine: str, network: bool) -> bytes:
    """The seccomp filter as BPF instructions: most calls pass; a few are refused, for the reasons given above."""
    column, arch = _MACHINES[machine]
    code: list[tuple[int, int, int, int]] = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _KILL)]
    code.append((_LOAD, 0, 0, 0))
    if machine == "x86_64":
        code += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    for table, errno in ((_FORBIDDEN, _EPERM), (_IGNORED, 0), (_UNSUPPORTED, _EOPNOTSUPP)):
        for numbers in table.values():
            if numbers[column] >= 0:
                code += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ERRNO | errno)]
    code += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    families = [(_EQUAL, 0, 1, family) for family in (_FAMILIES_OPEN if network else ())]
    code += _when(_SOCKET[column], 16, [line for test in families for line in (test, (_RETURN, 0, 0, _ALLOW))], _EACCES)
    code += _when(_CLONE[column], 16, [(_ANY_BIT, 1, 0, _NEW_NAMESPACES), (_RETURN, 0, 0, _ALLOW)], _EPERM)
    terminal = [(_EQUAL, len(_TERMINAL) - index, 0, request) for index, request in enumerate(_TERMINAL)]
    code += _when(_IOCTL[column], 24, [*terminal, (_RETURN, 0, 0, _ALLOW)], _EPERM)
    # prlimit64 may look at any process (no new value), and change the own one (process 0).
    own = [(_EQUAL, 0, 1, 0), (_RETURN, 0, 0, _ALLOW)]
    value = [(_LOAD, 0, 0, 32), (_EQUAL, 0, 3, 0), (_LOAD, 0, 0, 36), (_EQUAL, 0, 1, 0), (_RETURN, 0, 0, _ALLOW)]
    code += _when(_PRLIMIT[column], 16, [*own, *value], _EPERM)
    code.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(pack("=HBBI", *line) for line in code)


def main(arguments: list[str]) -> "NoReturn":
    """Confines this process as the arguments say and becomes the command."""
    end = arguments.index("--")
    options, command = arguments[:end], arguments[end + 1 :]
    network = "-n" in options
    for option in options:
        if option.startswith("-t"):
            os.makedirs(option[2:], exist_ok=True)
    libc = _libc()
    _check(libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "set the signal for the death of its parent")
    _restrict(libc, options, network)
    if os.geteuid() == 0:
        _drop_capabilities(libc)
    program = filter_program(os.uname().machine, network)
    buffer = ctypes.create_string_buffer(program)
    filters = ctypes.create_string_buffer(pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer)))
    _check(libc.prctl(_PR_SET_SECCOMP, 2, filters, 0, 0), "install the seccomp filter")
    try:
        os.execv(command[0], command)
    except OSError as error:
        _fail(f"{command[0]}: {error.strerror}")


def _restrict(libc: ctypes.CDLL, options: list[str], network: bool) -> None:
    abi = landlock_abi()
    if abi < 1:
        _fail("this kernel has no Landlock")
    rights = _RIGHTS[min(abi, max(_RIGHTS))]
    handled = pack("=Q", rights)
    if abi >= 4:
        handled += pack("=Q", 0 if network else _TCP)
    if abi >= 6:
        handled += pack("=Q", _SCOPED)
    rules = _check(libc.syscall(_LANDLOCK_CREATE, handled, ctypes.c_size_t(len(handled)), 0), "use Landlock")
    for option in options:
        if option[:2] in ("-r", "-w"):
            _grant(libc, rules, option[2:], rights if option[1] == "w" else rights & _READ)
    _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "renounce new privileges")
    _check(libc.syscall(_LANDLOCK_RESTRICT, rules, 0), "restrict itself")
    os.close(rules)


def _grant(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # What is not there needs no rule.
    if not os.path.isdir(path):
        rights &= _FILE
    rule = pack("=Qi", rights, descriptor)
    _check(libc.syscall(_LANDLOCK_ADD, rules, 1, rule, 0), f"grant {path}")
    os.close(descriptor)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """A root without capabilities is only the owner of its files; starting a program cannot bring them back."""
    for capability in range(64):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header, none = pack("=Ii", 0x20080522, 0), bytes(24)
    _check(libc.capset(header, none), "drop its capabilities")


def _when(
    number: int, offset: int, tests: list[tuple[int, int, int, int]], errno: int
) -> list[tuple[int, int, int, int]]:
    """For that call, load the argument at `offset` and run the tests; what none of them lets pass is refused."""
    body = [(_LOAD, 0, 0, offset), *tests, (_RETURN, 0, 0, _ERRNO | errno)]
    return [(_EQUAL, 0, len(body), number), *body]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        _fail(f"cannot {what}: {os.strerror(ctypes.get_errno())}")
    return result


def _fail(message: str) -> "NoReturn":
    sys.stderr.write(f"{COMPLAINT}{message}\n")
    sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
