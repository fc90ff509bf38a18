"""Which files a source is made of, and which of them is called.

A file brings the files of the project that it imports; a folder brings all of its own, but for tests. Further ones may
be named. What judges is never among them. Those that declare something may change, and are what candidates consist of;
all others stay as they are, and candidates read them.
"""

import os
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import InputError, UsageError
from tars.core.values import Span
from tars.evolve.sources.languages import SUFFIXES
from tars.lang.values import Module
from tars.runner.building.sources import ProjectFiles, joined, source_of
from tars.runner.toolchains._javascript import start_file
from tars.runner.toolchains._javascript_imports import local_files as javascript_imports
from tars.runner.toolchains._python_imports import local_files as python_imports
from tars.runner.toolchains._rust_source import files_of as rust_modules
from tars.runner.toolchains._rust_source import function as rust_function

FILES_MAX: Final = 1000
BYTES_MAX: Final = 64 << 20
TESTS: Final = ("tests/*", "test/*", "*/tests/*", "*/test/*", "test_*.py", "*/test_*.py", "*_test.py", "*conftest.py",
                "*.test.?s", "*.spec.?s", "*.test.mjs")  # fmt: skip
"""Of a folder these stay out: no candidate reads what it may be tested with."""
_RELATIVE: Final = re.compile(rb"^[ \t]*from[ \t]+\.", re.M)


class Wanted(Prefab, frozen=True):
    """What was named: the target and the folder of its project, the function to call as `NAME` or `PLACE:NAME`, further
    files as paths or patterns from the project, and those that judge."""

    project: Path
    target: str
    entry: str
    more: tuple[str, ...] = ()
    judges: tuple[Path, ...] = ()


class SourceFiles(Prefab, frozen=True):
    """Paths are relative to the project, and sorted. `base` is the folder in which imports are looked for, `module` the
    name of the start there, empty for a file that is run as it is."""

    paths: tuple[str, ...]
    start: str
    function: str
    base: str = ""
    module: str = ""

    @property
    def language(self) -> str:
        return SUFFIXES[os.path.splitext(self.start)[1]]


def source_files(wanted: Wanted) -> SourceFiles:
    """Raises `UsageError` where the target is no source, does not say what is called, reaches what judges, or holds a
    symbolic link."""
    files = ProjectFiles(wanted.project)
    place, _, function = wanted.entry.rpartition(":")
    if (wanted.project / wanted.target).is_dir():
        found = _folder(files, wanted, place, function)
    elif place:
        raise UsageError(
            f"`{wanted.entry}` names a place in a folder, and `{wanted.target}` is a file", hint=f"--entry {function}"
        )
    else:
        found = _file(files, wanted, function)
    judges = {_inside(wanted.project, path) for path in wanted.judges}
    paths = {*found.paths, *_further(files, wanted)} - judges
    if judges & set(_imported(files, found)):
        raise UsageError(
            f"`{found.start}` imports what judges it: `{min(judges & set(_imported(files, found)))}`",
            hint="keep the metric and the rules in files of their own",
        )
    _refuse_links(wanted.project, paths)
    _refuse_many(wanted, paths)
    return SourceFiles(tuple(sorted(paths)), found.start, found.function, found.base, found.module)


def _file(files: ProjectFiles, wanted: Wanted, function: str) -> SourceFiles:
    start = wanted.target
    folder = os.path.dirname(start)
    crate = _crate_of(files, start) if start.endswith(".rs") else None
    if crate is not None:
        return SourceFiles(files.under(crate), start, function, crate)
    base, module = folder, ""
    if start.endswith(".py") and _RELATIVE.search(files[start]):
        while joined(base, "__init__.py") in files:
            base = _above(base)
        module = _dotted(start, base)
    found = SourceFiles((start,), start, function, base, module)
    return SourceFiles(_imported(files, found), start, function, base, module)


def _imported(files: ProjectFiles, found: SourceFiles) -> tuple[str, ...]:
    if found.language == "python":
        return python_imports(files, found.start, found.base)
    if found.language == "rust":
        return rust_modules(files, found.start)
    return javascript_imports(files, found.start)


def _folder(files: ProjectFiles, wanted: Wanted, place: str, function: str) -> SourceFiles:
    folder = "" if wanted.target == "." else wanted.target
    if joined(folder, "Cargo.toml") in files:
        return _crate(files, folder, place.strip(":"), function)
    inner = len(folder) + 1 if folder else 0
    paths = tuple(path for path in files.under(folder) if not any(fnmatch(path[inner:], one) for one in TESTS))
    kinds = {SUFFIXES[ending] for path in paths if (ending := os.path.splitext(path)[1]) in SUFFIXES}
    if kinds == {"python"} or (place and not os.path.splitext(place)[1] and "python" in kinds):
        base, package = _package(paths, folder)
        start = _python_start(files, paths, (base, package), place, function)
        return SourceFiles(paths, start, function, base, _dotted(start, base))
    if not kinds - {"python"}:
        raise UsageError(f"`{wanted.target}` holds no source", hint=f"known: {', '.join(SUFFIXES)}")
    start = _javascript_start(files, wanted, paths, place, function)
    return SourceFiles(tuple(sorted({*paths, *javascript_imports(files, start)})), start, function)


def _javascript_start(files: ProjectFiles, wanted: Wanted, paths: Sequence[str], place: str, function: str) -> str:
    """The file that `place` names, else the one that the package starts with, else the only one that exports it."""
    entry = f"{place}:{function}" if place else function
    module = Module(f"javascript_module.{wanted.target}", "", "javascript", Span("", 0, 0), wanted.target, entry)
    try:
        return start_file(source_of(module, wanted.project, files=files))[0]
    except InputError as error:
        if place:
            raise UsageError(error.message, hint="name the file: `--entry FILE:FUNCTION`") from error
    ending = r"\bexport[ \t]+(?:default[ \t]+)?(?:async[ \t]+)?(?:function|const|let|var)[ \t*]+" + re.escape(function)
    sources = [path for path in paths if os.path.splitext(path)[1] in SUFFIXES]
    return _only(files, sources, rf"{ending}\b", function, "file:name")


def _only(files: ProjectFiles, paths: Sequence[str], pattern: str, function: str, form: str) -> str:
    """The one file in which the pattern is found."""
    found = [path for path in paths if re.search(pattern.encode(), files[path], re.M)]
    if len(found) == 1:
        return found[0]
    said = f"several files define `{function}`: {', '.join(found)}" if found else f"no file defines `{function}`"
    raise UsageError(said, hint=f"name the one that is called: `--entry {form}`")


def _crate_of(files: ProjectFiles, path: str) -> str | None:
    """The folder of the crate whose library the file belongs to, where it is in one. Raises `UsageError` where that is
    not in the project."""
    whole = Path(files.root, path)
    for folder in whole.parents:
        if folder.name == "src" and (folder.parent / "Cargo.toml").is_file():
            crate = folder.parent
            if not crate.is_relative_to(files.root):
                raise UsageError(
                    f"`{path}` belongs to the crate `{crate}`, which is not in the project",
                    hint=f"name the crate, or the project: `--project {crate}`",
                )
            return crate.relative_to(files.root).as_posix().removeprefix(".")
    return None


def _crate(files: ProjectFiles, folder: str, place: str, function: str) -> SourceFiles:
    """All files of a crate, its tests too: cargo runs them before a version is let in."""
    paths = files.under(folder)
    ending = f"{place.replace('::', '/')}.rs" if place else ""
    found = [
        path for path in paths
        if path.startswith(joined(folder, "src/"))
        and path.endswith((ending, f"{ending[:-3]}/mod.rs") if place else ".rs")
        and (known := rust_function(files[path].decode("utf-8", "replace"), function)) is not None and known.public
    ]  # fmt: skip
    if len(found) == 1:
        return SourceFiles(paths, found[0], function, folder)
    said = (
        f"several files define `{function}`: {', '.join(found)}"
        if found
        else f"no file of the crate has `pub fn {function}`"
    )
    raise UsageError(said, hint="name the one that is called: `--entry module::name`")


def _above(package: str) -> str:
    if not package:
        raise UsageError(
            "the project's own folder is a package, and what imports it lies outside",
            hint="name a folder above it: `--project DIR`",
        )
    return os.path.dirname(package)


def _package(paths: Sequence[str], folder: str) -> tuple[str, str]:
    """The folder that imports are looked for in, and the package in it, where the target is one or holds one."""
    if joined(folder, "__init__.py") in paths:
        return _above(folder), os.path.basename(folder)
    for base in (joined(folder, "src"), folder):
        packages = [path for path in paths if os.path.basename(path) == "__init__.py"
                    and os.path.dirname(os.path.dirname(path)) == base.removeprefix(".")]  # fmt: skip
        if len(packages) == 1:
            return base.removeprefix("."), os.path.basename(os.path.dirname(packages[0]))
    return folder, ""


def _python_start(files: ProjectFiles, paths: Sequence[str], at: tuple[str, str], place: str, function: str) -> str:
    """The file in which the function is: where `place` says, in the package itself, else the one that defines it."""
    base, package = at
    place = place.removesuffix(".py").replace("/", ".")
    named = [one for one in (f"{package}.{place}", place) if place and re.fullmatch(r"\w+(\.\w+)*", one)]
    for name in named:
        stem = joined(base, name.replace(".", "/"))
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            if path in paths:
                return path
    if place:
        raise UsageError(f"there is no module `{place}` below `{base or '.'}`", hint="as `--entry package.module:name`")
    own = joined(base, f"{package}/__init__.py")
    if package and re.search(rf"\b{re.escape(function)}\b".encode(), files[own]):
        return own
    pattern = rf"^(?:async[ \t]+)?def[ \t]+{re.escape(function)}\b"
    sources = [path for path in paths if path.endswith(".py")]
    return _only(files, sources, pattern, function, "package.module:name")


def _dotted(path: str, base: str) -> str:
    inner = path.removeprefix(f"{base}/" if base else "").removesuffix(".py").removesuffix("/__init__")
    return inner.replace("/", ".")


def _further(files: ProjectFiles, wanted: Wanted) -> Iterable[str]:
    for name in wanted.more:
        path = joined("", name)
        found = files.under(path) if (wanted.project / path).is_dir() and not path.startswith("..") else ()
        if not found:
            found = (path,) if path in files else tuple(one for one in files.under("") if fnmatch(one, name))
        if not found:
            raise UsageError(
                f"`{name}` is no file of the project", hint="a path or a pattern from the project, as `data/*.json`"
            )
        yield from found


def _refuse_links(project: Path, paths: Iterable[str]) -> None:
    for path in paths:
        if not path.isprintable():
            raise UsageError(f"the name of {path!r} cannot be told in a line of text", hint="rename it")
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            if (project / "/".join(parts[:end])).is_symlink():
                raise UsageError(
                    f"`{'/'.join(parts[:end])}` is a symbolic link, and what is evolved holds none",
                    hint="put the file itself there",
                )


def _refuse_many(wanted: Wanted, paths: Iterable[str]) -> None:
    sizes = [os.stat(wanted.project / path).st_size for path in paths]
    if len(sizes) > FILES_MAX or sum(sizes) > BYTES_MAX:
        raise UsageError(
            f"`{wanted.target}` is {len(sizes)} files of {sum(sizes) >> 20} MB, too large to be evolved as one",
            hint=f"at most {FILES_MAX} files and {BYTES_MAX >> 20} MB; name a smaller folder, or one file",
        )


def _inside(project: Path, path: Path) -> str:
    absolute = os.path.abspath(path)
    return os.path.relpath(absolute, project).replace(os.sep, "/")
