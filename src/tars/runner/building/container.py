"""Builds in a container (`compile = "docker"`): by podman or docker, whichever is there and works."""

import os
import shutil
from collections.abc import Mapping
from typing import Final, NamedTuple

from tars.core.errors import UnavailableError
from tars.runner.building.expand import Expand
from tars.runner.values import Source, Step

PROBE_SECONDS_MAX: Final = 20.0
PROJECT: Final = "/tars/project"
"""Where a container sees the project."""
IMAGES: Final[Mapping[str, str]] = {
    "rust": "docker.io/library/rust:1-bookworm",
    "go": "docker.io/library/golang:1-bookworm",
    "typescript": "docker.io/library/node:22-bookworm-slim",
}
_STARTED_BY: Final[Mapping[str, tuple[str, ...]]] = {"esbuild": ("npx", "--yes", "esbuild@0.25")}


class Mounts(NamedTuple):
    """The folders of this machine that a build in a container sees; only `build` and `work` can be written."""

    project: str
    build: str
    work: str


def image_of(source: Source) -> str:
    """The image that builds this module, or `""` where it is built on the host."""
    if source.module.compile != "docker":
        return ""
    image = IMAGES.get(source.module.language)
    if image is None:
        known = ", ".join(sorted(IMAGES))
        raise UnavailableError(
            f'`compile = "docker"` is not possible for {source.module.language} ({source.module.address})',
            hint=f"it is for {known}; leave `compile` out",
        )
    return image


def engine() -> str:
    """The container program that works on this machine, found by asking its engine, not by its file alone."""
    import subprocess  # noqa: PLC0415 - only where a module asks for a container

    tried = []
    for name in ("podman", "docker"):
        program = shutil.which(name)
        if program is None:
            tried.append(f"{name} is not installed")
            continue
        try:
            done = subprocess.run(
                (program, "info"),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PROBE_SECONDS_MAX,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            tried.append(f"{name} does not answer ({type(error).__name__})")
            continue
        if done.returncode == 0:
            return program
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        tried.append(f"{name} does not work ({lines[-1].strip() if lines else f'exit {done.returncode}'})")
    raise UnavailableError(
        f'`compile = "docker"` needs podman or docker: {"; ".join(tried)}',
        hint="start its engine, install podman, or set `compile = true` to build on this machine",
    )


def inside(expand: Expand, source: str, mirrored: bool) -> Expand:
    """The words of a step as the container sees them."""
    project = "/tars/work/project" if mirrored else PROJECT
    path = project if source in ("", ".") else f"{project}/{source}"
    return expand.with_words(build="/tars/build", work="/tars/work", project=project, source=path, exe="")


def wrapped(program: str, image: str, mounts: Mounts, step: Step, expand: Expand) -> tuple[str, ...]:
    """The command that runs a step in the container. `expand` is that of `inside`."""
    argv = expand.argv(step)
    argv = (*_STARTED_BY.get(argv[0], (argv[0],)), *argv[1:])
    env = {"HOME": "/tars/work", "CARGO_HOME": "/tars/work/.cargo", "GOCACHE": "/tars/work/.go", **expand.env(step)}
    user: tuple[str, ...] = ()
    if os.path.basename(program).startswith("podman"):
        user = ("--userns=keep-id",)
    elif os.name == "posix":
        user = ("--user", f"{os.getuid()}:{os.getgid()}")
    return (
        *(program, "run", "--rm", *user),
        *("--volume", f"{mounts.project}:{PROJECT}:ro"),
        *("--volume", f"{mounts.build}:/tars/build"),
        *("--volume", f"{mounts.work}:/tars/work"),
        *(part for name, value in env.items() for part in ("--env", f"{name}={value}")),
        *("--workdir", expand.text(step.cwd), image),
        *argv,
    )
