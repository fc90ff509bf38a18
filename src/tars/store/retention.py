"""What must be kept: the rule by which `gc` keeps objects, and the entry by which `prune` lets versions go.

Nothing is ever dropped unless a version was pruned. Every 64-digit hexadecimal string in the body of a *live* entry is
taken as the digest of an object to keep, and where that is a tree, so are its files; a body need not declare anything
to be safe. All entries are live, but for

- `state` entries of a pruned version that is not needed as of any version that is kept: `name@vN` of a kept N is often
  the state that an older, pruned version recorded, and that state stays;
- entries of a kind and a run that `let_go` named, but for those that it kept;
- other entries up to the newest pruned version's, unless they are the last of their kind and subject or belong to a run
  that made a version that is kept. So the latest cached result of every module outlives any pruning.

Entries themselves are never removed: the journal keeps the history of what was pruned. A version's number is never
used again.
"""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, cast

from tars.core.errors import UsageError
from tars.core.values import Json

if TYPE_CHECKING:
    from tars.store.store import Store


def prune(store: "Store", keep: int, *, pinned: Collection[int] = ()) -> tuple[int, ...]:
    """Lets go of all versions but the newest `keep` and the `pinned` ones; returns the numbers let go of.

    Only one entry is appended: the files go with the next `gc`, and the links in the output folder with
    `materialise.remove_pruned`. Raises `UsageError` for a `keep` below one, and `CorruptError` where the journal is
    damaged.
    """
    if keep < 1:
        raise UsageError(f"cannot keep {keep} versions", hint="keep at least the newest one: --keep 1")
    store.journal.check()
    before = pruned_numbers(store)
    numbers = [int(entry.key[1:]) for entry in store.entries(kind="version")]
    gone = tuple(number for number in numbers[:-keep] if number not in before and number not in pinned)
    if gone:
        with store.transaction() as tx:
            tx.append("prune", {"versions": list(gone), "keep": keep})
    return gone


def let_go(store: "Store", kind: str, run: str, *, kept: Collection[int] = ()) -> None:
    """Lets go of what the run's entries of that kind name, but for the entries numbered in `kept`."""
    with store.transaction() as tx:
        tx.append("let-go", {"kind": kind, "kept": [*sorted(kept)]}, subject=kind, key=run)


def let_go_of(store: "Store") -> dict[tuple[str, str], frozenset[int]]:
    """The kinds and runs that were let go of, with the numbers of those entries that were kept."""
    found: dict[tuple[str, str], frozenset[int]] = {}
    for entry in store.entries(kind="let-go"):
        kept = cast(list[Json], entry.body["kept"])
        found[str(entry.body["kind"]), entry.key] = frozenset(one for one in kept if isinstance(one, int))
    return found


def pruned_numbers(store: "Store") -> frozenset[int]:
    """The numbers of all versions that were let go of."""
    numbers = (number for entry in store.entries(kind="prune") for number in cast(list[Json], entry.body["versions"]))
    return frozenset(number for number in numbers if isinstance(number, int))


class Retention:
    """Which entries of the journal are live, as of when it was made. It holds numbers only, never bodies."""

    def __init__(self, store: "Store") -> None:
        pruned = pruned_numbers(store)
        self._let_go = let_go_of(store)
        self._retired: set[int] = set()
        self._boundary = 0
        self._runs: set[str] = set()
        self._last: set[int] = set()
        if not pruned:
            return
        lines = {int(row[4][1:]): (int(row[0]), str(row[5])) for row in store.journal.rows("version")}
        kept = sorted(line for number, (line, _) in lines.items() if number not in pruned)
        self._runs = {run for number, (_, run) in lines.items() if number not in pruned and run}
        self._boundary = max((lines[number][0] for number in pruned if number in lines), default=0)
        self._retired = set(_superseded(store, pruned, kept))
        last: dict[tuple[str, str], int] = {}
        for number, _, kind, subject, *_ in store.journal.rows():
            last[kind, subject] = number
        self._last = set(last.values())

    def is_live(self, row: tuple[Any, ...]) -> bool:
        """Whether what the entry (a row of the journal) names must be kept."""
        number, _, kind, _, _, run = row[:6]
        if (kind, run) in self._let_go and number not in self._let_go[kind, run]:
            return False
        if kind == "state":
            return number not in self._retired
        return number > self._boundary or number in self._last or run in self._runs


def _superseded(store: "Store", pruned: frozenset[int], kept: list[int]) -> Iterator[int]:
    """Numbers of the `state` entries of pruned versions that no kept version sees.

    `kept` are the numbers of the kept versions' own entries, ascending; a state is seen by those at or after it and
    before the module's next state.
    """
    open_states: dict[str, int] = {}
    for number, _, _, name, key, *_ in store.journal.rows("state"):
        older = open_states.pop(name, None)
        if older is not None and not any(older < line < number for line in kept):
            yield older
        if int(key[1:]) in pruned:
            open_states[name] = number
    for number in open_states.values():
        if not any(number < line for line in kept):
            yield number
