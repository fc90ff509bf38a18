"""Reads what cargo writes: the compiler's messages, the commands that it runs, and why it refuses to do anything."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UnavailableError

_RUNNING: Final = re.compile(rb"^\s*Running `(.*)`$", re.MULTILINE)
_NAME: Final = re.compile(rb"\bmetadata=[0-9a-f]+")
_VARIABLE: Final = re.compile(r"[A-Za-z_]\w*=")
_ABSENT: Final = (
    re.compile(r"no matching package named `(?P<name>[^`]+)` found"),
    re.compile(r"no matching package found\nsearched package name: `(?P<name>[^`]+)`"),
    re.compile(r"failed to download `(?P<name>[^ `]+)"),
    re.compile(r"unable to get packages from source"),
    re.compile(r"failed to get `(?P<name>[^`]+)` as a dependency"),
    re.compile(r"failed to select a version for the requirement `(?P<name>[^ `]+)"),
    re.compile(r"failed to load source for dependency `(?P<name>[^`]+)`"),
)
_OFFLINE: Final = re.compile(r"offline|network|No such file or directory \(os error 2\)|Read-only file system", re.I)
_NO_FEATURES: Final = "E0554"


class Unit(Prefab, frozen=True):
    """One call of the compiler: its arguments and cargo's own variables. `root` is the file that it begins with."""

    root: str
    argv: tuple[str, ...]
    env: Mapping[str, str]

    @property
    def is_test(self) -> bool:
        return "--test" in self.argv


def read_units(stderr: bytes) -> dict[str, str]:
    """The compiler calls in cargo's `-vv` output, as it shows them, by cargo's own name for each."""
    found = {}
    for match in _RUNNING.finditer(stderr):
        name = _NAME.search(match[1])
        # Clippy's compiler names types otherwise than the plain one.
        if name and b" CARGO_MANIFEST_DIR=" in match[1] and b"/clippy-driver " not in match[1]:
            found[name[0].decode()] = match[1].decode("utf-8", "replace")
    return found


@lru_cache(maxsize=4096)
def read_unit(command: str) -> Unit | None:
    """A compiler call as cargo shows it, for a shell; None where it cannot be read."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    first = next((at for at, word in enumerate(words) if not _VARIABLE.match(word)), len(words))
    env = dict(word.split("=", 1) for word in words[:first])
    argv = words[first:]
    root = next((word for word in argv[1:] if word.endswith(".rs")), "")
    return Unit(root, tuple(argv), env) if root and "--crate-name" in argv else None


def unavailable(words: str) -> UnavailableError | None:
    """The error where cargo needs something that is not on this machine and that it must not fetch; else None."""
    if not _OFFLINE.search(words):
        return None
    for pattern in _ABSENT:
        match = pattern.search(words)
        if match:
            name = match.groupdict().get("name") or ""
            what = f"the dependency `{name}` is" if name else "a dependency is"
            return UnavailableError(
                f"{what} not on this machine, and nothing is fetched while mending", hint="run `cargo fetch` once"
            )
    return None


def refusal(words: str) -> str:
    """Why cargo did not come to an end, in its own words, without progress and the commands that it repeats."""
    lines = words.splitlines()
    start = next((at for at, line in enumerate(lines) if line.startswith("error")), len(lines))
    kept = [
        line for line in lines[start:] if not line.lstrip().startswith(("Running `", "process didn't exit success"))
    ]
    return "\n".join(kept).strip()


def stopped_in(words: str, how: str) -> str:
    """How cargo was stopped, if it was, with the build script that ran then."""
    if not how:
        return ""
    ran = [line for line in words.splitlines() if line.lstrip().startswith("Running `")]
    script = re.search(r"/build/([^/ ]+)[-/][0-9a-f]{16}/[^ ]*build-script-[\w-]+`$", ran[-1]) if ran else None
    return f"the build script of `{script[1]}`: {how}" if script else f"cargo: {how}"


def needs_nightly(stdout: bytes) -> bool:
    """Whether a benchmark, and nothing else, asks for features that this compiler does not have."""
    refused = [one["target"]["kind"] for one in _messages(stdout) if _code(one) == _NO_FEATURES]
    return bool(refused) and all(kind == ["bench"] for kind in refused)


def _messages(stdout: bytes) -> Iterator[dict[str, Any]]:
    for line in stdout.splitlines():
        if line.startswith(b'{"reason":"compiler-message"'):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _code(message: Mapping[str, Any]) -> str:
    return str((message["message"].get("code") or {}).get("code") or "")
