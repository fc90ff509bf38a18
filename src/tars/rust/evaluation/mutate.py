"""Seeded mutants of Rust that builds: each breaks it as people do, proven by the compiler, and its mend is known.

Same files, toolchain, kinds and seed: same mutants, whatever the number of checkers.
"""

import random
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError
from tars.core.values import Json
from tars.rust.checking.checkers import Checkers
from tars.rust.evaluation.mutation import MUTATIONS, Changes, kinds_of, proposals
from tars.rust.mending.looks import content_key
from tars.rust.patches.patch import BoundPatch, bind
from tars.rust.syntax.edits import lines_changed, patched
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Checked, RustDiagnostic

Files = Mapping[str, bytes]

TRIES_PER_MUTANT_MAX: Final = 30
"""How many changes may turn out to break nothing for each mutant that is asked for."""
_NOT_MUTATED: Final = frozenset({"tests", "benches", "examples", "build.rs"})


class Mutant(Prefab, frozen=True, slots=False):
    """One way to break `original`. `kind` is the mutation, `title` says what it did, `errors` are what came of it;
    where it builds all the same, `failed` are the tests that fail."""

    number: int
    kind: str
    title: str
    original: Files
    changes: Changes
    errors: tuple[RustDiagnostic, ...]
    failed: tuple[str, ...] = ()

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The broken files, with those that are as they were."""
        return patched(self.original, self.changes)

    @cached_property
    def patch(self) -> BoundPatch:
        """What breaks the original; its inverse is the known mend."""
        return bind(self.original, self.changes)

    def to_json(self) -> dict[str, Json]:
        """What was done where, what the compiler says to it, and the patches that break and that mend."""
        place = self.changes[0].place
        return {
            "number": self.number,
            "kind": self.kind,
            "title": self.title,
            "path": place.path,
            "line": self.original[place.path].count(b"\n", 0, place.start) + 1,
            "lines": lines_changed(self.original, self.files),
            "class": self.errors[0].kind if self.errors else "",
            "codes": list(dict.fromkeys(one.code for one in self.errors)),
            "message": self.errors[0].message if self.errors else "",
            "failed": list(self.failed),
            "breaks": {"id": self.patch.id, **self.patch.to_json()},
            "mends": {"id": self.patch.inverse().id, **self.patch.inverse().to_json()},
        }


class Request(Prefab, frozen=True):
    """How many mutants are wanted, of which kinds of mutation (empty: all), with which seed; with `tests` the
    original's tests must pass. With `failing` those that build and fail their tests are wanted instead."""

    count: int = 25
    seed: int = 0
    kinds: tuple[str, ...] = ()
    tests: bool = True
    failing: bool = False


def mutants(files: Files, checkers: Checkers, request: Request) -> Iterator[Mutant]:
    """Mutants of these files as they are found, of as many kinds as there are; fewer where there are not so many.

    Raises `TarsError` where the files do not build or their tests fail, `UsageError` for a kind that there is not.
    """
    for kind in request.kinds:
        MUTATIONS.load(kind)
    _prove_original(files, checkers, request)
    found = 0
    tries = request.count * TRIES_PER_MUTANT_MAX
    for kind, changes, checked in _checked(files, checkers, _shuffled(files, request), tries):
        if found == request.count:
            return
        failed = _failed(patched(files, changes), checkers) if request.failing and checked.ok else ()
        # Where the compiler itself broke down nothing is known of the change.
        if not failed if request.failing else checked.ok or checked.detail or not checked.errors:
            continue
        found += 1
        yield Mutant(found, kind, MUTATIONS.load(kind).title, files, changes, checked.errors, failed)


def _failed(files: Files, checkers: Checkers) -> tuple[str, ...]:
    with checkers.one() as checker:
        return checker.test(files).failed


def _prove_original(files: Files, checkers: Checkers, request: Request) -> None:
    with checkers.one() as checker:
        checked = checker.check(files)
        if not checked.ok:
            first = checked.errors[0].message if checked.errors else checked.detail.strip()
            raise TarsError(
                f"it does not build, so no mutant can be made of it: {first}", hint="mend it first: `tarscli rust fix`"
            )
        if not request.tests:
            return
        tested = checker.test(files)
    if not tested.ok:
        raise TarsError(
            f"its tests fail, so no mutant can be judged: {', '.join(tested.failed[:3]) or tested.detail.strip()}",
            hint="make them pass first, or leave them out with `--no-tests`",
        )


def _shuffled(files: Files, request: Request) -> Iterator[tuple[str, Changes]]:
    """Changes in the order in which they are tried: a kind at a time, in turns, so that rare kinds come up too."""
    by_kind: dict[str, list[Changes]] = {}
    wanted = request.kinds or kinds_of(builds=request.failing)
    for path in sorted(files):
        if _NOT_MUTATED & set(PurePosixPath(path).parts):
            continue
        for kind, found in proposals(SourceFile(path, files[path]), wanted).items():
            by_kind.setdefault(kind, []).extend(found)
    # Else a few mutants of each of many crates would all be of the same few kinds.
    chance = random.Random(f"{request.seed} {content_key(files).hex()}")
    kinds = sorted(by_kind)
    chance.shuffle(kinds)
    for kind in kinds:
        chance.shuffle(by_kind[kind])
    while any(by_kind.values()):
        for kind in kinds:
            if by_kind[kind]:
                yield kind, by_kind[kind].pop()


def _checked(
    files: Files, checkers: Checkers, tried: Iterator[tuple[str, Changes]], tries_max: int
) -> Iterator[tuple[str, Changes, Checked]]:
    """What the compiler says of each change, in their order, as many at once as there are checkers."""
    seen = {content_key(files)}
    batch: list[tuple[str, Changes, dict[str, bytes]]] = []

    def answers() -> Iterator[tuple[str, Changes, Checked]]:
        found = checkers.run([changed for _, _, changed in batch])
        for (kind, changes, _), checked in zip(batch, found, strict=True):
            yield kind, changes, checked
        batch.clear()

    for _, (kind, changes) in zip(range(tries_max), tried, strict=False):
        changed = patched(files, changes)
        key = content_key(changed)
        if key not in seen:
            seen.add(key)
            batch.append((kind, changes, changed))
        if len(batch) == checkers.jobs:
            yield from answers()
    yield from answers()
