"""The user's own rules: a Python file with `check(before, after)`, run in a jail like everything that is evolved."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tars.core.errors import UsageError
from tars.core.values import Diagnostic, Json, Severity
from tars.evolve.jail.cells import Room
from tars.evolve.jail.values import Job
from tars.evolve.jail.warm import Warm

CODE: Final = "E0900"
SENTENCES_MAX: Final = 20


class UserRules:
    """The rules as they were when they were read; what the file becomes later does not count."""

    def __init__(self, path: Path, folder: Path) -> None:
        try:
            self.source = path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise UsageError(f"the rules `{path}` cannot be read: {error}", hint="a Python file") from error
        if "def check(" not in self.source:
            raise UsageError(f"`{path}` defines no `check`", hint="def check(before, after): return [sentences]")
        self.path = path
        folder.mkdir(parents=True, exist_ok=True)
        self._jail = Warm(Room(), folder)

    def findings(self, before: Json, after: Json) -> Sequence[Diagnostic]:
        """A rule that fails forbids the change: nothing is accepted that was not looked at."""
        found = self._jail.run(Job(self.source, "check", [[before, after]], stays=True))
        said = found.answers[0] if found.answers else [f"the rule itself failed: {found.text or found.fault}"]
        if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
            said = ["the rule did not return a list of sentences"]
        return tuple(
            Diagnostic(CODE, Severity.ERROR, one, hint=f"{self.path} forbids it") for one in said[:SENTENCES_MAX]
        )

    def close(self) -> None:
        self._jail.close()
