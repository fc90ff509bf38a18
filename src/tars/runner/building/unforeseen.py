"""What a build read of the project beyond what its plan names: told by its tool, kept, and known to the next plan.

A scan of the sources finds nearly all that they take in, but no scan sees through macros and generated names. What it
misses is taken from the tool's own list, so that an artifact is only ever kept under a key that covers all of it.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blake3 import blake3
from ducktools.classbuilder.prefab import replace

from tars.core.values import Digest
from tars.lang.values import Module
from tars.runner.building.container import PROJECT
from tars.runner.values import BuildPlan, Source
from tars.runner.warm import SETTLED_NS

if TYPE_CHECKING:
    from tars.runner.building.build_steps import Workshop
    from tars.store.shared import Shared

_STATE: Final = ".tars/"
_PINS: Final = f"{_STATE}cache/pins/"
_RULE: Final = re.compile(r":(?:\s|$)")
_PATH: Final = re.compile(r"(?:\\[ #]|\S)+")
_PACKAGES: Final = "node_modules/"
LISTS_OF_PACKAGES: Final = (".package-lock.json", ".pnpm/lock.yaml", ".yarn-integrity", ".yarn-state.yml")
"""What npm, pnpm and yarn say in `node_modules` that they installed there."""


def foreseeing(plan: BuildPlan, source: Source, project: str | os.PathLike[str]) -> BuildPlan:
    """The plan with the files that the last build of the module read besides; as it is where there were none."""
    if not plan.told:
        return plan
    try:
        with open(_note(project, source.module), encoding="utf-8") as file:
            known = json.load(file)
    except (OSError, ValueError):
        return plan
    return with_unforeseen(plan, tuple(path for path in known if path not in plan.reads and path in source.files))


def with_unforeseen(plan: BuildPlan, unforeseen: tuple[str, ...]) -> BuildPlan:
    """The plan with these files instead of those that an earlier build told of."""
    foreseen = tuple(path for path in plan.reads if path not in plan.unforeseen)
    return replace(plan, reads=foreseen + unforeseen, unforeseen=unforeseen)


def remember(project: str | os.PathLike[str], module: Module, unforeseen: tuple[str, ...]) -> None:
    """Keeps for the next plan what the module's build read besides. A project that cannot be written builds again."""
    path = _note(project, module)
    with suppress(OSError):
        if not unforeseen:
            os.unlink(path)
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        temporary = f"{path}.{os.getpid()}"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(unforeseen, file)
        os.replace(temporary, path)


def learned(workshop: "Workshop", folder: Path, began_ns: int) -> Mapping[str, Digest] | None:
    """The files that a build in `folder`, begun at `began_ns`, read besides those that its plan foresaw, with their
    digests; None where these are the ones that an earlier build told of.

    A file that changed since the build began has an empty digest, which no file has: what rests on it is not found
    again. Raises `TarsError` where one is a link that leads out of the project.
    """
    plan, source = workshop.plan, workshop.source
    if not plan.told:
        return None
    try:
        told = os.fsdecode((folder / plan.told).read_bytes())
    except OSError:
        return None
    foreseen = set(plan.reads) - set(plan.unforeseen)
    roots = (workshop.project, os.path.realpath(workshop.project), PROJECT)
    named = _of_bundle(told) if plan.told.endswith(".json") else _of_rules(told)
    read = {path for name in named if (path := _in_project(name, roots, workshop.shared)) and path not in foreseen}
    found = sorted(path for path in read if not _is_installed(path, foreseen) and path in source.files)
    if tuple(found) == plan.unforeseen:
        return None
    return {path: _settled(workshop, path, began_ns) for path in found}


def _settled(workshop: "Workshop", path: str, began_ns: int) -> Digest:
    if os.stat(os.path.join(workshop.project, path)).st_ctime_ns > began_ns - SETTLED_NS:
        return Digest("")
    return Digest(blake3(workshop.source.files[path]).hexdigest())


def _of_rules(told: str) -> Iterator[str]:
    """What the rules of make say that their targets are made of; compilers escape blanks, `#` and `$` in names."""
    for line in told.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        if not line.startswith("#") and (colon := _RULE.search(line)):
            for name in _PATH.findall(line, colon.end()):
                yield name.replace("\\ ", " ").replace("\\#", "#").replace("$$", "$")


def _of_bundle(told: str) -> Iterator[str]:
    """The inputs in a metafile of esbuild (https://esbuild.github.io/api/#metafile)."""
    yield from json.loads(told)["inputs"]


def _in_project(name: str, roots: tuple[str, ...], shared: "Shared") -> str:
    """The path relative to the project; empty for what lies elsewhere, and for what TARS made there itself."""
    for root in roots:
        path = os.path.normpath(os.path.join(root, name))
        prefix = root.rstrip(os.sep) + os.sep
        if path.startswith(prefix):
            inside = path[len(prefix) :].replace(os.sep, "/")
            is_own = inside.startswith(_STATE) and not inside.startswith(_PINS)
            return "" if is_own or path.startswith(f"{shared.root}{os.sep}") else inside
    return ""


def _is_installed(path: str, foreseen: set[str]) -> bool:
    """Whether the file belongs to packages for which a list of them stands."""
    before, packages, _ = path.partition(_PACKAGES)
    return bool(packages) and any(f"{before}{packages}{name}" in foreseen for name in LISTS_OF_PACKAGES)


def _note(project: str | os.PathLike[str], module: Module) -> str:
    declared = (module.language, module.source, module.entry_point, sorted(module.options.items()))
    name = blake3(json.dumps(declared).encode()).hexdigest()[:32]
    return os.path.join(project, ".tars", "cache", "reads", f"{name}.json")
