"""List the project's versions, or those that changed one module.

Every run that changed anything made one version; all modules share one line of numbers, as commits do, so `name@v3` is
the module as of version 3.
"""

import argparse

from tars.store import ModuleState, Store, Version, open_store
from tars.store.versions import resolve, state_at, versions
from tars.ui.cli.console import Console, table, terminal_width
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.parser import count
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.times import when

EXAMPLES = (
    ("tarscli versions", "every version, the newest first"),
    ("tarscli versions rank", "only those that changed the module `rank`"),
    ("tarscli versions --limit 5", "the last five"),
)
_SHOWN_MODULES = 6


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="a module's name; default: all modules")
    parser.add_argument("--limit", type=count, metavar="N", help="at most the N newest")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with open_store(known_project(arguments) / STATE) as store:
        if arguments.name:
            resolve(store, arguments.name.partition("@")[0])
        found = [one for one in reversed(versions(store)) if not arguments.name or arguments.name in one.modules]
        found = found[: arguments.limit]
        states = {one.number: _state(store, arguments.name, one.number) for one in found}
        console.answer({"versions": [json_value(one) | _digests(states[one.number]) for one in found]})  # type: ignore[operator]
        if not found:
            console.note("There are no versions yet: `tarscli run` makes the first one.")
            return 0
        if arguments.name:
            console.write(_of_module(found, states))
        else:
            console.write(_of_project(found))
        return 0


def _of_project(found: list[Version]) -> str:
    rows = [
        (f"v{one.number}", when(one.time), _listed(one.modules), one.reason + (" (pruned)" if one.pruned else ""))
        for one in found
    ]
    return table(rows, ("VERSION", "MADE", "CHANGED", "BY"), width=terminal_width())


def _of_module(found: list[Version], states: dict[int, ModuleState | None]) -> str:
    rows = []
    for one in found:
        state = states[one.number]
        digests = tuple(
            (getattr(state, part) or "-")[:12] if state else "-" for part in ("source", "artifact", "outputs")
        )
        rows.append((f"v{one.number}", when(one.time), *digests, one.reason + (" (pruned)" if one.pruned else "")))
    return table(rows, ("VERSION", "MADE", "SOURCE", "ARTIFACT", "OUTPUTS", "BY"), width=terminal_width())


def _state(store: Store, name: str | None, number: int) -> ModuleState | None:
    return state_at(store, name, number) if name else None


def _digests(state: ModuleState | None) -> dict[str, object]:
    return {part: getattr(state, part) for part in ("source", "artifact", "outputs", "metrics")} if state else {}


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN_MODULES} more" if len(names) > _SHOWN_MODULES else ""
    return ", ".join(names[:_SHOWN_MODULES]) + more
