"""The user's own rules: sources with `check(before, after)`, run in a jail like everything that is evolved.

A rule is a file in Python, JavaScript or TypeScript, or a module of the metascript in one of these.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tars.core.errors import UsageError
from tars.core.values import Diagnostic, Json, Severity
from tars.evolve.jail.cells import Fresh, Room
from tars.evolve.jail.values import Jail, Job
from tars.evolve.jail.warm import Warm
from tars.evolve.sources.languages import SUFFIXES

CODE: Final = "E0900"
ENTRY: Final = "check"
LANGUAGES: Final = ("python", "javascript", "typescript")
SENTENCES_MAX: Final = 20


class UserRules:
    """The rules as they were when they were read; what the files become later does not count."""

    def __init__(self, paths: Sequence[Path], folder: Path) -> None:
        """Raises `UsageError` where one of them cannot be read, or has no `check`."""
        self._rules = [_opened(path, folder / str(number)) for number, path in enumerate(paths)]

    def findings(self, before: Json, after: Json) -> Sequence[Diagnostic]:
        """A rule that fails forbids the change: nothing is accepted that was not looked at."""
        found: list[Diagnostic] = []
        for path, source, jail in self._rules:
            answered = jail.run(Job(source, ENTRY, [[before, after]], stays=True))
            said = (
                answered.answers[0]
                if answered.answers
                else [f"the rule itself failed: {answered.text or answered.fault}"]
            )
            if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
                said = ["the rule did not return a list of sentences"]
            found += (Diagnostic(CODE, Severity.ERROR, one, hint=f"{path} forbids it") for one in said[:SENTENCES_MAX])
        return tuple(found)

    def close(self) -> None:
        for _, _, jail in self._rules:
            jail.close()


def _opened(path: Path, folder: Path) -> tuple[Path, str, Jail]:
    language = SUFFIXES.get(path.suffix, "")
    if language not in LANGUAGES:
        raise UsageError(
            f"the rules `{path}` are in no language that can be held", hint=f"one of {', '.join(LANGUAGES)}"
        )
    try:
        source = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"the rules `{path}` cannot be read: {error}", hint="a source with `check`") from error
    if ENTRY not in source:
        raise UsageError(
            f"`{path}` defines no `{ENTRY}`", hint="as def check(before, after): return [sentences], or its like"
        )
    folder.mkdir(parents=True, exist_ok=True)
    room = Room(language)
    return path, source, Warm(room, folder) if language == "python" else Fresh(room, folder)
