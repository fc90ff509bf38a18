"""What the journal holds of the modules' past runs, for `logs`, `history` and completion."""

from collections.abc import Iterator, Mapping
from heapq import merge

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UsageError
from tars.core.near import close_matches
from tars.core.values import Digest, Json
from tars.store import Entry, Store

KINDS = ("result", "failure")


class Record(Prefab, frozen=True):
    """One module in one run, as the journal has it. `stdout` and `stderr` are digests, empty for no output."""

    number: int
    time: float
    address: str
    name: str
    run: str
    status: str
    error: str
    why: str
    exit_code: int | None
    attempt: int
    sandbox: str
    seconds: float
    stdout: str
    stderr: str
    stdout_dropped_bytes: int = 0
    """How much more it wrote there than is kept."""
    stderr_dropped_bytes: int = 0
    events: tuple[Mapping[str, Json], ...] = ()
    """What the module reported, in its order."""

    def body(self) -> dict[str, object]:
        """Its fields as a JSON object, without the digests."""
        names = (
            "time",
            "address",
            "name",
            "run",
            "status",
            "error",
            "why",
            "exit_code",
            "attempt",
            "sandbox",
            "seconds",
            "stdout_dropped_bytes",
            "stderr_dropped_bytes",
        )
        return {name: getattr(self, name) for name in names}


def records_of(
    store: Store, *, name: str = "", run: str = "", after: int = 0, limit: int | None = None
) -> list[Record]:
    """The records of a module (by name or address) and a run, the newest first; all where neither is given.

    Raises `UsageError` with the nearest name where the journal has nothing of it.
    """
    found: list[Record] = []
    for entry in _newest_first(store, run, after):
        if not name or name in (entry.subject, entry.body.get("name")):
            found.append(_record(entry))
            if limit is not None and len(found) >= limit:
                break
    if not found and not after:
        _refuse(store, name, run)
    return found


def latest_run(store: Store) -> str:
    """The newest run that ran a module, or an empty text."""
    newest = [entry for kind in KINDS if (entry := store.latest(kind))]
    return max(newest, key=lambda entry: entry.number).run if newest else ""


def output_of(store: Store, digest: str) -> bytes:
    """What a module wrote. Raises `StoreError` where `gc` has let go of it, `CorruptError` where it is damaged."""
    if not digest:
        return b""
    return store.objects.get(Digest(digest))


def _newest_first(store: Store, run: str, after: int) -> Iterator[Entry]:
    lists = [store.entries(kind=kind, run=run, after=after, newest_first=True) for kind in KINDS]
    return merge(*lists, key=lambda entry: -entry.number)


def _record(entry: Entry) -> Record:
    body: Mapping[str, object] = entry.body
    code, events = body.get("exit_code"), body.get("events")
    return Record(
        number=entry.number,
        time=entry.time,
        address=entry.subject,
        name=str(body.get("name") or entry.subject.rpartition(".")[2]),
        run=entry.run,
        status=str(body.get("status", "")),
        error=str(body.get("error") or ""),
        why=str(body.get("why") or ""),
        exit_code=code if isinstance(code, int) else None,
        attempt=int(str(body.get("attempt") or 1)),
        sandbox=str(body.get("sandbox") or ""),
        seconds=float(str(body.get("seconds") or 0.0)),
        stdout=str(body.get("stdout") or ""),
        stderr=str(body.get("stderr") or ""),
        stdout_dropped_bytes=int(str(body.get("stdout_dropped_bytes") or 0)),
        stderr_dropped_bytes=int(str(body.get("stderr_dropped_bytes") or 0)),
        events=tuple(event for event in events if isinstance(event, dict)) if isinstance(events, list) else (),
    )


def _refuse(store: Store, name: str, run: str) -> None:
    if run and not any(True for _ in store.entries(kind="run-started", run=run, limit=1)):
        runs = [entry.run for entry in store.entries(kind="run-started", newest_first=True, limit=200)]
        near = close_matches(run, runs, n=1, cutoff=0.3)
        hint = f"did you mean `{near[0]}`?" if near else "`tarscli history` lists the runs"
        raise UsageError(f"there is no run `{run}`", hint=hint)
    if name:
        names = {str(entry.body.get("name")) for entry in store.entries(kind="result", newest_first=True, limit=5000)}
        near = close_matches(name, names, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "`tarscli history` lists the runs"
        raise UsageError(f"no module `{name}` has run" + (f" in run {run}" if run else ""), hint=hint)
