"""What `include` of a `belief_graph` is answered with; kept apart so that a run without one loads no memory."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tars.core.values import Json
from tars.lang.values import Declaration, Metascript
from tars.ui.cli.project import STATE


def believing(project: Path, metascript: Path) -> Callable[[Declaration], Sequence[Mapping[str, Json]]]:
    """What gives the graphs of a metascript the beliefs that they include. Nothing is loaded before the first question;
    a project that has no `.tars` stays without one."""
    place = os.path.relpath(os.path.realpath(metascript), os.path.realpath(project)).replace(os.sep, "/")
    known: dict[str, list[dict[str, Json]]] = {}

    def believed(graph: Declaration) -> list[dict[str, Json]]:
        from tars.runner.inputs import declared_beliefs  # noqa: PLC0415 - few metascripts ask memory

        include = graph.attributes["include"]
        declared = declared_beliefs(Metascript(place, (), declarations=(graph,)))
        key = json.dumps([include, declared], sort_keys=True)
        if key not in known:
            assert isinstance(include, list)
            known[key] = _selected(project, [str(text) for text in include], declared, place)
        return known[key]

    return believed


def _selected(project: Path, include: list[str], declared: dict[str, Json], place: str) -> list[dict[str, Json]]:
    from tars.memory.selecting import select  # noqa: PLC0415 - as above
    from tars.store import open_store  # noqa: PLC0415 - as above

    if not (project / STATE / "journal.db").exists():
        from tempfile import TemporaryDirectory  # noqa: PLC0415 - as above

        with TemporaryDirectory(prefix="tars-beliefs-") as folder, open_store(Path(folder) / STATE) as store:
            return select(store, include, declared, place)
    with open_store(project / STATE) as store:
        return select(store, include, declared, place)
