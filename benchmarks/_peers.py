"""The runners that users would pick instead: where they are found, and how each is told of the same tasks."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tars.runner.building.tools import cache_folder

PACKAGES = {"just": "rust-just", "task": "go-task-bin", "doit": "doit", "snakemake": "snakemake"}
INSTALL_SECONDS_MAX = 600


@dataclass(frozen=True, slots=True)
class Peer:
    """`file` and `text` are its build file for tasks that each turn `in/N` into `out/N`; `arguments` run them
    all, two at once."""

    name: str
    program: str
    file: str
    text: Callable[[int, str], str]
    arguments: tuple[str, ...]


def makefile(count: int, command: str) -> str:
    targets = " ".join(f"out/{n}" for n in range(count))
    return f"all: {targets}\nout/%: in/%\n\t{command} $< $@\n"


def justfile(count: int, command: str) -> str:
    names = " ".join(f"t{n}" for n in range(count))
    recipes = "".join(
        f'[script]\n[cache(inputs="in/{n}", outputs="out/{n}")]\nt{n}:\n    {command} in/{n} out/{n}\n\n'
        for n in range(count)
    )
    return f"set unstable\n\n[parallel]\nall: {names}\n\n{recipes}"


def taskfile(count: int, command: str) -> str:
    names = ", ".join(f"t{n}" for n in range(count))
    tasks = "".join(
        f"  t{n}:\n    cmds: ['{command} in/{n} out/{n}']\n    sources: ['in/{n}']\n    generates: ['out/{n}']\n"
        for n in range(count)
    )
    return f"version: '3'\ntasks:\n  default:\n    deps: [{names}]\n{tasks}"


def dodo(count: int, command: str) -> str:
    words = command.split()
    return (
        "def task_copy():\n"
        f"    for n in range({count}):\n"
        f"        yield {{'name': str(n), 'actions': [[*{words!r}, f'in/{{n}}', f'out/{{n}}']],\n"
        "               'file_dep': [f'in/{n}'], 'targets': [f'out/{n}']}\n"
    )


def snakefile(count: int, command: str) -> str:
    return (
        f'rule all:\n    input: expand("out/{{n}}", n=range({count}))\n\n'
        f'rule copy:\n    input: "in/{{n}}"\n    output: "out/{{n}}"\n    shell: "{command} {{input}} {{output}}"\n'
    )


PEERS = (
    Peer("make -j2", "make", "Makefile", makefile, ("-j2", "-s")),
    Peer("just [cache]", "just", "justfile", justfile, ("--quiet", "all")),
    Peer("go-task -C 2", "task", "Taskfile.yml", taskfile, ("-C", "2", "--silent")),
    Peer("doit -n 2", "doit", "dodo.py", dodo, ("-n", "2", "-v", "0")),
    Peer("snakemake -c 2", "snakemake", "Snakefile", snakefile, ("-c", "2", "--quiet", "all")),
)


def find(peer: Peer) -> str | None:
    """The peer's program: on this machine, or in an environment of the benchmarks, made when the network allows."""
    if peer.program not in PACKAGES:
        return shutil.which(peer.program)
    folder = cache_folder() / "benchmarks" / "peers"
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    found = shutil.which(peer.program, path=str(programs))
    if found is None and not (folder / "tried").exists():
        print(f"  installing {', '.join(PACKAGES.values())} for comparison (once)", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False, timeout=INSTALL_SECONDS_MAX)
        install = [str(programs / "python"), "-m", "pip", "install", "--quiet", *PACKAGES.values()]
        subprocess.run(install, check=False, timeout=INSTALL_SECONDS_MAX, stderr=subprocess.DEVNULL)
        (folder / "tried").touch()
        found = shutil.which(peer.program, path=str(programs))
    return found


def lay_out(peer: Peer, folder: Path, count: int, command: str) -> None:
    """Write the peer's build file and the inputs."""
    (folder / "out").mkdir(parents=True, exist_ok=True)
    inputs(folder, count)
    (folder / peer.file).write_text(peer.text(count, command))


def inputs(folder: Path, count: int) -> None:
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for n in range(count):
        (folder / "in" / str(n)).write_text(f"input {n}\n")


def forget(peer: Peer, folder: Path) -> None:
    """Remove all that the peer made and remembers, so that the next run is a cold one."""
    for path in folder.iterdir():
        if path.name not in ("in", peer.file):
            set_aside(path)
    (folder / "out").mkdir()


def set_aside(path: Path) -> None:
    """Takes it away without deleting it, which would slow down what is timed next: for seconds after many files were
    deleted, ext4 looks through all of them for each file that is made. It goes with the benchmark's own folder."""
    if path.exists():
        aside = path.parent.parent / "aside"
        aside.mkdir(exist_ok=True)
        path.rename(aside / f"{path.name}-{time.monotonic_ns()}")


def remove(path: Path) -> None:
    """The file or folder with all that is in it; versions are read-only, so folders are made writable first."""
    if not path.exists():
        return
    if path.is_symlink() or path.is_file():
        path.unlink()
        return
    for folder, _, _ in os.walk(path):
        os.chmod(folder, 0o700)
    shutil.rmtree(path, ignore_errors=True)
