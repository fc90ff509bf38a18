"""What a module has made, once its command ended well: checked, stored, and put in its places in the project."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tars.core.errors import TarsError
from tars.core.values import Digest
from tars.runner.events import Status
from tars.runner.outputs import FINDINGS_MAX, collect, judge, move_in
from tars.runner.pins import original
from tars.runner.standing import make_empty, put_replaced, remove_stale
from tars.runner.view import View
from tars.store import Leaf, Objects

if TYPE_CHECKING:
    from tars.runner.execute import Done, Place, Task


def deliver(done: "Done", place: "Place", view: View) -> None:
    """Checks what a module left in its view, stores it and puts it in its places, or says what is wrong with it."""
    module = done.task.module
    delivered, findings = collect(module, view)
    findings += judge(module, view, delivered, place.project, place.safe)
    findings = findings or place.claims.take(module.address, delivered)[:FINDINGS_MAX]
    if findings:
        done.status, done.error, done.hint = Status.FAILED, "; ".join(findings), ""
        return
    done.delivered = {path: place.objects.put_file(f"{view.folder}/{path}") for path in delivered}
    done.source = stored_source(done.task, place)
    built = done.built
    if built is not None and built.artifact is not None:
        done.artifact = _stored_artifact(built.artifact, place)
    store_trees(done, place.objects)
    settle_places(done, place, lambda: move_in(view, delivered, place.project))
    done.status, done.error, done.hint = Status.SUCCEEDED, "", ""


def settle_places(done: "Done", place: "Place", put: Callable[[], None]) -> None:
    """Puts the artifact and, by `put`, the outputs in their places, of which all are stored: what stands there that is
    not TARS's is kept first, and what is left of earlier results is removed."""
    module, built = done.task.module, done.built
    artifact = {_target(module.artifact, path): leaf for path, leaf in done.artifact.items() if module.artifact}
    done.replaced = put_replaced({**done.delivered, **artifact}, place.project, place.files, place.objects)
    if done.replaced:
        place.note(module.address, done.replaced)
    remove_stale(module, done.task.before, done.delivered, place.project, place.files, place.objects)
    if built is not None and built.artifact is not None and module.artifact:
        place_artifact(built.artifact, place.project, module.artifact)
        for path, leaf in artifact.items():
            place.files.remember(path, leaf.digest)
    put()
    make_empty(module, done.delivered, place.project, place.files)


def _target(artifact: str, path: str) -> str:
    """Where a file of an artifact goes; `path` begins with the name that the build gave to the whole."""
    inner = path.partition("/")[2]
    return f"{artifact}/{inner}" if inner else artifact


def store_trees(done: "Done", objects: Objects) -> None:
    """Stores what a success consists of, all of whose files were stored, as trees."""
    done.trees = {
        "source": objects.put_tree(done.source),
        "artifact": objects.put_tree(done.artifact) if done.artifact else Digest(""),
        "outputs": objects.put_tree(done.delivered),
    }


def stored_source(task: "Task", place: "Place") -> dict[str, Leaf]:
    """The module's source in the store; contents that it already holds are not read again."""
    tree: dict[str, Leaf] = {}
    for path in task.plan.reads:
        name = original(path)
        digest = Digest(task.grounds.get(f"source {name}", ""))
        absolute = f"{place.project}/{path}"
        if digest == "absent":
            continue
        if digest and place.objects.adopt(digest):
            status = os.stat(absolute)
            tree[name] = Leaf(digest, bool(status.st_mode & 0o100), status.st_size)
        else:
            tree[name] = place.objects.put_file(absolute)
    return tree


def _stored_artifact(artifact: Path, place: "Place") -> dict[str, Leaf]:
    if artifact.is_file():
        return {artifact.name: place.objects.put_file(artifact)}
    files = (path for path in sorted(artifact.rglob("*")) if path.is_file())
    return {f"{artifact.name}/{path.relative_to(artifact).as_posix()}": place.objects.put_file(path) for path in files}


def place_artifact(artifact: Path, project: Path, target: str) -> None:
    """Copies the artifact to where the user wants it, by a temporary name and a rename."""
    place = project / target
    root = os.path.realpath(project)
    parent = os.path.realpath(place.parent)
    if parent != root and not parent.startswith(root + os.sep):
        raise TarsError(f"the artifact {target} would leave the project: a symbolic link leads to {parent}")
    place.parent.mkdir(parents=True, exist_ok=True)
    if artifact.is_dir():
        shutil.copytree(artifact, place, dirs_exist_ok=True)
        return
    if place.is_dir():
        raise TarsError(f"the artifact {target} is a folder", hint="name a file in `artifact`")
    temporary = place.with_name(f".{place.name}.{os.getpid()}")
    shutil.copy(artifact, temporary)
    os.replace(temporary, place)
