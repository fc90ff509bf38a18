"""Asks rustc itself, without cargo, about a crate that is one file and its modules: about 40 ms a question."""

import os
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tars.core.errors import UnavailableError
from tars.runner.building.tools import detect
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES
from tars.runner.values import Cell, Limits, Outcome, Tool
from tars.rust.diagnostics import read_messages
from tars.rust.source import SourceFile, apply_changes
from tars.rust.values import Change, Checked, Place

_RUSTC = Tool("rustc", hints={"": "install Rust from https://rustup.rs"})
_SECONDS_MAX = 60.0


@cache
def rustc() -> str:
    """The real compiler, never rustup's shim. Raises `UnavailableError` where there is none."""
    found = detect(_RUSTC)
    if found is None:
        raise UnavailableError("there is no Rust compiler on this machine", hint=_RUSTC.hints[""])
    return found.path


class LoneCrate:
    """Checks crates given as their files: `root` is the path of the crate's root among them. One folder serves many
    checks; use one object for each thread. Close it, or use it as a context."""

    def __init__(self, root: str, *, edition: str = "2021", crate_type: str = "", tests: bool = False) -> None:
        self.root = root
        self.edition = edition
        self.crate_type = crate_type
        self.tests = tests
        self._folder = Path(tempfile.mkdtemp(prefix="tars-rust-"))
        self._written: dict[str, bytes] = {}
        self._cancelled = threading.Event()

    def __enter__(self) -> "LoneCrate":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cancel(self) -> None:
        self._cancelled.set()

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def check(self, files: Mapping[str, bytes]) -> Checked:
        """What the compiler says of these files; no code is made from them and none of them is run."""
        outcome = self._ask(files, "--emit=metadata")
        return Checked(outcome.code == 0, read_messages(outcome.stderr), outcome.seconds, _crash(outcome))

    def types(self, files: Mapping[str, SourceFile], expressions: Sequence[Place]) -> tuple[str | None, ...]:
        """The types of expressions as the compiler prints them; None where it does not tell. One call, or one for each
        depth where expressions stand within one another.

        Before each expression `e` is put `let () = e;`: the mismatch that follows names its type.
        """
        found: dict[Place, str] = {}
        left = sorted(dict.fromkeys(expressions), key=lambda one: (one.path, one.start, -one.end))
        while left:
            layer = [one for index, one in enumerate(left) if not any(_within(one, other) for other in left[:index])]
            found |= self._types_of(files, layer)
            left = [one for one in left if one not in layer]
        return tuple(found.get(one) for one in expressions)

    def _types_of(self, files: Mapping[str, SourceFile], expressions: Sequence[Place]) -> dict[Place, str]:
        opening = "{ let () = "
        asked = {path: file.data for path, file in files.items()}
        copies: dict[Place, Place] = {}
        shifts: dict[str, int] = {}
        changes: list[Change] = []
        for one in expressions:
            text = files[one.path].text(one)
            shift = shifts.get(one.path, 0)
            start = one.start + shift + len(opening)
            copies[Place(one.path, start, start + one.end - one.start)] = one
            changes += [Change(Place(one.path, one.start, one.start), f"{opening}{text}; ")]
            changes += [Change(Place(one.path, one.end, one.end), " }")]
            shifts[one.path] = shift + len(opening) + one.end - one.start + len(";  }")
        for path in shifts:
            asked[path] = apply_changes(asked[path], (change for change in changes if change.place.path == path))
        found: dict[Place, str] = {}
        for diagnostic in read_messages(self._ask(asked, "--emit=metadata").stderr):
            for label in diagnostic.labels if diagnostic.code == "E0308" else ():
                said = label.text.partition("this expression has type `")[2].rpartition("`")[0]
                if said and label.place in copies:
                    found[copies[label.place]] = said
        return found

    def _ask(self, files: Mapping[str, bytes], *arguments: str) -> Outcome:
        self._write(files)
        kind = self.crate_type or ("bin" if b"fn main(" in files[self.root] else "lib")
        argv = [rustc(), "--edition", self.edition, "--crate-type", kind, "--crate-name", "lone"]
        argv += ["--error-format=json", "--json=future-incompat", "--cap-lints=warn"]
        argv += ["--test"] if self.tests else []
        argv += [*arguments, "--out-dir", str(self._folder / "out"), self.root]
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        cell = Cell(tuple(argv), self._folder / "src", environment, Limits(seconds_max=_SECONDS_MAX))
        return run_cell(SANDBOXES.load("none"), cell, cancel=self._cancelled, grace_seconds=0)

    def _write(self, files: Mapping[str, bytes]) -> None:
        for path in self._written.keys() - files.keys():
            (self._folder / "src" / path).unlink()
        for path, data in files.items():
            if self._written.get(path) != data:
                target = self._folder / "src" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        self._written = dict(files)


def _crash(outcome: Outcome) -> str:
    """Why there is no verdict at all: the compiler broke down, or was ended."""
    if outcome.code in (0, 1):
        return ""
    return outcome.stderr.decode("utf-8", "replace").strip()[-2000:] or f"rustc ended with {outcome.code}"


def _within(inner: Place, outer: Place) -> bool:
    return inner.path == outer.path and outer.start <= inner.start and inner.end <= outer.end
