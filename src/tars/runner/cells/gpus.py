"""The graphics processors of this machine, as device files."""

import re
from functools import cache
from pathlib import Path

_SHARED = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "kfd")
"""What a program needs besides the processor's own device."""


@cache
def devices() -> tuple[str, ...]:
    """The device of each graphics processor: NVIDIA's, else those of the kernel's own drivers."""
    folder = Path("/dev")
    nvidia = sorted(str(path) for path in folder.glob("nvidia*") if re.fullmatch(r"nvidia\d+", path.name))
    return tuple(nvidia or sorted(str(path) for path in folder.glob("dri/renderD*")))


def granted(count: int) -> tuple[str, ...]:
    """The device files that a command may use when it is given so many processors."""
    if not count:
        return ()
    shared = (str(Path("/dev", name)) for name in _SHARED if Path("/dev", name).exists())
    return (*devices()[:count], *shared)
