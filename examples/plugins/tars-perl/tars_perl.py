"""Perl: a script, with the modules of the project that it uses from its own folder."""

import re

from tars.core.values import Diagnostic
from tars.runner.building.sources import folder_of, found_at, joined, refused, under
from tars.runner.toolchain import Toolchain
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Tool

_PERL = Tool(
    "perl",
    (5, 10),
    ("-e", "printf '%vd', $^V"),
    {
        "apt": "apt-get install perl",
        "dnf": "dnf install perl",
        "winget": "winget install StrawberryPerl.StrawberryPerl",
    },
    "Perl",
)
_PLACE = re.compile(rb"^(?P<message>[^\n]+?) at (?P<path>[^\n]+?) line (?P<line>\d+)[.,]", re.MULTILINE)


class Perl:
    name = "perl"
    suffixes = (".pl",)

    def tools(self, source: Source) -> tuple[Tool, ...]:
        return (_PERL,)

    def sample(self) -> tuple[str, bytes]:
        return "agent.pl", b"use strict;\nbinmode STDIN;\nbinmode STDOUT;\nprint while <STDIN>;\n"

    def plan(self, source: Source, found: dict[str, Found]) -> BuildPlan:
        folder = folder_of(source)
        if source.is_folder or source.module.source not in source.files:
            raise refused(source, f"there is no file `{source.module.source}`", "name a `.pl` file of the project")
        modules = tuple(path for path in under(source, folder) if path.endswith(".pm"))
        step = Step(("{tool:perl}", "-I", joined("{project}", folder), "{source}"))
        return BuildPlan(step, tuple(sorted({source.module.source, *modules})))

    def explain(self, outcome: Outcome, source: Source) -> tuple[Diagnostic, ...]:
        places = (
            found_at(
                source, "perl:error", one["message"].decode("utf-8", "replace"), one["path"].decode(), int(one["line"])
            )
            for one in _PLACE.finditer(outcome.stderr)
        )
        return tuple(place for place in places if place is not None)


PLUGIN: Toolchain = Perl()
