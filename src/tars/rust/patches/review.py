"""Patches that are kept for review in the project's store: listed, shown, applied and taken back, by their id."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.core.values import Digest, Json, as_dict
from tars.rust.patches.patch import BoundPatch, StalePatchError, from_json, sha256_of
from tars.rust.schemas import checked, read
from tars.rust.values import Anchor, Sha256
from tars.store import Entry, Store
from tars.store.beneath import read_beneath
from tars.store.rewrite import DONE, ENDED, ChangedError, put_back, rewrite

KEPT = "rust-patch"
APPLY, ROLLBACK = "apply", "rollback"
ID_SHOWN = 10
_PREFIX_MIN = 4


class State(StrEnum):
    """What became of a kept patch."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    ROLLED_BACK = "rolled back"


class Reason(Prefab, frozen=True):
    """Why a part of a patch is as it is: for which diagnostic, by whom, and what is cited for it."""

    text: str
    producer: str
    confidence: float
    code: str = ""
    risk: str = ""
    anchors: tuple[Anchor, ...] = ()


class Proof(Prefab, frozen=True):
    """What was found before the patch was offered. None: that was not asked."""

    builds: bool
    errors_before: int = 0
    tests_passed: int | None = None
    tests_failed: int | None = None
    clippy: bool | None = None
    toolchain: str = ""
    edition: str = ""
    failed_before: int = 0
    """Of a patch for tests that failed: how many did."""
    features: str = ""
    """Which features were built, as cargo's arguments; empty for the default ones."""


class Kept(Prefab, frozen=True):
    """A patch with all that is known of it. `root` is the folder that its paths are relative to, in the project."""

    patch: BoundPatch
    root: str
    reasons: tuple[Reason, ...]
    proof: Proof
    episode: str = ""
    time: float = 0.0
    state: State = State.PROPOSED

    @property
    def id(self) -> Sha256:
        return self.patch.id_in(self.root)

    @property
    def short(self) -> str:
        """As much of its id as is shown."""
        return self.id[:ID_SHOWN]

    def to_json(self) -> dict[str, Json]:
        """Its form in the schema `patch`."""
        reasons: list[Json] = [as_dict(one) for one in self.reasons]
        return {
            "id": self.id, "root": self.root, **self.patch.to_json(), "reasons": reasons, "proof": as_dict(self.proof)
        }  # fmt: skip


def keep(store: Store, kept: Kept) -> None:
    """Records the patch for review; it changes nothing else. Raises `TarsError` where it is not of the schema."""
    body = checked("patch", kept.to_json())
    digest = store.objects.put(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
    with store.transaction() as tx:
        tx.append(KEPT, {"objects": [digest]}, subject=kept.id, run=kept.episode)


def kept_from(body: Mapping[str, Any], *, episode: str = "", time: float = 0.0, state: State = State.PROPOSED) -> Kept:
    """The patch of that JSON, whose form the schema `patch` has checked. Raises `TarsError` as `from_json` does."""
    reasons = tuple(
        Reason(**{**one, "anchors": tuple(Anchor(**anchor) for anchor in one.get("anchors", ()))})
        for one in body["reasons"]
    )
    proof = Proof(**{"builds": False, **body["proof"]})
    return Kept(from_json(body), str(body["root"]), reasons, proof, episode, time, state)


def kept_patches(store: Store) -> Iterator[Kept]:
    """Every patch that was kept, the newest first, each once."""
    seen: set[str] = set()
    for entry in store.entries(kind=KEPT, newest_first=True):
        if entry.subject not in seen:
            seen.add(entry.subject)
            yield _kept(store, entry)


def find(store: Store, given: str) -> Kept:
    """The patch of that id, or that the episode of that id found; the beginning of either is enough.

    Raises `UsageError` where there is none, or several.
    """
    known: dict[str, Entry] = {}
    named: dict[str, Entry] = {}
    for entry in store.entries(kind=KEPT):
        known[entry.subject] = entry
        if _begins(entry.subject, given) or _begins(entry.run, given):
            named[entry.subject] = entry
    if len(named) != 1:
        raise _unknown(given, list(named), [one[:ID_SHOWN] for one in known])
    return _kept(store, next(iter(named.values())))


def state_of(store: Store, patch_id: str) -> State:
    """What became of the patch, by what the journal says of it last."""
    for entry in store.entries(kind=ENDED, subject=patch_id, newest_first=True):
        if entry.body["outcome"] == DONE:
            return State.APPLIED if entry.key == APPLY else State.ROLLED_BACK
    return State.PROPOSED


def apply(store: Store, project: Path, kept: Kept) -> None:
    """Writes the patch to the project's files. Raises `UsageError` where it is applied already, `StalePatchError` where
    a file is not the one that it was made for, and `TarsError` as `rewrite` does; then every file is as it was."""
    put_back(store, project)
    if state_of(store, kept.id) is State.APPLIED and _stands(project, kept):
        raise UsageError(
            f"the patch {kept.short} is applied already", hint=f"`tarscli rust rollback {kept.short}` takes it back"
        )
    _land(store, project, kept, kept.patch, APPLY)


def rollback(store: Store, project: Path, kept: Kept) -> tuple[str, ...]:
    """Takes the patch back, byte for byte; returns the files that were changed, none where all are as before it.

    Raises `UsageError` where the patch was never applied, `StalePatchError` where a file was changed since, and
    `TarsError` as `rewrite` does; then every file is as it was.
    """
    put_back(store, project)
    state = state_of(store, kept.id)
    if state is State.PROPOSED:
        if store.latest(ENDED, subject=kept.id) is not None:
            return ()
        raise UsageError(
            f"the patch {kept.short} was never applied, so there is nothing to take back",
            hint=f"`tarscli rust review apply {kept.short}` applies it",
        )
    inverse = kept.patch.inverse()
    data = present_files(project, kept)
    todo = tuple(file for file in inverse.files if sha256_of(data.get(file.path)) != file.after)
    if state is State.ROLLED_BACK and not todo:
        return ()
    try:
        _land(store, project, kept, BoundPatch(todo), ROLLBACK)
    except StalePatchError as error:
        raise StalePatchError(error.message, hint=_later(store, kept) or _by_hand(kept)) from error
    return tuple(file.path for file in todo)


def present_files(project: Path, kept: Kept) -> dict[str, bytes]:
    """Those of the patch's files that there are."""
    found = {file.path: read_beneath(project / kept.root, file.path) for file in kept.patch.files}
    return {path: one[0] for path, one in found.items() if one is not None}


def _land(store: Store, project: Path, kept: Kept, patch: BoundPatch, act: str) -> None:
    before = present_files(project, kept)
    below = f"{kept.root}/" if kept.root else ""
    old, new = ({f"{below}{path}": data for path, data in files.items()} for files in (before, patch.applied(before)))
    try:
        rewrite(store, project, old, new, subject=kept.id, key=act)
    except ChangedError as error:
        raise StalePatchError(
            f"`{error.path}` was changed while the patch was being applied; nothing was changed",
            hint="run `tarscli rust fix` again: it looks at the files as they are now",
        ) from error


def _begins(name: str, given: str) -> bool:
    return name == given or (len(given) >= _PREFIX_MIN and name.startswith(given.lower()))


def _stands(project: Path, kept: Kept) -> bool:
    """Whether the files are as the patch made them."""
    found = present_files(project, kept)
    return all(sha256_of(found.get(file.path)) == file.after for file in kept.patch.files)


def _later(store: Store, kept: Kept) -> str:
    """A hint to the patch that was applied to the same files after this one."""
    paths = {file.path for file in kept.patch.files}
    for other in kept_patches(store):
        same = other.root == kept.root and paths & {file.path for file in other.patch.files}
        if same and other.id != kept.id and other.state is State.APPLIED:
            return f"if it was the patch {other.short}, take that back first: `tarscli rust rollback {other.short}`"
    return ""


def _by_hand(kept: Kept) -> str:
    return f"`tarscli rust review show {kept.short} --inverse` prints what would be taken back, for `git apply -3`"


def _kept(store: Store, entry: Entry) -> Kept:
    objects = entry.body["objects"]
    assert isinstance(objects, list)
    digest = Digest(str(objects[0]))
    body = read("patch", store.objects.get(digest), f"object {digest}")
    return kept_from(body, episode=entry.run, time=entry.time, state=state_of(store, entry.subject))


def _unknown(given: str, matching: Sequence[str], known: Sequence[str]) -> UsageError:
    if matching:
        listed = ", ".join(one[:ID_SHOWN] for one in matching[:5])
        return UsageError(f"`{given}` names {len(matching)} patches: {listed}", hint="give more of its digits")
    if not known:
        return UsageError(f"there is no patch `{given}`", hint="nothing was mended here yet: `tarscli rust fix`")
    return UsageError(
        f"there is no patch `{given}`", hint=f"there is {', '.join(known[-5:])}; see `tarscli rust review list`"
    )
