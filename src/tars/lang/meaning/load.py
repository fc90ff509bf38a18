"""Reads a metascript and everything it includes, and says what it means, or all that is wrong with it."""

import gc
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from tars.core.values import Diagnostic, Severity
from tars.lang.meaning.context import Around, World
from tars.lang.meaning.declare import part_value
from tars.lang.meaning.meaning import meaning
from tars.lang.meaning.modules import ask_module
from tars.lang.meaning.places import Places
from tars.lang.meaning.primitives import Wrong
from tars.lang.meaning.read import Names
from tars.lang.meaning.resolve import Shared
from tars.lang.meaning.resolved import finding
from tars.lang.meaning.scopes import Builder
from tars.lang.meaning.variables import Text, variable_value
from tars.lang.values import Loaded

SANDBOXES: Final = ("none", "process", "wasm", "container", "hyperlight")


def load(
    path: Path,
    *,
    project: Path,
    languages: Collection[str],
    variables: Mapping[str, str] = {},
    resolve_version: Callable[[str], str | None] | None = None,
    sandboxes: Collection[str] = SANDBOXES,
    around: Around = Around(),  # noqa: B008  (frozen)
) -> Loaded:
    """The meaning of the metascript at `path`, in the project whose root is the folder `project`.

    `languages` and `sandboxes` are the names that exist (of toolchains and of sandboxes); `variables` are the values
    given on the command line, as text. `resolve_version` is given a pin (`name@v3`, `name@latest`, `name@<hash
    prefix>`) and returns it in full (`name@v3`), or None where there is no such version; without it pins are not
    looked up. `around` is what the meaning rests on beside the project's files.

    Never raises for what is in the files: every mistake is a diagnostic, all of them in one pass.
    """
    names = Names(languages, sandboxes)
    collecting = gc.isenabled()
    # A tree of a million nodes without a cycle: looking for cycles in it again and again would double the time.
    gc.disable()
    try:
        world = World(Places(project, around.texts), os.environ if around.environ is None else around.environ)
        world.recall, world.believed = around.recall, around.believed
        return _load(path, project, names, variables, resolve_version, world)
    finally:
        if collecting:
            gc.enable()


def _load(
    path: Path,
    project: Path,
    names: Names,
    variables: Mapping[str, str],
    resolve_version: Callable[[str], str | None] | None,
    world: World,
) -> Loaded:
    shared = Shared(world)
    shared.ask_module = lambda module, name, context: ask_module(module, name, context, names)
    shared.ask_part = lambda scope, part, context: part_value(scope, part, context, names)
    shared.ask_variable = variable_value
    builder = Builder(shared, names)
    given = {name: Text(value) for name, value in variables.items()}
    relative = _relative(path, Path(world.places.project))
    try:
        if relative is None:
            hint = "name the project's folder: `--project`"
            raise Wrong(f"`{path}` is not in the project `{project}`", hint, code="T0051")
        scope = builder.build(relative, "", given, ())
    except Wrong as wrong:
        hint = wrong.hint or "name the metascript's file"
        return Loaded(None, (finding(wrong.code, None, wrong.message, hint),), builder.texts)
    metascript = meaning(scope, builder, names, resolve_version)
    diagnostics = sorted_findings(shared.diagnostics, builder.texts)
    failed = any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    return Loaded(None if failed else metascript, diagnostics, builder.texts)


def _relative(path: Path, project: Path) -> str | None:
    """The metascript's path from the project's root; either may be reached through links, as `/tmp` on some systems."""
    for file, root in ((os.path.abspath(path), str(project)), (os.path.realpath(path), os.path.realpath(project))):
        if file.startswith(root.rstrip(os.sep) + os.sep):
            return file[len(root.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
    return None


def sorted_findings(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Each finding once, in the order of the files and of the places in them; those without a place come first."""
    files = {path: place for place, path in enumerate(texts)}
    unique: dict[tuple[object, ...], Diagnostic] = {}
    for found in diagnostics:
        span = found.span
        key = (found.code, found.message, *((span.path, span.start, span.end) if span else ()))
        unique.setdefault(key, found)

    def place(found: Diagnostic) -> tuple[int, str, int, int]:
        span = found.span
        return (files.get(span.path, len(files)), span.path, span.start, span.end) if span else (-1, "", 0, 0)

    return tuple(sorted(unique.values(), key=place))
