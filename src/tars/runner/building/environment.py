"""Makes a folder of dependencies (a virtual environment, `node_modules`): once per content, shared by all projects."""

import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from blake3 import blake3

from tars.runner.building.build_steps import Log, run_step, step_limits
from tars.runner.building.expand import Expand, clean_env, shims_digest, shims_in
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import Built, Cell, EnvironmentPlan, Found, Outcome, Source, Watch

if TYPE_CHECKING:
    from tars.store.shared import Shared


class StepFailedError(Exception):
    """A step did not succeed: carried out of the making of the shared folder, which is then dropped."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.code)
        self.outcome = outcome


def environment_key(source: Source, plan: EnvironmentPlan, found: Mapping[str, Found]) -> str:
    """Equal for all modules, of all projects, whose dependencies are the same."""
    used = {part[6:-1] for step in plan.steps for part in step.argv if part.startswith("{tool:")}
    grounds = (
        ("tars environment 1", sys.platform, os.name),
        [(path, blake3(source.files[path]).hexdigest()) for path in plan.reads],
        [(step.argv, sorted(step.env.items())) for step in plan.steps],
        [(name, blake3(content).hexdigest()) for name, content in sorted(plan.files.items())],
        [(name, shims_digest(name)) for name in shims_in(plan.steps, {})],
        sorted((tool.tool, tool.version, tool.path) for tool in found.values() if tool.tool in used),
    )
    return blake3(json.dumps(grounds).encode()).hexdigest()


def environment_folder(
    source: Source,
    plan: EnvironmentPlan,
    found: Mapping[str, Found],
    expand: Expand,
    *,
    shared: "Shared",
    watch: Watch | None = None,
    cancel: threading.Event | None = None,
) -> Built:
    """The folder, in `environment` of the result, or the failed step, its log and what it says."""
    log = Log(watch)

    def make(folder: Path) -> None:
        words = expand.with_words(environment=str(folder), build=str(folder))
        for name, content in plan.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for step in plan.steps:
            env = {**clean_env(found), **words.env(step)}
            cell = Cell(words.argv(step), Path(words.text(step.cwd)), env, step_limits(folder), network=True)
            outcome = run_step(cell, step, log, cancel)
            if not outcome.ok:
                raise StepFailedError(outcome)

    try:
        folder = shared.folder("environments", environment_key(source, plan, found), make)
    except StepFailedError as failed:
        diagnostics = TOOLCHAINS.load(source.module.language).explain(failed.outcome, source)
        return Built(False, cached=False, log=log.content(), outcome=failed.outcome, diagnostics=diagnostics)
    return Built(True, environment=folder, log=log.content())
