"""Lets a metascript ask the project's memory: `recall("…", 5)` looks into the index as it stands."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tars.ui.cli.project import STATE


def recalling(project: Path) -> Callable[[str, int], Sequence[Mapping[str, Any]]]:
    """What answers `recall` for the metascripts of a project. Nothing is loaded before the first question; a project
    that remembers nothing answers with nothing, and stays without a `.tars`."""

    def recall(question: str, count: int) -> list[dict[str, Any]]:
        if not (project / STATE / "journal.db").exists():
            return []
        from tars.memory.recall.index import open_index  # noqa: PLC0415 - loads numpy, which few metascripts need
        from tars.memory.recall.search import ask  # noqa: PLC0415 - as above
        from tars.memory.recall.values import Question  # noqa: PLC0415 - as above
        from tars.store import open_store  # noqa: PLC0415 - as above

        with open_store(project / STATE) as store, open_index(store, reading=True) as index:
            found = ask(index, Question(question, count)).passages
        # Neither scores nor times: equal passages make an equal key of the module that they are handed to.
        return [
            {
                "id": one.id, "title": one.title, "text": one.text, "path": one.anchor.path,
                "lines": [one.anchor.first, one.anchor.last], "sha256": one.anchor.sha256,
            }
            for one in found
        ]  # fmt: skip

    return recall
