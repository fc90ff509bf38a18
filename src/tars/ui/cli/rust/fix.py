"""Mend a crate or a `.rs` file that does not build with a minimal patch that was proven first.

It looks for the smallest patch with which everything builds and the tests pass, in a copy, offline; nothing is written
to your files before you say yes, or give --apply. No patch deletes or weakens tests, or adds `unsafe`, `todo!` or
`#[allow]`, unless --allow names that. With `--class lint` it mends what clippy finds. What is found is kept for
`tarscli rust review`, and `tarscli rust log` tells what was done. Exit code: 0 mended (or nothing to mend), 1 not
mended, 2 wrong command line, 3 a tool is missing.
"""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.errors import StoreError, TarsError, UsageError
from tars.episode.budget import Meter
from tars.episode.journal import Journalled
from tars.episode.values import Status
from tars.infer.ask import Asker, ModelChoice, open_asker
from tars.infer.budget import Budget as ModelBudget
from tars.runner.workspace import replace_text
from tars.rust.anchors.explain import explain_diagnostic
from tars.rust.anchors.library import Library, open_library
from tars.rust.anchors.values import Explanation, to_json
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.workspace import Target, find_target, read_files
from tars.rust.graph import crates_of, symbols_of
from tars.rust.learning.sync import episode_lock
from tars.rust.mending.analyzer import Assistance, find_analyzer
from tars.rust.mending.conclude import keep_and_learn, kept_of
from tars.rust.mending.context import Resources
from tars.rust.mending.episode import Options
from tars.rust.mending.fix import Mended, mend
from tars.rust.mending.guards import GUARDS
from tars.rust.mending.looks import content_key
from tars.rust.mending.success import measured
from tars.rust.patches import branch, review
from tars.rust.patches.review import Kept
from tars.rust.syntax.diff import unified_diff
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Kind
from tars.store import Store, open_store
from tars.ui.cli.console import Console
from tars.ui.cli.parser import names
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE
from tars.ui.cli.rust._asked import BUDGET_HELP, DEFAULT, add_features, budget, features_of, guards_of, kinds_of
from tars.ui.cli.rust._opened import project_around, root_of
from tars.ui.cli.rust._patches import json_of, proof_lines, reason_lines, show_diff, size_text
from tars.ui.cli.rust._timeline import watch
from tars.ui.cli.rust._told import found_in, outcome_json, tell_unmended
from tars.ui.cli.rust.explain import explanation_text
from tars.ui.cli.worktree import take_back

EXAMPLES = (
    ("tarscli rust fix .", "the crate in this folder; asks before it writes"),
    ("tarscli rust fix src/main.rs --apply", "a file, without asking"),
    ("tarscli rust fix . --class borrow,move", "these classes of errors only"),
    ("tarscli rust fix . --pr", "a branch with the patch, and a draft of what to say of it"),
)
PROPOSERS = ("memory", "compiler", "rules", "analyzer")
EXPLAINED_MAX = 3


class _Work(Prefab, frozen=True):
    """What is being mended, where, and for whom."""

    target: Target
    project: Path
    files: Mapping[str, bytes]
    store: Store
    library: Library
    lasting: bool = True
    """Whether the store is the project's own: another one is gone at the end."""

    @property
    def root(self) -> str:
        return root_of(self.project, self.target.folder)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="a crate or a `.rs` file (default: .)")
    parser.add_argument("--apply", action="store_true", help="write the patch without asking")
    parser.add_argument("--pr", action="store_true", help="make a git branch with the patch instead; nothing is pushed")
    parser.add_argument("--explain", action="store_true", help="also print what the documentation says of the errors")
    classes = ", ".join(one.value for one in Kind)
    parser.add_argument("--class", dest="kinds", type=names, metavar="A,B", help=f"mend only these: {classes}")
    parser.add_argument(
        "--tests", action=argparse.BooleanOptionalAction, default=True, help="the tests must pass too (default)"
    )
    add_features(parser)
    parser.add_argument("--allow", type=names, metavar="A,B", help=f"lift these guards: {', '.join(GUARDS)}")
    parser.add_argument("--budget", type=budget, default=DEFAULT, metavar="N=V,…", help=f"default: {BUDGET_HELP}")
    parser.add_argument(
        "--model",
        metavar="ENGINE:MODEL",
        help="also ask this chat model, such as `ollama:qwen2.5-coder:7b` (default: none)",
    )
    parser.add_argument("--remote", action="store_true", help="--model may be on another machine, which sees your code")
    parser.add_argument("--transcript", metavar="FILE", help="append what is said to --model and by it to this file")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of a model's answers (default: 0)")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.pr and arguments.apply:
        raise UsageError("--pr and --apply exclude each other", hint="--pr leaves your files as they are")
    if not arguments.model and (arguments.remote or arguments.transcript):
        option = "--remote" if arguments.remote else "--transcript"
        raise UsageError(f"{option} is for --model only", hint=f"name a model: `--model ENGINE:MODEL {option} …`")
    kinds, allow = kinds_of(arguments.kinds), guards_of(arguments.allow)
    asker = _asker(arguments)
    target = find_target(Path(arguments.path), features_of(arguments))
    project = project_around(arguments, target.folder)
    with _store(project, console, needed=arguments.apply or arguments.pr) as store:
        lasting = store.root == project / STATE
        work = _Work(target, project, read_files(target), store, open_library(target.folder), lasting)
        journal = Journalled(store, f"rust:{work.root}/{target.root or target.focus}", content_key(work.files).hex())
        with open_checkers(target) as checkers, episode_lock(store), ExitStack() as held:
            # Before the time is taken: a program that does not even say its version is waited for.
            program = find_analyzer(target.folder)
            meter = Meter(arguments.budget)
            if asker is not None:
                asker.purse.end_with(meter.seconds_left)
            assists = held.enter_context(Assistance(target, program, meter.seconds_left)) if program else None
            options = Options(
                kinds=kinds, tests=arguments.tests, lints=bool(arguments.kinds) and Kind.LINT in kinds, allow=allow,
                proposers=PROPOSERS + ("model",) * (asker is not None), edition=target.edition,
                resources=Resources(store, asker, arguments.seed, assists),
                success=measured(store), gather=partial(symbols_of, crates=crates_of(target)),
            )  # fmt: skip
            mended = watch(mend(work.files, checkers, options, meter, journal), console)
        if assists is not None and assists.note:
            console.note(printable(assists.note))
        for note in asker.notes if asker is not None else ():
            console.note(f"{printable(arguments.model)}: {printable(note)}")
        return _conclude(mended, work, journal.run, arguments, console)


def _asker(arguments: argparse.Namespace) -> Asker | None:
    """The way to the model that was named; it may take as long as the whole mend."""
    if not arguments.model:
        return None
    spend = ModelBudget(seconds_max=arguments.budget.seconds_max)
    record = Path(arguments.transcript) if arguments.transcript else None
    choice = ModelChoice.parse(arguments.model)
    return open_asker(choice, remote_allowed=arguments.remote, budget=spend, record=record)


@contextmanager
def _store(project: Path, console: Console, *, needed: bool) -> Iterator[Store]:
    """The project's store; where it cannot be written and needs not be, one that is removed at the end."""
    try:
        opened = open_store(project / STATE)
    except StoreError as error:
        if needed:
            raise
        console.warning(f"nothing of this will be kept: {error.message}", error.hint)
        with TemporaryDirectory(prefix="tars-rust-") as folder, open_store(Path(folder) / STATE) as store:
            yield store
        return
    with opened as store:
        take_back(store, project, console)
        yield store


def _conclude(mended: Mended, work: _Work, episode: str, arguments: argparse.Namespace, console: Console) -> int:
    found = _explanations(mended, work) if arguments.explain else ()
    answer = {
        **outcome_json(mended, work.files, work.target), "episode": episode,
        "explanations": [to_json(one) for one in found], "patch": None, "diff": "", "applied": False, "branch": None,
    }  # fmt: skip
    for one in found:
        console.write(explanation_text(one, console) + "\n")
    if mended.status is not Status.DONE:
        console.answer(answer)
        if mended.status is Status.FINE:
            console.note(f"Nothing to mend: {printable(mended.log.why)}")
            return 0
        tell_unmended(mended, work.files, work.target, console)
        if work.lasting:
            console.note(f"`tarscli rust log {episode[:8]}` tells all that was done")
        return 1
    kept = kept_of(mended, work.files, work.target, work.library, root=work.root, episode=episode)
    if arguments.kinds and Kind.LINT.value in arguments.kinds:
        kept = replace(kept, proof=replace(kept.proof, clippy=not mended.left))
    keep_and_learn(work.store, kept, mended, work.files)
    _tell(kept, work, episode, console)
    if arguments.pr:
        answer["branch"] = _make_branch(kept, work, console)
    elif not work.lasting:
        console.note("Nothing was written")
    elif arguments.apply or (console.can_ask and console.ask("Apply it?")):
        _refuse_unproven(kept, work)
        review.apply(work.store, work.project, kept)
        answer["applied"] = True
        console.note(f"Applied. `tarscli rust rollback {kept.short}` takes it back")
    else:
        console.note(f"Nothing was written. `tarscli rust review apply {kept.short}` applies it")
    kept = review.find(work.store, kept.id)
    console.answer({**answer, "patch": json_of(kept), "diff": _diff(kept, work).decode("utf-8", "backslashreplace")})
    return 0


def _tell(kept: Kept, work: _Work, episode: str, console: Console) -> None:
    show_diff(_diff(kept, work), console)
    console.note("")
    console.note(f"Patch {kept.short}: {size_text(kept, work.files)}")
    for line in reason_lines(kept.reasons):
        console.note(f"  {line}")
    how = f" `tarscli rust log {episode[:8]}` tells how" if work.lasting else ""
    console.note(f"Proof, in a copy: {'; '.join(proof_lines(kept.proof))}.{how}")


def _refuse_unproven(kept: Kept, work: _Work) -> None:
    """Raises `TarsError` where another file than those of the patch is not as it was when the patch was proven; its own
    are looked at when it is applied."""
    own = {file.path for file in kept.patch.files}
    now = read_files(work.target)
    changed = sorted(path for path in now.keys() | work.files.keys() if now.get(path) != work.files.get(path))
    if others := [path for path in changed if path not in own]:
        raise TarsError(
            f"{', '.join(others[:3])} was changed meanwhile, and the patch {kept.short} is proven with what stood "
            "there before: nothing was written",
            hint=f"`tarscli rust fix` proves it anew; `tarscli rust review apply {kept.short}` applies it all the same",
        )


def _diff(kept: Kept, work: _Work) -> bytes:
    return unified_diff(kept.patch, work.files)


def _make_branch(kept: Kept, work: _Work, console: Console) -> dict[str, object]:
    text = branch.description(kept, _diff(kept, work).decode("utf-8", "backslashreplace"))
    message = f"{branch.title_of(kept)}\n\n" + "\n".join(f"{one.code}: {one.text}" for one in kept.reasons) + "\n"
    made = branch.make_branch(kept, work.target.folder, work.files, message)
    place = work.store.root / "cache" / "descriptions" / f"{kept.short}.md"
    replace_text(place, text)
    console.note(f"Branch {made.name} has it, on top of {made.base[:10]}; a draft of what to say is in {place}")
    return {"name": made.name, "commit": made.commit, "base": made.base, "description": str(place)}


def _explanations(mended: Mended, work: _Work) -> tuple[Explanation, ...]:
    """What the documentation says of the first errors of different codes."""
    errors = found_in(mended)
    first = {one.code or one.message: one for one in reversed(errors)}
    chosen = [one for one in errors if first.get(one.code or one.message) is one][:EXPLAINED_MAX]
    sources = {path: SourceFile(path, data) for path, data in work.files.items()}
    return tuple(explain_diagnostic(work.library, one, sources) for one in chosen)
