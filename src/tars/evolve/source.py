"""What a source declares of itself in comments: parameters with their ranges, slots for data, regions that may change.

    STEP = 0.5        # tars: 0.01 .. 2.0 log      a number in a range; `log` where its size matters, not its amount
    WALKS = 20        # tars: 1 .. 200             a whole number, since the bounds are
    METHOD = "climb"  # tars: "random" | "climb"   one of these
    START = None      # tars: slot                 data that a candidate hands on to those made from it
    # tars: evolve … # tars: end                   a region; `EVOLVE-BLOCK-START` and `-END` mean the same

The value is the literal between `=` and the comment; `//` begins a comment as well. What no declaration covers is never
changed.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from tars.core.near import close_matches
from tars.core.values import Diagnostic, Json, Severity, Span
from tars.evolve.errors import PatchError
from tars.evolve.patch import Op, Patch, digest_of

_MARK: Final = r"(?:#|//)[ \t]*"
_DECLARED: Final = re.compile(
    rf"^([ \t]*(?:export[ \t]+)?(?:const |let |var )?[ \t]*([A-Za-z_]\w*)(?:[ \t]*:[^=\n]*)?[ \t]*=[ \t]*)(.+?)"
    rf"([ \t]*;?[ \t]*{_MARK}tars:[ \t]*(.+?)[ \t]*)$",
    re.M,
)
_BEGIN: Final = re.compile(rf"^[ \t]*{_MARK}(?:tars:[ \t]*evolve(?:[ \t]+(\w+))?|EVOLVE-BLOCK-START)[ \t]*$", re.M)
_END: Final = re.compile(rf"^[ \t]*{_MARK}(?:tars:[ \t]*end|EVOLVE-BLOCK-END)[ \t]*$", re.M)
_NUMBER: Final = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE: Final = re.compile(rf"({_NUMBER})[ \t]*\.\.[ \t]*({_NUMBER})(?:[ \t]+(log))?")
_WORDS: Final = {"None": None, "null": None, "True": True, "true": True, "False": False, "false": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared value at `[start, end)`. `choices` is empty for a number, which lies between `low` and `high`."""

    name: str
    value: Any
    start: int
    end: int
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    log: bool = False
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Region:
    """The lines between the two marks."""

    name: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Declared:
    """All that a source declares, in the order in which it stands there, and what is wrong with it."""

    parameters: Mapping[str, Parameter]
    slots: Mapping[str, Slot]
    regions: Mapping[str, Region]
    faults: tuple[Diagnostic, ...] = ()


@lru_cache(maxsize=4096)
def declared_in(text: str, path: str = "") -> Declared:
    """What the source declares. Never raises: mistakes are diagnostics (E0001 a bad declaration, E0002 a region that
    does not end, E0003 a name twice)."""
    parameters: dict[str, Parameter] = {}
    slots: dict[str, Slot] = {}
    faults: list[Diagnostic] = []
    for found in _DECLARED.finditer(text):
        name, literal, said = found[2], found[3].rstrip("; \t"), found[5]
        start = found.start(3)
        end = start + len(literal)
        if said.split()[0] in ("evolve", "end"):
            continue
        if name in parameters or name in slots:
            faults.append(_fault("E0003", f"`{name}` is declared twice", path, found, "keep one of them"))
        elif said == "slot":
            slots[name] = Slot(name, start, end)
        else:
            made = _parameter(name, literal, said, start, end)
            if isinstance(made, str):
                faults.append(_fault("E0001", f"`{name}`: {made}", path, found, "as `# tars: 0.1 .. 2.0 log`"))
            else:
                parameters[name] = made
    regions = _regions(text, path, faults)
    return Declared(parameters, slots, regions, tuple(faults))


def apply_to_source(text: str, patch: Patch) -> str:
    """The source after the patch. Raises `PatchError` where an operation names nothing declared, leaves a range, was
    made for another text of its region, or would change what the source declares."""
    for one in patch.ops:
        text = _applied(text, one)
    return text


def difference(before: str, after: str) -> tuple[Op, ...]:
    """The operations that turn the one source into the other, where both declare the same names."""
    old, new = declared_in(before), declared_in(after)
    ops = [
        Op("swap" if one.choices else "set", {"parameter": name, "choice" if one.choices else "value": one.value})
        for name, one in new.parameters.items()
        if name in old.parameters and old.parameters[name].value != one.value
    ]
    for name, region in new.regions.items():
        if name in old.regions and old.regions[name].text != region.text:
            base = digest_of(old.regions[name].text)
            ops.append(Op("replace", {"region": name, "base": base, "text": region.text}))
    return tuple(ops)


def skeleton(text: str) -> str:
    """The source with all that may change taken out: equal before and after every patch."""
    declared = declared_in(text)
    spans = [
        *((one.start, one.end) for one in declared.parameters.values()),
        *((one.start, one.end) for one in declared.slots.values()),
    ]
    outside = [span for span in spans if not any(r.start <= span[0] < r.end for r in declared.regions.values())]
    outside += [(one.start, one.end) for one in declared.regions.values()]
    for start, end in sorted(outside, reverse=True):
        text = text[:start] + "\0" + text[end:]
    return text


def literal_of(value: Json, text: str) -> str:
    """The value as a literal of the language that the text is in: Python where `#` begins its comments."""
    return repr(value) if _is_python(text) and not isinstance(value, str) else json.dumps(value)


def _applied(text: str, one: Op) -> str:
    declared = declared_in(text)
    if one.kind in ("set", "swap"):
        parameter = _known(declared.parameters, one.text("parameter"), "parameter")
        value = one.arguments["value" if one.kind == "set" else "choice"]
        return _put(text, parameter.start, parameter.end, literal_of(_fitting(parameter, value), text))
    if one.kind == "fill":
        slot = _known(declared.slots, one.text("slot"), "slot")
        return _put(text, slot.start, slot.end, literal_of(one.arguments["value"], text))
    if one.kind == "replace":
        region = _known(declared.regions, one.text("region"), "region")
        if digest_of(region.text) != one.text("base"):
            raise PatchError(f"the change of region `{region.name}` was made for another text of it")
        new = one.text("text")
        if not new.endswith("\n"):
            new += "\n"
        if _BEGIN.search(new) or _END.search(new):
            raise PatchError(f"the new text of region `{region.name}` holds a mark of a region")
        after = _put(text, region.start, region.end, new)
        if skeleton(after) != skeleton(text):
            raise PatchError(f"the new text of region `{region.name}` changes what stands outside of it")
        return after
    raise PatchError(f"`{one.kind}` is an operation on metascripts, and this is a source")


def _put(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _known(known: Mapping[str, Any], name: str, noun: str) -> Any:
    if name in known:
        return known[name]
    near = close_matches(name, known, n=1)
    listed = ", ".join(f"`{each}`" for each in known) or "none"
    raise PatchError(
        f"the source declares no {noun} `{name}`", hint=f"did you mean `{near[0]}`?" if near else f"it has {listed}"
    )


def _fitting(parameter: Parameter, value: Any) -> Any:
    if parameter.choices:
        if not any(value == each and type(value) is type(each) for each in parameter.choices):
            raise PatchError(f"`{parameter.name}` is one of {', '.join(map(repr, parameter.choices))}, not {value!r}")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PatchError(f"`{parameter.name}` is a number, not {value!r}")
    if not parameter.low <= value <= parameter.high:
        raise PatchError(f"`{parameter.name}` lies between {parameter.low:g} and {parameter.high:g}, not at {value!r}")
    return round(value) if parameter.whole else float(value)


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


def _regions(text: str, path: str, faults: list[Diagnostic]) -> dict[str, Region]:
    regions: dict[str, Region] = {}
    at = 0
    while (begin := _BEGIN.search(text, at)) is not None:
        start = min(begin.end() + 1, len(text))
        end = _END.search(text, start)
        inner = _BEGIN.search(text, start)
        if end is None or (inner is not None and inner.start() < end.start()):
            faults.append(_fault("E0002", "this region never ends", path, begin, "write `# tars: end` after it"))
            return regions
        name = begin[1] or f"region{len(regions) + 1}"
        if name in regions:
            faults.append(_fault("E0003", f"the region `{name}` is declared twice", path, begin, "rename one of them"))
        else:
            regions[name] = Region(name, start, end.start(), text[start : end.start()])
        at = end.end()
    return regions


def _is_python(text: str) -> bool:
    return re.search(r"^[ \t]*(?:.*[ \t])?#[ \t]*(?:tars:|EVOLVE-BLOCK)", text, re.M) is not None


def _fault(code: str, message: str, path: str, found: "re.Match[str]", hint: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, Span(path, found.start(), found.end()), hint)


def sections(declared: Declared) -> Sequence[str]:
    """What may change, a sentence each, for people and models."""
    told: Iterable[str] = (
        *(
            f"parameter {one.name} = {one.value!r}, "
            + (f"one of {list(one.choices)}" if one.choices else f"between {one.low:g} and {one.high:g}")
            for one in declared.parameters.values()
        ),
        *(f"slot {name}" for name in declared.slots),
        *(f"region {one.name}, {one.text.count(chr(10))} lines" for one in declared.regions.values()),
    )
    return tuple(told)
