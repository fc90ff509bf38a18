"""What a run would do and why, without running anything: the plan of `--dry-run`, and the answer of `tarscli why`."""

from collections.abc import Mapping
from threading import Event as Flag

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError
from tars.lang.values import Module
from tars.runner.events import Options, Planned
from tars.runner.keys import differences
from tars.runner.planning import load_first
from tars.runner.results import FAILURE, astray, last_result, output_paths_of, standing_result
from tars.runner.run import prepare, stored_outputs
from tars.runner.steps import Run, cause, reusable
from tars.runner.why import grounds_of
from tars.runner.workspace import open_workspace, save_known
from tars.store import Entry, Leaf, Store


class Why(Prefab, frozen=True):
    """The whole answer for one module. `changes` are all differences to its last success, where it would run; `grounds`
    is what its result rests on now; `last_run` and `last_time` say when it last ran, `last_status` what came of it,
    and `last_why` what made it run (empty and None where it never did)."""

    planned: Planned
    changes: tuple[str, ...]
    grounds: Mapping[str, str]
    last_run: str
    last_time: float | None
    last_status: str
    last_why: str


def plan(options: Options) -> tuple[Planned, ...]:
    """What a run would do, module by module. Writes nothing but derived caches.

    Raises `InputError` where the metascript has errors and `UsageError` for unknown names.
    """
    first = load_first(options)
    with open_workspace(options.project, verify=options.verify) as workspace:
        current, _ = prepare(options, workspace, "plan", Flag(), first)
        _stand_in(current)
        result = tuple(_planned(current, module)[0] for module in current.modules.values())
        save_known(workspace)
        return result


def why(options: Options, address: str) -> Why:
    """Why a module of `options.only` (and the metascript) would run or not; `address` names it."""
    first = load_first(options)
    with open_workspace(options.project, verify=options.verify) as workspace:
        current, _ = prepare(options, workspace, "plan", Flag(), first)
        _stand_in(current)
        for module in current.modules.values():
            planned, grounds = _planned(current, module)
            if module.address == address:
                last = standing_result(workspace.store, module)
                before = grounds_of(last) if last else {}
                runs = planned.action == "run"  # else an older success than the last one may stand for it
                changes = tuple(differences(before, grounds)) if last and runs and grounds else ()
                ran = _last_ran(workspace.store, address)
                if ran is None:
                    return Why(planned, changes, grounds, "", None, "", "")
                status, reason = str(ran.body["status"]), str(ran.body.get("why", ""))
                return Why(planned, changes, grounds, ran.run, ran.time, status, reason)
    raise AssertionError(f"{address} is not among the chosen modules")


def _last_ran(store: Store, address: str) -> Entry | None:
    """What the module left when it last ran, whatever came of it."""
    ends = (last_result(store, address), store.latest(FAILURE, subject=address))
    return max((end for end in ends if end is not None), key=lambda end: end.number, default=None)


def _planned(current: Run, module: Module) -> tuple[Planned, Mapping[str, str]]:
    """What would become of a module, after all those that it needs; with its grounds where they can be known."""
    lack = current.planner.missing(module)
    if lack is not None:
        return Planned(module.address, module.language, "unavailable", lack.message, module.needs), {}
    unsure = [need for need in module.needs if need not in current.outputs]
    if unsure:
        return Planned(module.address, module.language, "run", f"{unsure[0]} runs before it", module.needs), {}
    try:
        task = current.planner.task(module, 0, current.outputs)
        entry = reusable(current, task)
        if entry is None:
            text = cause(current, task)
            return Planned(module.address, module.language, "run", text, module.needs), task.grounds
        stray = astray(entry.body, current.workspace.files)
    except TarsError as error:
        return Planned(module.address, module.language, "unavailable", error.message, module.needs), {}
    current.outputs[module.address] = output_paths_of(entry.body)
    if stray:
        _suppose(current, stray)
        text = f"equal to a stored result; to be put back: {', '.join(sorted(stray)[:3])}"
        return Planned(module.address, module.language, "restore", text, module.needs), task.grounds
    text = f"nothing that it rests on has changed since run {entry.run}"
    return Planned(module.address, module.language, "cached", text, module.needs), task.grounds


def _stand_in(current: Run) -> None:
    for stray in stored_outputs(current).values():
        _suppose(current, stray)


def _suppose(current: Run, stray: Mapping[str, Leaf]) -> None:
    """The run would put these files back before it looked at what rests on them."""
    current.workspace.files.supposed.update((path, leaf.digest) for path, leaf in stray.items())
