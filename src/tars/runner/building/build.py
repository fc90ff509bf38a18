"""Builds a module as its toolchain planned: once per content, kept in the project and in the user's cache."""

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from tars.core.values import Diagnostic, Digest, Severity
from tars.runner.building.build_steps import Workshop, run_steps
from tars.runner.building.container import image_of
from tars.runner.building.environment import environment_folder
from tars.runner.building.expand import Expand, reads_of, shims_digest, shims_in
from tars.runner.building.kept import content_digest, is_intact, keep, restore
from tars.runner.building.sources import source_of as source_of
from tars.runner.building.unforeseen import learned, remember, with_unforeseen
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import BuildPlan, Built, Found, Source, Watch

if TYPE_CHECKING:
    from tars.store.shared import Shared

KEY_FORMAT: Final = "tars build 1"
ABANDONED_SECONDS: Final = 24 * 3600.0


def build_key(
    source: Source, plan: BuildPlan, found: Mapping[str, Found], digest_of: Callable[[str], Digest] | None = None
) -> str:
    """The key of a build: blake3 over the contents of all that it rests on. No path of this machine is in it.

    `digest_of` maps a path of `plan.reads` to the digest of its content; without it the files are read.
    """
    digest_of = digest_of or _digest_in(source)
    environment = plan.environment
    steps = (plan.command, *plan.steps, *plan.checks, *(environment.steps if environment else ()))
    reads = (*plan.reads, *(environment.reads if environment else ()))
    files = {**plan.files, **{f"environment/{name}": data for name, data in _files(plan)}}
    grounds = (
        (KEY_FORMAT, sys.platform, host_platform(), plan.artifact, plan.made, image_of(source)),
        [(path, digest_of(path)) for path in reads],
        [(step.argv, sorted(step.env.items()), step.cwd) for step in steps],
        [(name, blake3(data).hexdigest()) for name, data in sorted(files.items())],
        sorted((tool.tool, tool.version) for tool in found.values()),
        [(name, shims_digest(name)) for name in shims_in(steps, plan.files)],
    )
    return blake3(json.dumps(grounds).encode()).hexdigest()


@cache
def host_platform() -> str:
    """This machine as `os/architecture` in Go's words."""
    if sys.platform == "win32":
        import platform  # noqa: PLC0415 - slow to load, and only Windows has no `os.uname`

        system, machine = "windows", platform.machine().lower()
    else:
        system, machine = sys.platform, os.uname().machine.lower()
    return f"{system}/{ {'x86_64': 'amd64', 'aarch64': 'arm64', 'i686': '386'}.get(machine, machine) }"


def build(
    source: Source,
    plan: BuildPlan,
    found: Mapping[str, Found],
    *,
    project: Path,
    shared: "Shared",
    place: str | Path,
    digest_of: Callable[[str], Digest] | None = None,
    watch: Watch | None = None,
    cancel: threading.Event | None = None,
) -> Built:
    """Make the module ready to start; nothing is run where an equal build is in `place` or in `shared`.

    `place` is the build's own folder (`.tars/cache/build/<build_key>`); a failed build leaves nothing in it. One
    that read more of the project than planned gets another key and folder, and `unforeseen` says so. `digest_of` is as
    in `build_key`. Raises `UnavailableError` where a container is asked for and none works here.
    """
    key = os.path.basename(place)
    root = os.path.abspath(project)
    expand = Expand(root, source.module.source, found)
    environment: Path | None = None
    prepared = b""
    if plan.environment is not None:
        made = environment_folder(source, plan.environment, found, expand, shared=shared, watch=watch, cancel=cancel)
        if not made.ok or made.environment is None:
            return made
        environment, prepared = made.environment, made.log
        expand = expand.with_words(environment=str(environment))
    is_built = not (plan.steps or plan.checks or plan.files)
    if not is_built:
        place = Path(place)  # takes long to make, and most modules are not built
        is_built = is_intact(place, key) or restore(shared, key, place)
    if is_built:
        ready = Built(True, key=key, environment=environment, cached=not prepared, log=prepared)
        return _ready(ready, plan, found, expand, root, place)
    workshop = Workshop(source, plan, found, expand, root, Path(place), shared, watch, cancel)
    built = _make(workshop, key, digest_of or _digest_in(source), environment)
    if not built.ok:
        return built
    return _ready(built, plan, found, expand, root, place if built.key == key else Path(place).with_name(built.key))


def _make(workshop: Workshop, key: str, digest_of: Callable[[str], Digest], environment: Path | None) -> Built:
    """Run the steps in a folder of their own, and put what they made in place at once."""
    place, plan, source = workshop.place, workshop.plan, workshop.source
    place.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(place.parent)
    folder = place.parent / f".{key[:16]}.{os.getpid()}.{os.urandom(4).hex()}"
    folder.mkdir()
    began, began_ns = time.monotonic(), time.time_ns()
    try:
        outcome, log = run_steps(workshop, folder)
        seconds = time.monotonic() - began
        diagnostics: tuple[Diagnostic, ...] = ()
        ok = outcome is None or outcome.ok
        if outcome is not None and not ok:
            diagnostics = TOOLCHAINS.load(source.module.language).explain(outcome, source)
        elif plan.artifact and not (folder / workshop.expand.text(plan.artifact)).exists():
            ok = False
            message = f"the build ended well but did not make `{plan.artifact}`"
            diagnostics = (Diagnostic(f"{source.module.language}:build", Severity.ERROR, message, source.module.span),)
        unforeseen = learned(workshop, folder, began_ns) if ok else None
        if unforeseen is not None:
            remember(workshop.project, source.module, tuple(unforeseen))
            plan, more = with_unforeseen(plan, tuple(unforeseen)), unforeseen
            key = build_key(source, plan, workshop.found, lambda path: more[path] if path in more else digest_of(path))
            place = place.with_name(key)
        if ok and not _is_unchanged(workshop, unforeseen or {}, digest_of):
            key = os.urandom(32).hex()  # nothing says what was built: this run has it, and no plan asks for it again
            place = place.with_name(key)
        if ok:
            keeps = [workshop.expand.text(plan.artifact)] if plan.artifact else []
            keep(workshop.shared, key, folder, place, keeps=[*keeps, *plan.also, *plan.files], log=log, seconds=seconds)
        return Built(
            ok, key=key, environment=environment, cached=False, seconds=seconds, log=log, outcome=outcome,
            diagnostics=diagnostics, unforeseen=unforeseen,
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_unchanged(workshop: Workshop, unforeseen: Mapping[str, Digest], digest_of: Callable[[str], Digest]) -> bool:
    """Whether what was built rests on the contents that were planned."""
    try:
        return all(unforeseen.values()) and all(
            content_digest(os.path.join(workshop.project, path)) == digest_of(path) for path in workshop.plan.reads
        )
    except OSError:
        return False


def _ready(
    built: Built, plan: BuildPlan, found: Mapping[str, Found], expand: Expand, root: str, place: str | Path
) -> Built:
    expand = expand.with_words(build=str(place))
    argv = expand.argv(plan.command)
    also = tuple(str(path) for path in (built.environment,) if path is not None)
    refusal = ""
    if plan.platform and not fnmatchcase(host_platform(), plan.platform):
        wanted = plan.platform.replace("/*", "").replace("*/", "")
        refusal = f"it was built for {wanted}, which this machine ({host_platform()}) cannot run"
    return Built(
        ok=True,
        command=argv,
        env=expand.env(plan.command),
        artifact=Path(place, expand.text(plan.artifact)) if plan.artifact else None,
        environment=built.environment,
        key=built.key,
        cached=built.cached,
        seconds=built.seconds,
        log=built.log,
        outcome=built.outcome,
        diagnostics=built.diagnostics,
        reads=reads_of(argv, root, found, also),
        unforeseen=built.unforeseen,
        refusal=refusal,
    )


def _digest_in(source: Source) -> Callable[[str], Digest]:
    return lambda path: Digest(blake3(source.files[path]).hexdigest())


def _files(plan: BuildPlan) -> tuple[tuple[str, bytes], ...]:
    return tuple(plan.environment.files.items()) if plan.environment else ()


def _remove_abandoned(folder: Path) -> None:
    """Folders of builds that were killed: they begin with a dot, and nobody has touched them for a day."""
    for entry in os.scandir(folder):
        if entry.name.startswith(".") and time.time() - entry.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(entry.path, ignore_errors=True)
