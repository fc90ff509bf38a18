"""Reads Cargo manifests as far as planning needs: packages, what can be built of them, and what they rest on."""

import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any, NamedTuple

from tars.runner.building.sources import folder_of, joined, refused, under, upward
from tars.runner.toolchains._rust_source import files_of
from tars.runner.values import Source

_BESIDE = ("Cargo.toml", "Cargo.lock", ".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain")


class Target(NamedTuple):
    """Something that cargo can build: `kind` is `bin`, `example` or `lib`; `path` is its root file."""

    kind: str
    name: str
    package: str
    path: str
    is_default: bool
    edition: str


class Crate(NamedTuple):
    """What the source folder holds. `root` is the folder that cargo takes for the workspace."""

    targets: tuple[Target, ...]
    reads: tuple[str, ...]
    root: str


def crate_of(source: Source) -> Crate:
    folder = folder_of(source)
    if joined(folder, "Cargo.toml") not in source.files:
        hint = "name a folder with a Cargo.toml, or a lone `.rs` file"
        raise refused(source, f"the folder `{folder or '.'}` has no Cargo.toml", hint)
    root = _workspace_above(source, folder)
    packages = [folder, *_members(source, folder)]
    reads: dict[str, None] = {}
    for place in (root, *upward(folder)):
        reads |= dict.fromkeys(path for name in _BESIDE if (path := joined(place, name)) in source.files)
    seen: set[str] = set()
    for package in packages if root == folder else [*packages, *_members(source, root)]:
        _add_package(source, package, reads, seen)
    targets = tuple(target for package in dict.fromkeys(packages) for target in _targets(source, package))
    return Crate(targets, tuple(sorted(reads)), root)


def _manifest(source: Source, folder: str) -> dict[str, Any]:
    path = joined(folder, "Cargo.toml")
    try:
        return tomllib.loads(source.files[path].decode("utf-8", "replace"))
    except tomllib.TOMLDecodeError as error:
        raise refused(source, f"`{path}` is not TOML: {error}", "mend the file") from error


def _workspace_above(source: Source, folder: str) -> str:
    for place in upward(folder):
        if joined(place, "Cargo.toml") in source.files and "workspace" in _manifest(source, place):
            return place
    return folder


def _members(source: Source, folder: str) -> list[str]:
    workspace = _manifest(source, folder).get("workspace", {})
    wanted = [joined(folder, str(one)) for one in workspace.get("members", [])]
    excluded = [joined(folder, str(one)) for one in workspace.get("exclude", [])]
    manifests = [path.rpartition("/")[0] for path in under(source, folder) if path.endswith("/Cargo.toml")]
    return [
        place
        for place in manifests
        if place not in excluded
        and any(fnmatch(place, pattern) and place.count("/") == pattern.count("/") for pattern in wanted)
    ]


def _add_package(source: Source, folder: str, reads: dict[str, None], seen: set[str]) -> None:
    """All files of a package and of those that it depends on by path, within the project."""
    if folder in seen:
        return
    seen.add(folder)
    for path in under(source, folder):
        reads[path] = None
        if path.endswith(".rs") and any(word in source.files[path] for word in (b"include", b"path")):
            reads |= dict.fromkeys(files_of(source.files, path, folder))  # they may lie outside of its folder
    for path in _path_dependencies(_manifest(source, folder)):
        place = joined(folder, path)
        if place.startswith(".."):
            hint = "move the dependency into the project, or publish it"
            raise refused(source, f"the dependency `{path}` of `{folder or '.'}` is outside the project", hint)
        if joined(place, "Cargo.toml") in source.files:
            _add_package(source, place, reads, seen)


def _path_dependencies(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        if key.endswith("dependencies") or key == "patch":
            yield from (str(one["path"]) for one in value.values() if isinstance(one, dict) and "path" in one)
        for name, inner in value.items():
            yield from _path_dependencies(inner, "patch" if key == "patch" else name)


def _targets(source: Source, folder: str) -> Iterator[Target]:
    manifest = _manifest(source, folder)
    package = manifest.get("package", {})
    name = package.get("name")
    if not name:
        return
    default = package.get("default-run", name)
    edition = package.get("edition", "2015")
    if not isinstance(edition, str):
        above = _manifest(source, _workspace_above(source, folder)).get("workspace", {}).get("package", {})
        edition = above.get("edition", "2021")
    found: dict[tuple[str, str], str] = {}
    if joined(folder, "src/main.rs") in source.files:
        found["bin", name] = joined(folder, "src/main.rs")
    for kind, place in (("bin", "src/bin"), ("example", "examples")):
        for path in under(source, joined(folder, place)):
            rest = path.removeprefix(joined(folder, place) + "/")
            if rest.endswith("/main.rs") and rest.count("/") == 1:
                found[kind, rest.partition("/")[0]] = path
            elif rest.endswith(".rs") and "/" not in rest:
                found[kind, rest[:-3]] = path
    for kind in ("bin", "example"):
        for declared in manifest.get(kind, []):
            path = joined(folder, declared.get("path", ""))
            found = {key: at for key, at in found.items() if at != path}
            found[kind, declared["name"]] = path
    for (kind, target), path in found.items():
        yield Target(kind, target, name, path, target == default, edition)
    library = manifest.get("lib", {})
    path = joined(folder, library.get("path", "src/lib.rs"))
    if path in source.files:
        yield Target("lib", library.get("name", name.replace("-", "_")), name, path, False, edition)
