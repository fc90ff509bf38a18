"""Finds the programs that toolchains need: the real ones, never a version manager's shim, and their versions."""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tars.lang.values import Module
from tars.runner.building.tool_places import places
from tars.runner.building.version_managers import manager_of, real_program
from tars.runner.values import Found, Tool
from tars.store.shared import default_root

CACHE_FORMAT: Final = 1
VERSION_SECONDS_MAX: Final = 30.0

_memory: dict[tuple[str, tuple[int, ...], str, str], tuple[Found, list[list[int]]]] = {}
_recorded: dict[str, dict[str, object]] = {}


def cache_folder() -> Path:
    """The user-wide cache, in which `tools/node_modules` may hold esbuild and TypeScript. It need not exist."""
    return default_root()


def detect(tool: Tool, project: Path | None = None) -> Found | None:
    """The tool on this machine, else one of those that do instead, or None where they are missing or too old.

    `project` may bring its own (`node_modules`) or choose one (`rust-toolchain.toml`). Nothing is started where the
    program has the size and times that are noted in `tools.json` of the user's cache.
    """
    question = (tool.name, tool.version_min, str(project or ""), os.environ.get("PATH", ""))
    remembered = _memory.get(question)
    if remembered is not None and _signature((remembered[0].path,)) == remembered[1]:
        return remembered[0]
    for found in _candidates(tool, project):
        if numbers(found.version) >= tool.version_min:
            _memory[question] = (found, _signature((found.path,)))
            return found
    return next(filter(None, (detect(other, project) for other in tool.instead)), None)


def missing_message(tool: Tool, module: Module, where: str, project: Path | None = None) -> str:
    """The one line that says which tool is missing, who needs it, and the command that installs it here.

    `where` is the place of the module's block as `scaffold.tars:31`.
    """
    name = tool.label or tool.name
    block = module.address.partition(".")[0]
    older = next(_candidates(tool, project), None)
    wanted, there = "", ""
    if older is not None:
        wanted = " " + ".".join(map(str, tool.version_min)) + " or newer"
        there = f"; {older.path} is {older.version.split()[0]}"
    need = f"(needed by {block} {module.name}, {where}{there})"
    return f"[ERROR] {name}{wanted} not found {need}. Install it: {install_command(tool)}"


def install_command(tool: Tool) -> str:
    """The best command of `tool.hints` for this system."""
    for manager, program in _managers():
        if manager in tool.hints and (not program or shutil.which(program)):
            needs_root = manager in ("apt", "dnf", "pacman", "apk", "zypper")
            root = "sudo " if needs_root and os.name == "posix" and os.geteuid() != 0 else ""
            return root + tool.hints[manager]
    return next(iter(tool.hints.values()), f"put `{tool.name}` on PATH")


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version, for comparison: `1.26.8 linux/amd64` is (1, 26, 8)."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in match.group().split(".")) if match else ()


def _managers() -> tuple[tuple[str, str], ...]:
    system: tuple[tuple[str, str], ...]
    if sys.platform == "darwin":
        system = (("brew", "brew"),)
    elif os.name == "nt":
        system = (("winget", "winget"),)
    else:
        linux = (("apt", "apt-get"), ("dnf", "dnf"), ("pacman", "pacman"), ("zypper", "zypper"), ("apk", "apk"))
        system = (*linux, ("brew", "brew"))
    return (("rustup", "rustup"), *system, ("npm", "npm"), ("pip", ""), ("", ""))


def _candidates(tool: Tool, project: Path | None) -> Iterator[Found]:
    if tool.name.startswith("rust-std-"):
        yield from _rust_standard_library(tool, project)
        return
    for path, version in places(tool.name, project, cache_folder()):
        found = Found(tool.name, path, version) if version else _identified(tool, path, project)
        if found is not None:
            yield found


def _rust_standard_library(tool: Tool, project: Path | None) -> Iterator[Found]:
    """Rust's library for another target: a folder of the compiler that it belongs to."""
    compiler = detect(Tool("rustc"), project)
    if compiler is not None:
        root = os.path.dirname(os.path.dirname(compiler.path))
        library = os.path.join(root, "lib", "rustlib", tool.name.removeprefix("rust-std-"), "lib")
        if os.path.isdir(library):
            yield Found(tool.name, library, compiler.version)


def _identified(tool: Tool, path: str, project: Path | None) -> Found | None:
    """The real program behind a path and its version: from the notes where nothing has changed, else by asking it."""
    file = cache_folder() / "tools.json"
    notes = _notes(file)
    manager = manager_of(path, tool.name)
    chooses = _chooses(project) if manager else ()
    asked = (*tool.version_arguments, tool.version_input.decode(errors="replace"))
    key = "|".join((tool.name, path, *asked, *chooses, os.environ.get("RUSTUP_TOOLCHAIN", "") if manager else ""))
    note = notes.get(key)
    if isinstance(note, dict):
        real, version = note.get("path"), note.get("version")
        known = isinstance(real, str) and note.get("signature") == _signature((path, real, *chooses))
        if known and isinstance(real, str) and isinstance(version, str):
            return Found(tool.name, real, version) if version else None
    real = real_program(path, tool.name, manager, project)
    version = _version(real, tool.version_arguments, tool.version_input) if real else ""
    # A program that cannot tell its version does not work; that too is noted, so that it is asked once only.
    signature = _signature((path, real or path, *chooses))
    _note(file, key, {"signature": signature, "path": real or path, "version": version})
    return Found(tool.name, real, version) if real and version else None


def deciding(project: Path) -> tuple[str, ...]:
    """The folders in which a program found first wins, and the files by which a version manager chooses."""
    folders = filter(os.path.isabs, os.environ.get("PATH", "").split(os.pathsep))
    return (*folders, os.path.join(project, "node_modules"), *_choices(project))


def _choices(project: Path | None) -> tuple[str, ...]:
    names = ("rust-toolchain.toml", "rust-toolchain", ".tool-versions", ".python-version", ".nvmrc", "mise.toml")
    own = tuple(os.path.join(project, name) for name in names) if project else ()
    return (os.path.join(_rustup_home(), "settings.toml"), *own)


def _chooses(project: Path | None) -> tuple[str, ...]:
    """The files by which a version manager chooses: a change in one makes it be asked again."""
    from glob import escape, glob  # noqa: PLC0415 - where nothing was known of a tool

    # What a toolchain of rustup consists of: a component that is added makes a shim one that works.
    home = escape(_rustup_home())
    return (*_choices(project), *sorted(glob(os.path.join(home, "toolchains", "*", "lib", "rustlib", "components"))))


def _rustup_home() -> str:
    return os.environ.get("RUSTUP_HOME") or os.path.expanduser("~/.rustup")


def _signature(paths: Sequence[str]) -> list[list[int]]:
    signature: list[list[int]] = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            signature.append([])
        else:
            signature.append([status.st_mtime_ns, status.st_size, status.st_ino])
    return signature


def _version(program: str, arguments: Sequence[str], given: bytes) -> str:
    import subprocess  # noqa: PLC0415 - only where a program is met for the first time

    try:
        done = subprocess.run(
            (program, *arguments),
            input=given,
            capture_output=True,
            timeout=VERSION_SECONDS_MAX,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    said = re.sub(r"^(\S+) \([^()\n]*\) (?=\d)", r"\1 ", said, count=1)  # as gcc says who packaged it
    match = re.search(r"\d+(?:\.\d+)+[^\r\n]*", said)
    return match.group().strip() if match and done.returncode == 0 else ""


def _notes(file: Path) -> dict[str, object]:
    known = _recorded.get(str(file))
    if known is None:
        known = _recorded[str(file)] = _read_notes(file)
    return known


def _read_notes(file: Path) -> dict[str, object]:
    """What was noted; a file that is missing, damaged or of another format is as good as an empty one."""
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict) or content.get("format") != CACHE_FORMAT:
        return {}
    programs = content.get("programs")
    return programs if isinstance(programs, dict) else {}


def _note(file: Path, key: str, note: Mapping[str, object]) -> None:
    """Add one note. Two processes may do so at once: the last one wins, and what is lost is asked again."""
    _recorded[str(file)] = notes = {**_read_notes(file), **_notes(file), key: dict(note)}
    temporary = file.with_name(f"tools.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps({"format": CACHE_FORMAT, "programs": notes}, indent=1), encoding="utf-8")
        os.replace(temporary, file)
    except OSError:
        return  # A cache that cannot be written costs time, never a run.
