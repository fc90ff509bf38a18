"""What a user asks of an evolution: the target, its metric and its budget, from the words and the `evolve` block."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tars.core.errors import UsageError
from tars.evolve.headless import loaded
from tars.evolve.metascript_subject import METRICS, MetascriptSubject
from tars.evolve.metric import Metric, read_metric
from tars.evolve.source_subject import Given, Limits, open_source
from tars.evolve.user_rules import UserRules
from tars.evolve.values import Subject
from tars.infer.ask import ModelChoice, open_asker
from tars.infer.budget import Budget as ModelBudget
from tars.lang.values import Declaration, Module
from tars.ui.cli.meaning import text_of
from tars.ui.cli.project import existing_file, project_of

BUDGET: Mapping[str, float] = {"evaluations": 200.0, "seconds": 600.0, "tokens": 100_000.0}
_NAMES = {"evaluations": "evaluations", "time": "seconds", "tokens": "tokens"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The words, and what they mean together with the metascript's `evolve` block. `target` is relative to the
    project."""

    arguments: argparse.Namespace
    project: Path
    target: str
    metric: str
    direction: str
    entry: str
    budget: Mapping[str, float]
    apply: bool
    rules: Path | None

    @property
    def path(self) -> Path:
        return self.project / self.target

    @classmethod
    def read(cls, arguments: argparse.Namespace) -> "Asked":
        """Raises `UsageError` where the words, or the block, do not say what is to be improved."""
        given = existing_file(arguments.target, "target").absolute()
        project = project_of(arguments, given)
        block, module = _block(project, given) if given.suffix == ".tars" else (None, None)
        path = project / module.source if module is not None else given.resolve()
        if not path.is_relative_to(project):
            raise UsageError(f"`{given}` is not in the project `{project}`", hint="name the project: `--project`")
        said: Mapping[str, Any] = block.attributes if block is not None else {}
        metric = arguments.metric or str(said.get("goal", ""))
        if not metric:
            metrics = ", ".join(METRICS) if given.suffix == ".tars" else "a Python file with `def score(case, answer)`"
            raise UsageError("say what is to be improved: --metric M", hint=f"M is {metrics}")
        if arguments.metric is None and metric.partition(":")[0].endswith(".py"):
            metric = str(project / metric)
        spent = next((one.attributes for one in block.blocks if one.type == "budget"), {}) if block is not None else {}
        budget = {**BUDGET, **{_NAMES[name]: float(str(value)) for name, value in spent.items()}, **arguments.budget}
        rules = arguments.rules or next((project / str(each) for each in _listed(said.get("rules"))), None)
        entry = arguments.entry or (module.entry_point if module is not None else "")
        direction = arguments.direction or str(said.get("direction", "") if module is not None else "")
        target = path.relative_to(project).as_posix()
        apply = arguments.apply or said.get("approval") == "automatic"
        return cls(arguments, project, target, metric, direction, entry, budget, apply, rules)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is measured, and whom to ask. `turn` counts the batches of one command."""

    name: str
    direction: str
    entry: str
    metric: Metric | None
    ask: Any
    turn: int = 0

    @property
    def sign(self) -> int:
        """From the inner scores, of which larger is better, to the metric's own."""
        return 1 if self.direction == "maximize" else -1


def wish_of(asked: Asked) -> Wish:
    """Raises `UsageError` for a metric or a model that is not there."""
    ask = _asker(asked)
    if asked.path.suffix == ".tars":
        if asked.metric not in METRICS:
            raise UsageError(
                f"`{asked.metric}` is no metric of a metascript",
                hint=f"one of {', '.join(METRICS)}; sources take FILE.py",
            )
        if asked.direction == "maximize":
            raise UsageError(f"less of `{asked.metric}` is better", hint="leave --direction out")
        return Wish(asked.metric, "minimize", "", None, ask)
    metric = read_metric(asked.metric, asked.direction)
    entry = asked.entry or metric.entry
    if not entry:
        raise UsageError(
            f"which function of `{asked.target}` is called?",
            hint='name it: `--entry NAME`, or `ENTRY = "NAME"` in the metric',
        )
    return Wish(str(metric.path), metric.direction, entry, metric, ask)


def subject_of(asked: Asked, wish: Wish, folder: Path) -> tuple[Subject, str]:
    """What is evolved, ready to be measured, and its text."""
    arguments = asked.arguments
    jobs = max(1, arguments.jobs)
    if wish.metric is not None:
        given = Given(arguments.seed + wish.turn, Limits(arguments.seconds), tuple(arguments.reads), asked.rules)
        subject, text = open_source(asked.path, wish.entry, wish.metric, folder, given)
        try:
            subject.prepare(jobs)
        except BaseException:
            subject.close()
            raise
        return subject, text
    text = text_of(asked.path)
    rules = UserRules(asked.rules, folder / "rules") if asked.rules else None
    watched = (asked.rules,) if asked.rules else ()
    return MetascriptSubject(asked.project, asked.target, text, wish.name, folder, rules, watched), text


def _block(project: Path, path: Path) -> tuple[Declaration | None, Module | None]:
    """The metascript's `evolve` block, where it has one, and the module that it names, where it names one."""
    relative = path.resolve().relative_to(project).as_posix()
    metascript = loaded(project, relative, text_of(path)).metascript
    blocks = [one for one in metascript.declarations if one.type == "evolve"] if metascript is not None else []
    if metascript is None or not blocks:
        return None, None
    block = blocks[0]
    modules = {module.name: module for module in metascript.modules}
    return block, modules.get(block.labels[0])


def _asker(asked: Asked) -> Any:
    arguments = asked.arguments
    if not arguments.model:
        return None
    budget = ModelBudget(tokens_max=int(asked.budget["tokens"]))
    asker = open_asker(ModelChoice.parse(arguments.model), remote_allowed=arguments.remote, budget=budget)
    return lambda prompt, schema, seed: asker(prompt, schema, seed=seed)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value] if value else []
