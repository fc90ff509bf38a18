"""Asks rustc itself, without cargo, about a crate that is one file and its modules: about 40 ms a question."""

import os
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from tars.core.errors import UnavailableError
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES, Sandbox, choose
from tars.runner.values import Cell, Limits, Outcome, Stop
from tars.rust.checking.diagnostics import read_messages
from tars.rust.checking.libtest import chosen_tests, read_results
from tars.rust.checking.room import refuse_full
from tars.rust.checking.toolchain import Toolchain, find_toolchain
from tars.rust.checking.type_probe import types_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Checked, Place, Tested

SECONDS_MAX: Final = 60.0
TEST_SECONDS_MAX: Final = 120.0
MEMORY_BYTES_MAX: Final = 4 << 30
PROCESSES_MAX: Final = 512
OUTPUT_BYTES_MAX: Final = 8 << 20
DETAIL_CHARACTERS_MAX: Final = 4000
_FILE: Final = b'"file_name":"'
_HERE: Final = _FILE + b"./"


@cache
def rustc() -> str:
    """The real compiler, never rustup's shim. Raises `UnavailableError` where there is none."""
    return find_toolchain(Path.cwd(), cargo=False).rustc


class LoneCrate:
    """A `Checker` of crates given as their files: `root` is the path of the crate's root among them, `assets` are
    further files that they include. One folder serves many checks; use one object for each thread. Close it, or use
    it as a context.

    To check a file runs none of it, and needs no sandbox; its tests run in the process sandbox.
    """

    def __init__(
        self,
        root: str,
        *,
        edition: str = "2021",
        crate_type: str = "",
        tests: bool = False,
        assets: Mapping[str, bytes] | None = None,
        toolchain: Toolchain | None = None,
    ) -> None:
        self.root = root
        self.edition = edition
        self.crate_type = crate_type
        self.tests = tests
        self._assets = assets or {}
        self._toolchain = toolchain
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
        return self._checked(self._compile(files, self._rustc, "--emit=metadata", test=self.tests))

    def clippy(self, files: Mapping[str, bytes]) -> Checked:
        """As `check`, with clippy's lints. Raises `UnavailableError` where there is no clippy."""
        driver = Path(self._rustc).with_name("clippy-driver")
        if not driver.is_file():
            raise UnavailableError("there is no clippy in this toolchain", hint="rustup component add clippy")
        return self._checked(self._compile(files, str(driver), "--emit=metadata", test=self.tests))

    def test(
        self, files: Mapping[str, bytes], names: Sequence[str] = (), *, seconds_max: float | None = None
    ) -> Tested:
        """Builds and runs the file's tests and its documentation's, or those of the `names`. Raises `UnavailableError`
        where this machine has no process sandbox."""
        sandbox, _ = choose(("process",))
        program = self._folder / "out" / "tests"
        built = self._compile(files, self._rustc, "-o", str(program), test=True)
        if not built.ok:
            said = "\n".join(one.rendered for one in read_messages(built.stderr) if one.level == "error")
            return Tested(False, seconds=built.seconds, detail=said or _crash(built))
        chosen = chosen_tests(names)
        outcomes = [self._run(sandbox, (str(program), *chosen[1:]), seconds_max or TEST_SECONDS_MAX)]
        if not chosen and self._kind(files) == "lib" and any(b"```" in data for data in files.values()):
            outcomes.append(self._run_documented(sandbox, files))
        return tested(outcomes, built.seconds)

    def types(self, files: Mapping[str, SourceFile], expressions: Sequence[Place]) -> tuple[str | None, ...]:
        """The types of expressions as the compiler prints them; None where it does not tell."""
        return types_of(files, expressions, lambda asked: self.check(asked).diagnostics)

    @property
    def _rustc(self) -> str:
        return self._toolchain.rustc if self._toolchain else rustc()

    @property
    def _root_word(self) -> str:
        """The root as an argument that is no option; clippy's driver adds options after it, so `--` is no help."""
        return f"./{self.root}" if self.root.startswith("-") else self.root

    def _kind(self, files: Mapping[str, bytes]) -> str:
        return self.crate_type or ("bin" if b"fn main(" in files[self.root] else "lib")

    def _checked(self, outcome: Outcome) -> Checked:
        return Checked(
            outcome.ok, read_messages(outcome.stderr.replace(_HERE, _FILE)), outcome.seconds, _crash(outcome)
        )

    def _compile(self, files: Mapping[str, bytes], program: str, *arguments: str, test: bool) -> Outcome:
        self._write(files)
        argv = [program, "--edition", self.edition, "--crate-type", self._kind(files), "--crate-name", "lone"]
        argv += ["--error-format=json", "--json=future-incompat", "--cap-lints=warn"]
        argv += ["--test"] if test else []
        argv += [*arguments] if "-o" in arguments else [*arguments, "--out-dir", str(self._folder / "out")]
        (self._folder / "out").mkdir(exist_ok=True)
        limits = Limits(seconds_max=SECONDS_MAX, output_bytes_max=OUTPUT_BYTES_MAX)
        cell = Cell((*argv, self._root_word), self._folder / "src", _environment(), limits)
        outcome = run_cell(SANDBOXES.load("none"), cell, cancel=self._cancelled, grace_seconds=0)
        refuse_full(outcome, self._folder)
        return outcome

    def _run_documented(self, sandbox: Sandbox, files: Mapping[str, bytes]) -> Outcome:
        out = str(self._folder / "out")
        built = self._compile(files, self._rustc, "--emit=link", test=False)
        if not built.ok:
            return built
        library = f"lone={out}/liblone.rlib"
        argv = [
            str(Path(self._rustc).with_name("rustdoc")),
            "--test",
            "--edition",
            self.edition,
            "--crate-name",
            "lone",
        ]
        return self._run(sandbox, (*argv, "--crate-type", "lib", "--extern", library, "-L", out, self._root_word))

    def _run(self, sandbox: Sandbox, argv: tuple[str, ...], seconds_max: float = TEST_SECONDS_MAX) -> Outcome:
        limits = Limits(
            min(seconds_max, TEST_SECONDS_MAX), memory_bytes_max=MEMORY_BYTES_MAX, processes_max=PROCESSES_MAX,
            output_bytes_max=OUTPUT_BYTES_MAX,
        )  # fmt: skip
        reads = Toolchain(self._rustc, "", "").reads()
        # Not the folder around them, in which a link could be put in their place.
        writes = (self._folder / "src", self._folder / "out")
        cell = Cell(argv, writes[0], _environment(), limits, reads, writes)
        try:
            return run_cell(sandbox, cell, cancel=self._cancelled, grace_seconds=0)
        finally:
            # What ran may have changed everything there, and have left links that lead elsewhere.
            self._written = {}
            for place in writes:
                shutil.rmtree(place, ignore_errors=True)

    def _write(self, files: Mapping[str, bytes]) -> None:
        wanted = {**self._assets, **files}
        for path in self._written.keys() - wanted.keys():
            (self._folder / "src" / path).unlink()
        for path, data in wanted.items():
            if self._written.get(path) != data:
                target = self._folder / "src" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        self._written = wanted


def tested(outcomes: Sequence[Outcome], seconds: float) -> Tested:
    """What runs of test programs found. `seconds` is what came before them."""
    texts = [one.stdout.decode("utf-8", "replace") + one.stderr.decode("utf-8", "replace") for one in outcomes]
    results = read_results("\n".join(texts))
    ok = all(one.ok for one in outcomes)
    detail = ""
    if not ok:
        stopped = next((one.detail for one in outcomes if one.stop is not Stop.EXIT), "")
        shown = next(text for text, one in zip(texts, outcomes, strict=True) if not one.ok)
        detail = f"{stopped}\n{shown[-DETAIL_CHARACTERS_MAX:]}".strip()
    return Tested(ok, results.passed, results.failed, seconds + sum(one.seconds for one in outcomes), detail)


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def _crash(outcome: Outcome) -> str:
    """Why there is no verdict at all: the compiler broke down, or was ended."""
    if outcome.stop is Stop.EXIT and outcome.code in (0, 1):
        return ""
    said = outcome.stderr.decode("utf-8", "replace").strip()[-DETAIL_CHARACTERS_MAX:]
    return outcome.detail or said or f"rustc ended with {outcome.code}"
