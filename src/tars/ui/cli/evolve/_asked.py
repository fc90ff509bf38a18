"""What a user asks of an evolution: the target, its metric and its budget, from the words and the `evolve` block."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.evolve.evolution import VERSIONS_MAX
from tars.evolve.judging.accept import Held
from tars.evolve.judging.metric import Metric, read_metric
from tars.evolve.judging.statistics import WORSE
from tars.evolve.judging.user_rules import UserRules
from tars.evolve.metascripts.headless import loaded
from tars.evolve.metascripts.metascript_subject import METRICS, MetascriptSubject
from tars.evolve.sources.source_subject import Given, Limits, open_source
from tars.evolve.values import Subject
from tars.infer.ask import Asker, ModelChoice, open_asker
from tars.infer.budget import Budget as ModelBudget
from tars.lang.meaning.context import Around
from tars.lang.values import Declaration, Module
from tars.ui.cli.believing import believing
from tars.ui.cli.meaning import text_of
from tars.ui.cli.project import STATE, existing_file, project_of
from tars.ui.cli.recalling import recalling

BUDGET: Mapping[str, float] = {"evaluations": 200.0, "seconds": 600.0, "tokens": 100_000.0}
TRIES_A_CANDIDATE = 3
"""A question to a model may be put again, for an answer that does not fit and for a server that fails in passing."""
_NAMES = {"evaluations": "evaluations", "time": "seconds", "tokens": "tokens"}


class Asked(Prefab, frozen=True):
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
    rules: tuple[Path, ...]
    files: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return self.project / self.target

    @classmethod
    def read(cls, arguments: argparse.Namespace) -> "Asked":
        """Raises `UsageError` where the words, or the block, do not say what is to be improved."""
        named = Path(arguments.target)
        given = (named if named.is_dir() else existing_file(arguments.target, "target")).absolute()
        project = _project(arguments, given)
        block, modules = _block(project, given) if given.suffix == ".tars" else (None, {})
        module = modules.get(block.labels[0]) if block is not None else None
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
        listed = (str(each) for each in _listed(said.get("rules")))
        rules = (*arguments.rules, *(project / (modules[one].source if one in modules else one) for one in listed))
        entry = arguments.entry or (_entry_of(module) if module is not None else "")
        direction = arguments.direction or str(said.get("direction", "") if module is not None else "")
        target = path.relative_to(project).as_posix()
        limit = arguments.versions_max if arguments.versions_max is not None else said.get("versions_max", VERSIONS_MAX)
        if arguments.versions > int(str(limit)):
            raise UsageError(f"one session makes at most {limit} versions", hint="raise it with --versions-max")
        apply = arguments.apply or said.get("approval") == "automatic"
        files = tuple(arguments.files) or tuple(map(str, _listed(said.get("files"))))
        return cls(arguments, project, target, metric, direction, entry, budget, apply, rules, files)


class Asking(Prefab, frozen=True):
    """A model as operators ask it."""

    asker: Asker

    def __call__(self, prompt: str, schema: dict[str, Any], seed: int) -> str:
        return self.asker(prompt, schema, seed=seed)

    def said(self) -> str:
        """How the questions went, and what the last one that failed came to."""
        notes = self.asker.notes
        failed = [one for one in notes if not one.startswith("answered")]
        told = f"the model answered {len(notes) - len(failed)} of {len(notes)} questions"
        return f"{told}; last it failed: {failed[-1]}" if failed else told


class Wish(Prefab, frozen=True):
    """What is measured, and whom to ask. `turn` counts the batches of one command."""

    name: str
    direction: str
    entry: str
    metric: Metric | None
    ask: Asking | None
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
        given = {"--entry": asked.entry, "--files": asked.files, "--reads": asked.arguments.reads}
        for option in given:
            if given[option]:
                raise UsageError(f"{option} is for sources, not for a metascript", hint=f"leave {option} out")
        return Wish(asked.metric, "minimize", "", None, ask)
    metric = read_metric(asked.metric, asked.direction)
    entry = asked.entry or metric.entry
    if not entry:
        raise UsageError(
            f"which function of `{asked.target}` is called?",
            hint='name it: `--entry NAME`, or `ENTRY = "NAME"` in the metric',
        )
    return Wish(str(metric.path), metric.direction, entry, metric, ask)


def held_of(asked: Asked, wish: Wish) -> tuple[Held, ...]:
    """The figures that may not become worse: what the metric says, the findings of a metascript, and the user's own.
    Raises `UsageError` where one is written wrongly."""
    told = wish.metric.keep if wish.metric is not None else () if wish.name == "findings" else ("findings=0",)
    held = {one.name: one for one in map(_held, (*told, *asked.arguments.keep))}
    return tuple(held.values())


def _held(text: str) -> Held:
    said, equals, share = text.partition("=")
    name, colon, direction = said.strip().partition(":")
    try:
        number = float(share) if equals else WORSE
        if name and number >= 0 and (not colon or direction in ("minimize", "maximize")):
            return Held(name, number, direction == "maximize")
    except ValueError:
        pass
    raise UsageError(f"`{text}` is no figure to hold", hint="as `seconds`, `nodes=0.02` or `accuracy:maximize=0`")


def subject_of(asked: Asked, wish: Wish, folder: Path) -> tuple[Subject, str]:
    """What is evolved, ready to be measured, and its text."""
    arguments = asked.arguments
    jobs = max(1, arguments.jobs)
    if wish.metric is not None:
        given = Given(
            arguments.seed + wish.turn, Limits(arguments.seconds), tuple(arguments.reads), asked.rules, asked.project,
            asked.files,
        )  # fmt: skip
        subject, text = open_source(asked.path, wish.entry, wish.metric, folder, given)
        try:
            subject.prepare(jobs)
        except BaseException:
            subject.close()
            raise
        return subject, text
    text = text_of(asked.path)
    rules = UserRules(asked.rules, folder / "rules") if asked.rules else None
    around = Around(recall=recalling(asked.project), believed=believing(asked.project, asked.path))
    return MetascriptSubject(asked.project, asked.target, text, wish.name, folder, rules, asked.rules, around), text


def _block(project: Path, path: Path) -> tuple[Declaration | None, dict[str, Module]]:
    """The metascript's `evolve` block, where it has one, and its modules by their names."""
    relative = path.resolve().relative_to(project).as_posix()
    metascript = loaded(project, relative, text_of(path)).metascript
    blocks = [one for one in metascript.declarations if one.type == "evolve"] if metascript is not None else []
    if metascript is None or not blocks:
        return None, {}
    return blocks[0], {module.name: module for module in metascript.modules}


def _project(arguments: argparse.Namespace, given: Path) -> Path:
    """As for every command; a folder that is evolved is no project of its own, unless it is where we are."""
    project = project_of(arguments, given)
    if arguments.project or not given.is_dir() or project != given.resolve() or (project / STATE).is_dir():
        return project
    here = Path.cwd()
    if not project.is_relative_to(here):
        raise UsageError(
            f"`{given}` is in no project, and not below the current folder", hint="name its project: `--project DIR`"
        )
    return here


def _entry_of(module: Module) -> str:
    """As `--entry` says it, which names places in the module's folder."""
    if not module.entry_file:
        return module.entry_point
    return f"{module.entry_file.removeprefix(f'{module.source}/')}:{module.entry_point}"


def _asker(asked: Asked) -> Asking | None:
    arguments = asked.arguments
    if not arguments.model:
        given = {"--remote": arguments.remote, "--transcript": arguments.transcript, "--replay": arguments.replay}
        for option in given:
            if given[option]:
                raise UsageError(f"{option} is for --model only", hint=f"name a model, or leave {option} out")
        return None
    record = Path(arguments.transcript) if arguments.transcript else None
    tokens, requests = int(asked.budget["tokens"]), TRIES_A_CANDIDATE * int(asked.budget["evaluations"])
    budget = ModelBudget(requests, tokens, asked.budget["seconds"])
    choice = ModelChoice.parse(arguments.model)
    replay = Path(arguments.replay) if arguments.replay else None
    return Asking(open_asker(choice, remote_allowed=arguments.remote, budget=budget, record=record, replay=replay))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value] if value else []
