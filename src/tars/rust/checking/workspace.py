"""Finds what is to be mended, a cargo workspace or a lone file, and reads the user's own Rust files in it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.errors import TarsError, UsageError
from tars.rust.checking.manifest import Package, read_workspace, refused
from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.toolchain import Toolchain, find_toolchain
from tars.rust.syntax.modules import module_files

FILE_BYTES_MAX: Final = 1 << 20
"""A Rust file larger than this was written by a program, which is what should be mended."""
FILES_MAX: Final = 50_000
_EDITIONS: Final = ("2021", "2024", "2018")
_OF_EDITIONS: Final = re.compile(r"\bedition\b|\bRust 20\d\d\b")
_MAY_DEPEND: Final = re.compile(
    rb"\b(async|await|dyn|try|gen|static\s+mut|no_mangle|export_name|link_section|feature)\b"
    rb"|&&\s*let\b|\blet\b[^;{]*&&|\bunsafe\s*(\(|extern)|\bextern\s*(\"[^\"]*\"\s*)?\{|\bimpl\b[^;{]*\buse\s*<"
)
_NOT_SOURCE: Final = frozenset({"target", "node_modules", "__pycache__"})
_GENERATED: Final = re.compile(rb"@generated\b")
_IN_PACKAGE: Final = ("src", "tests", "examples", "benches")


class Features(Prefab, frozen=True):
    """Which features of a workspace are built, as cargo's options of these names say."""

    names: tuple[str, ...] = ()
    all: bool = False
    no_default: bool = False

    def arguments(self) -> tuple[str, ...]:
        named = ("--features", ",".join(self.names)) if self.names else ()
        return (*named, *(("--all-features",) * self.all), *(("--no-default-features",) * self.no_default))

    @staticmethod
    def of(arguments: str) -> "Features":
        """Those that `" ".join(features.arguments())` stands for."""
        words = arguments.split()
        named = words[words.index("--features") + 1].split(",") if "--features" in words else []
        return Features(tuple(named), "--all-features" in words, "--no-default-features" in words)


class Target(Prefab, frozen=True):
    """What is to be mended. All paths in it, and in everything that is said of it, are relative to `folder`.

    Of a lone file `root` is its path, and there are no packages; of a workspace `root` is empty.
    """

    folder: Path
    toolchain: Toolchain
    edition: str
    """Of a lone file; of a workspace the edition of the package that was named, else of the first one."""
    root: str = ""
    tests: bool = False
    """The lone file holds tests, and is built for them."""
    packages: tuple[Package, ...] = ()
    asked: tuple[str, ...] = ()
    """The packages that are checked, where a folder or file of one was named; empty is the whole workspace."""
    focus: str = ""
    """The file or folder that was named, where it is less than the whole."""
    features: Features = Features()
    outside: tuple[Path, ...] = ()
    """Folders outside of `folder` from which the workspace takes packages; they are only read."""
    build: Path | None = None
    """Where the user's own cargo puts what it builds; only read."""

    @property
    def is_lone(self) -> bool:
        return bool(self.root)

    def package_of(self, path: str) -> Package | None:
        """The package that a file lies in."""
        holding = [one for one in self.packages if one.holds(path)]
        return max(holding, key=lambda one: len(one.folder), default=None)

    def edition_of(self, path: str) -> str:
        """The edition that a file is written in."""
        package = self.package_of(path)
        return package.edition if package else self.edition


def find_target(path: Path, features: Features = Features()) -> Target:
    """What stands at `path`: a crate's folder or one within it, a workspace, a `Cargo.toml`, or a `.rs` file, which is
    a lone one where it belongs to no package. Runs nothing of the user's and writes nothing.

    Raises `UsageError` where there is no such thing, `InputError` where it cannot be worked on as it is, and
    `UnavailableError` where this machine has no toolchain, or too old a one, for it.
    """
    path = Path(os.path.abspath(path))
    if not path.exists():
        raise UsageError(f"there is no {path}", hint="name a crate's folder, a Cargo.toml or a `.rs` file")
    if not path.is_dir() and not (path.is_file() and (path.suffix == ".rs" or path.name == "Cargo.toml")):
        raise UsageError(f"{path} is no Rust file", hint="name a crate's folder, a Cargo.toml or a `.rs` file")
    start = path if path.is_dir() else path.parent
    manifest = next((place for one in (start, *start.parents) if (place := one / "Cargo.toml").is_file()), None)
    if path.suffix == ".rs" and path.is_file():
        found = _crate(manifest, path, features) if manifest and _may_hold(manifest, path) else None
        if found is None and features.arguments():
            raise UsageError(f"a lone file has no features: {path}", hint="name a crate, or leave the option out")
        return found or _lone(path)
    if manifest is None:
        raise _no_crate(path)
    found = _crate(manifest, path, features)
    assert found is not None, "a folder is in the workspace of the manifest above it"
    return found


def read_files(target: Target) -> dict[str, bytes]:
    """The user's own Rust files by path, byte for byte: not what is generated, vendored or foreign (a submodule, a
    link that leads out of the folder), and no package that is not of the workspace.

    Raises `InputError` for a file that the crate is built from and that is no UTF-8, `TarsError` for one that cannot
    be read.
    """
    if target.is_lone:
        files = module_files(target.folder, target.root).sources
        _check_text(files)
        return files
    found: dict[str, bytes] = {}
    for path in _rust_files(target):
        data = _read(target.folder / path)
        if not _GENERATED.search(data[:400]):
            found[path] = data
    unfit = {path: data for path, data in found.items() if _fault(data)}
    if unfit:
        built = {name for one in target.packages for root in one.roots for name in _built(target, root)}
        _check_text({path: data for path, data in unfit.items() if path in built})
    return dict(sorted(found.items()))


def _crate(manifest: Path, path: Path, features: Features) -> Target | None:
    """The workspace of the manifest; None for a Rust file that none of its packages is built from."""
    toolchain = find_toolchain(manifest.parent)
    workspace = read_workspace(manifest, toolchain)
    packages = workspace.packages
    _check_features(packages, features)
    target = Target(workspace.folder, toolchain, packages[0].edition if packages else "2021", packages=packages)
    target = replace(target, features=features, outside=workspace.outside, build=workspace.build)
    named = path.parent if path.name == "Cargo.toml" and path.is_file() else path
    focus = named.relative_to(workspace.folder).as_posix() if named.is_relative_to(workspace.folder) else ""
    if focus in ("", "."):
        return target
    package = target.package_of(focus)
    if path.suffix == ".rs" and path.is_file() and (package is None or not _builds(target, package, focus)):
        return None
    if package is None or not package.folder:
        return replace(target, focus=focus)
    return replace(target, focus=focus, asked=(package.name,), edition=package.edition)


def _may_hold(manifest: Path, path: Path) -> bool:
    """Whether it is worth asking cargo if a file belongs to the package of the manifest above it."""
    inner = path.relative_to(manifest.parent).parts
    if inner[0] in _IN_PACKAGE or inner == ("build.rs",):
        return True
    return path.name.encode() in _read(manifest) or b"[workspace]" in _read(manifest)


def _builds(target: Target, package: Package, path: str) -> bool:
    """Whether the package is built from that file. One in `src` that nothing takes in yet is meant to be; one beside
    tests or examples may be their data."""
    inner = path[len(package.folder) + 1 :] if package.folder else path
    return inner.startswith("src/") or any(path in _built(target, root) for root in package.roots)


def _lone(path: Path) -> Target:
    """The file as a crate of its own, in the edition in which the compiler has least to say against it."""
    toolchain = find_toolchain(path.parent, cargo=False)
    folder = path.parent
    found = module_files(folder, path.name)
    while found.above and folder.parent != folder:
        folder = folder.parent
        found = module_files(folder, path.relative_to(folder).as_posix())
    root = path.relative_to(folder).as_posix()
    _check_text(found.sources)
    tests = b"#[test]" in b"".join(found.sources.values())
    target = Target(folder, toolchain, _EDITIONS[0], root=root, tests=tests)
    return replace(target, edition=_edition(target, found.sources, found.assets))


def _edition(target: Target, files: dict[str, bytes], assets: dict[str, bytes]) -> str:
    """2021, unless the compiler speaks of editions and another one leaves fewer errors. It is asked only where the text
    holds something that means different things in them."""
    if not any(_MAY_DEPEND.search(data) for data in files.values()):
        return _EDITIONS[0]
    errors: dict[str, int] = {}
    for edition in _EDITIONS:
        with LoneCrate(target.root, edition=edition, tests=target.tests, assets=assets) as crate:
            checked = crate.check(files)
        if checked.ok:
            return edition
        if edition == _EDITIONS[0] and not any(_OF_EDITIONS.search(one.rendered) for one in checked.errors):
            return edition
        errors[edition] = len(checked.errors)
    return min(errors, key=lambda one: errors[one])


def _rust_files(target: Target) -> Iterator[str]:
    """The paths of the user's own Rust files, sorted."""
    own = {one.folder for one in target.packages}
    count = 0
    for folder, inner, names in os.walk(target.folder):
        relative = Path(folder).relative_to(target.folder).as_posix()
        relative = "" if relative == "." else relative
        inner[:] = sorted(
            one for one in inner if _is_own(os.path.join(folder, one), f"{relative}/{one}"[not relative :], own)
        )
        for name in sorted(names):
            place = os.path.join(folder, name)
            if name.endswith(".rs") and not os.path.islink(place) and os.path.getsize(place) <= FILE_BYTES_MAX:
                count += 1
                if count > FILES_MAX:
                    raise TarsError(
                        f"{target.folder} holds more than {FILES_MAX} Rust files", hint="name one of its crates"
                    )
                yield f"{relative}/{name}" if relative else name


def _is_own(place: str, relative: str, packages: set[str]) -> bool:
    """Whether a folder may hold the user's own sources: see `read_files`."""
    name = os.path.basename(place)
    if name.startswith(".") or name in _NOT_SOURCE or os.path.islink(place):
        return False
    if relative not in packages and os.path.isfile(os.path.join(place, "Cargo.toml")):
        return False
    marks = ("CACHEDIR.TAG", ".git", ".cargo-checksum.json")
    return not any(os.path.exists(os.path.join(place, mark)) for mark in marks)


def _built(target: Target, root: str) -> frozenset[str]:
    """The Rust files that a root file of a package takes in."""
    return frozenset() if os.path.isabs(root) else frozenset(module_files(target.folder, root).sources)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TarsError(f"cannot read {path}: {error.strerror}", hint="make the file readable") from error


def _check_text(files: dict[str, bytes]) -> None:
    """All files that are no UTF-8, in one error."""
    faults = [f"{path}, {fault}" for path, data in files.items() if (fault := _fault(data))]
    if faults:
        raise refused("\n".join(faults), "Rust is written in UTF-8: `iconv -f latin1 -t utf-8` turns Latin-1 into it")


def _fault(data: bytes) -> str:
    """Where it is no UTF-8; empty where it is."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return f"line {line}: the byte 0x{data[error.start]:02X} is no UTF-8"
    return ""


def _check_features(packages: tuple[Package, ...], features: Features) -> None:
    known = {name for one in packages for name in one.features}
    known |= {f"{one.name}/{name}" for one in packages for name in one.features}
    unknown = [name for name in features.names if name not in known and "/" not in name]
    if unknown:
        there = ", ".join(sorted(name for one in packages for name in one.features)) or "none"
        raise UsageError(f"there is no feature `{unknown[0]}` here", hint=f"the features are: {there}")


def _no_crate(path: Path) -> UsageError:
    names = sorted(os.listdir(path))
    crates = [name for name in names if (path / name / "Cargo.toml").is_file()]
    files = [name for name in names if name.endswith(".rs")]
    if not names:
        return UsageError(f"the folder {path} is empty", hint="name a crate's folder; `cargo init` makes one")
    if crates:
        hint = f"there are crates in it: {', '.join(crates[:5])}"
    elif files:
        hint = f"name one of its Rust files: {', '.join(files[:5])}"
    else:
        hint = "name a folder that holds a Cargo.toml, or a `.rs` file"
    return UsageError(f"{path} is no crate: neither it nor a folder above it holds a Cargo.toml", hint=hint)
