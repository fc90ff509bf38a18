"""The codes of what `tarscli store` and `tarscli memory import` find, with what each means and what to do."""

from collections.abc import Mapping
from typing import Final

_LINE: Final = """\
A file for `tarscli memory import` has one JSON object a line, as `tarscli memory export` writes them. Where one line is
none, nothing of the file is read: mend the line, or take it out."""
_BACKUP: Final = """\
Restore `.tars/journal.db` from a backup; the objects are not affected."""
_OBJECT: Final = """\
`tarscli store repair` takes it from where its bytes still are, such as the project's own files. What it cannot find is
named, with what needs it."""
_STRANGE: Final = """\
Something else than TARS put it into `.tars/objects`. Remove it: nothing needs it."""
_FOLDER: Final = """\
The folders below `versions` in the output folder are made of the objects, for people to look into. Remove the version's
folder: it is made again from the store."""
CODES: Final[Mapping[str, tuple[str, str]]] = {
    "M0001": ("a line that cannot be read", _LINE),
    "S0001": ("the journal is damaged, or has lost entries", _BACKUP),
    "S0002": ("an entry of the journal is not what was committed, or is missing", _BACKUP),
    "S0003": ("an object's bytes are not its own", _OBJECT),
    "S0004": ("an object that is needed is missing", _OBJECT),
    "S0005": ("a file among the objects is none", _STRANGE),
    "S0006": ("a file of a version's folder is missing or changed", _FOLDER),
}
