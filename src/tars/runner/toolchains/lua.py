"""Lua: a script with the modules that it requires from its own folder, run by lua 5.1 or newer, or by LuaJIT."""

import re
from typing import Final

from tars.core.values import Diagnostic
from tars.runner.building.sources import folder_of, found_at, joined, refused, under
from tars.runner.toolchain import Toolchain
from tars.runner.toolchains._compiled import program_files
from tars.runner.toolchains._tools import LUA
from tars.runner.toolchains._wasm_host import target_of
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Tool

_REQUIRE: Final = re.compile(rb"""\brequire\s*\(?\s*(?:"|'|\[\[)(?P<name>[\w.-]+)""")
_ERROR: Final = re.compile(
    rb"^[^\n:]*lua[^\n:]*: (?P<path>[^\n]+?\.lua):(?P<line>\d+): (?P<message>[^\n]+)", re.MULTILINE
)


class Lua:
    name = "lua"
    suffixes = (".lua",)

    def tools(self, source: Source) -> tuple[Tool, ...]:
        return (LUA,)

    def sample(self) -> tuple[str, bytes]:
        return "agent.lua", b'io.write(io.read("*a"))\n'

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        if target_of(source):
            raise refused(source, "lua cannot be built for another target", "leave `target` out")
        folder = folder_of(source)
        start = joined(folder, "main.lua") if source.is_folder else program_files(source, self.suffixes)[0]
        if start not in source.files:
            hint = "put what starts it into main.lua, or name the file itself"
            raise refused(source, f"the folder `{source.module.source}` has no main.lua", hint)
        reads = under(source, folder) if source.is_folder else _required(source, start)
        base = "{project}/" + folder if folder else "{project}"
        name = found["lua"].tool if "lua" in found else "lua"
        step = Step((f"{{tool:{name}}}", f"{{project}}/{start}"), {"LUA_PATH": f"{base}/?.lua;{base}/?/init.lua;;"})
        return BuildPlan(step, reads)

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        """The place that the interpreter names before its traceback."""
        found = []
        for match in _ERROR.finditer(outcome.stderr):
            message, path = (match[name].decode("utf-8", "replace") for name in ("message", "path"))
            found.append(found_at(source, "lua:error", message, _whole(source, path), int(match["line"])))
        return tuple(one for one in found if one is not None)


def _whole(source: Source, path: str) -> str:
    """Lua leaves out the beginning of a long path: of the module's files it is the one that ends alike."""
    if not path.startswith("..."):
        return path
    tail = path.removeprefix("...")
    files = under(source, folder_of(source)) if source.is_folder else _required(source, source.module.source)
    return next((file for file in files if tail.endswith(f"/{file}") or file.endswith(tail)), path)


def _required(source: Source, start: str) -> tuple[str, ...]:
    """The script and the modules that it requires from its folder, directly or not; sorted."""
    folder = start.rpartition("/")[0]
    reads = {start}
    waiting = [start]
    while waiting:
        for match in _REQUIRE.finditer(source.files[waiting.pop()]):
            stem = joined(folder, match["name"].decode("utf-8", "replace").replace(".", "/"))
            for path in (f"{stem}.lua", f"{stem}/init.lua"):
                if path in source.files and path not in reads:
                    reads.add(path)
                    waiting.append(path)
    return tuple(sorted(reads))


PLUGIN: Toolchain = Lua()
