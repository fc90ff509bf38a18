"""What one file of a source declares in comments: parameters with ranges, slots for data, regions that may change.

    STEP = 0.5        # tars: 0.01 .. 2.0 log      a number in a range; `log` where its size matters, not its amount
    WALKS = 20        # tars: 1 .. 200             a whole number, since the bounds are
    METHOD = "climb"  # tars: "random" | "climb"   one of these
    START = None      # tars: slot                 data that a candidate hands on to those made from it
    # tars: evolve … # tars: end                   a region; `EVOLVE-BLOCK-START` and `-END` mean the same

The value is the literal between `=` and the comment; `//` begins a comment as well. What no declaration covers is never
changed.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, replace

from tars.core.values import Diagnostic, Severity, Span

_MARK: Final = r"(?:#|//)[ \t]*"
_DECLARED: Final = re.compile(
    r"^([ \t]*(?:export[ \t]+|pub(?:\([^)]*\))?[ \t]+)?(?:(?:const|let|var|static|mut) )*"
    rf"[ \t]*([A-Za-z_]\w*)(?:[ \t]*:[^=\n]*)?[ \t]*=[ \t]*)(.+?)"
    rf"([ \t]*;?[ \t]*{_MARK}tars:[ \t]*(.+?)[ \t]*)\r?$",
    re.M,
)
BEGIN: Final = re.compile(rf"^[ \t]*{_MARK}(?:tars:[ \t]*evolve(?:[ \t]+(\w+))?|EVOLVE-BLOCK-START)[ \t]*\r?$", re.M)
END: Final = re.compile(rf"^[ \t]*{_MARK}(?:tars:[ \t]*end|EVOLVE-BLOCK-END)[ \t]*\r?$", re.M)
_NUMBER: Final = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE: Final = re.compile(rf"({_NUMBER})[ \t]*\.\.[ \t]*({_NUMBER})(?:[ \t]+(log))?")
_WORDS: Final = {"None": None, "null": None, "True": True, "true": True, "False": False, "false": False}


class Parameter(Prefab, frozen=True):
    """A declared value at `[start, end)` of its file. `choices` is empty for a number, which lies between `low` and
    `high`. `file` is empty in a source of one file."""

    name: str
    value: Any
    start: int
    end: int
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    log: bool = False
    choices: tuple[Any, ...] = ()
    file: str = ""


class Slot(Prefab, frozen=True):
    name: str
    start: int
    end: int
    file: str = ""


class Region(Prefab, frozen=True):
    """The lines between the two marks."""

    name: str
    start: int
    end: int
    text: str
    file: str = ""


class Declared(Prefab, frozen=True):
    """All that a source declares, in the order in which it stands there, and what is wrong with it. What one of several
    files declares is known by `FILE:NAME`."""

    parameters: Mapping[str, Parameter]
    slots: Mapping[str, Slot]
    regions: Mapping[str, Region]
    faults: tuple[Diagnostic, ...] = ()


@lru_cache(maxsize=4096)
def declared_in_file(text: str, file: str, path: str) -> Declared:
    """What one file declares; `path` is named in its faults. Never raises: mistakes are diagnostics (E0001 a bad
    declaration, E0002 a region that does not end, E0003 a name twice)."""
    parameters: dict[str, Parameter] = {}
    slots: dict[str, Slot] = {}
    faults: list[Diagnostic] = []
    if text.startswith("\ufeff"):
        hint = "save it as UTF-8 without one"
        faults.append(Diagnostic("E0001", Severity.ERROR, "it begins with a byte order mark", Span(path, 0, 1), hint))
    for found in _DECLARED.finditer(text):
        name, literal, said = found[2], found[3].rstrip("; \t"), found[5]
        start = found.start(3)
        end = start + len(literal)
        if said.split()[0] in ("evolve", "end"):
            continue
        if name in parameters or name in slots:
            faults.append(_fault("E0003", f"`{name}` is declared twice", path, found, "keep one of them"))
        elif said == "slot":
            slots[name] = Slot(name, start, end, file)
        else:
            made = _parameter(name, literal, said, start, end)
            if isinstance(made, str):
                faults.append(_fault("E0001", f"`{name}`: {made}", path, found, "as `# tars: 0.1 .. 2.0 log`"))
            else:
                parameters[name] = replace(made, file=file) if file else made
    regions = _regions(text, file, path, faults)
    return Declared(parameters, slots, regions, tuple(faults))


def _parameter(name: str, literal: str, said: str, start: int, end: int) -> Parameter | str:
    value = _literal(literal)
    if value is _UNREADABLE:
        return f"its value `{literal[:40]}` is no plain number, text or truth value"
    if (found := _RANGE.fullmatch(said)) is not None:
        low, high = _number(found[1]), _number(found[2])
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "a range is for a number"
        if not low < high:
            return "the range is empty"
        if found[3] and low <= 0:
            return "`log` needs a range above 0"
        if not low <= value <= high:
            return f"its value {literal} lies outside of its range"
        whole = all(isinstance(each, int) for each in (low, high, value))
        return Parameter(name, value, start, end, low, high, whole, bool(found[3]))
    choices = tuple(_literal(each.strip()) for each in said.split("|"))
    if len(choices) < 2 or _UNREADABLE in choices:
        return f"`{said[:60]}` is neither a range, nor values with `|` between them, nor `slot`"
    if value not in choices:
        return f"its value {literal} is not one of its choices"
    return Parameter(name, value, start, end, choices=choices)


_UNREADABLE: Final = object()


def _literal(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if re.fullmatch(_NUMBER, text):
        return _number(text)
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'" and not set(text[1:-1]) & {text[0], "\\"}:
        return text[1:-1]
    return _UNREADABLE


def _number(text: str) -> int | float:
    text = text.replace("_", "")
    return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)


def _regions(text: str, file: str, path: str, faults: list[Diagnostic]) -> dict[str, Region]:
    regions: dict[str, Region] = {}
    at = 0
    while (begin := BEGIN.search(text, at)) is not None:
        start = min(begin.end() + 1, len(text))
        end = END.search(text, start)
        inner = BEGIN.search(text, start)
        if end is None or (inner is not None and inner.start() < end.start()):
            faults.append(_fault("E0002", "this region never ends", path, begin, "write `# tars: end` after it"))
            return regions
        name = begin[1] or f"region{len(regions) + 1}"
        if name in regions:
            faults.append(_fault("E0003", f"the region `{name}` is declared twice", path, begin, "rename one of them"))
        else:
            regions[name] = Region(name, start, end.start(), text[start : end.start()], file)
        at = end.end()
    return regions


def _fault(code: str, message: str, path: str, found: "re.Match[str]", hint: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, Span(path, found.start(), found.end()), hint)
