"""Golden entries: mends that are kept with all that is needed to prove them again.

An entry holds its files itself, so that it can be replayed anywhere, and long after. Its form is the schema
`golden_entry`; its id is the sha256 of its canonical JSON without the id.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.errors import TarsError, UsageError
from tars.core.values import Digest, Json
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.workspace import Features, Target, find_target, read_files
from tars.rust.mending.actions import Action, Value, parse_action, print_action
from tars.rust.patches.patch import bytes_from, shown_bytes
from tars.rust.patches.review import Kept, kept_from
from tars.rust.schemas import checked, faults, read
from tars.rust.values import Checked, RustDiagnostic, Tested
from tars.store import Entry, Store
from tars.store.tree import fault_of_path

GOLDEN: Final = "rust-golden"
SNAPSHOT_BYTES_MAX: Final = 8 << 20
Files = Mapping[str, bytes]
_LEFT_OUT: Final = frozenset({"target", "node_modules", "__pycache__"})
_KEPT_HIDDEN: Final = frozenset({".cargo"})


class _Proof(Prefab, frozen=True):
    """What is found without the patch and with it, the tests with it, and those that fail without it; with `lints`
    clippy was asked."""

    broken: Checked
    mended: Checked
    tested: Tested | None
    failed: tuple[str, ...]
    lints: bool

    @property
    def wrong(self) -> Sequence[RustDiagnostic]:
        """What was to be mended."""
        return self.broken.diagnostics if self.lints else self.broken.errors

    @property
    def is_better(self) -> bool:
        """Whether something was wrong that is not any more."""
        if self.lints and len(self.mended.diagnostics) < len(self.broken.diagnostics):
            return True
        return not self.broken.ok or bool(self.failed)


class Replayed(Prefab, frozen=True):
    """What a replay found. `errors` are those of the snapshot, and with `lints` what clippy finds too; `passed` are the
    tests that passed with the patch, None where tests are no part of the proof; `failed` are those that failed
    without it, where it builds all the same; `why` says what does not hold, and is empty where everything does."""

    id: str
    errors: int
    builds: bool
    passed: tuple[str, ...] | None
    seconds: float
    why: str = ""
    failed: tuple[str, ...] = ()
    lints: bool = False

    @property
    def holds(self) -> bool:
        return not self.why


def make(kept: Kept, target: Target, recording: Sequence[Json], reflection: str) -> dict[str, Json]:
    """The entry of a finished mend, proven now: its snapshot fails to build, or its tests, or has lints, and with the
    patch it builds, has fewer of them and, where the mend was proven by tests, passes them. `recording` is that of its
    episode.

    Raises `StalePatchError` where the files are neither as before nor as after the patch, `TarsError` where the proof
    does not hold or the files are too large to be kept.
    """
    present = read_files(target)
    before = _before(kept, present)
    after = kept.patch.applied(before)
    wants_tests, wants_lints = kept.proof.tests_passed is not None, kept.proof.clippy is not None
    proof = _proven(target, before, after, wants_tests=wants_tests, wants_lints=wants_lints)
    tested, failed = proof.tested, proof.failed
    if why := _unproven((), (), proof):
        raise TarsError(f"this mend cannot be kept as golden: {why}", hint="only what is proven now is kept")
    snapshot = {**_others(target, present), **before}
    anchors = [one for reason in cast(list[Any], kept.to_json()["reasons"]) for one in reason["anchors"]]
    kind = "file" if target.is_lone else "crate"
    passed: list[Json] = [*sorted(tested.passed)] if tested else []
    entry: dict[str, Json] = {
        "episode": kept.episode,
        "goal": "it builds" + ", has fewer lints" * wants_lints + " and its tests pass" * wants_tests,
        "target": {
            "kind": kind, "root": target.root or "Cargo.toml", "edition": target.edition,
            "toolchain": target.toolchain.version, "features": kept.proof.features,
        },
        "snapshot": {
            path: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": shown_bytes(data)}
            for path, data in sorted(snapshot.items())
        },
        "errors": [{"code": one.code, "message": one.message} for one in proof.wrong],
        "actions": [print_action(action) for action in actions_of(recording)],
        "anchors": anchors,
        "patch": replace(kept, root="").to_json(),
        "tests": {"run": wants_tests, "passed": passed, "failed_before": [*sorted(failed)]},
        "reflection": reflection,
    }  # fmt: skip
    return {"id": _id(entry), **entry}


def actions_of(recording: Sequence[Json]) -> Iterator[Action]:
    """The tool actions of an episode in their order."""
    for one in recording:
        assert isinstance(one, dict)
        arguments = cast(Mapping[str, Value], one["arguments"])
        yield Action(str(one["tool"]), tuple(arguments.items()))


def add(store: Store, entry: Mapping[str, Json]) -> None:
    """Keeps an entry in the project's store. Raises `TarsError` where it is not of the schema."""
    digest = store.objects.put(_canonical(checked("golden_entry", entry)))
    with store.transaction() as tx:
        tx.append(GOLDEN, {"objects": [digest]}, subject=str(entry["id"]), run=str(entry["episode"]))


def golden_entries(store: Store) -> Iterator[Mapping[str, Any]]:
    """The project's golden entries, the oldest first, each once. Raises `CorruptError` for one that is damaged."""
    seen = set()
    for entry in store.entries(kind=GOLDEN):
        if entry.subject not in seen:
            seen.add(entry.subject)
            yield _read(store, entry)


def find(store: Store, given: str) -> Mapping[str, Any]:
    """The entry of that id or the beginning of one. Raises `UsageError` where there is none, or several."""
    subjects = dict.fromkeys(entry.subject for entry in store.entries(kind=GOLDEN))
    matching = [one for one in subjects if len(given) >= 4 and one.startswith(given)]
    if len(matching) != 1:
        what = "several golden entries begin" if matching else "no golden entry begins"
        listed = ", ".join(one[:10] for one in subjects)
        raise UsageError(f"{what} with `{given}`", hint=f"there is {listed}" if listed else "`tarscli rust golden add`")
    entry = store.latest(GOLDEN, subject=matching[0])
    assert entry is not None
    return _read(store, entry)


def read_file(name: str) -> Mapping[str, Any]:
    """The entry in a file. Raises `UsageError` where there is no such file, `TarsError` where it holds no entry."""
    try:
        found = json.loads(Path(name).read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read `{name}`: {(error.strerror or '').lower()}", hint="check the path") from error
    except ValueError as error:
        hint = "`tarscli rust golden add ID --out FILE` makes one"
        raise TarsError(f"{name} is not JSON: {error}", hint=hint) from error
    if not isinstance(found, dict):
        raise TarsError(f"{name} holds no golden entry", hint="`tarscli rust schema golden_entry` is its form")
    return found


def findings(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with an entry, by its schema and its hashes; nothing is run."""
    if found := faults("golden_entry", entry):
        return found
    wrong = []
    if entry["id"] != _id(entry):
        wrong.append("the entry was changed: its content does not have its id")
    files = {}
    for path, content in entry["snapshot"].items():
        if fault := fault_of_path(path):
            wrong.append(f"snapshot: the path {path!r} {fault}")
        files[path] = bytes_from(content["bytes"])
        if hashlib.sha256(files[path]).hexdigest() != content["sha256"]:
            wrong.append(f"snapshot: {path} does not have its sha256")
    for number, text in enumerate(entry["actions"]):
        try:
            parse_action(text)
        except TarsError as error:
            wrong.append(f"actions/{number}: {error.message}")
    try:
        kept_from(entry["patch"]).patch.applied(files)
    except TarsError as error:
        wrong.append(f"patch: {error.message}")
    return tuple(wrong)


def replay(entry: Mapping[str, Any]) -> Replayed:
    """Proves an entry again, in a folder of its own: without the patch it fails to build, or the tests fail that failed
    then; with it it builds, and every test that passed then passes now.

    Raises `TarsError` where `findings` has any, `UnavailableError` where a tool is missing on this machine.
    """
    if wrong := findings(entry):
        raise TarsError(f"the golden entry {str(entry.get('id'))[:10]} is damaged: {wrong[0]}", hint="add it again")
    with materialised(entry) as target:
        before = read_files(target)
        after = kept_from(entry["patch"]).patch.applied(before)
        proof = _proven(target, before, after, wants_tests=bool(entry["tests"]["run"]), wants_lints=lints_of(entry))
    seconds = proof.broken.seconds + proof.mended.seconds + (proof.tested.seconds if proof.tested else 0.0)
    passed = proof.tested.passed if proof.tested else None
    why = _unproven(entry["tests"]["passed"], entry["tests"].get("failed_before", ()), proof)
    return Replayed(entry["id"], len(proof.wrong), proof.mended.ok, passed, seconds, why, proof.failed, proof.lints)


def lints_of(entry: Mapping[str, Any]) -> bool:
    """Whether the entry is of a mend of lints."""
    return entry["patch"]["proof"].get("clippy") is not None


@contextmanager
def materialised(entry: Mapping[str, Any]) -> Iterator[Target]:
    """The snapshot of an entry as files in a folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="tars-golden-") as name:
        folder = Path(name).resolve()
        for path, content in entry["snapshot"].items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(bytes_from(content["bytes"]))
        root = str(entry["target"]["root"])
        features = Features.of(str(entry["target"].get("features", "")))
        target = find_target(folder / root if entry["target"]["kind"] == "file" else folder, features)
        yield replace(target, edition=str(entry["target"]["edition"])) if target.is_lone else target


def _proven(target: Target, before: Files, after: Files, *, wants_tests: bool, wants_lints: bool) -> _Proof:
    with open_checkers(target, 1) as checkers, checkers.one() as checker:
        ask = checker.clippy if wants_lints else checker.check
        broken, mended = ask(before), ask(after)
        failed = checker.test(before).failed if wants_tests and broken.ok else ()
        tested = checker.test(after) if wants_tests and mended.ok else None
    return _Proof(broken, mended, tested, failed, wants_lints)


def _unproven(passed: Sequence[str], failed_before: Sequence[str], proof: _Proof) -> str:
    """What does not hold; `passed` and `failed_before` are the tests that did so when the entry was made."""
    broken, mended, tested = proof.broken, proof.mended, proof.tested
    for one in (broken, mended):
        if one.detail:
            return f"it could not be checked: {one.detail.strip().splitlines()[0]}"
    if not proof.is_better:
        return f"it builds{', with no more lints,' * proof.lints} without the patch"
    if cured := sorted(set(failed_before) - set(proof.failed)) if broken.ok else []:
        return f"without the patch {', '.join(cured[:3])} failed then, and does not now"
    if not mended.ok:
        reason = mended.errors[0].message if mended.errors else "no reason is given"
        return f"it does not build with the patch: {reason}"
    if missing := sorted(set(passed) - set(tested.passed)) if tested else []:
        return f"{len(missing)} tests that passed then do not pass now: {', '.join(missing[:3])}"
    return "" if tested is None or tested.ok else "a test fails with the patch"


def _before(kept: Kept, present: Mapping[str, bytes]) -> dict[str, bytes]:
    """The target's files without the patch, whether or not it is applied now."""
    touched = {file.path: present[file.path] for file in kept.patch.files if file.path in present}
    try:
        kept.patch.applied(touched)
        return dict(present)
    except TarsError:
        return kept.patch.inverse().applied(present)


def _others(target: Target, sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every other file that the target may be built from."""
    found: dict[str, bytes] = {}
    size = sum(map(len, sources.values()))
    for path in _files_of(target):
        if path in sources:
            continue
        data = (target.folder / path).read_bytes()
        size += len(data)
        if size > SNAPSHOT_BYTES_MAX:
            raise TarsError(
                f"the files of {target.folder} have more than {SNAPSHOT_BYTES_MAX >> 20} MiB, too much for an entry",
                hint="keep a smaller crate, or move data out of it",
            )
        found[path] = data
    return found


def _files_of(target: Target) -> Iterator[str]:
    if target.is_lone:
        from tars.rust.syntax.modules import module_files  # noqa: PLC0415 - what only lone files need

        yield from module_files(target.folder, target.root).assets
        return
    for folder, inner, names in os.walk(target.folder):
        relative = Path(folder).relative_to(target.folder)
        inner[:] = sorted(
            one for one in inner if one not in _LEFT_OUT and (not one.startswith(".") or one in _KEPT_HIDDEN)
        )
        for name in sorted(names):
            if not os.path.islink(os.path.join(folder, name)) and not name.startswith("."):
                yield (relative / name).as_posix()


def _read(store: Store, entry: Entry) -> Mapping[str, Any]:
    objects = entry.body["objects"]
    assert isinstance(objects, list)
    return read("golden_entry", store.objects.get(Digest(str(objects[0]))), f"golden entry {entry.subject[:10]}")


def _id(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical({name: value for name, value in entry.items() if name != "id"})).hexdigest()


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
