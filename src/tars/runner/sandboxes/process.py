"""The `process` sandbox: bubblewrap where it works, else Landlock with seccomp: no network, only what was granted."""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import Final, Literal

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.values import Readiness
from tars.runner import shims
from tars.runner.cells import cgroups, handed
from tars.runner.sandbox import Policy, Sandbox, lacks_of_machine
from tars.runner.sandboxes import _bubblewrap, _landlock
from tars.runner.values import Cell, Guarantee, Launch
from tars.store.shared import default_root

Mechanism = Literal["bubblewrap", "landlock"]
MECHANISMS: Final[tuple[Mechanism, ...]] = ("bubblewrap", "landlock")
"""In the order in which they are preferred."""
LANDLOCK_FOR_FILES: Final = 3
"""The version from which on truncating counts as writing."""
LANDLOCK_FOR_SIGNALS: Final = 6
TRIAL_SECONDS_MAX: Final = 10.0
ZYGOTE: Final = str(Path(next(iter(shims.__path__)), "zygote.py"))
_ZYGOTES_OWN: Final = 3
"""The processes that stand between the first one of the sandbox and a forked agent."""
_PYTHON: Final = re.compile(r"python(3(\.\d+)?)?")
_UNKNOWN_TO_ZYGOTES: Final = {"PYTHONINSPECT", "PYTHONSAFEPATH"}
HINT: Final = "install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap`), or use Linux 6.2 or newer"


class _Trial(Prefab, frozen=True):
    """What came of trying a mechanism: `held` where it ran a program and kept a file from it."""

    held: bool
    detail: str


class ProcessSandbox(Prefab, slots=False):
    """One or both mechanisms, the first that works being used. What was found out is kept in `cache` until the machine
    starts again or the mechanism's program changes, since finding out takes longer than running a small module."""

    name: str = "process"
    mechanisms: tuple[Mechanism, ...] = MECHANISMS
    cache: Path | None = None
    warm: bool = True
    """Python is forked from a warm interpreter, from the second command of its kind on, and other commands are started
    in berths, which are made ready ahead; with bubblewrap only."""
    _etc: Path | None = attribute(default=None, repr=False)

    def readiness(self) -> Readiness:
        mechanism, detail = self._chosen
        return Readiness(mechanism is not None, detail, hint="" if mechanism else HINT)

    def guarantees(self) -> frozenset[Guarantee]:
        mechanism, _ = self._chosen
        if mechanism is None:
            return frozenset()
        held = {Guarantee.FILES_READ, Guarantee.FILES_WRITE, Guarantee.NETWORK, Guarantee.SIGNALS}
        if mechanism == "landlock" and _landlock.abi() < LANDLOCK_FOR_SIGNALS:
            held.discard(Guarantee.SIGNALS)
        if cgroups.holds("memory"):
            held.add(Guarantee.MEMORY)
        if cgroups.holds("pids") or (mechanism == "bubblewrap" and _bubblewrap.counts_processes()):
            held.add(Guarantee.PROCESSES)
        return frozenset(held)

    def lacks(self, policy: Policy) -> str:
        if policy.resources.image:
            return "it runs this machine's own programs, and no `image`"
        return lacks_of_machine(policy.resources)

    def launch(self, cell: Cell) -> Launch:
        return self._launch(self._chosen[0] or self.mechanisms[-1], cell)

    @cached_property
    def _chosen(self) -> tuple[Mechanism | None, str]:
        """The mechanism that works, and its name; or why none does."""
        known = _read(self._file)
        refusals: list[str] = []
        for mechanism in self.mechanisms:
            signature = _signature(mechanism)
            trial = known.get(signature) or self._try(mechanism)
            if signature not in known:
                _write(self._file, {**known, signature: trial})
            if trial.held:
                return mechanism, trial.detail
            refusals.append(trial.detail)
        return None, "; ".join(refusals)

    @property
    def _folder(self) -> Path:
        return (self.cache or default_root()) / "sandbox"

    @property
    def _file(self) -> Path:
        return self._folder / "process.json"

    def _launch(self, mechanism: Mechanism, cell: Cell) -> Launch:
        if mechanism == "landlock":
            return _landlock.launch(cell)
        if self._etc is None:
            self._etc = _make_etc(self._folder)
        program = _bubblewrap.find_program() or "bwrap"
        made = _bubblewrap.launch(program, cell, self._etc)
        if not self.warm:
            return made
        made = replace(made, lodging=_bubblewrap.lodge(cell, self._etc))
        if not _is_python(cell):
            return made
        most = cell.limits.processes_max
        limits = replace(cell.limits, processes_max=None if most is None else most + _ZYGOTES_OWN)
        words = (cell.argv[0], ZYGOTE, _bubblewrap.filter_program().hex())
        zygote = replace(cell, argv=words, limits=limits, reads=(*cell.reads, Path(ZYGOTE)))
        warm = _bubblewrap.launch(program, zygote, self._etc, trusted=True)
        return replace(made, zygote=warm.argv, forked=cell.argv[1:])

    def _try(self, mechanism: Mechanism) -> _Trial:
        """Runs a program that tells what it can do in the sandbox, beside a file that it must not read."""
        if mechanism == "bubblewrap" and _bubblewrap.find_program() is None:
            return _Trial(False, "bubblewrap is not installed")
        if mechanism == "bubblewrap" and _bubblewrap.lacks():
            return _Trial(False, _bubblewrap.lacks())
        if mechanism == "landlock" and _landlock.abi() < LANDLOCK_FOR_FILES:
            return _Trial(False, f"this kernel has no Landlock of version {LANDLOCK_FOR_FILES} or newer")
        from tempfile import TemporaryDirectory  # slow, and most runs know what came of this  # noqa: PLC0415

        try:
            with TemporaryDirectory(prefix="tars-trial-") as folder:
                return self._judge(mechanism, Path(folder))
        except OSError as error:
            return _Trial(False, f"{mechanism} cannot be tried: {error}")

    def _judge(self, mechanism: Mechanism, folder: Path) -> _Trial:
        secret, room = folder / "secret", folder / "room"
        secret.write_text("seen")
        room.mkdir()
        script = 'echo ran; cat "$1" 2>/dev/null; echo no 2>/dev/null >"$1"; echo yes >made'
        cell = Cell(("/bin/sh", "-c", script, "sh", str(secret)), room, {"PATH": "/usr/bin:/bin"}, writes=(room,))
        code, output, errors = _run(self._launch(mechanism, cell))
        if output == "ran\n" and secret.read_text() == "seen" and (room / "made").is_file():
            return _Trial(True, _describe(mechanism))
        if code and errors:
            return _Trial(False, f"{mechanism} does not work here: {errors.strip().splitlines()[0]}")
        return _Trial(False, f"{mechanism} does not hold here: a program in it reached a file outside")


def _is_python(cell: Cell) -> bool:
    """Whether the command runs a Python program, in a way of which a zygote knows, and with nothing that bubblewrap
    only grants when it starts."""
    if cell.network or cell.gpus or _UNKNOWN_TO_ZYGOTES & cell.env.keys():
        return False
    words = cell.argv[1:3]
    return _PYTHON.fullmatch(os.path.basename(cell.argv[0])) is not None and (
        len(words) == 2 if words[:1] == ("-m",) else bool(words) and not words[0].startswith("-")
    )


def _make_etc(folder: Path) -> Path:
    """Where the cache cannot be written, a folder that lasts as long as the machine runs."""
    try:
        return _bubblewrap.make_etc(folder)
    except OSError:
        from tempfile import mkdtemp  # slow, and most caches can be written  # noqa: PLC0415

        return _bubblewrap.make_etc(Path(mkdtemp(prefix="tars-sandbox-")))


def _run(launch: Launch) -> tuple[int, str, str]:
    """Without `run_cell`, which is given sandboxes that are known to work."""
    with handed.told(launch, launch.argv) as (argv, open_there):
        process = Popen(
            argv, cwd=launch.cwd, env=launch.env, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, errors="replace",
            pass_fds=open_there,
        )  # fmt: skip
    try:
        output, errors = process.communicate(timeout=TRIAL_SECONDS_MAX)
    except TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
    return process.returncode, output, errors


def _describe(mechanism: Mechanism) -> str:
    if mechanism == "landlock":
        return f"Landlock ABI {_landlock.abi()} + seccomp"
    program = _bubblewrap.find_program() or "bwrap"
    _, version, _ = _run(Launch((program, "--version"), os.environ, Path("/")))
    return version.strip() or "bubblewrap"


def _signature(mechanism: Mechanism) -> str:
    """Changes with everything that what was found out rests on: the machine's start, the user, the program."""
    parts = [mechanism, str(os.getuid() if hasattr(os, "getuid") else 0)]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    program = _bubblewrap.find_program() if mechanism == "bubblewrap" else _landlock.__file__
    with suppress(OSError):
        status = os.stat(program or "")
        parts += [program or "", str(status.st_mtime_ns), str(status.st_size), str(status.st_ino)]
    return " ".join(parts)


def _read(file: Path) -> Mapping[str, _Trial]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {key: _Trial(bool(value[0]), str(value[1])) for key, value in found.items()}
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return {}


def _write(file: Path, trials: Mapping[str, _Trial]) -> None:
    """Lost writes only cost another trial."""
    fresh = file.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps({key: (each.held, each.detail) for key, each in trials.items()}), encoding="utf-8")
        fresh.replace(file)


PLUGIN: Sandbox = ProcessSandbox()
