"""Make a source or a metascript better against a metric, behind gates, with a way back.

TARGET is a source (.py, .js, .ts, .rs, a folder) that declares what may change, or a metascript; a file brings those of
the project that it imports. Of a source, the metric is a Python file with `def score(case, answer)`; of a metascript it
is `execution_time_ms`, `rerun_time_ms`, `findings`, or what its `evolve` block says. Candidates run in a sandbox. What
passes every gate waits for `tarscli evolve review`, unless --apply is given. Every candidate is recorded: after an
interruption --resume goes on where it was.
"""

import argparse
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ducktools.classbuilder.prefab import replace

from tars.core.errors import UsageError
from tars.core.values import Json, as_dict
from tars.evolve.evolution import VERSIONS_MAX, Came, Evolution, evolve, unfinished
from tars.evolve.judging.accept import Terms
from tars.evolve.judging.statistics import EFFECT
from tars.evolve.metascripts.metascript_subject import MetascriptSubject
from tars.evolve.operator import OPERATORS
from tars.evolve.records import Session
from tars.evolve.searching.analyser import analyse
from tars.evolve.searching.search import BATCH, Settings
from tars.evolve.sources.files import files_in
from tars.store import Store, open_store
from tars.ui.cli import evolve as actions
from tars.ui.cli.console import Console
from tars.ui.cli.evolve import _asked
from tars.ui.cli.evolve._asked import Asked, Wish, held_of, subject_of, wish_of
from tars.ui.cli.evolve._opened import Opened, own_score
from tars.ui.cli.evolve._told import follow
from tars.ui.cli.evolve.review import accept
from tars.ui.cli.interrupts import interrupts
from tars.ui.cli.parser import names
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE
from tars.ui.cli.worktree import take_back

ACTIONS = actions
"""Each file of this package is one action; any other word is a target."""
TAKES_WORDS = True
EXAMPLES = (
    ("tarscli evolve minimise.py --metric metric.py", "tune and mutate what the source declares"),
    ("tarscli evolve minimise.py --metric metric.py --budget evaluations=60 --seed 1 --apply", "and let the best in"),
    ("tarscli evolve pipeline.tars --metric execution_time_ms", "a metascript, by its structure"),
    ("tarscli evolve review", "what waits for a yes"),
)
BUDGET = _asked.BUDGET
DAY_SECONDS = 86_400.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", nargs="?", metavar="TARGET", help="a source, its folder or a metascript; or an action"
    )
    parser.add_argument("--metric", metavar="M", help="`FILE.py`, `FILE.py:FUNCTION`, or a built-in metric's name")
    parser.add_argument(
        "--entry",
        default="",
        metavar="NAME",
        help="the function to call, in a folder `PLACE:NAME` (default: the metric's ENTRY)",
    )
    parser.add_argument("--direction", choices=("minimize", "maximize"), help="default: what the metric says")
    parser.add_argument("--goal", type=float, metavar="X", help="end when the metric reaches this")
    parser.add_argument("--budget", type=_budget, default={}, metavar="N=V,…",
                        help="default: evaluations=200,seconds=600,tokens=100000")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed, the same candidates")
    parser.add_argument(
        "--jobs", type=int, default=2, metavar="N", help=f"candidates at once, at most {BATCH} (default: 2)"
    )
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="for one candidate (default: 10)")
    parser.add_argument("--effect", type=float, metavar="SHARE",
                        help="smallest gain (default: 0.01; any, where no chance is at play)")  # fmt: skip
    parser.add_argument(
        "--keep", type=names, default=(), metavar="A,B",
        help="figures that may not become worse, NAME[:maximize][=SHARE], as `seconds` (by 0.05) or `nodes=0.02`",
    )  # fmt: skip
    parser.add_argument("--producers", type=names, default=(), metavar="A,B", help="only these operators")
    parser.add_argument("--rules", type=Path, action="append", default=[], metavar="FILE",
                        help="rules of your own: `check(before, after)` (.py, .js, .ts); repeatable")  # fmt: skip
    parser.add_argument("--files", type=names, default=(), metavar="A,B",
                        help="more files of the source beside those that it imports: paths or patterns")  # fmt: skip
    parser.add_argument("--reads", type=Path, action="append", default=[], metavar="DIR",
                        help="a folder that candidates may import from; may be repeated")  # fmt: skip
    parser.add_argument("--model", metavar="ENGINE:MODEL", help="also ask this chat model (default: none)")
    parser.add_argument("--remote", action="store_true", help="--model may be on another machine, which sees the text")
    parser.add_argument("--transcript", metavar="FILE", help="append what is said to --model and by it to this file")
    parser.add_argument("--replay", metavar="FILE", help="answer for --model from such a file; nobody is asked")
    parser.add_argument(
        "--versions", type=int, default=1, metavar="N", help="at most so many with --apply (default: 1)"
    )
    parser.add_argument("--versions-max", type=int, metavar="N", help=f"raise the limit of {VERSIONS_MAX}")
    parser.add_argument("--apply", action="store_true", help="let in what passes every gate, without asking")
    parser.add_argument("--resume", action="store_true", help="go on with the session that was interrupted")


def run(arguments: argparse.Namespace, console: Console) -> int:
    _check(arguments)
    asked = Asked.read(arguments)
    wish = wish_of(asked)
    with open_store(asked.project / STATE) as store, TemporaryDirectory(prefix="tars-evolve-") as scratch:
        take_back(store, asked.project, console)
        code = 1
        for turn in range(arguments.versions):
            folder = Path(scratch, str(turn))
            folder.mkdir()
            came, version = _session(store, asked, replace(wish, turn=turn), folder, console)
            if came.accepted is None:
                break
            code = 0
            if version is None:
                break
        return code


def _session(store: Store, asked: Asked, wish: Wish, folder: Path, console: Console) -> tuple[Came, int | None]:
    arguments = asked.arguments
    subject, text = subject_of(asked, wish, folder)
    with interrupts(console) as cancel:
        if isinstance(subject, MetascriptSubject):
            subject.cancel = cancel
        try:
            settings = Settings(
                arguments.seed + wish.turn, arguments.jobs, int(asked.budget["evaluations"]),
                asked.budget["seconds"], None if arguments.goal is None else wish.sign * arguments.goal,
                tuple(arguments.producers),
            )  # fmt: skip
            effect = arguments.effect if arguments.effect is not None else 0.0 if subject.exact else EFFECT
            terms = Terms(effect, held_of(asked, wish), max(60.0, asked.budget["seconds"]), arguments.seed)
            again = _settings_json(asked, wish, settings)
            resume = _interrupted(store, asked, again)
            if resume is not None:
                _refuse_other_files(resume, text)
                text = resume.text
            evolution = Evolution(
                store, subject, asked.target, text, settings, terms, again, wish.ask, cancel,
                () if resume is not None else analyse(store, asked.target, text, subject),
            )  # fmt: skip
            came = follow(evolve(evolution, resume), wish.sign, console)
        finally:
            subject.close()
    return came, _conclude(store, asked, wish, came, console)


def _conclude(store: Store, asked: Asked, wish: Wish, came: Came, console: Console) -> int | None:
    version = None
    archive, accepted = came.searched.archive, came.accepted
    before = own_score(wish.sign, archive.candidates[0].score)
    if accepted is not None and asked.apply:
        found = Opened(store, asked.project, came.session, {})
        version = accept(found, accepted.number, console)
    console.note(
        f"{len(archive.candidates) - 1} candidates in {came.searched.seconds:.1f} s "
        f"({came.searched.refused} more refused before they ran): {came.why}"
    )
    if wish.ask is not None:
        console.note(printable(wish.ask.said()))
    for said, times in came.searched.told.items():
        console.warning(printable(said) + (f" ({times} times)" if times > 1 else ""))
    if accepted is not None and version is None:
        console.note("`tarscli evolve diff` shows it; `tarscli evolve review --accept` makes it the next version")
    score = None if accepted is None else own_score(wish.sign, accepted.score)
    console.write(f"{before:.10g} -> {score:.10g}" if score is not None else f"{before:.10g}")
    shares: dict[str, Json] = {name: round(one, 4) for name, one in came.searched.shares.items()}
    console.answer({
        "session": came.session.id, "before": before, "score": score, "best": own_score(wish.sign, came.best.score),
        "accepted": None if accepted is None else accepted.number, "version": version, "why": came.why,
        "ended": came.searched.why, "evaluations": len(archive.candidates) - 1, "refused": came.searched.refused,
        "seconds": round(came.searched.seconds, 3), "shares": shares, "told": dict(came.searched.told),
    })  # fmt: skip
    return version


def _interrupted(store: Store, asked: Asked, again: dict[str, Json]) -> Any:
    """The session to go on with. Raises `UsageError` where there is none, or it was asked for otherwise."""
    found = unfinished(store, asked.target)
    if not asked.arguments.resume:
        return None
    if found is None:
        raise UsageError(f"no evolution of `{asked.target}` was interrupted", hint="leave --resume out")
    differs = [name for name in again if found.settings.get(name) != again[name]]
    if differs:
        raise UsageError(
            f"session {found.id} had another {differs[0]}: {found.settings.get(differs[0])}",
            hint="give the same options, or leave --resume out",
        )
    return found


def _refuse_other_files(session: Session, text: str) -> None:
    if list(files_in(session.text)) != list(files_in(text)):
        raise UsageError(
            f"other files declare what may change than when session {session.id} began",
            hint="put them back, or leave --resume out",
        )


def _settings_json(asked: Asked, wish: Wish, settings: Settings) -> dict[str, Json]:
    """What decides which candidates there are; how many are tried at once does not."""
    body = {name: value for name, value in as_dict(settings).items() if name != "jobs"}
    return {
        **body, "producers": list(settings.producers), "metric": wish.name, "direction": wish.direction,
        "entry": wish.entry, "model": asked.arguments.model or "",
    }  # fmt: skip


def _check(arguments: argparse.Namespace) -> None:
    if arguments.target is None:
        raise UsageError("the target is missing", hint="for instance `tarscli evolve minimise.py --metric metric.py`")
    if arguments.remote and not arguments.model:
        raise UsageError("--remote is for --model only", hint="name a model: `--model ENGINE:MODEL@URL --remote`")
    if arguments.effect is not None and not 0 <= arguments.effect < 1:
        raise UsageError("--effect is a share from 0 on, below 1", hint="as `--effect 0.01`")
    if arguments.versions < 1 or not 1 <= arguments.jobs <= BATCH:
        raise UsageError(f"--versions begins at 1, and --jobs is 1 to {BATCH}", hint="leave them out for the defaults")
    if not 0 < arguments.seconds <= DAY_SECONDS:
        raise UsageError("--seconds is more than 0, and at most a day", hint="leave it out for 10")
    if arguments.goal is not None and not isfinite(arguments.goal):
        raise UsageError("--goal is a finite number", hint="leave it out for as good as the budget allows")
    for name in arguments.producers:
        OPERATORS.load(name)
    for folder in arguments.reads:
        if not folder.is_dir():
            raise UsageError(f"`{folder}` is not a folder", hint="--reads names a folder to import from")
    if arguments.versions > 1 and not arguments.apply:
        raise UsageError("a second batch begins from an approved version", hint="add --apply, or approve each batch")


def _budget(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if name.strip() not in BUDGET:
            raise argparse.ArgumentTypeError(f"a budget has {', '.join(BUDGET)}, not `{name.strip()}`")
        if not equals:
            raise argparse.ArgumentTypeError(f"`{part}` has no number: write `{part}=N`")
        try:
            number = float(value)
        except ValueError:
            raise argparse.ArgumentTypeError(f"`{value}` is no number") from None
        if not 0 < number < 1e9 or (name.strip() != "seconds" and number < 1):
            raise argparse.ArgumentTypeError(f"`{name}={value}` is too little, or too much")
        found[name.strip()] = number
    return found
