"""What cargo says of a workspace before anything is built: its packages, their editions, and what lies outside it."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import InputError, TarsError, UnavailableError
from tars.core.values import Diagnostic, Severity
from tars.runner.building.tools import numbers
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES
from tars.runner.values import Cell, Limits
from tars.rust.checking.toolchain import Toolchain

SECONDS_MAX: Final = 30.0


class Package(Prefab, frozen=True):
    """A member of the workspace. `folder` and the root files of what it builds (`roots`) are relative to the
    workspace, the folder of the workspace itself being empty; `minimum` is the Rust that it asks for."""

    name: str
    folder: str
    edition: str
    roots: tuple[str, ...]
    features: tuple[str, ...]
    minimum: str = ""

    def holds(self, path: str) -> bool:
        """Whether a path relative to the workspace lies in its folder."""
        return not self.folder or path == self.folder or path.startswith(f"{self.folder}/")


class Workspace(Prefab, frozen=True):
    """A cargo workspace. `outside` are the folders of the packages that it takes from elsewhere on this disk."""

    folder: Path
    packages: tuple[Package, ...]
    outside: tuple[Path, ...]
    build: Path
    """Where the user's own cargo puts what it builds."""


def read_workspace(manifest: Path, toolchain: Toolchain) -> Workspace:
    """The workspace of a manifest, in cargo's own words. Runs nothing of the workspace and writes nothing.

    Raises `InputError` for a manifest that cargo refuses and for a path dependency that is not there,
    `UnavailableError` where the toolchain is too old for it.
    """
    raw = _ask(manifest, toolchain)
    folder = Path(raw["workspace_root"])
    packages = tuple(_package(one, folder) for one in raw["packages"])
    _check_age(packages, toolchain)
    outside = _outside(raw["packages"], folder)
    return Workspace(folder, packages, outside, Path(raw["target_directory"]))


def refused(message: str, hint: str) -> InputError:
    """The error of a workspace that cannot be worked on as it is."""
    return InputError(message, (Diagnostic("rust:workspace", Severity.ERROR, message, hint=hint),), hint=hint)


def too_old(words: str, toolchain: Toolchain) -> UnavailableError | None:
    """The error where cargo's words say that it is too old for what it was given; else None."""
    asked = re.search(r"feature `edition(\d+)` is required", words)
    least = {"2024": "1.85", "2021": "1.56"}.get(asked[1], "") if asked else ""
    match = re.search(r"requires rustc (\d[\w.]*)", words)
    least = least or (match[1].rstrip(".") if match else "")
    if not least and "lock file version" in words and "was found" in words:
        least = "1.78"
    return _needs("this workspace", least, toolchain) if least else None


def _ask(manifest: Path, toolchain: Toolchain) -> dict[str, Any]:
    argv = (toolchain.cargo, "metadata", "--no-deps", "--offline", "--format-version", "1")
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "CARGO_HOME", "TMPDIR") if name in os.environ}
    cell = Cell(
        (*argv, "--manifest-path", str(manifest)), manifest.parent, environment, Limits(seconds_max=SECONDS_MAX)
    )
    outcome = run_cell(SANDBOXES.load("none"), cell)
    words = outcome.stderr.decode("utf-8", "replace").strip()
    if outcome.ok:
        found: dict[str, Any] = json.loads(outcome.stdout)
        return found
    old = too_old(words, toolchain)
    if old is not None:
        raise old
    if outcome.detail:
        raise TarsError(f"cargo could not read {manifest}: {outcome.detail}", hint="run `cargo metadata --no-deps`")
    raise refused(
        f"cargo cannot read {manifest}:\n{_told(words)}", "mend the manifest; `cargo metadata` shows this too"
    )


def _told(words: str) -> str:
    """Cargo's error without its first word."""
    return words.removeprefix("error: ")


def _package(raw: Mapping[str, Any], root: Path) -> Package:
    folder = Path(raw["manifest_path"]).parent
    targets = raw["targets"]
    # Of several editions within one package the library's counts.
    edition = next((one["edition"] for one in targets if "lib" in one["kind"]), str(raw["edition"]))
    roots = tuple(sorted({_relative(Path(one["src_path"]), root) for one in targets}))
    minimum = str(raw.get("rust_version") or "")
    return Package(str(raw["name"]), _relative(folder, root), edition, roots, tuple(sorted(raw["features"])), minimum)


def _relative(path: Path, root: Path) -> str:
    """Relative to the workspace where it lies in it, else absolute; `/` between folders."""
    try:
        found = path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()
    return "" if found == "." else found


def _check_age(packages: tuple[Package, ...], toolchain: Toolchain) -> None:
    for one in packages:
        if one.minimum and numbers(one.minimum) > toolchain.release:
            raise _needs(f"the package `{one.name}`", one.minimum, toolchain)


def _needs(what: str, least: str, toolchain: Toolchain) -> UnavailableError:
    return UnavailableError(
        f"{what} needs Rust {least} or newer; {toolchain.rustc} is {toolchain.version.split()[0]}",
        hint=f"rustup update, or: rustup toolchain install {least}",
    )


def _outside(packages: list[dict[str, Any]], root: Path) -> tuple[Path, ...]:
    """The folders of path dependencies outside the workspace, and of those that they rest on."""
    found: dict[Path, None] = {}
    waiting = [(one["name"], path) for one in packages for path in _path_dependencies(one)]
    while waiting:
        wanting, folder = waiting.pop()
        if not (folder / "Cargo.toml").is_file():
            raise refused(
                f"the package `{wanting}` depends on the path {folder}, where there is no Cargo.toml",
                "bring the folder there, or correct `path` in its Cargo.toml",
            )
        if folder in found or folder.is_relative_to(root):
            continue
        found[folder] = None
        waiting += [(folder.name, folder / path) for path in _paths_in(folder / "Cargo.toml")]
    return tuple(sorted({Path(os.path.normpath(one)) for one in found}))


def _path_dependencies(package: Mapping[str, Any]) -> Iterator[Path]:
    return (Path(one["path"]) for one in package["dependencies"] if one.get("path"))


def _paths_in(manifest: Path) -> Iterator[str]:
    """The paths of a manifest's dependencies. What is wrong with it, cargo will say."""
    import tomllib  # only for workspaces that reach outside  # noqa: PLC0415

    try:
        content = tomllib.loads(manifest.read_text("utf-8", "replace"))
    except (OSError, tomllib.TOMLDecodeError):
        return
    tables = [content, *content.get("target", {}).values()]
    for table in tables:
        for kind in ("dependencies", "build-dependencies"):
            for one in table.get(kind, {}).values():
                if isinstance(one, dict) and isinstance(one.get("path"), str):
                    yield os.path.normpath(one["path"])
