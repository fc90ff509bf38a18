"""Asks cargo about a copy of a workspace, in the process sandbox: what it builds and runs there is the user's code."""

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final

from ducktools.classbuilder.prefab import replace

from tars.core.errors import UnavailableError
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import Sandbox
from tars.runner.values import Outcome, Stop
from tars.rust.checking.cargo_cell import cell_for, copy_surroundings, vendored
from tars.rust.checking.cargo_words import Unit, needs_nightly, read_unit, read_units, refusal, stopped_in, unavailable
from tars.rust.checking.diagnostics import read_messages
from tars.rust.checking.libtest import chosen_tests
from tars.rust.checking.manifest import too_old
from tars.rust.checking.room import refuse_full
from tars.rust.checking.rustc import tested
from tars.rust.checking.slots import Slot, take_slot
from tars.rust.checking.type_probe import types_of
from tars.rust.checking.warmth import Warmth
from tars.rust.checking.workspace import Target
from tars.rust.syntax.modules import module_files
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Checked, Place, RustDiagnostic, Tested

CHECK_SECONDS_MAX: Final = 900.0
"""The first check builds all dependencies."""
PROBE_SECONDS_MAX: Final = 60.0
DETAIL_CHARACTERS_MAX: Final = 4000
_FILE: Final = '"file_name":"'
_KEEP_GOING: Final = (1, 74)
"""Without it, which other units cargo still begins after a failure depends on which compiler is quicker."""
_ALL: Final[tuple[str, ...]] = ("--all-targets",)
_WITHOUT_BENCHES: Final[tuple[str, ...]] = ("--lib", "--bins", "--tests", "--examples")
_ONE_STREAM: Final = ("/bin/sh", "-c", 'exec "$@" 2>&1', "sh")
"""Cargo names a program on one stream before the program writes to the other: in one, the order is kept."""


class CargoChecker:
    """A `Checker` of a cargo workspace, with a place of its own that it takes when it is first asked.

    `seconds_max` is how long one question may take. Checkers that share `warmth` share what they build first, and this
    machine's cores.
    """

    def __init__(
        self,
        target: Target,
        sandbox: Sandbox,
        *,
        warmth: Warmth | None = None,
        seconds_max: float = CHECK_SECONDS_MAX,
        cache: Path | None = None,
    ) -> None:
        self.target = target
        self.seconds_max = seconds_max
        self._sandbox = sandbox
        self._warmth = warmth or Warmth()
        self._cache = cache
        self._slot: Slot | None = None
        self._targets = _ALL
        self._members: dict[str, frozenset[str]] = {}
        self._cancelled = threading.Event()

    def __enter__(self) -> "CargoChecker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cancel(self) -> None:
        self._cancelled.set()

    def close(self) -> None:
        if self._slot is not None:
            self._slot.close()
            self._slot = None

    @property
    def place(self) -> Slot:
        """Where it asks cargo, taken when first needed. Raises `TarsError` where the workspace cannot be copied."""
        if self._slot is None:
            self._slot = take_slot(self.target, self._cache)
            self._slot.overlay.refresh()
            copy_surroundings(self.target, self._slot)
        return self._slot

    def check(self, files: Mapping[str, bytes]) -> Checked:
        """Whether everything builds, and what the compiler says.

        Raises `UnavailableError` where a dependency is not on this machine or the toolchain is too old for one,
        `TarsError` where the workspace cannot be copied.
        """
        return self._check(files, {})

    def clippy(self, files: Mapping[str, bytes]) -> Checked:
        """As `check`, with clippy's lints. Raises `UnavailableError` where there is no clippy."""
        driver = self.target.toolchain.program("clippy-driver")
        if not driver:
            raise UnavailableError("there is no clippy in this toolchain", hint="rustup component add clippy")
        return self._check(files, {"RUSTC_WORKSPACE_WRAPPER": driver})

    def test(
        self, files: Mapping[str, bytes], names: Sequence[str] = (), *, seconds_max: float | None = None
    ) -> Tested:
        """Builds and runs the tests, documentation tests too, or those of the `names`. Raises as `check` does."""
        with self._holding(files) as slot:
            before = slot.overlay.names()
            try:
                chosen = chosen_tests(names)
                command = (
                    *self._command("test", "--no-fail-fast", *(self._holding_tests(names) if chosen else ())),
                    *chosen,
                )
                outcome = self._run(slot, (*_ONE_STREAM, *command), seconds_max=seconds_max)
            finally:
                slot.overlay.remove_new(before)
            outcome = replace(outcome, stdout=_local(outcome.stdout, slot))
        found = tested([outcome], 0.0)
        if not found.ok and not found.failed and outcome.stop is Stop.EXIT:
            self._raise_for(outcome.stdout.decode("utf-8", "replace"))
        return found

    def types(self, files: Mapping[str, SourceFile], expressions: Sequence[Place]) -> tuple[str | None, ...]:
        """The types of expressions as the compiler prints them; None where it does not tell.

        The compiler is called as cargo called it last, without cargo; where it was not called yet for a file, because
        what that rests on does not build, nothing is told.
        """
        with self._holding({path: file.data for path, file in files.items()}) as slot:
            paths = {one.path for one in expressions}
            if not self._units_of(slot, paths):
                self._run(slot, self._check_command())
            found: dict[Place, str | None] = {}
            for unit in self._units_of(slot, paths):
                left = [one for one in expressions if found.get(one) is None]
                if left:
                    asking = partial(self._ask, slot, unit)
                    found.update(zip(left, types_of(files, left, asking), strict=True))
        return tuple(found.get(one) for one in expressions)

    def _check(self, files: Mapping[str, bytes], env: Mapping[str, str]) -> Checked:
        with self._holding(files) as slot:
            started = monotonic()
            outcome = self._run(slot, self._check_command(), env)
            if not outcome.ok and self._targets is _ALL and needs_nightly(outcome.stdout):
                self._targets = _WITHOUT_BENCHES
                outcome = self._run(slot, self._check_command(), env)
            seconds = monotonic() - started
            diagnostics = _diagnostics(outcome.stdout, slot)
            words = _local(outcome.stderr, slot).decode("utf-8", "replace")
            gone = "" if outcome.ok else slot.overlay.gone()
        detail = f"what runs while it builds removes `{gone}`, here only from a copy" if gone else ""
        if not outcome.ok and not detail and not any(one.level == "error" for one in diagnostics):
            if outcome.stop is Stop.EXIT:
                self._raise_for(words)
            detail = f"{stopped_in(words, outcome.detail)}\n{refusal(words)[-DETAIL_CHARACTERS_MAX:]}".strip()
        return Checked(outcome.ok, diagnostics, seconds, detail)

    @contextmanager
    def _holding(self, files: Mapping[str, bytes]) -> Iterator[Slot]:
        """The place, holding these files, while something is asked there."""
        slot = self.place
        with self._warmth.of(slot, self.target.build), slot.busy:
            slot.overlay.write(files)
            yield slot

    def _holding_tests(self, names: Sequence[str]) -> list[str]:
        """Cargo's words for the programs that hold these tests, as few of them as their names tell."""
        package = self.target.packages[0]
        folder = f"{package.folder}/" if package.folder else ""
        words = []
        for crate in dict.fromkeys(name.partition("::")[0] for name in names):
            if crate == package.name.replace("-", "_") and f"{folder}src/lib.rs" in package.roots:
                words.append("--lib")
            elif f"{folder}tests/{crate}.rs" in package.roots:
                words += ["--test", crate]
            else:
                return ["--tests"]
        return words if len(self.target.packages) == 1 else ["--tests"]

    def _check_command(self) -> tuple[str, ...]:
        going = ("--keep-going",) if self.target.toolchain.release >= _KEEP_GOING else ()
        return self._command("check", "-vv", "--message-format=json", *going, *self._targets)

    def _command(self, verb: str, *arguments: str) -> tuple[str, ...]:
        packages = [word for name in self.target.asked for word in ("--package", name)] or ["--workspace"]
        features = self.target.features.arguments()
        sources = [
            word
            for name, folder in vendored(self.target).items()
            for word in ("--config", f"source.{json.dumps(name)}.directory={json.dumps(str(folder))}")
        ]
        return (self.target.toolchain.cargo, *sources, verb, "--offline", *arguments, *packages, *features)

    def _run(
        self,
        slot: Slot,
        argv: tuple[str, ...],
        env: Mapping[str, str] | None = None,
        *,
        seconds_max: float | None = None,
    ) -> Outcome:
        jobs = {"CARGO_BUILD_JOBS": str(self._warmth.jobs())}
        seconds = min(self.seconds_max, seconds_max or self.seconds_max)
        cell = cell_for(self.target, slot, argv, {**jobs, **(env or {})}, seconds)
        outcome = run_cell(self._sandbox, cell, cancel=self._cancelled, grace_seconds=0)
        refuse_full(outcome, slot.folder)
        if "check" in argv and not env:
            slot.units |= read_units(outcome.stderr)
        return outcome

    def _units_of(self, slot: Slot, paths: set[str]) -> list[Unit]:
        """The compiler's calls that read one of the files, those without tests first, one for each root and kind."""
        found: dict[tuple[bool, str], Unit] = {}
        for unit in map(read_unit, slot.units.values()):
            if unit is None:
                continue
            if unit.root not in self._members:
                members = module_files(slot.overlay.tree, unit.root).sources
                self._members[unit.root] = frozenset(_real(one, slot) for one in members)
            if self._members[unit.root] & paths:
                found[unit.is_test, unit.root] = unit
        return [found[key] for key in sorted(found)]

    def _ask(self, slot: Slot, unit: Unit, files: Mapping[str, bytes]) -> tuple[RustDiagnostic, ...]:
        """What the compiler says of these files, called as cargo called it but for where it puts what it makes. It goes
        on from what it remembers of cargo's last call, which errors, and there is always one, leave as it is."""
        argv = (*_without_holding(unit.argv), "--out-dir", str(slot.home))
        cell = cell_for(self.target, slot, argv, unit.env, min(self.seconds_max, PROBE_SECONDS_MAX))
        with slot.overlay.instead(files):
            outcome = run_cell(self._sandbox, cell, cancel=self._cancelled, grace_seconds=0)
        return read_messages(_local(outcome.stderr, slot))

    def _raise_for(self, words: str) -> None:
        """Raises what the user can mend only outside of Rust files."""
        for error in (unavailable(words), too_old(words, self.target.toolchain)):
            if error is not None:
                raise error


def _without_holding(argv: Sequence[str]) -> Iterator[str]:
    words = iter(argv)
    for word in words:
        if word == "--out-dir":
            next(words, None)
        else:
            yield word


def _diagnostics(stdout: bytes, slot: Slot) -> tuple[RustDiagnostic, ...]:
    """Those of the user's files, and the errors elsewhere; in an order that does not depend on which compiler was
    quicker."""
    lines = b"\n".join(sorted(_local(stdout, slot).splitlines()))
    found = [one for one in read_messages(lines) if one.level == "error" or _is_own(one)]
    return tuple(sorted(found, key=lambda one: (one.level != "error", one.primary or Place("~", 0, 0))))


def _local(output: bytes, slot: Slot) -> bytes:
    """With the user's own paths in the place of those of the copy, and of those through links."""
    output = output.replace(f"{slot.overlay.tree}/".encode(), b"").replace(os.fsencode(slot.roof), b"")
    for link, to in slot.overlay.inner.items():
        for end in ("/", '"'):
            output = output.replace(f"{_FILE}{link}{end}".encode(), f"{_FILE}{to}{end}".encode())
    return output


def _real(path: str, slot: Slot) -> str:
    """The path without links within the workspace."""
    link = next((one for one in slot.overlay.inner if path == one or path.startswith(f"{one}/")), None)
    return path if link is None else slot.overlay.inner[link] + path[len(link) :]


def _is_own(diagnostic: RustDiagnostic) -> bool:
    return any(not label.place.path.startswith(("/", "<")) for label in diagnostic.labels)
