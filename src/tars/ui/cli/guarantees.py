"""What each sandbox withstands on this machine, found by attacking it, as a table for people and as data."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.runner.attack import Verdict, judge
from tars.runner.sandbox import SANDBOXES, Sandbox
from tars.runner.sandboxes.process import MECHANISMS, ProcessSandbox
from tars.runner.values import Guarantee
from tars.ui.cli.console import table
from tars.ui.cli.printable import printable

NOTES = {
    "wasm": "wasm: guests that are WebAssembly only; what it claims rests on what they cannot import, and is attacked "
    "by the tests of TARS, not here",
    "landlock": "landlock: chmod, chown and utime cannot be told apart by file; they are told that they succeeded, and "
    "change nothing, the module's own files neither",
    "processes": "memory and processes are held by control groups; where this user can make none, bubblewrap still "
    "holds processes, and a module that breaks another limit is ended when it is seen to, fifty times a second, and "
    "nothing is guaranteed",
}


class Row(Prefab, frozen=True):
    """One sandbox, or one mechanism of it: what came of attacking each guarantee, or why it is not here."""

    name: str
    ready: bool
    detail: str
    hint: str = ""
    verdicts: dict[Guarantee, Verdict] = attribute(default_factory=dict)
    wrong: tuple[str, ...] = ()
    """Guarantees that it claims and that an attack broke: a bug, of which TARS must be told."""


def attack_all() -> Iterator[Row]:
    """Every sandbox by name; the process sandbox with each of its mechanisms."""
    for name in SANDBOXES.names():
        if name == "process":
            for mechanism in MECHANISMS:
                with TemporaryDirectory(prefix="tars-doctor-") as cache:
                    yield _row(f"process/{mechanism}", ProcessSandbox(mechanism, (mechanism,), Path(cache)))
            continue
        try:
            sandbox = SANDBOXES.load(name)
        except Exception as error:  # a third-party plug-in may fail in any way; the others are shown all the same
            yield Row(name, False, f"the plug-in does not work: {error}")
            continue
        yield _row(name, sandbox)


def text(rows: list[Row]) -> str:
    """The table, why each absent sandbox is absent, and what a word of it does not say."""
    ready = [row for row in rows if row.ready]
    head = ("", *(row.name for row in ready))
    lines = [head, *((str(each), *(row.verdicts[each] for row in ready)) for each in Guarantee)]
    absent = [printable(f"{row.name}: {row.detail}; {row.hint}".rstrip("; ")) for row in rows if not row.ready]
    names = " ".join(row.name for row in ready)
    notes = [note for key, note in NOTES.items() if key in names or key == "processes"]
    wrong = [f"{row.name} claims {', '.join(row.wrong)}, and an attack broke it" for row in rows if row.wrong]
    parts = [table(lines), *(["\nNot here"] + [f"  {each}" for each in absent] if absent else [])]
    parts += ["\nNotes", *(f"  {each}" for each in notes)]
    return "\n".join([*parts, *(["\nBroken", *(f"  {each}" for each in wrong)] if wrong else [])])


def _row(name: str, sandbox: Sandbox) -> Row:
    try:
        readiness = sandbox.readiness()
        if not readiness.ready:
            return Row(name, False, readiness.detail, readiness.hint)
        verdicts = judge(sandbox)
        claimed = sandbox.guarantees()
    except Exception as error:  # as above
        return Row(name, False, f"the plug-in does not work: {error}")
    wrong = tuple(sorted(each for each in claimed if verdicts[each] == "open"))
    return Row(name, True, readiness.detail, readiness.hint, verdicts, wrong)
