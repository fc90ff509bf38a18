"""Podman's own seccomp profile without what would let a container's program mount control groups and lift its limits.

Docker's profile lets no program without capabilities mount anything; podman's does, for containers within containers.
Source: seccomp.json(5) of the containers project.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

from blake3 import blake3

_PROFILES: Final = ("/etc/containers/seccomp.json", "/usr/share/containers/seccomp.json")
_REFUSED: Final = {
    "mount", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
    "keyctl", "add_key", "request_key",
}  # fmt: skip


def make_profile(folder: Path) -> Path:
    """The profile as a file in `folder`, made once for each state of podman's own."""
    profile = _profile()
    text = json.dumps(profile)
    made = folder / f"seccomp-{blake3(text.encode()).hexdigest()[:16]}.json"
    if not made.is_file():
        fresh = made.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(made)
    return made


def _profile() -> dict[str, Any]:
    for path in _PROFILES:
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
            rules = [_without(rule) for rule in found["syscalls"]]
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue
        return {**found, "syscalls": [rule for rule in rules if rule["names"]] + [_refusal()]}
    return {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [_refusal()]}


def _without(rule: dict[str, Any]) -> dict[str, Any]:
    return {**rule, "names": [name for name in rule["names"] if name not in _REFUSED]}


def _refusal() -> dict[str, Any]:
    return {"names": sorted(_REFUSED), "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "args": []}
