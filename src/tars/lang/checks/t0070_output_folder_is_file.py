"""T0070: the output folder cannot be made, since a file stands there."""

from collections.abc import Iterator

from tars.core.values import Diagnostic
from tars.lang.meaning.resolved import Resolved, finding

CODE = "T0070"
TITLE = "file where the output folder should be"
EXPLANATION = """
TARS writes a record of each module, and the folders of versions, into the project's output folder: `output`, or what
`settings` names. A file has that name, or is in the way to it or to `logs` and `versions` in it. Name another folder,
or move the file away.
"""
WRONG = """
settings {
  output = "data/in.json"
}
"""
RIGHT = """
settings {
  output = "out"
}
"""


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    for path in dict.fromkeys(outer for own in resolved.settings.own for outer in _inwards(own)):
        if resolved.world.places.look(path) in ("file", "other"):
            message = f"`{path}` is no folder, and TARS writes its records to `{resolved.settings.own[1]}`"
            hint = 'move it away, or name another folder: `settings { output = "…" }`'
            yield finding(CODE, resolved.output_at, message, hint)
            return


def _inwards(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
