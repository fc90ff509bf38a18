"""The Rust toolchain that a project chooses: its real programs, never a version manager's shims."""

import os
import re
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UnavailableError
from tars.runner.building.expand import installation
from tars.runner.building.tools import detect, numbers
from tars.runner.values import Tool

INSTALL: Final = "install Rust from https://rustup.rs"
_CHOICES: Final = ("rust-toolchain.toml", "rust-toolchain")


class Toolchain(Prefab, frozen=True):
    """`rustc` and `cargo` are absolute paths (`cargo` is empty where there is none), `version` is rustc's own word."""

    rustc: str
    cargo: str
    version: str

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers: `(1, 95, 0)`."""
        return numbers(self.version)

    def program(self, name: str) -> str:
        """The path of another of the toolchain's programs (`clippy-driver`, `rustdoc`); empty where it has none."""
        ending = ".exe" if os.name == "nt" else ""
        path = os.path.join(os.path.dirname(self.rustc), name + ending)
        return path if os.path.isfile(path) else ""

    def reads(self) -> tuple[Path, ...]:
        """The folders that its programs must be able to read."""
        programs = (self.rustc, self.cargo) if self.cargo else (self.rustc,)
        return tuple(dict.fromkeys(Path(folder) for program in programs for folder in installation(program)))


def find_toolchain(folder: Path, *, cargo: bool = True) -> Toolchain:
    """The toolchain that is used in that folder. Raises `UnavailableError`, saying which one the project asks for,
    where there is none; with `cargo`, also where there is a compiler but no cargo."""
    rustc = detect(Tool("rustc"), folder)
    if rustc is None:
        raise _refusal(folder, "Rust compiler")
    found = detect(Tool("cargo"), folder) if cargo else None
    if cargo and found is None:
        raise _refusal(folder, "cargo")
    return Toolchain(rustc.path, found.path if found else "", rustc.version)


def _refusal(folder: Path, what: str) -> UnavailableError:
    for place in (folder, *folder.parents):
        for name in _CHOICES:
            asked, is_path = _asked_in(place / name)
            if is_path:
                return UnavailableError(
                    f"{place / name} names a toolchain by its path, {asked}: what a project brings is not run",
                    hint="if you trust it: `rustup toolchain link NAME PATH`, and name that, or set RUSTUP_TOOLCHAIN",
                )
            if asked:
                return UnavailableError(
                    f"{place / name} asks for the toolchain `{asked}`, which is not installed",
                    hint=f"rustup toolchain install {asked}",
                )
    return UnavailableError(f"there is no {what} on this machine", hint=INSTALL)


def _asked_in(file: Path) -> tuple[str, bool]:
    """What it asks for, and whether that is a path; an empty text where there is none."""
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        return "", False
    match = re.search(r'\b(channel|path)["\']?\s*=\s*["\']([^"\']+)', text)
    if match:
        return match[2], match[1] == "path"
    name = text.strip().splitlines()[0].strip() if file.suffix != ".toml" and "[" not in text and text.strip() else ""
    return name, "/" in name or os.sep in name
