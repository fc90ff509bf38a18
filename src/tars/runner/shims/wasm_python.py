"""The start of a Python agent that is a WebAssembly component: imported once when it is built, run when it starts.

`tars_agent.py`, made for each agent, stands beside it: the sources by their path in the project, and Python's command
line. What may be imported must be imported while it is built: the component holds no files, only what was in memory.
"""

from __future__ import annotations

import ast
import asyncio
import atexit
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import linecache
import os
import pkgutil
import random
import sys
import time
import traceback
import types

import python_function
import tars_agent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUBMODULES_MAX = 500
COMMON = """
    argparse array base64 bisect calendar codecs collections.abc concurrent.futures configparser contextlib copy csv
    dataclasses datetime decimal difflib email.utils encodings.ascii encodings.idna encodings.latin_1 encodings.utf_16
    encodings.utf_8_sig enum fnmatch fractions functools getpass gettext glob gzip hashlib heapq hmac html.parser
    inspect io itertools json locale logging math numbers operator pathlib platform pprint queue secrets shlex shutil
    signal statistics string struct subprocess tempfile textwrap threading time timeit tokenize tomllib types typing
    unicodedata urllib.parse urllib.request uuid warnings weakref xml.etree.ElementTree zipfile zlib zoneinfo _strptime
""".split()  # noqa: SIM905
"""What agents import, also inside functions, and what these modules import when they are first used."""


class Run:
    """What the component exports as `wasi:cli/run`."""

    def run(self) -> None:
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8")
        random.seed()  # What was drawn while it was built must not come again in each run.
        code = 1
        try:
            _start(list(tars_agent.COMMAND), sys.argv[1:])
            code = 0
        except SystemExit as end:
            code = _code(end.code)
        except BaseException as error:
            _show(error)
        try:
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            code = 1
        if code:
            raise SystemExit(1)  # WASI knows of success and failure only.


class Loop(asyncio.BaseEventLoop):
    """An event loop that waits for time only: there are no sockets to wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = self

    def select(self, timeout: float | None) -> list[object]:
        if timeout is None:
            raise RuntimeError("all that is left waits for something that cannot come: WASM has no sockets")
        time.sleep(max(timeout, 0.0))
        return []

    def _process_events(self, events: list[object]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def _start(command: list[str], arguments: list[str]) -> None:
    """Does what Python does with this command line; functions are called as they are natively."""
    if command[0] == "-m":
        _run_module(command[1], arguments)
    elif command[0] == "python_function.py":
        path, name, package = command[1], command[2], "".join(command[3:]).removeprefix("--package=")
        sys.argv = [path, *arguments]
        function: object = importlib.import_module(package) if package else _from_file(path)
        for part in name.split("."):
            function = getattr(function, part, None)
            if function is None:
                sys.exit(f"tars: `{path}` has no function `{name}`; `entry_point` names one that is in it")
        python_function.deliver(python_function.call(function, name))
    else:
        path = command[0] if command[0] in CODE else f"{command[0]}/__main__.py".removeprefix("./")
        _run_code(path, [command[0], *arguments], "")


def _run_module(name: str, arguments: list[str]) -> None:
    path = _path_of(name)
    if path is not None and path.endswith("/__init__.py"):
        importlib.import_module(name)
        path = _path_of(f"{name}.__main__")
    elif path is not None and "." in name:
        importlib.import_module(name.rpartition(".")[0])
    if path is None:
        sys.exit(f"tars: there is no module `{name}` that can be run")
    package = name if path.endswith("/__main__.py") and not name.endswith("__main__") else name.rpartition(".")[0]
    _run_code(path, [path, *arguments], package)


def _run_code(path: str, argv: list[str], package: str) -> None:
    sys.argv = argv
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__package__ = package or None
    sys.modules["__main__"] = module
    exec(CODE[path], module.__dict__)


def _from_file(path: str) -> types.ModuleType:
    name = os.path.splitext(os.path.basename(path))[0]
    module = types.ModuleType(name)
    module.__file__ = path
    sys.modules.setdefault(name, module)
    exec(CODE[path], module.__dict__)
    return module


def _code(said: object) -> int:
    if said is None or isinstance(said, int):
        return int(said or 0)
    print(said, file=sys.stderr)
    return 1


def _show(error: BaseException) -> None:
    """The traceback without the frames of this file."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = next((number for number, frame in enumerate(frames) if frame.filename in CODE), 0)
    shown = traceback.TracebackException.from_exception(error)
    shown.stack = traceback.StackSummary.from_list(list(frames)[inside:])
    print("".join(shown.format()), end="", file=sys.stderr)


class Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the agent's own modules before all others, as natively the script's folder comes first."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        file = _path_of(name)
        if file is None:
            return None
        is_package = file.endswith("/__init__.py")
        spec = importlib.util.spec_from_loader(name, self, origin=file, is_package=is_package)
        if spec is not None:
            spec.has_location = True
            if is_package:
                spec.submodule_search_locations = [file.rpartition("/")[0]]
        return spec

    def exec_module(self, module: types.ModuleType) -> None:
        exec(CODE[str(module.__spec__ and module.__spec__.origin)], module.__dict__)


def _path_of(name: str) -> str | None:
    stem = name.replace(".", "/")
    for root in tars_agent.ROOTS:
        for path in (f"{root}/{stem}.py", f"{root}/{stem}/__init__.py"):
            if path.lstrip("/") in CODE:
                return path.lstrip("/")
    return None


def _imported(text: str) -> Iterator[str]:
    """The modules that a source imports, wherever in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _load_all() -> None:
    """Imports what the agent may import later. What fails here fails there too, if it is really needed."""
    wanted = dict.fromkeys(COMMON)
    for text in tars_agent.SOURCES.values():
        wanted |= dict.fromkeys(name for name in _imported(text) if _path_of(name.partition(".")[0]) is None)
    own = set(sys.stdlib_module_names)
    for name in wanted:
        module = _try(name)
        if module is not None and name.partition(".")[0] not in own and hasattr(module, "__path__"):
            found = pkgutil.walk_packages(module.__path__, f"{name}.", onerror=lambda _: None)
            for _, inner in zip(range(SUBMODULES_MAX), found, strict=False):
                _try(inner.name)


def _try(name: str) -> types.ModuleType | None:
    try:
        return importlib.import_module(name)
    except BaseException:
        return None


CODE = {path: compile(text, path, "exec", dont_inherit=True) for path, text in tars_agent.SOURCES.items()}
for _path, _text in tars_agent.SOURCES.items():
    linecache.cache[_path] = (len(_text), None, _text.splitlines(keepends=True), _path)
_load_all()
asyncio.new_event_loop = asyncio.events.new_event_loop = Loop
sys.meta_path.insert(0, Sources())
