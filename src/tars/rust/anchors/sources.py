"""Where cited documents are: the toolchain's own documentation, what its programs tell of a code, and the project."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError, UnavailableError
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES
from tars.runner.values import Cell, Limits
from tars.rust.checking.toolchain import find_toolchain
from tars.store.tree import fault_of_path

DOCUMENTS = "docs:"
TOLD = "tool:"
CODE = "code:"
MISSING_HINT = "install it with `rustup component add rust-docs`, or the rust-doc package of your system"
_SECONDS_MAX = 20.0


class Sources(Prefab, frozen=True):
    """`documentation` is the folder of the toolchain's HTML pages, None where it is not installed; `project` the folder
    that `code:` is relative to, None where none is asked about; `tell` gives what the compiler says of an error code,
    or clippy of a lint, None where they know nothing of it."""

    documentation: Path | None
    project: Path | None
    tell: Callable[[str], bytes | None]

    def read(self, source: str) -> bytes:
        """The bytes of a document.

        Raises `UnavailableError` where it is not installed here, `TarsError` where there is no such document.
        """
        if source.startswith(TOLD):
            return self._told(source)
        root = {DOCUMENTS: self.documentation, CODE: self.project}.get(source[:5])
        path = source[5:]
        if not source.startswith((DOCUMENTS, CODE)) or fault_of_path(path):
            raise TarsError(f"{source!r} names no document", hint="`docs:PATH`, `code:PATH` or `tool:CODE`")
        if root is None:
            raise _missing(source)
        try:
            return (root / path).read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            hint = f"is it spelt as in {root}?" if source.startswith(DOCUMENTS) else "is it a file of this project?"
            raise TarsError(f"cannot read {source}: {reason}", hint=hint) from error

    def _told(self, source: str) -> bytes:
        found = self.tell(source.removeprefix(TOLD))
        if found is None:
            raise TarsError(f"{source} tells nothing", hint="is it a code or a lint of this toolchain?")
        return found


def _missing(source: str) -> TarsError:
    if source.startswith(DOCUMENTS):
        return UnavailableError("the toolchain's documentation is not installed", hint=MISSING_HINT)
    return TarsError(f"{source} belongs to a project, and none was named")


def documentation_of(compiler: Path) -> Path | None:
    """Where the pages of a compiler are, or None where they are not installed."""
    root = compiler.resolve().parent.parent
    for folder in (root / "share/doc/rust/html", root / "share/doc/rust-doc/html"):
        if (folder / "error_codes").is_dir():
            return folder
    return None


def toolchain_sources(project: Path | None = None) -> Sources:
    """The sources of the toolchain that the project (without one: this folder) chooses.

    Raises `UnavailableError` where there is no Rust compiler.
    """
    compiler = Path(find_toolchain(project or Path.cwd(), cargo=False).rustc)
    return Sources(documentation_of(compiler), project, lambda name: told_by(compiler, name))


@cache
def told_by(compiler: Path, name: str) -> bytes | None:
    """What `rustc --explain` says of an error code, or clippy of one of its lints (`clippy::needless_return`)."""
    lint = name.removeprefix("clippy::")
    program = compiler.with_name(f"cargo-clippy{compiler.suffix}") if lint != name else compiler
    if not program.is_file() or not lint.replace("_", "").isalnum():
        return None
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
    limits = Limits(seconds_max=_SECONDS_MAX, output_bytes_max=1 << 20)
    outcome = run_cell(SANDBOXES.load("none"), Cell((str(program), "--explain", lint), Path.cwd(), environment, limits))
    return outcome.stdout if outcome.ok and outcome.stdout.strip() else None
