"""The journal's entries of a run: what each success left, how it is found again by its key, and how it is restored."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tars.core.errors import TarsError
from tars.core.values import Digest, Json
from tars.lang.values import Module
from tars.runner.declaration import declaration
from tars.runner.execute import Done
from tars.runner.files import Files
from tars.store import Entry, Leaf, ModuleState, Objects, Store

RESULT: Final = "result"
FAILURE: Final = "failure"
RUN_STARTED: Final = "run-started"
RUN_FINISHED: Final = "run-finished"
EVENTS_MAX: Final = 10_000


def result_body(done: Done, objects: Objects) -> dict[str, Json]:
    """The body of a success: the trees of its source, artifact and outputs, where its files stand, and its grounds."""
    module = done.task.module
    body = _common(done, objects)
    body |= {
        "trees": dict(done.trees),
        "placed": {path: [leaf.digest, leaf.executable, leaf.size] for path, leaf in done.delivered.items()},
        "grounds": dict(done.task.grounds),
        "declaration": declaration(module),
        "metrics": dict(done.reported.metrics),
    }
    if module.artifact and len(done.artifact) == 1:
        leaf = next(iter(done.artifact.values()))
        body["placed_artifact"] = [module.artifact, leaf.digest, leaf.executable, leaf.size]
    roots = [digest for digest in done.trees.values() if digest]
    body["objects"] = [*roots, *(str(body[name]) for name in ("stdout", "stderr") if body[name])]
    return body


def failure_body(done: Done, objects: Objects) -> dict[str, Json]:
    """The body of a module's failure: what it said, and why it is one."""
    body = _common(done, objects)
    body["objects"] = [str(body[name]) for name in ("stdout", "stderr") if body[name]]
    return body


def _common(done: Done, objects: Objects) -> dict[str, Json]:
    outcome, built = done.outcome, done.built
    dropped = (("stdout", outcome.stdout_dropped_bytes), ("stderr", outcome.stderr_dropped_bytes)) if outcome else ()
    return {
        **{f"{stream}_dropped_bytes": number for stream, number in dropped if number},
        "name": done.task.module.name,
        "language": done.task.module.language,
        "status": done.status.value,
        "error": done.error,
        "why": done.task.why,
        "exit_code": outcome.code if outcome else None,
        "attempt": done.attempt,
        "sandbox": done.task.sandbox.name,
        "events": list(done.reported.events[:EVENTS_MAX]),
        "seconds": round(done.seconds, 6),
        "build_seconds": round(built.seconds, 6) if built else 0.0,
        "run_seconds": round(outcome.seconds, 6) if outcome else 0.0,
        "stdout": objects.put(outcome.stdout) if outcome and outcome.stdout else "",
        "stderr": objects.put(outcome.stderr) if outcome and outcome.stderr else "",
    }


def placed(body: Mapping[str, Json]) -> dict[str, Leaf]:
    """The project's files that a stored success stands for, with what must be in them."""
    result = {path: _leaf(*leaf) for path, leaf in _mapping(body["placed"]).items() if isinstance(leaf, list)}
    artifact = body.get("placed_artifact")
    if isinstance(artifact, list):
        path, *leaf = artifact
        result[str(path)] = _leaf(*leaf)
    return result


def output_paths_of(body: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(_mapping(body["placed"]))


def astray(body: Mapping[str, Json], files: Files) -> dict[str, Leaf]:
    """Those of a stored success's files that do not stand in the project as they should."""
    result = {}
    for path, leaf in placed(body).items():
        try:
            intact = files.holds(path, leaf.digest)
        except TarsError:
            intact = False  # a folder, a FIFO or something unreadable stands there
        if not intact:
            result[path] = leaf
    return result


def restore(leaves: Mapping[str, Leaf], objects: Objects, files: Files, project: Path) -> None:
    """Puts stored files back in the project. Raises `TarsError` where the store or the place cannot serve."""
    objects.restore_tree(leaves, project)
    for path, leaf in leaves.items():
        files.remember(path, leaf.digest)


def state_of(address: str, key: str, body: Mapping[str, Json]) -> ModuleState:
    """The state of a module for a version, as a success left it."""
    trees = _mapping(body["trees"])
    return ModuleState(
        name=str(body["name"]),
        language=str(body["language"]),
        address=address,
        source=Digest(str(trees["source"])),
        artifact=Digest(str(trees["artifact"])),
        outputs=Digest(str(trees["outputs"])),
        declaration=_mapping(body["declaration"]),
        key=key,
        metrics=_mapping(body["metrics"]),
    )


def last_result(store: Store, address: str) -> Entry | None:
    return store.latest(RESULT, subject=address)


def standing_result(store: Store, module: Module) -> Entry | None:
    """The success that stands for the module: its last one, or an older one to which a later version went back."""
    last, state = last_result(store, module.address), store.latest("state", subject=module.name)
    if last is None or state is None or state.number < last.number:
        return last
    return store.latest(RESULT, subject=module.address, key=str(state.body["key"])) or last


def unfinished_run(store: Store, metascript: str) -> str | None:
    """The name of the metascript's newest run where that was killed, cancelled or failed; None where it was done."""
    started = store.latest(RUN_STARTED, subject=metascript)
    finished = store.latest(RUN_FINISHED, subject=metascript)
    if started is None:
        return None
    if finished is None or finished.run != started.run or finished.body["status"] != "succeeded":
        return started.run
    return None


def _leaf(digest: Json = "", executable: Json = False, size: Json = 0) -> Leaf:
    assert isinstance(size, int)
    return Leaf(Digest(str(digest)), bool(executable), size)


def _mapping(value: "Json | Mapping[str, Json]") -> Mapping[str, Json]:
    assert isinstance(value, Mapping), f"a journal entry has {value!r} where a mapping belongs"
    return value
