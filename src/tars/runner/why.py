"""Why a module runs: the exact input, command, tool or setting that differs from its last success."""

from collections.abc import Mapping

from tars.runner.execute import Task
from tars.runner.keys import differences
from tars.store import Entry

REASONS_MAX = 3


def reason(last: Entry | None, task: Task, *, force: bool) -> str:
    """One sentence on why a task runs now; `last` is the module's last success."""
    if force:
        return "it was forced to"
    if not task.module.cache:
        return "`cache = false`"
    if last is None:
        return "it has not succeeded before"
    changes = differences(grounds_of(last), task.grounds)
    if not changes:
        return "its stored outputs cannot be restored" if last.key else "its inputs changed while it last ran"
    more = f", and {len(changes) - REASONS_MAX} more" if len(changes) > REASONS_MAX else ""
    return ", ".join(changes[:REASONS_MAX]) + more


def grounds_of(entry: Entry) -> dict[str, str]:
    """What a stored success rested on."""
    grounds = entry.body["grounds"]
    assert isinstance(grounds, Mapping), "a result's grounds are a mapping"
    return {name: str(value) for name, value in grounds.items()}
