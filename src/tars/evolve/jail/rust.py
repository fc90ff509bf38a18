"""Candidates in Rust: each is compiled in a sandbox, optimised, and its program runs in a cell of its own for each job.

The compiler is a cheap gate: what does not pass its check costs that check, and meets no metric. A candidate is the
crate `agent`; a small program calls its function with JSON (`harness.rs`). Build folders stay warm, and so do the
programs of the last candidates, for one is measured more than once. Where versions rest on it, tests have to pass too.
"""

import os
import re
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.clients import clients_folder
from tars.core.errors import UnavailableError, UsageError
from tars.evolve.jail.cells import Room, confined, emptied, limits_of, outcome_as_answer, read_answer, request_of
from tars.evolve.jail.stage import stage_of
from tars.evolve.jail.values import Answered, Job
from tars.runner.building.expand import installation
from tars.runner.building.tools import detect
from tars.runner.cells.spawn import run_cell
from tars.runner.toolchains._rust_source import function
from tars.runner.toolchains._tools import CARGO, RUSTC
from tars.runner.values import Cell, Limits, Outcome, Stop

BUILD: Final = Limits(60.0, memory_bytes_max=4 << 30, processes_max=512, output_bytes_max=4 << 20)
FIRST_SECONDS: Final = 1800.0
"""For the first build, which has what a crate rests on to compile."""
PROGRAMS_MAX: Final = 4
START_SECONDS: Final = 1.0
_HARNESS: Final = Path(__file__).with_name("harness.rs")
_COMPILE: Final = ("--edition=2021", "-Copt-level=2", "--cap-lints=allow", "--error-format=short")
_CARGO: Final = ("--quiet", "--release", "--offline", "--message-format=short")
_BORROWED: Final = re.compile(r"&(?:\s*'\w+)?\s*(mut\b)?\s*(.+)", re.S)
_making: Final = threading.Lock()


class _Tools(Prefab, frozen=True):
    rustc: str
    cargo: str

    def reads(self) -> tuple[Path, ...]:
        home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
        fetched = (home / "registry", home / "git") if self.cargo else ()
        programs = (self.rustc, self.cargo) if self.cargo else (self.rustc,)
        return tuple({Path(one) for program in programs for one in installation(program)} | {*fetched})


class Compiled:
    """Compiles below `folder`, and lets programs write into `folder` only. With `tested` a candidate whose tests fail
    fails too."""

    def __init__(self, room: Room, folder: Path, *, tested: bool = False) -> None:
        self.room, self.folder, self.tested = room, folder, tested
        self.sandbox = confined()
        self.stage = stage_of(room.tree, folder)
        self.build = folder.with_name(f"{folder.name}.build")
        self.build.mkdir(exist_ok=True)
        self.tools = _tools(folder, self.is_crate)
        self._programs: dict[str, Path] = {}
        self.harness = self._harness(folder.with_name("harness"))

    @property
    def is_crate(self) -> bool:
        """Whether cargo builds it."""
        tree = self.room.tree
        return tree is not None and (tree.folder / tree.base / "Cargo.toml").is_file()

    def run(self, job: Job) -> Answered:
        made = self._program(job)
        if isinstance(made, Answered):
            return made
        # Whoever does not know the number cannot forge an answer, and a candidate is never told it.
        number = secrets.randbits(52)
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder)}
        limits = replace(limits_of(job), seconds_max=job.seconds_max + START_SECONDS)
        cell = Cell((str(made),), self.folder, env, limits, reads=(made,), writes=(self.folder,))
        outcome = run_cell(self.sandbox, cell, stdin=request_of(job, number), grace_seconds=0.0)
        emptied(self.folder)
        if len(outcome.stdout) > job.answer_bytes_max:
            return Answered((), outcome.seconds, "output", "it said more than it may")
        lines = (read_answer(line, number) for line in reversed(outcome.stdout.splitlines()))
        found = next((one for one in lines if one is not None), None)
        if found is None or (not found.fault and len(found.answers) != len(job.calls)):
            return outcome_as_answer(outcome)
        if found.seconds > job.seconds_max:
            return Answered((), found.seconds, "timeout", "")
        return found

    def close(self) -> None:
        """Nothing is left open."""

    def _program(self, job: Job) -> Path | Answered:
        """The program of a candidate, or what the compiler or the tests have against it."""
        key = blake3("\0".join((job.entry, job.source, *job.files, *job.files.values())).encode()).hexdigest()
        if key in self._programs:
            return self._programs[key]
        source = self._put(job)
        start = self.build / "start.rs"
        start.write_text(_start(source.read_text("utf-8"), self._called(source, job.entry), job.entry))
        program = self.build / f"program-{key[:16]}"
        link = ("--crate-name=start", f"--extern=tars_harness={self.harness}", "-o", str(program), str(start))
        steps = [self._build_step(source), ((self.tools.rustc, *_COMPILE, *self._library(), *link), self.build)]
        tests = self._test_steps(job, source) if self.tested else []
        for place, (argv, folder) in enumerate((*steps, *tests)):
            outcome = self._built(argv, folder)
            if not outcome.ok:
                return Answered((), outcome.seconds, "build" if place < len(steps) else "tests", self._told(outcome))
        self._programs[key] = program
        while len(self._programs) > PROGRAMS_MAX:
            self._programs.pop(next(iter(self._programs))).unlink(missing_ok=True)
        return program

    def _put(self, job: Job) -> Path:
        """Writes the candidate where the compiler finds it; the file that holds the function."""
        if self.stage is not None:
            self.stage.put(job.files)
            return Path(self.stage.request["start"])
        path = self.build / "agent.rs"
        path.write_text(job.source, "utf-8")
        return path

    def _build_step(self, source: Path) -> tuple[tuple[str, ...], Path]:
        """The command, and the folder that it may write to."""
        if self.is_crate:
            return (self.tools.cargo, "build", "--lib", *_CARGO), self.build
        compiler = (self.tools.rustc, *_COMPILE, f"-Cincremental={self.build / 'incremental'}")
        return (*compiler, "--crate-type=rlib", "--crate-name=agent", "-o", self._rlib, str(source)), self.build

    def _test_steps(self, job: Job, source: Path) -> list[tuple[tuple[str, ...], Path]]:
        """In a folder of their own: tests run the candidate, which must not come near what it is measured with."""
        folder = self.folder.with_name(f"{self.folder.name}.tests")
        folder.mkdir(exist_ok=True)
        if self.is_crate:
            return [((self.tools.cargo, "test", *_CARGO), folder)]
        if not any("#[test]" in text for text in (job.source, *job.files.values())):
            return []
        made = str(folder / "tests")
        compiled = (self.tools.rustc, *_COMPILE, "--test", "--crate-name=tests", "-o", made, str(source))
        return [(compiled, folder), ((made, "--quiet"), folder)]

    def _library(self) -> tuple[str, ...]:
        if not self.is_crate:
            return (f"--extern=agent={self._rlib}",)
        made = self.build / "target" / "release"
        return (f"--extern=agent={made / f'lib{_library_of(self._root)}.rlib'}", f"-Ldependency={made / 'deps'}")

    def _called(self, source: Path, entry: str) -> str:
        """The path of the function in the crate `agent`."""
        if not self.is_crate:
            return f"agent::{entry}"
        inside = source.relative_to(self._root / "src") if source.is_relative_to(self._root / "src") else Path()
        named = [part for part in inside.with_suffix("").parts if part not in ("lib", "mod")] if inside.name else []
        return "::".join(("agent", *named, entry))

    @property
    def _rlib(self) -> str:
        return str(self.build / "libagent.rlib")

    @property
    def _root(self) -> Path:
        assert self.stage is not None
        return Path(self.stage.request["base"])

    def _built(self, argv: tuple[str, ...], folder: Path) -> Outcome:
        """What came of a command that may write into `folder` only; cargo's lock file, where there is none, is made."""
        home = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
        env = {
            "PATH": os.pathsep.join(dict.fromkeys((os.path.dirname(self.tools.rustc), "/usr/bin", "/bin"))),
            "HOME": str(folder), "TMPDIR": str(folder), "RUSTC": self.tools.rustc, "CARGO_NET_OFFLINE": "true",
            "CARGO_TARGET_DIR": str(folder / "target"), "CARGO_INCREMENTAL": "1", "CARGO_HOME": home,
        }  # fmt: skip
        stage = () if self.stage is None else (self.stage.folder,)
        reads = (*self.tools.reads(), self.harness.parent, self.build, *stage)
        unlocked = self.is_crate and not (self._root / "Cargo.lock").exists()
        limits = BUILD if self._programs else replace(BUILD, seconds_max=FIRST_SECONDS)
        cell = Cell(
            argv, self._root if self.is_crate else folder, env, limits,
            reads=tuple(path for path in reads if path.exists()), writes=(folder, *(stage if unlocked else ())),
        )  # fmt: skip
        outcome = run_cell(self.sandbox, cell, grace_seconds=0.0)
        if outcome.stop is Stop.NOT_STARTED:
            raise UnavailableError(f"the compiler cannot be started: {outcome.detail}", hint="see `tarscli doctor`")
        return outcome

    def _told(self, outcome: Outcome) -> str:
        """The first thing that the compiler, or a test, has against it; places are told from the source's folder."""
        text = (outcome.stderr + b"\n" + outcome.stdout).decode("utf-8", "replace")
        for folder in (self.build, *(() if self.stage is None else (self.stage.folder,))):
            text = text.replace(f"{folder}/", "")
        wrong = (line for line in text.splitlines() if re.search(r"\berror\b|panicked|FAILED", line))
        return (next(wrong, "") or outcome.detail or text.strip())[:400]

    def _harness(self, folder: Path) -> Path:
        """The library that all programs are linked with: compiled once for a session."""
        made = folder / "libtars_harness.rlib"
        self.harness = made
        with _making:
            if not made.exists():
                folder.mkdir(exist_ok=True)
                sources: Mapping[str, Path] = {
                    "harness.rs": _HARNESS, "json.rs": clients_folder() / "rust" / "src" / "json.rs"
                }  # fmt: skip
                for name, path in sources.items():
                    (folder / name).write_bytes(path.read_bytes())
                scratch = self.build / made.name
                argv = (self.tools.rustc, *_COMPILE, "--crate-type=rlib", "--crate-name=tars_harness", "-o",
                        str(scratch), str(folder / "harness.rs"))  # fmt: skip
                outcome = self._built(argv, self.build)
                if not outcome.ok:
                    raise UnavailableError(
                        f"the Rust compiler here is of no use: {self._told(outcome)}", hint="rustup update"
                    )
                scratch.rename(made)
        return made


def _tools(folder: Path, with_cargo: bool) -> _Tools:
    """Raises `UnavailableError` where one is missing."""
    rustc, cargo = detect(RUSTC, folder), detect(CARGO, folder) if with_cargo else None
    if rustc is None or (with_cargo and cargo is None):
        raise UnavailableError("for targets in Rust its compiler is needed", hint="https://rustup.rs")
    return _Tools(os.path.realpath(rustc.path), cargo.path if cargo is not None else "")


def _start(text: str, called: str, entry: str) -> str:
    """The program that calls the function. Raises `UsageError` where it cannot be called."""
    found = function(text, entry)
    if found is None or not found.public or found.is_async:
        said = f"there is no function `{entry}`" if found is None else f"`{entry}` is not a plain `pub fn`"
        raise UsageError(f"{said} in the source", hint=f"write `pub fn {entry}(…)`, or name another with --entry")
    lines, given = [], []
    for place, kind in enumerate(found.takes):
        borrowed = _BORROWED.fullmatch(kind.strip())
        declared = f": {_owned(borrowed[2])}" if borrowed else ""
        changed = "mut " if borrowed and borrowed[1] else ""
        lines.append(f"        let {changed}a{place}{declared} = tars_harness::argument(given, {place})?;\n")
        given.append(f"&{changed}a{place}" if borrowed else f"a{place}")
    return (
        "#[allow(unused_imports)]\nuse std::collections::*;\n\nfn main() {\n    tars_harness::serve(&|call| {\n"
        f"        #[allow(unused_variables)]\n        let given = tars_harness::arguments(call, {len(given)})?;\n"
        f"{''.join(lines)}        Ok(tars_harness::Given::given({called}({', '.join(given)})))\n    }})\n}}\n"
    )


def _owned(kind: str) -> str:
    """What stands behind a reference of that type."""
    kind = kind.strip()
    return "String" if kind == "str" else f"Vec<{kind[1:-1]}>" if re.fullmatch(r"\[[^;]*\]", kind) else kind


def _library_of(crate: Path) -> str:
    """The name of the crate's library as its file has it."""
    import tomllib  # only for crates  # noqa: PLC0415

    manifest = tomllib.loads((crate / "Cargo.toml").read_text("utf-8"))
    name = manifest.get("lib", {}).get("name") or manifest.get("package", {}).get("name", "")
    return str(name).replace("-", "_")
