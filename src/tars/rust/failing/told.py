"""What failing tests say: which assertion did not hold, with what values, and where the program stopped."""

import re
from collections.abc import Iterator
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.rust.values import Tested

_BLOCK: Final = re.compile(r"^---- (?P<name>.+?) stdout ----$", re.M)
_PANIC: Final = re.compile(
    r"^thread '.*?' (?:\(\d+\) )?panicked at (?:'(?P<old>.*)', )?(?P<path>[^\n:]+\.rs):(?P<line>\d+):\d+:?$", re.M
)
_SIDE: Final = re.compile(r"^ *(?P<side>left|right): (?P<value>.*)$", re.M)
_END: Final = re.compile(r"^(note: run with|failures:|test result:|stack backtrace:)", re.M)
TEXT_MAX: Final = 600


class Failure(Prefab, frozen=True):
    """What one failing test said. `path` and `line` are where it stopped (empty and 0: nobody knows), `left` and
    `right` the values that an assertion compared, as they were printed."""

    name: str
    text: str = ""
    path: str = ""
    line: int = 0
    left: str = ""
    right: str = ""


def failures_of(tested: Tested) -> tuple[Failure, ...]:
    """The failing tests in their order, with what they said as far as it was kept."""
    said = dict(_blocks(tested.detail))
    return tuple(_failure(name, said) for name in tested.failed)


def _blocks(output: str) -> Iterator[tuple[str, str]]:
    starts = list(_BLOCK.finditer(output))
    for at, start in enumerate(starts):
        end = starts[at + 1].start() if at + 1 < len(starts) else len(output)
        text = output[start.end() : end]
        over = _END.search(text)
        yield start["name"].strip(), text[: over.start() if over else len(text)].strip()


def _failure(name: str, said: dict[str, str]) -> Failure:
    text = next((text for own, text in said.items() if _is_same(name, own)), "")
    panic = _PANIC.search(text)
    sides = {one["side"]: one["value"] for one in _SIDE.finditer(text)}
    shown = _PANIC.sub(lambda found: found["old"] or "", text).strip()[:TEXT_MAX]
    where = (panic["path"], int(panic["line"])) if panic else ("", 0)
    return Failure(name, shown, *where, sides.get("left", ""), sides.get("right", ""))


def _is_same(name: str, own: str) -> bool:
    """Whether the name in the output is the test's, which has its crate in front and, of an example in the
    documentation, no line."""
    plain = re.sub(r" \(line \d+\)$", "", own)
    return name == plain or name.endswith((f"::{plain}", f": {plain}")) or re.sub(r" #\d+$", "", name).endswith(plain)
