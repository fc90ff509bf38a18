"""What this machine can run, found by looking and trying: tools of every language, sandboxes, space on the disks."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import TarsError
from tars.core.values import Readiness, Span
from tars.lang.values import Metascript, Module
from tars.runner.building.build import source_of
from tars.runner.building.tools import detect, install_command, missing_message
from tars.runner.building.trial import try_sample
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import Found, Source, Tool
from tars.store.shared import Shared


class ToolState(Prefab, frozen=True):
    """One program that a language needs: found, or the command that installs it."""

    tool: str
    version: str = ""
    path: str = ""
    install: str = ""


class Ability(Prefab, frozen=True):
    """One plug-in of one seam: whether it works here, by what, and what to do where it does not."""

    name: str
    ready: bool
    detail: str
    hint: str = ""
    tools: tuple[ToolState, ...] = ()
    guarantees: tuple[str, ...] = ()


class Lack(Prefab, frozen=True):
    """A module of the project that cannot run here, and the one line that says what it lacks."""

    module: str
    message: str


class Space(Prefab, frozen=True):
    """A folder's disk: bytes free, and bytes that the folder itself takes."""

    path: str
    free_bytes: int
    used_bytes: int = attribute(default=0)


def languages(shared: Shared, *, trying: bool) -> tuple[Ability, ...]:
    """Every toolchain by name: its tools looked for and, with `trying`, its sample built and run in an empty folder."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - slow to load, and only `doctor` tries anything

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        return tuple(threads.map(lambda name: _language(name, shared, trying), TOOLCHAINS.names()))


def sandboxes() -> tuple[Ability, ...]:
    """Every sandbox by name, tried by running something in it."""
    return tuple(_sandbox(name) for name in SANDBOXES.names())


def lacks(metascript: Metascript, project: Path, texts: Mapping[str, str]) -> tuple[Lack, ...]:
    """The modules of a metascript that miss a tool on this machine."""
    found = []
    for module in metascript.modules:
        line = texts.get(module.span.path, "").count("\n", 0, module.span.start) + 1
        try:
            source = source_of(module, project, frozenset({metascript.settings.output}))
            needed = TOOLCHAINS.load(module.language).tools(source)
            missing = next((tool for tool in needed if detect(tool, project) is None), None)
        except TarsError as error:
            found.append(Lack(module.address, error.message))
            continue
        if missing is not None:
            message = missing_message(missing, module, f"{module.span.path}:{line}", project)
            found.append(Lack(module.address, message))
    return tuple(found)


def space(folder: Path, used_bytes: int = 0) -> Space:
    """The space left on the disk of the folder, or of the nearest folder above it that exists."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return Space(str(folder), shutil.disk_usage(there).free, used_bytes)


def _language(name: str, shared: Shared, trying: bool) -> Ability:
    try:
        tools = tuple(_tool(tool) for tool in TOOLCHAINS.load(name).tools(_sample(name)))
    except TarsError as error:
        return Ability(name, False, error.message, error.hint)
    except Exception as error:  # a third-party plug-in may fail in any way; the others are shown all the same
        return Ability(name, False, f"the plug-in does not work: {error}", "reinstall or remove the package it is from")
    missing = [tool for tool in tools if not tool.path]
    detail = ", ".join(f"{tool.tool} {tool.version}" if tool.path else f"{tool.tool} is missing" for tool in tools)
    if missing or not trying:
        return Ability(name, not missing, detail, missing[0].install if missing else "", tools)
    try:
        with TemporaryDirectory(prefix="tars-doctor-") as folder:
            tried = try_sample(name, Path(folder), shared)
    except Exception as error:  # as above
        tried = Readiness(False, f"its sample could not be tried: {error}")
    return Ability(name, tried.ready, "; ".join(filter(None, (detail, tried.detail))), tried.hint, tools)


def _tool(tool: Tool) -> ToolState:
    found: Found | None = detect(tool)
    if found is None:
        return ToolState(tool.name, install=install_command(tool))
    return ToolState(tool.name, found.version, found.path)


def _sample(name: str) -> Source:
    file, content = TOOLCHAINS.load(name).sample()
    module = Module(f"{name}_module.sample", "sample", name, Span(file, 0, 0), source=file)
    return Source(module, {file: content}, is_folder=False)


def _sandbox(name: str) -> Ability:
    try:
        sandbox = SANDBOXES.load(name)
        readiness = sandbox.readiness()
        guarantees = tuple(sorted(sandbox.guarantees())) if readiness.ready else ()
    except Exception as error:  # as for languages
        return Ability(name, False, f"the plug-in does not work: {error}", "reinstall or remove the package it is from")
    return Ability(name, readiness.ready, readiness.detail, readiness.hint, guarantees=guarantees)
