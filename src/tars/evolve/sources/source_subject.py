"""A source as something that can be evolved: its candidates run in jails, and a metric scores what they answer."""

import ast
import importlib.util
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.errors import InputError, UsageError
from tars.core.values import Diagnostic, Digest, Json
from tars.evolve.jail.cells import Fresh, Room
from tars.evolve.jail.rust import Compiled
from tars.evolve.jail.values import ANSWER_BYTES, MEMORY_BYTES, SECONDS, Answered, Jail, Job
from tars.evolve.jail.warm import Warm
from tars.evolve.judging.guarded import digests_of, rule_pack
from tars.evolve.judging.metric import Metric, cases_of, figures_of, joined
from tars.evolve.judging.regressions import regression, regressions_of
from tars.evolve.judging.user_rules import UserRules
from tars.evolve.patch import Patch
from tars.evolve.records import CARRY_CHARACTERS_MAX
from tars.evolve.rule import Change, findings_of
from tars.evolve.sources.declarations import Declared
from tars.evolve.sources.files import ALONE, files_in, texts_at
from tars.evolve.sources.languages import SUFFIXES
from tars.evolve.sources.module_files import Wanted, source_files
from tars.evolve.sources.snapshot import Snapshot
from tars.evolve.sources.source import apply_to_source, declared_in
from tars.evolve.values import WORST, Figures

CASCADE: Final = 5
"""On so many sets of cases a candidate is screened at most: on the next one only while it is better than the best."""
_PARTS_OF_SEEDS: Final = ("screen", "held-out")


class Limits(Prefab, frozen=True):
    """Of one candidate: all its calls together."""

    seconds_max: float = SECONDS
    memory_bytes_max: int = MEMORY_BYTES
    answer_bytes_max: int = ANSWER_BYTES


class Given(Prefab, frozen=True):
    """What a user gives beside target and metric: folders that candidates may import from, and rules of their own."""

    seed: int = 0
    limits: Limits = Limits()
    reads: tuple[Path, ...] = ()
    rules: tuple[Path, ...] = ()
    project: Path | None = None
    """The folder that a source's files are in and its paths are told from: where the target is, unless it is given."""
    files: tuple[str, ...] = ()
    """Further files of the source beside those that it imports: paths or patterns from the project."""


class SourceSubject(Prefab):
    """Open with `open_source`; `close` ends its workers."""

    name: str
    language: str
    entry: str
    metric: Metric
    limits: Limits
    seed: int
    room: Room
    folder: Path
    rules: UserRules | None = None
    watched: tuple[Path, ...] = ()
    rest: Mapping[str, Digest] = attribute(default_factory=dict)
    """The files of the source that do not change, as they were when it was opened, by absolute path."""
    _screens: list[Jail] = attribute(default_factory=list)
    _fresh: Jail | None = None
    _scorers: dict[int, Jail] = attribute(default_factory=dict)
    _cases: dict[int, list[Any]] = attribute(default_factory=dict)
    _regressions: dict[str, Figures | None] = attribute(default_factory=dict)

    @property
    def exact(self) -> bool:
        return self.metric.exact

    def apply(self, text: str, patch: Patch) -> str:
        return apply_to_source(text, patch)

    def findings(self, before: str, after: str) -> Sequence[Diagnostic]:
        found = findings_of(Change(self.language, before, after, self.entry, self.name))
        if found or self.rules is None:
            return found
        return self.rules.findings(_shown(before), _shown(after))

    def diagnostics(self, text: str) -> Sequence[Diagnostic]:
        return ()

    def screen(self, text: str, worker: int, floor: float = WORST) -> Figures:
        jail, scorer = self._jail(worker), self._scorer(worker)
        found = self._measured(text, seed_of(self.seed, "screen", 0), jail, scorer)
        if not self.metric.seeded:
            return found
        for more in range(1, CASCADE):
            if found.fault or found.score <= floor:
                break
            found = joined(found, self._measured(text, seed_of(self.seed, "screen", more), jail, scorer))
        return found

    def confirm(self, text: str, seed: int) -> Figures:
        if self._fresh is None:
            folder = self._folder("fresh")
            is_rust = self.language == "rust"
            self._fresh = Compiled(self.room, folder, tested=True) if is_rust else Fresh(self.room, folder)
        regressed = self._regressed(text, self._fresh)
        if regressed:
            return regressed
        return self._measured(text, seed_of(self.seed, "held-out", seed), self._fresh, self._scorer(0), fresh=True)

    def guarded(self) -> Mapping[str, Digest]:
        """The metric and all rules as they are on the disk now; of the source what stays, as it was copied."""
        return {**digests_of((*rule_pack(), *self.watched)), **self.rest}

    def close(self) -> None:
        for jail in (*self._screens, *self._scorers.values(), *((self.rules,) if self.rules else ())):
            jail.close()

    def prepare(self, jobs: int) -> None:
        """Starts what every worker needs, so that no two threads make the same thing."""
        regressions_of(self.metric, self._scorer(0))  # said at once where it is wrong, not when the search is over
        for more in range(CASCADE if self.metric.seeded else 1):
            self.cases(seed_of(self.seed, "screen", more))
        for worker in range(jobs):
            self._scorer(worker)
            self._jail(worker)

    def cases(self, seed: int) -> list[Any]:
        if seed not in self._cases:
            self._cases[seed] = cases_of(self.metric, self._scorer(0), seed)
        return self._cases[seed]

    def _measured(self, text: str, seed: int, jail: Jail, scorer: Jail, *, fresh: bool = False) -> Figures:
        cases = self.cases(seed)
        answered = self._answered(text, cases, seed, jail)
        figures = figures_of(self.metric, scorer, cases, answered, fresh=fresh)
        return replace(figures, carry=_carry(text, answered.answers)) if not figures.fault else figures

    def _answered(self, text: str, cases: Sequence[Any], seed: int, jail: Jail) -> Answered:
        limits, tree = self.limits, self.room.tree
        files = texts_at(text, tree.start) if tree is not None else {}
        job = Job(
            "" if files else text, self.entry, [[case] for case in cases], seed % 2**31, limits.seconds_max,
            limits.memory_bytes_max, limits.answer_bytes_max, files=files,
        )  # fmt: skip
        return jail.run(job)

    def _regressed(self, text: str, jail: Jail) -> Figures | None:
        """What is wrong with the answers that must stay; each text is asked for them once."""
        if not self.metric.regressive:
            return None
        if text not in self._regressions:
            pairs = regressions_of(self.metric, self._scorer(0))
            answered = self._answered(text, [case for case, _ in pairs], 0, jail)
            fault, said = answered.fault, answered.text
            if not fault and (said := regression(pairs, answered.answers)):
                fault = "regression"
            self._regressions[text] = Figures(fault=fault, text=said, seconds=answered.seconds) if fault else None
        return self._regressions[text]

    def _jail(self, worker: int) -> Jail:
        while len(self._screens) <= worker:
            folder = self._folder(f"worker{len(self._screens)}")
            if self.language == "python":
                self._screens.append(Warm(self.room, folder, self.limits.memory_bytes_max))
            else:
                self._screens.append((Compiled if self.language == "rust" else Fresh)(self.room, folder))
        return self._screens[worker]

    def _scorer(self, worker: int) -> Jail:
        if worker not in self._scorers:
            room = replace(self.room, language="python", preload=_libraries(self.metric.source), tree=None)
            self._scorers[worker] = Warm(room, self._folder(f"scorer{worker}"))
        return self._scorers[worker]

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def open_source(path: Path, entry: str, metric: Metric, folder: Path, given: Given) -> tuple[SourceSubject, str]:
    """The subject of the source at `path`, a file or a folder, and its text. `folder` is scratch.

    Raises `UsageError` where it is no source that can be evolved, and `InputError` where its declarations are wrong.
    """
    if path.suffix not in SUFFIXES and not path.is_dir():
        raise UsageError(
            f"`{path}` is neither a metascript nor a source", hint=f"known: a folder, .tars, {', '.join(SUFFIXES)}"
        )
    project = given.project or path.parent
    judges = metric.path, *given.rules
    target = path.relative_to(project).as_posix()
    found = source_files(Wanted(project, target, entry, given.files, judges))
    snapshot = Snapshot(project, target, found, folder / "source")
    text = snapshot.text
    declared = declared_in(text, str(path))
    _refuse_undeclared(declared, path)
    if found.language == "rust":
        _refuse_in_rust(declared)
    for read in given.reads:
        if metric.path.resolve().is_relative_to(read.resolve()):
            raise UsageError(f"candidates could read the metric in `{read}`", hint="keep it in another folder")
    user = UserRules(given.rules, folder / "rules") if given.rules else None
    watched = tuple(one.resolve() for one in judges)
    room = Room(
        found.language,
        tuple(read.resolve() for read in given.reads),
        _libraries(*snapshot.python_texts, own=snapshot.python_names) if found.language == "python" else (),
        snapshot.tree,
    )
    subject = SourceSubject(
        path.stem, found.language, found.function, metric, given.limits, given.seed, room, folder, user, watched,
        snapshot.digests,
    )  # fmt: skip
    return subject, text


def _refuse_undeclared(declared: Declared, path: Path) -> None:
    if declared.faults:
        raise InputError(f"what `{path}` declares cannot be read", declared.faults)
    if not (declared.parameters or declared.regions or declared.slots):
        raise UsageError(
            f"`{path}` declares nothing that may change",
            hint="mark lines `# tars: evolve` … `# tars: end`, or a value `# tars: 0.1 .. 2.0`",
        )


def _refuse_in_rust(declared: Declared) -> None:
    if declared.slots:
        raise UsageError(
            f"`{next(iter(declared.slots))}` is a slot, and data fits no type of Rust",
            hint="declare numbers or choices",
        )
    for one in declared.regions.values():
        if "#[test]" in one.text or "#[cfg(test)]" in one.text:
            raise UsageError(f"the region `{one.name}` holds tests, which judge it", hint="end it before the tests")


def seed_of(seed: int, part: str, number: int) -> int:
    """Seeds of the screening and of the held-out measurements never meet."""
    assert part in _PARTS_OF_SEEDS
    return int.from_bytes(blake2b(f"{seed}/{part}/{number}".encode(), digest_size=6).digest(), "big")


def _shown(text: str) -> Json:
    """A candidate as the user's rules get it: its text, and of several files their texts by path."""
    files = files_in(text)
    return text if ALONE in files else dict(files)


def _libraries(*texts: str, own: Collection[str] = ()) -> tuple[str, ...]:
    """The installed libraries beside the standard one that sources import, but for their `own` modules: loaded once for
    all candidates."""
    import sys  # for the names of the standard library alone  # noqa: PLC0415

    found: set[str] = set()
    for text in texts:
        with suppress(SyntaxError, ValueError):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module)
    outside = {name for name in found if name.split(".")[0] not in {*sys.stdlib_module_names, *own}}
    return tuple(sorted(name for name in outside if importlib.util.find_spec(name.split(".")[0]) is not None))


def _carry(text: str, answers: Sequence[Any]) -> dict[str, Json]:
    """What the last answer offers for the slots that the source declares."""
    slots = declared_in(text).slots.values()
    last = answers[-1] if answers else None
    if not slots or not isinstance(last, dict):
        return {}
    return {
        name: last[name]
        for name in sorted({slot.name for slot in slots})
        if name in last and last[name] is not None and len(repr(last[name])) <= CARRY_CHARACTERS_MAX
    }
