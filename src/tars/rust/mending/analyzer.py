"""rust-analyzer, where it is on this machine: found, started in the process sandbox, and never needed.

It has no network and may write only to a folder of its own; build scripts and procedural macros are not run.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError, UnavailableError
from tars.runner.building.expand import installation
from tars.runner.building.tools import detect
from tars.runner.sandbox import choose
from tars.runner.values import Cell, Limits, Tool
from tars.rust.checking.workspace import Target
from tars.rust.language_server.conversation import Conversation
from tars.rust.language_server.session import Patience, Session
from tars.rust.mending.context import Assist
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Place

SESSION_SECONDS_MAX: Final = 1800.0
OUTPUT_BYTES_MAX: Final = 1 << 20
_HINT: Final = "rustup component add rust-analyzer rust-src"
_OPTIONS: Final[Mapping[str, Any]] = {
    "cargo": {"buildScripts": {"enable": False}},
    "procMacro": {"enable": False},
    "checkOnSave": False,
    "cachePriming": {"enable": False},
    "files": {"watcher": "client"},
    "numThreads": 2,
}


class ServerProgram(Prefab, frozen=True):
    """A server's program with its arguments, its version, and the folders that it must be able to read."""

    path: str
    version: str
    reads: tuple[Path, ...] = ()
    arguments: tuple[str, ...] = ()


def find_analyzer(project: Path | None = None) -> ServerProgram | None:
    """The rust-analyzer of this machine, or None: rustup's stand-in, which only says that it is not installed, is
    none. Runs it once, to ask its version, where it has not been met before."""
    found = detect(Tool("rust-analyzer"), project)
    if found is None:
        return None
    return ServerProgram(found.path, found.version, tuple(Path(one) for one in installation(found.path)))


@contextmanager
def open_analyzer(
    target: Target,
    program: ServerProgram | None = None,
    patience: Patience = Patience(),
) -> Iterator[Session]:
    """A session about a target, as a context; when it ends, so does the server, with all that it wrote.

    Raises `UnavailableError` where there is no rust-analyzer, or no process sandbox, on this machine, and
    `LanguageServerError` where it does not come up.
    """
    program = program or find_analyzer(target.folder)
    if program is None:
        raise UnavailableError("rust-analyzer is not installed", hint=_HINT)
    sandbox, _ = choose(("process",))
    home = Path(tempfile.mkdtemp(prefix="tars-analyzer-"))
    try:
        cell = _cell(target, program, home)

        def start(told: Callable[[str, Any], None]) -> Conversation:
            return Conversation(sandbox, cell, told, patience.grace_seconds)

        with Session(target.folder, start, _options(target), patience) as session:
            yield session
    finally:
        shutil.rmtree(home, ignore_errors=True)


class Assistance:
    """What a rust-analyzer offers; it is started when it is first asked. Close it, or use it as a context. One thread
    at a time."""

    def __init__(self, target: Target, program: ServerProgram, seconds_left: Callable[[], float]) -> None:
        """`seconds_left` is what is left of the time of whoever asks."""
        self.note = ""
        """Why it offers nothing, where it does not come up."""
        self._target, self._program = target, program
        self._patience = Patience(seconds_left=seconds_left)
        self._held = ExitStack()
        self._session: Session | None = None

    def __enter__(self) -> "Assistance":
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def __call__(self, files: Mapping[str, SourceFile], place: Place) -> Sequence[Assist]:
        """The offers at a place; none where it did not come up. Raises `LanguageServerError`."""
        if self._session is None and not self.note:
            self._open(files)
        return self._session.assists(files, place) if self._session is not None else ()

    def _open(self, files: Mapping[str, SourceFile]) -> None:
        try:
            session = self._held.enter_context(open_analyzer(self._target, self._program, self._patience))
            session.show(files)
            if session.ready():
                self._session = session
            else:
                self.note = "rust-analyzer did not get ready in time"
        except TarsError as error:
            self.note = f"rust-analyzer does not come up: {error.message}"


def _cell(target: Target, program: ServerProgram, home: Path) -> Cell:
    cargo = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    source = os.environ.get("RUST_SRC_PATH", "")
    passed = {name: os.environ[name] for name in ("LANG", "LC_ALL", "RUST_SRC_PATH") if name in os.environ}
    tools = os.path.dirname(target.toolchain.rustc)
    environment = {
        **passed, "PATH": os.pathsep.join((tools, os.environ.get("PATH", os.defpath))), "HOME": str(home),
        "TMPDIR": str(home), "CARGO_HOME": str(cargo), "CARGO_NET_OFFLINE": "true",
        "CARGO_TARGET_DIR": str(home / "target"), "RUSTC": target.toolchain.rustc,
        "CARGO": target.toolchain.cargo or "cargo",
    }  # fmt: skip
    reads = (
        *program.reads, *target.toolchain.reads(), target.folder, *target.outside, cargo / "registry", cargo / "git",
        *((Path(source),) if source else ()),
    )  # fmt: skip
    limits = Limits(seconds_max=SESSION_SECONDS_MAX, output_bytes_max=OUTPUT_BYTES_MAX)
    return Cell((program.path, *program.arguments), target.folder, environment, limits, reads, (home,))


def _options(target: Target) -> Mapping[str, Any]:
    """The server's settings; a file that belongs to no package is described as rust-analyzer wants to be told of it."""
    if not target.is_lone:
        return _OPTIONS
    root = Path(target.toolchain.rustc).parent.parent
    source = os.environ.get("RUST_SRC_PATH", "") or str(root / "lib/rustlib/src/rust/library")
    crate = {
        "root_module": str(target.folder / target.root), "edition": target.edition, "deps": [],
        "is_workspace_member": True, "cfg": ["test"] if target.tests else [],
    }  # fmt: skip
    library = {"sysroot_src": source} if os.path.isdir(source) else {}
    return {**_OPTIONS, "linkedProjects": [{"sysroot": str(root), **library, "crates": [crate]}]}
