"""Why a command did not start, or ended otherwise than by itself, in one sentence."""

import errno
import os
from signal import Signals

from tars.runner.values import Cell, Launch, Stop


def why_not_started(error: OSError | ValueError, launch: Launch, cell: Cell) -> str:
    """What the system's refusal to start the command means."""
    program = cell.argv[0]
    if isinstance(error, ValueError):
        return f"{program} cannot be started: {error}"
    if error.errno in (errno.ENOMEM, errno.ENFILE) and cell.limits.memory_bytes_max:
        return f"{program} cannot be started with {_size(cell.limits.memory_bytes_max)} of memory"
    about = "" if error.filename is None else os.fspath(error.filename)
    if about == str(launch.cwd) and not os.path.isdir(launch.cwd):
        return f"its working directory {launch.cwd} does not exist"
    if about and about not in (program, launch.argv[0], str(launch.cwd)):
        return f"{about}: {error.strerror}"
    match error.errno:
        case errno.ENOENT if os.path.exists(program):
            return f"{program} names an interpreter that does not exist"
        case errno.ENOENT | errno.ENOTDIR:
            return f"there is no program {program}"
        case errno.EACCES:
            return f"{program} is not executable"
        case errno.ENOEXEC:
            return f"{program} is not a program that this system can run"
        case errno.E2BIG:
            return f"{program} was given more arguments and variables than the system allows"
        case _:
            return f"{program} cannot be started: {error.strerror}"


def describe(stop: Stop, code: int, cell: Cell, breach: str, errors: bytes) -> str:
    """One sentence on a stop that is not an exit; empty for an exit, unless a limit explains it.

    `breach` is the limit that was broken; `refused` where the limit on processes was held, `elsewhere` where the
    sandbox holds limits itself and does not tell.
    """
    match stop:
        case Stop.TIMEOUT:
            return f"it ran longer than its timeout of {cell.limits.seconds_max:g} s"
        case Stop.MEMORY:
            most = cell.limits.memory_bytes_max
            return f"it used more memory than {_size(most) if most else 'it may'}"
        case Stop.DISK:
            return f"it left less than {_size(cell.limits.disk_bytes_min or 0)} of the disk free"
        case Stop.SIGNAL if breach == "processes":
            return f"it started more than {cell.limits.processes_max} processes"
        case Stop.SIGNAL if breach == "elsewhere" and code == -9 and cell.limits.memory_bytes_max:
            told = _size(cell.limits.memory_bytes_max)
            return f"it was ended by {_signal_name(9)}, as is what uses more memory than {told}"
        case Stop.SIGNAL:
            return f"it was ended by {_signal_name(-code)}"
        case Stop.CANCELLED:
            return "it was cancelled"
        case Stop.NOT_STARTED:
            return errors.decode("utf-8", "replace").strip().partition("\n")[0]
        case Stop.EXIT:
            return f"it was refused more than {cell.limits.processes_max} processes" if breach == "refused" else ""


def _signal_name(number: int) -> str:
    try:
        return f"signal {number} ({Signals(number).name})"
    except ValueError:
        return f"signal {number}"


def _size(count: int) -> str:
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            return f"{count / unit:.4g} {name}"
    return f"{count} bytes"
