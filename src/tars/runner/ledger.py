"""What a run leaves: results gathered into few transactions, record files, and one version of what changed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, time

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Json
from tars.runner.events import Status
from tars.runner.execute import Done
from tars.runner.inputs import input_paths
from tars.runner.record import write_record
from tars.runner.results import FAILURE, RESULT, RUN_FINISHED, RUN_STARTED, failure_body, result_body, state_of
from tars.store import Entry, ModuleState, Store
from tars.store.transaction import Transaction
from tars.store.versions import append_version, latest_number, newest_state

BATCH_MAX = 256
BATCH_SECONDS = 0.5
"""How long a success may wait for its journal entry: one durable write costs about as much as many."""


class Line(Prefab, frozen=True):
    """An entry that waits to be appended."""

    kind: str
    subject: str
    key: str
    body: Mapping[str, Json]


class Ledger(Prefab):
    """The journal's side of one run. One thread at a time uses it, and only while its process holds the project's run
    lock, so that the number of the version that the run will make is known before it is made."""

    store: Store
    project: Path
    output: str
    run: str
    metascript: str
    declared: Mapping[str, Json] = attribute(default_factory=dict)
    """What the journal keeps of the metascript itself with the run: the beliefs that it declares."""
    waiting: list[Line] = attribute(default_factory=list)
    changed: dict[str, ModuleState] = attribute(default_factory=dict)
    had_history: bool = False
    """Whether the journal had any entry when the run began; where not, there is nothing to look up."""
    begun: bool = False
    """Whether the entry that says that the run began is appended, or waits to be."""
    next_version: int = 0
    began_at: float = attribute(default_factory=time)
    """When the run began, in seconds since 1970: its first entry is appended only when its first batch is."""
    began: float = attribute(default_factory=monotonic)
    committed_at: float = attribute(default_factory=monotonic)

    def __prefab_post_init__(self) -> None:
        self.had_history = self.store.head > 0

    def add(self, done: Done) -> dict[str, Json]:
        """Takes note of a finished module and returns its record, which is also written to the output folder."""
        objects, module = self.store.objects, done.task.module
        self._begin()
        version = None
        if done.status is Status.SUCCEEDED:
            body = result_body(done, objects)
            self.waiting.append(Line(RESULT, module.address, done.task.key, body))
            version = f"v{self._version_of(state_of(module.address, done.task.key, body))}"
        else:
            self.waiting.append(Line(FAILURE, module.address, "", failure_body(done, objects)))
        record = _record(done, self.run, version)
        write_record(f"{self.project}/{self.output}/logs", record)
        return record

    def keep(self, address: str, entry: Entry) -> None:
        """A module whose stored success stands: where that is not what the newest version holds, it is changed too."""
        self._version_of(state_of(address, entry.key, entry.body))

    def commit_due(self) -> None:
        """Commits if many results wait, or some have waited for long."""
        if len(self.waiting) >= BATCH_MAX or monotonic() - self.committed_at > BATCH_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Makes the waiting results durable and visible, all at once."""
        if self.waiting:
            with self._transaction():
                pass
            self.committed_at = monotonic()

    def finish(self, status: Status, counts: Mapping[str, int]) -> int | None:
        """Commits what is left, with the version of all that changed and the end of the run; returns the version."""
        if not self.begun and not self.changed and not self._declares_anew():
            return None
        self._begin()
        number = None
        with self._transaction() as transaction:
            if self.changed:
                number = append_version(transaction, list(self.changed.values()), run=self.run, reason="run")
            seconds = round(monotonic() - self.began, 6)
            body: dict[str, Json] = {"status": status.value, "counts": dict(counts), "seconds": seconds}
            transaction.append(RUN_FINISHED, body, subject=self.metascript, run=self.run)
        return None if number is None else number()

    def _begin(self) -> None:
        if not self.begun:
            self.waiting.append(Line(RUN_STARTED, self.metascript, "", {**self.declared, "began": self.began_at}))
            self.begun = True

    def _declares_anew(self) -> bool:
        """Whether the metascript declares what its last run did not, though no module had to run for that."""
        last = self.store.latest(RUN_STARTED, subject=self.metascript) if self.declared else None
        declared = {name: body for name, body in last.body.items() if name != "began"} if last else {}
        return bool(self.declared) and declared != self.declared

    def _version_of(self, state: ModuleState) -> int:
        """The version that holds this state: the newest one of the module, or the one that this run will make."""
        newest = newest_state(self.store, state.name) if self.had_history else None
        if newest is not None:
            number, before = newest
            if (state.source, state.artifact, state.outputs) == (before.source, before.artifact, before.outputs):
                return number
        self.changed[state.name] = state
        if not self.next_version:
            self.next_version = latest_number(self.store) + 1
        return self.next_version

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        """A transaction that begins with what waits; where it fails, that goes on waiting for the next one."""
        head, last = self.store.head, self.waiting[-1] if self.waiting else None
        try:
            with self.store.transaction() as transaction:
                for line in self.waiting:
                    transaction.append(line.kind, line.body, subject=line.subject, key=line.key, run=self.run)
                yield transaction
        except BaseException:
            found = self.store.latest(last.kind, subject=last.subject) if last else None
            if found is not None and found.number > head and found.run == self.run:
                self.waiting.clear()  # it was interrupted when all was done
            raise
        self.waiting.clear()


def _record(done: Done, run: str, version: str | None) -> dict[str, Json]:
    task, outcome, built = done.task, done.outcome, done.built
    outputs: list[Json] = list(done.delivered) if done.status is Status.SUCCEEDED else []
    ran = outcome is not None and (built is None or outcome is not built.outcome)
    return {
        "schema": "tars.record/1",
        "run": run,
        "time": datetime.now(UTC).isoformat(),
        "module": task.module.address,
        "version": version,
        "language": task.module.language,
        "status": done.status.value,
        "exit_code": outcome.code if outcome else None,
        "compile_time_ms": round(built.seconds * 1000, 3) if built else 0,
        "execution_time_ms": round(outcome.seconds * 1000, 3) if outcome and ran else 0,
        "output_file": outputs[0] if outputs else None,
        "outputs": outputs,
        "undeclared": list(done.undeclared),
        "stdout": outcome.stdout.decode("utf-8", "replace") if outcome else "",
        "stderr": outcome.stderr.decode("utf-8", "replace") if outcome else "",
        "stdout_dropped_bytes": outcome.stdout_dropped_bytes if outcome else 0,
        "stderr_dropped_bytes": outcome.stderr_dropped_bytes if outcome else 0,
        "inputs": list(input_paths(task.module.inputs, task.outputs)),
        "artifact": str(built.artifact) if built and built.artifact else None,
        "sandbox": task.sandbox.name,
        "sandbox_reasons": list(task.sandbox_reasons),
        "attempt": done.attempt,
        "error": done.error or None,
        "metrics": dict(done.reported.metrics),
        "events": list(done.reported.events),
    }
