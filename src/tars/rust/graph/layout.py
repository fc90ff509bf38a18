"""Which crate and module each file of a workspace is: `mod` declarations followed from the crates' roots."""

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from tars.rust.graph.items import FileItems, FileModule

_MANY_ROOTS = ("bin", "tests", "examples", "benches")
STD_CRATES = ("std", "core", "alloc")


class Seat(NamedTuple):
    """A file's place: the path of its crate's root file, and its module there as `a::b` (empty for the root)."""

    root: str
    module: str


def seats(files: Mapping[str, Sequence[FileModule]], known_roots: Collection[str] = ()) -> dict[str, Seat]:
    """The seat of every file, given with the `mod name;` that it has; roots that are not known are told by their names
    and by that nothing declares them. A file that several crates declare sits in the first of them, libraries first."""
    children = {path: dict(_children(path, modules, files)) for path, modules in files.items()}
    declared = {child for inner in children.values() for child in inner.values()}
    roots = {path for path in files if path not in declared or path in known_roots or _is_root(path)}
    found: dict[str, Seat] = {}
    for root in sorted(roots, key=lambda one: (not one.endswith("lib.rs"), one)):
        stack = [(root, "")]
        while stack:
            path, module = stack.pop()
            if path in found and path != root:
                continue
            found[path] = Seat(root, module)
            stack += [(child, _joined(module, name)) for name, child in children[path].items() if child not in roots]
    for path in files:
        found.setdefault(path, Seat(path, ""))
    return found


def crate_names(files: Mapping[str, FileItems], given: Mapping[str, str]) -> dict[str, str]:
    """The crate's name of each library root, as `given` (by root), else guessed: the only name that other crates of
    its package import and that is no crate of the standard library, else its package's folder."""
    names = dict(given)
    for path in files:
        package = path.removesuffix("lib.rs").removesuffix("src/")
        if posixpath.basename(path) != "lib.rs" or path in names:
            continue
        folder = posixpath.basename(package.rstrip("/")).replace("-", "_")
        beside = [items for other, items in files.items() if other != path and other.startswith(package)]
        imported = {use.path.partition("::")[0] for items in beside for use in items.uses}
        own = {item.name for items in (*beside, files[path]) for item in items.items}
        guessed = sorted(imported - own - {"crate", "self", "super", *STD_CRATES})
        name = folder if folder in imported or len(guessed) != 1 else guessed[0]
        if name:
            names[path] = name
    return names


def missing_modules(files: Mapping[str, Sequence[FileModule]], seated: Mapping[str, Seat]) -> Iterator[tuple[str, str]]:
    """Each `mod name;` without a file, with the file that it stands in."""
    there = set(seated.values())
    for path, modules in files.items():
        for one in modules:
            seat = seated[path]
            if Seat(seat.root, _joined(_joined(seat.module, one.module), one.name)) not in there:
                yield path, one.name


def _is_root(path: str) -> bool:
    folder, name = posixpath.split(path)
    return name in ("main.rs", "lib.rs", "build.rs") and posixpath.basename(folder) in ("src", "")


def _children(path: str, modules: Sequence[FileModule], files: Collection[str]) -> Iterator[tuple[str, str]]:
    for one in modules:
        for candidate in _candidates(path, one):
            if candidate in files and candidate != path:
                yield _joined(one.module, one.name), candidate
                break


def _candidates(path: str, one: FileModule) -> Iterator[str]:
    """Where the module's file may stand, by the rules for `mod.rs` and roots first or last, as the path suggests."""
    folder, name = posixpath.split(path)
    inline = one.module.split("::") if one.module else []
    if one.path:
        yield posixpath.normpath(posixpath.join(folder, *inline, one.path))
    below = posixpath.join(folder, name.removesuffix(".rs"))
    own = name in ("main.rs", "lib.rs", "mod.rs") or posixpath.basename(folder) in _MANY_ROOTS
    for base in (folder, below) if own else (below, folder):
        yield posixpath.join(base, *inline, f"{one.name}.rs")
        yield posixpath.join(base, *inline, one.name, "mod.rs")


def _joined(module: str, name: str) -> str:
    return f"{module}::{name}" if module and name else module or name
