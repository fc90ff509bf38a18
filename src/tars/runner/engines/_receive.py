"""Takes in what a worker made: contents into the store, a build into the cache, outputs into their places."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

from tars.core.errors import TarsError
from tars.runner.building.kept import restore
from tars.runner.delivery import settle_places, store_trees, stored_source
from tars.runner.engines._parcel import BUILD, Came, Content
from tars.runner.events import Status
from tars.runner.execute import Done, Place, Task
from tars.runner.outputs import judge_target
from tars.runner.values import Built
from tars.store import Leaf


class Receipt:
    """A folder in which the pieces of contents are put together; gone when the `with` block ends."""

    def __init__(self, scratch: Path) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self.folder = Path(mkdtemp(prefix="came-", dir=scratch))
        self.files: dict[str, Path] = {}

    def __enter__(self) -> "Receipt":
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, content: Content) -> None:
        """Appends a piece. Names are the worker's and never become paths."""
        path = self.files.setdefault(content.name, self.folder / str(len(self.files)))
        with open(path, "ab") as file:
            file.write(content.data)
        os.chmod(path, 0o755 if content.executable else 0o644)


def receive(task: Task, place: Place, came: Came, receipt: Receipt) -> Done:
    """The `Done` of a task that ran elsewhere; where it succeeded its outputs stand in the project when this returns.

    Raises `TarsError` where what came is not whole, or where an output cannot be put in its place.
    """
    done = Done(
        task, came.status, came.error, came.hint, came.diagnostics, came.attempt, came.outcome,
        undeclared=list(came.undeclared), reported=came.reported, seconds=came.seconds,
    )  # fmt: skip
    done.built = _built(task, place, came, receipt)
    if came.status is not Status.SUCCEEDED:
        return done
    done.delivered, done.artifact = dict(came.delivered), dict(came.artifact)
    for leaf in (*done.delivered.values(), *done.artifact.values()):
        _store(leaf, place, receipt)
    done.source = stored_source(task, place)
    faults = [fault for path in done.delivered for fault in judge_target(path, place.project)]
    faults = faults or place.claims.take(task.module.address, done.delivered)
    if faults:
        raise TarsError("; ".join(faults))
    store_trees(done, place.objects)
    settle_places(done, place, lambda: place.objects.restore_tree(done.delivered, place.project))
    return done


def _store(leaf: Leaf, place: Place, receipt: Receipt) -> None:
    path = receipt.files.get(leaf.digest)
    if path is None or place.objects.put_file(path, executable=leaf.executable).digest != leaf.digest:
        raise TarsError("what came from the worker is not whole", hint="run again; if it recurs, look at the network")


def _built(task: Task, place: Place, came: Came, receipt: Receipt) -> Built | None:
    """The build as it is here now: what was made elsewhere is in this user's cache, so that nobody makes it again."""
    if not came.built:
        outcome = came.outcome if came.outcome_is_of_build else None
        return Built(False, outcome=outcome, seconds=came.build_seconds) if came.outcome_is_of_build else None
    folder = place.cache / "build" / task.build_key
    if came.build_meta is not None:
        files: Mapping[str, Path] = {
            name.removeprefix(BUILD): path for name, path in receipt.files.items() if name.startswith(BUILD)
        }
        place.shared.put(task.build_key, files, came.build_meta)
    artifact = None
    if came.artifact_path and (folder.exists() or restore(place.shared, task.build_key, folder)):
        artifact = folder / came.artifact_path
    return Built(
        True, artifact=artifact, key=task.build_key, cached=came.build_meta is None, seconds=came.build_seconds
    )
