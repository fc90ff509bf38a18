"""Evidence that is a place in the project's files: cited with the digest of its bytes, so that a change is seen.

A citation is `PATH#sha256:HEX` or `PATH:FIRST-LAST#sha256:HEX` (lines from 1, inclusive). Any other evidence is a name
that means something to people: an address, a run, a measurement.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from tars.core.errors import UsageError
from tars.memory.recall.values import State

FILE_BYTES_MAX: Final = 64 << 20
_PLACE: Final = re.compile(r"(?P<path>.+?)(?::(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?)?")
_CITATION: Final = re.compile(r"(?P<place>.+)#sha256:(?P<digest>[0-9a-f]{64})")


def cited(project: Path, text: str) -> str:
    """The text as a citation where it names a file of the project, or lines of one; else as it is.

    Raises `UsageError` where the file has no such lines.
    """
    found = _PLACE.fullmatch(text)
    content = _content(project, found["path"]) if found else None
    if found is None or content is None:
        return text
    part = _lines(content, found["first"], found["last"])
    if part is None:
        raise UsageError(
            f"`{found['path']}` has no lines {text[len(found['path']) + 1 :]}", hint="name lines that it has"
        )
    return f"{text}#sha256:{sha256(part).hexdigest()}"


def source_of(evidence: str) -> str:
    """What the evidence is about, whatever it said when it was cited: what two citations of one place share."""
    found = _CITATION.fullmatch(evidence)
    return found["place"] if found else evidence


def state_of(project: Path, evidence: str) -> State | None:
    """What has become of a citation since; None for evidence that is none."""
    found = _CITATION.fullmatch(evidence)
    place = _PLACE.fullmatch(found["place"]) if found else None
    if found is None or place is None:
        return None
    content = _content(project, place["path"])
    if content is None:
        return State.GONE
    part = _lines(content, place["first"], place["last"])
    return State.SAME if part is not None and sha256(part).hexdigest() == found["digest"] else State.CHANGED


def _lines(content: bytes, first: str | None, last: str | None) -> bytes | None:
    """The lines without the last one's end; all of it where none are named, None where it does not have them."""
    if first is None:
        return content
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    start, end = int(first), int(last or first)
    return b"\n".join(lines[start - 1 : end]) if 1 <= start <= end <= len(lines) else None


def _content(project: Path, path: str) -> bytes | None:
    """The bytes of a regular file of the project; None where there is none, or it is a link out of it."""
    try:
        place = (project / path).resolve()
        if not place.is_relative_to(project.resolve()) or not place.is_file() or place.stat().st_size > FILE_BYTES_MAX:
            return None
        return place.read_bytes()
    except (OSError, ValueError):
        return None
