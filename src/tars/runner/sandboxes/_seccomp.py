"""The system calls that bubblewrap's namespaces leave open and should not, as a seccomp filter.

A user namespace of its own gives a program capabilities over what it mounts there. Where it acts for root, or for a
user to whom control groups were given, the files of control groups are its own: it could mount them and lift its
limits. Keys of the kernel are handed on with no namespace between.
Sources: seccomp_filter.rst of Linux; linux/filter.h, linux/audit.h, and the tables of system calls.
"""

from struct import pack

_NEW_USER = 0x10000000
_X32 = 0x40000000
_EPERM, _ENOSYS = 1, 38
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16

# For each machine the instruction sets of its programs: what Linux calls each; clone, unshare, clone3, calls for keys.
_SETS = {
    "x86_64": ((0xC000003E, 56, 272, 435, (248, 249, 250)), (0x40000003, 120, 310, 435, (286, 287, 288))),
    "aarch64": ((0xC00000B7, 220, 97, 435, (217, 218, 219)), (0x40000028, 120, 337, 435, (309, 310, 311))),
}  # fmt: skip


def knows(machine: str) -> bool:
    """Whether there is a filter for that machine (`os.uname().machine`)."""
    return machine in _SETS


def filter_program(machine: str, nested: bool) -> bytes:
    """The filter as BPF instructions; `nested` lets programs have user namespaces of their own. `clone3`, whose flags
    cannot be seen, is then told to be missing, and the C library takes `clone`."""
    code = [(_LOAD, 0, 0, _ARCH)]
    for arch, clone, unshare, clone3, keys in _SETS[machine]:
        block = [(_LOAD, 0, 0, _NUMBER)]
        if arch == 0xC000003E:
            block += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
        for key in keys:
            block += [(_EQUAL, 0, 1, key), (_RETURN, 0, 0, _ERRNO | _EPERM)]
        if not nested:
            block += [(_EQUAL, 0, 1, clone3), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
            block += [(_EQUAL, 1, 0, clone), (_EQUAL, 0, 3, unshare), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
            block += [(_ANY_BIT, 0, 1, _NEW_USER), (_RETURN, 0, 0, _ERRNO | _EPERM)]
        block.append((_RETURN, 0, 0, _ALLOW))
        code += [(_EQUAL, 0, len(block), arch), *block]
    code.append((_RETURN, 0, 0, _KILL))
    return b"".join(pack("=HBBI", *line) for line in code)
