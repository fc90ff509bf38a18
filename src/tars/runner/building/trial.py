"""One module, built and started by itself: how `doctor` tries each language on this machine with its own sample."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tars.core.errors import TarsError, UnavailableError
from tars.core.values import Readiness, Span
from tars.lang.values import Module
from tars.runner.building.build import build, build_key
from tars.runner.building.sources import source_of
from tars.runner.building.tools import detect, missing_message
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import Built, Cell, Found, Limits, Outcome
from tars.store.shared import Shared

SECONDS_MAX: Final = 120.0
SAMPLE_INPUT: Final = b"what goes in\ncomes out \xc3\xa9\n"


def make_ready(module: Module, project: Path, shared: Shared, where: str = "") -> Built:
    """Detect, plan and build. Raises `UnavailableError` where a tool is missing, and `InputError` for a bad source."""
    toolchain = TOOLCHAINS.load(module.language)
    source = source_of(module, project)
    found: dict[str, Found] = {}
    for tool in toolchain.tools(source):
        there = detect(tool, project)
        if there is None:
            raise UnavailableError(missing_message(tool, module, where or module.source, project))
        found[tool.name] = there
    plan = toolchain.plan(source, found)
    key = build_key(source, plan, found)
    place = project / ".tars" / "cache" / "build" / key
    return build(source, plan, found, project=project, shared=shared, place=place)


def start(built: Built, project: Path, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] = {}) -> Outcome:
    """Run what was made ready, in the project's folder and in no sandbox."""
    passed = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
    cell = Cell((*built.command, *arguments), project, {**passed, **built.env, **env}, Limits(seconds_max=SECONDS_MAX))
    return run_cell(SANDBOXES.load("none"), cell, stdin=stdin)


def try_sample(language: str, folder: Path, shared: Shared) -> Readiness:
    """Whether modules of this language can be built and started here, found by doing so in an empty folder."""
    name, content = TOOLCHAINS.load(language).sample()
    (folder / name).write_bytes(content)
    (folder / name).chmod(0o755)
    module = Module(f"{language}_module.sample", "sample", language, Span(name, 0, 0), source=name)
    try:
        built = make_ready(module, folder, shared)
    except TarsError as error:
        return Readiness(False, error.message.removeprefix("[ERROR] "), error.hint)
    if not built.ok:
        said = built.diagnostics[0].message if built.diagnostics else built.log.decode("utf-8", "replace")[-400:]
        return Readiness(False, f"its sample cannot be built: {said}")
    outcome = start(built, folder, stdin=SAMPLE_INPUT)
    if not outcome.ok or outcome.stdout != SAMPLE_INPUT:
        said = outcome.detail or outcome.stderr.decode("utf-8", "replace")[-400:] or "it does not copy its input"
        return Readiness(False, f"its sample does not work: {said}")
    return Readiness(True, f"its sample was built and run in {built.seconds + outcome.seconds:.2f} s")
