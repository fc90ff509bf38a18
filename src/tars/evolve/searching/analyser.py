"""The analyser: what the journal, the findings and the beliefs say is the matter with a target, with a score each.

Nothing is run. Of a module it is looked at how long it took, how often it failed or was tried again, how often it did
the same work twice, and whether it is slower than the version before; of beliefs, which contradict each other; of
earlier evolutions, who made what was better.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UnavailableError
from tars.core.values import Diagnostic, Severity
from tars.evolve.metascripts.graph import blocks_of
from tars.evolve.records import ended, sessions
from tars.evolve.values import Subject, Symptom
from tars.lang.syntax.parse import parse
from tars.memory.analysis import contradictions
from tars.memory.current import current
from tars.runner.results import FAILURE, RESULT
from tars.store import Store
from tars.store.versions import newest_state

LOOKED_AT_MAX: Final = 50
"""Of each module so many of its last executions are looked at."""
SESSIONS_MAX: Final = 20
SHARE_MIN: Final = 0.05
SLOWER_MIN: Final = 0.1
CONTRADICTIONS_MAX: Final = 20
OF_FINDINGS: Final = {Severity.ERROR: 1.0, Severity.WARNING: 0.3}


class Execution(Prefab, frozen=True):
    """One time that a module was run: `source` and `key` are digests of what it was and of all that it rests on."""

    seconds: float
    failed: bool
    attempt: int
    key: str
    source: str
    said: str


class History(Prefab, frozen=True):
    """The executions of one module, the oldest first."""

    executions: Sequence[Execution] = ()

    @property
    def seconds(self) -> float:
        """What it takes: the median of those that succeeded; 0 where none did."""
        taken = [one.seconds for one in self.executions if not one.failed]
        return median(taken) if taken else 0.0


def analyse(store: Store, target: str, text: str, subject: Subject) -> tuple[Symptom, ...]:
    """Everything that is known to be the matter with the target, the worst first. `target` is its path in the
    project."""
    found = of_evolutions(store, target)
    if subject.language == "tars":
        addresses = [address for address, block in blocks_of(parse(text)) if block.type.endswith("_module")]
        found += [*of_findings(subject.diagnostics(text), target), *of_beliefs(store)]
    else:
        held = newest_state(store, subject.name)
        addresses = [held[1].address] if held is not None else []
    found += of_modules(histories(store, addresses))
    return tuple(sorted(found, key=lambda one: (-one.score, one.code, one.node)))


def histories(store: Store, addresses: Iterable[str]) -> dict[str, History]:
    """What the journal has of these modules."""
    return {address: History(_executions(store, address)) for address in addresses}


def of_modules(found: Mapping[str, History]) -> list[Symptom]:
    """What the run-time figures say. A share is of the time of one run of all of them."""
    total = sum(one.seconds for one in found.values())
    spent = sum(each.seconds for one in found.values() for each in one.executions)
    symptoms: list[Symptom] = []
    for address, one in found.items():
        if total and one.seconds / total >= SHARE_MIN:
            share = one.seconds / total
            text = f"takes {one.seconds:.3f} s, {share:.0%} of the {total:.3f} s of all modules"
            symptoms.append(Symptom("slow", address, text, share, {"seconds": one.seconds, "share": share}))
        symptoms += _failures(address, one.executions)
        symptoms += _repeated(address, one.executions, spent)
        symptoms += _slower(address, one.executions)
    return symptoms


def of_findings(found: Sequence[Diagnostic], node: str) -> list[Symptom]:
    return [
        Symptom("finding", node, f"{one.code}: {one.message}", OF_FINDINGS[one.severity])
        for one in found
        if one.severity in OF_FINDINGS
    ]


def of_beliefs(store: Store) -> list[Symptom]:
    """The project's beliefs that contradict each other and are both believed; nothing where it has none, or where the
    extra `memory` is not installed."""
    try:
        found = contradictions(current(store), CONTRADICTIONS_MAX).listed
    except UnavailableError:
        return []
    return [
        Symptom(
            "contradiction", one.first.belief.id,
            f"contradicts `{one.second.belief.id}`, and both are believed ({one.first.confidence:.2f} and "
            f"{one.second.confidence:.2f})",
            min(1.0, max(0.0, one.excess)), {"excess": one.excess},
        )
        for one in found
    ]  # fmt: skip


def of_evolutions(store: Store, target: str) -> list[Symptom]:
    """Who made what was better in earlier evolutions of the target: the gain for the cost, as a share of all gains."""
    gains: dict[str, float] = {}
    count = 0
    for session in sessions(store, target):
        end: Any = ended(store, session)
        if count == SESSIONS_MAX:
            break
        if end is not None and isinstance(end.get("shares"), dict):
            count += 1
            for name, share in end["shares"].items():
                gains[str(name)] = gains.get(str(name), 0.0) + float(share)
    total = sum(gains.values())
    earlier = "an earlier evolution" if count == 1 else f"{count} earlier evolutions"
    return [
        Symptom("fruitful", name, f"made {gain / total:.0%} of what {earlier} gained", gain / total)
        for name, gain in gains.items()
        if total and gain
    ]


def _executions(store: Store, address: str) -> list[Execution]:
    """Of the newest ones, in the order of the journal."""
    entries = [
        entry
        for kind in (RESULT, FAILURE)
        for entry in store.entries(kind=kind, subject=address, newest_first=True, limit=LOOKED_AT_MAX)
    ]
    entries.sort(key=lambda entry: entry.number)
    found: list[Execution] = []
    for entry in entries[-LOOKED_AT_MAX:]:
        body: Any = entry.body
        trees = body.get("trees") or {}
        found.append(
            Execution(
                float(body.get("run_seconds") or body.get("seconds") or 0.0), entry.kind == FAILURE,
                int(body.get("attempt") or 1), entry.key, str(trees.get("source", "")),
                f"{body.get('status', '')}: {body.get('error', '')}".strip(": "),
            )
        )  # fmt: skip
    return found


def _failures(address: str, executions: Sequence[Execution]) -> Iterator[Symptom]:
    failed = [one for one in executions if one.failed]
    count = len(executions)
    if failed:
        text = f"failed {len(failed)} of {count} times; last: {failed[-1].said[:120]}"
        yield Symptom("fails", address, text, len(failed) / count, {"failed": len(failed), "executions": count})
    again = sum(not one.failed and one.attempt > 1 for one in executions)
    if again:
        text = f"succeeded only after a retry {again} of {count} times"
        yield Symptom("retried", address, text, again / count, {"retried": again, "executions": count})


def _repeated(address: str, executions: Sequence[Execution], spent: float) -> Iterator[Symptom]:
    """Misses of the cache: the same work, with everything that it rests on the same, done again."""
    known: set[str] = set()
    wasted, count = 0.0, 0
    for one in executions:
        if not one.failed and one.key in known:
            wasted, count = wasted + one.seconds, count + 1
        if not one.failed and one.key:
            known.add(one.key)
    if count and spent:
        text = f"did the same work again {count} times, for {wasted:.3f} s: {wasted / spent:.0%} of all time"
        yield Symptom("uncached", address, text, wasted / spent, {"again": count, "seconds": wasted})


def _slower(address: str, executions: Sequence[Execution]) -> Iterator[Symptom]:
    """The difference to the version before: the same module with its newest source, and with the one before that."""
    taken: dict[str, list[float]] = {}
    for one in executions:
        if not one.failed and one.source:
            taken.setdefault(one.source, []).append(one.seconds)
    if len(taken) < 2:
        return
    before, now = (median(seconds) for seconds in list(taken.values())[-2:])
    if before > 0 and now / before - 1 >= SLOWER_MIN:
        text = f"takes {now:.3f} s, and took {before:.3f} s before its last change"
        yield Symptom("slower", address, text, min(1.0, now / before - 1), {"seconds": now, "before": before})
