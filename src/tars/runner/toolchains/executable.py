"""Any program of the project, compiled or with a `#!` line, in whatever language: it is started as it is."""

import re
from typing import Final

from tars.core.values import Diagnostic
from tars.runner.building.sources import folder_of, found_at, joined, refused, under
from tars.runner.toolchain import Toolchain
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Tool

_PLACE: Final = re.compile(rb"^(?P<path>[^:\n]+): (?:line )?(?P<line>\d+): (?P<message>[^\n]+)", re.MULTILINE)


class Executable:
    name = "executable"
    suffixes = (".sh",)

    def tools(self, source: Source) -> tuple[Tool, ...]:
        return ()

    def sample(self) -> tuple[str, bytes]:
        return "agent.sh", b"#!/bin/sh\ncat\n"

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        module = source.module
        if not source.is_folder:
            return BuildPlan(Step(("{source}",)), (module.source,))
        program = joined(folder_of(source), module.entry_point)
        if not module.entry_point or program not in source.files:
            hint = "name the program in it as `entry_point`"
            raise refused(source, f"the folder `{module.source}` does not say which program starts", hint)
        return BuildPlan(Step((f"{{project}}/{program}",)), under(source, folder_of(source)))

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        """The places that shells name in their messages."""
        found = []
        for match in _PLACE.finditer(outcome.stderr):
            message = match["message"].decode("utf-8", "replace")
            path = match["path"].decode("utf-8", "replace")
            found.append(found_at(source, "executable:error", message, path, int(match["line"])))
        return tuple(one for one in found if one is not None)


PLUGIN: Toolchain = Executable()
