"""Metascripts for the benchmarks: tasks that each copy a file, alone, in a chain or as a fan."""

from collections.abc import Iterator
from pathlib import Path

import _peers
from _measure import Contender, copier, tarscli


def module(number: int, given: str, sandbox: str) -> str:
    chosen = f'  sandbox   = "{sandbox}"\n' if sandbox else ""
    return (
        f'agent_module "m{number}" {{\n  language  = "executable"\n  source    = "copier"\n  input     = {given}\n'
        f'  inject_as = "args"\n  output    = "out/{number}"\n{chosen}}}\n\n'
    )


def independent(count: int, sandbox: str) -> Iterator[str]:
    return (module(n, f'"in/{n}"', sandbox) for n in range(count))


def chain(count: int, sandbox: str) -> Iterator[str]:
    return (module(n, f"agent_module.m{n - 1}.output" if n else '"in/0"', sandbox) for n in range(count))


def fan(count: int, sandbox: str) -> Iterator[str]:
    """One module, and all the others read what it wrote."""
    return (module(n, "agent_module.m0.output" if n else '"in/0"', sandbox) for n in range(count))


SHAPES = {"independent": independent, "chain": chain, "fan": fan}


def lay_out(folder: Path, shape: str, count: int, sandbox: str) -> None:
    folder.mkdir(parents=True)
    _peers.inputs(folder, count if shape == "independent" else 1)
    copier(folder)
    (folder / "all.tars").write_text("settings {\n  jobs = 2\n}\n\n" + "".join(SHAPES[shape](count, sandbox)))


def forget(folder: Path) -> None:
    """Remove all that a run made, so that the next is a cold one."""
    kept = ("in", "copier", "all.tars")
    for path in folder.iterdir():
        if path.name not in kept:
            _peers.set_aside(path)


def cold(name: str, folder: Path, *options: str) -> Contender:
    return Contender(name, (*tarscli(), "run", "all.tars", *options), folder, lambda: forget(folder))


def cached(name: str, folder: Path) -> Contender:
    return Contender(name, (*tarscli(), "run", "all.tars"), folder)
