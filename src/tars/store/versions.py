"""Versions: one number line for the project, on which every module has a state as of every number.

A version is one `version` entry (key `v7`; body `number`, `reason`, `modules`) and, for each module that it changed,
one `state` entry (subject: the module's name; key `v7`). Retention is in `retention.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from tars.core.errors import StoreError, UsageError
from tars.core.near import close_matches
from tars.core.values import Digest, Json
from tars.store.chain import Draft
from tars.store.journal import Journal
from tars.store.retention import pruned_numbers
from tars.store.transaction import Transaction, drafted
from tars.store.values import Entry, ModuleState, Version

if TYPE_CHECKING:
    from tars.store.store import Store

_PREFIX_MIN = 4
_DIGITS_MAX = 12


def append_version(
    tx: Transaction, states: Sequence[ModuleState], *, run: str = "", reason: str = ""
) -> Callable[[], int]:
    """Makes the project's next version of these modules' states as part of the transaction.

    The number is given inside the final write transaction, so that processes that race each get their own; the
    function that is returned tells it once the transaction has ended. Raises `StoreError` for no or twice the same
    module.
    """
    names = [state.name for state in states]
    if not names or len(set(names)) != len(names):
        raise StoreError("a version needs at least one module, and each only once")
    drafts = []
    for state in states:
        body = _body(state)
        tx.name(body)
        drafts.append(drafted("state", body, subject=state.name, run=run))
    numbers: list[int] = []

    def make(journal: Journal) -> Sequence[Draft]:
        last = journal.latest("version", "", "")
        number = 1 if last is None else int(last.key[1:]) + 1
        numbers.append(number)
        key = f"v{number}"
        version: dict[str, Json] = {"number": number, "reason": reason, "modules": [*sorted(names)]}
        return [*(draft._replace(key=key) for draft in drafts), drafted("version", version, key=key, run=run)]

    def made() -> int:
        if not numbers:
            raise StoreError("the version has no number yet: its transaction has not ended")
        return numbers[-1]

    tx.append_made(make)
    return made


def versions(store: "Store") -> list[Version]:
    """All versions, oldest first; those that were pruned are marked."""
    pruned = pruned_numbers(store)
    return [_version(entry, pruned) for entry in store.entries(kind="version")]


def version(store: "Store", number: int) -> Version:
    """The version of that number. Raises `UsageError`, naming those there are, where there is none."""
    entry = store.latest("version", key=f"v{number}")
    if entry is None:
        raise UsageError(f"there is no version v{number}", hint=_known_numbers(store))
    return _version(entry, pruned_numbers(store))


def kept_version(store: "Store", number: int) -> Version:
    """As `version`, but raises `UsageError` also for a version that was pruned."""
    found = version(store, number)
    if found.pruned:
        raise _pruned(store, number)
    return found


def number_of(text: str) -> int | None:
    """The number in `v3`; None for every other text."""
    digits = text[1:]
    return int(digits) if text[:1] == "v" and digits.isdecimal() and len(digits) <= _DIGITS_MAX else None


def latest_number(store: "Store") -> int:
    """The number of the newest version; 0 where there is none."""
    entry = store.latest("version")
    return 0 if entry is None else int(entry.key[1:])


def state_at(store: "Store", name: str, number: int) -> ModuleState | None:
    """The module as of version `number`, or None where it did not exist yet. One look into an index."""
    line = store.latest("version", key=f"v{number}")
    if line is None:
        return None
    entry = store.journal.latest("state", name, "", before=line.number)
    return None if entry is None else _state(entry)


def states_at(store: "Store", number: int) -> dict[str, ModuleState]:
    """Every module as of version `number`, by name."""
    line = store.latest("version", key=f"v{number}")
    if line is None:
        return {}
    found: dict[str, ModuleState] = {}
    for entry in store.entries(kind="state"):
        if entry.number > line.number:
            break
        found[entry.subject] = _state(entry)
    return dict(sorted(found.items()))


def states_of(store: "Store", number: int) -> dict[str, ModuleState]:
    """The states of the modules that version `number` itself changed, by name."""
    return {entry.subject: _state(entry) for entry in store.entries(kind="state", key=f"v{number}")}


def newest_state(store: "Store", name: str) -> tuple[int, ModuleState] | None:
    """The newest version that changed the module, and the module's state in it; None where no version holds it."""
    entry = store.latest("state", subject=name)
    return None if entry is None else (int(entry.key[1:]), _state(entry))


def resolve(store: "Store", selector: str) -> tuple[int, ModuleState]:
    """The number and the module's state that `name`, `name@latest`, `name@v3` or `name@<digest prefix>` stands for.

    A prefix may be of the digest of the module's source, artifact or outputs, or of its content key; of several
    versions that match, the newest is meant. Raises `UsageError` with the nearest names, or the versions there are, and
    where what is named was pruned.
    """
    name, _, wanted = selector.partition("@")
    newest = newest_state(store, name) if name else None
    if newest is None:
        raise UsageError(f"no version holds a module `{name}`", hint=_near(store, name))
    if wanted in ("", "latest"):
        return newest
    number = number_of(wanted)
    if number is not None:
        return _resolve_number(store, name, number)
    found = _resolve_prefix(store, name, wanted.lower()) if len(wanted) >= _PREFIX_MIN else None
    if found is not None:
        return found
    held = ", ".join(f"v{number}" for number in _numbers(store, name))
    raise UsageError(
        f"`{selector}` names no version of `{name}`",
        hint=f"use `v` and a number, `latest`, or at least {_PREFIX_MIN} digits of a digest; changed in: {held}",
    )


def _resolve_number(store: "Store", name: str, number: int) -> tuple[int, ModuleState]:
    kept_version(store, number)
    state = state_at(store, name, number)
    if state is None:
        first = next(_numbers(store, name))
        raise UsageError(f"`{name}` did not exist in v{number}", hint=f"its first version is `{name}@v{first}`")
    return number, state


def _resolve_prefix(store: "Store", name: str, prefix: str) -> tuple[int, ModuleState] | None:
    """The newest state with a digest that begins so, of those that a version that is kept sees. Raises `UsageError`
    where there are only others."""
    kept: list[int] | None = None
    pruned = following = 0
    for entry in store.entries(kind="state", subject=name, newest_first=True):
        number = int(entry.key[1:])
        if _matches(entry, prefix):
            if kept is None:
                kept = [one.number for one in versions(store) if not one.pruned]
            if any(number <= one and (one < following or not following) for one in kept):
                return number, _state(entry)
            pruned = pruned or number
        following = number
    if pruned:
        raise _pruned(store, pruned)
    return None


def _pruned(store: "Store", number: int) -> UsageError:
    return UsageError(f"version v{number} was pruned: its files are gone", hint=_known_numbers(store))


def _matches(entry: Entry, prefix: str) -> bool:
    return any(str(entry.body.get(field, "")).startswith(prefix) for field in ("source", "artifact", "outputs", "key"))


def _near(store: "Store", name: str) -> str:
    names = {module for entry in store.entries(kind="version") for module in _names(entry)}
    if not names:
        return "nothing has run yet: `tarscli run` makes the first version"
    near = close_matches(name, names, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known: {', '.join(sorted(names)[:20])}"


def _known_numbers(store: "Store") -> str:
    numbers = [version.number for version in versions(store) if not version.pruned]
    if not numbers:
        return "nothing has run yet: `tarscli run` makes the first version"
    listed = ", ".join(f"v{number}" for number in numbers[-8:])
    return f"there {'are' if len(numbers) <= 8 else 'are, among others,'} {listed}; see `tarscli versions`"


def _numbers(store: "Store", name: str) -> Iterator[int]:
    return (int(entry.key[1:]) for entry in store.entries(kind="state", subject=name))


def _body(state: ModuleState) -> dict[str, Json]:
    return {
        "name": state.name,
        "language": state.language,
        "address": state.address,
        "source": state.source,
        "artifact": state.artifact,
        "outputs": state.outputs,
        "declaration": dict(state.declaration),
        "key": state.key,
        "metrics": dict(state.metrics),
        "trees": [tree for tree in (state.source, state.artifact, state.outputs) if tree],
    }


def _state(entry: Entry) -> ModuleState:
    body = entry.body
    return ModuleState(
        name=str(body["name"]),
        language=str(body["language"]),
        address=str(body["address"]),
        source=Digest(str(body["source"])),
        artifact=Digest(str(body["artifact"])),
        outputs=Digest(str(body["outputs"])),
        declaration=cast(dict[str, Json], body["declaration"]),
        key=str(body["key"]),
        metrics=cast(dict[str, Json], body["metrics"]),
    )


def _version(entry: Entry, pruned: frozenset[int]) -> Version:
    number = int(entry.key[1:])
    return Version(number, entry.time, _names(entry), entry.run, str(entry.body["reason"]), number in pruned)


def _names(entry: Entry) -> tuple[str, ...]:
    return tuple(str(name) for name in cast(list[Json], entry.body["modules"]))
