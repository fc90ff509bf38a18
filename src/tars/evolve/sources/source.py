"""Applies patches to sources of one file or several: only what their files declare in comments may change.

How that is declared is in `declarations.py`, how several files are one text in `files.py`. Where a source has several
files, an operation says in which of them it is at work, and no operation makes or removes a file.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from tars.core.near import close_matches
from tars.core.values import Json
from tars.evolve.errors import PatchError
from tars.evolve.patch import Op, Patch, digest_of
from tars.evolve.sources.declarations import BEGIN, END, Declared, Parameter, Region, Slot, declared_in_file
from tars.evolve.sources.files import ALONE, as_text, files_in

HOLE: Final = "\0"


@lru_cache(maxsize=1024)
def declared_in(text: str, path: str = "") -> Declared:
    """What the source declares, of all its files. Never raises: mistakes are diagnostics (`declared_in_file`), which
    name `path` where the source is one file."""
    files = files_in(text)
    if ALONE in files:
        return declared_in_file(text, ALONE, path)
    each = {file: declared_in_file(inside, file, file) for file, inside in files.items()}
    return Declared(
        {f"{file}:{name}": one for file, found in each.items() for name, one in found.parameters.items()},
        {f"{file}:{name}": one for file, found in each.items() for name, one in found.slots.items()},
        {f"{file}:{name}": one for file, found in each.items() for name, one in found.regions.items()},
        tuple(fault for found in each.values() for fault in found.faults),
    )


def apply_to_source(text: str, patch: Patch) -> str:
    """The source after the patch. Raises `PatchError` where an operation names nothing declared, leaves a range, was
    made for another text of its region, or would change what the source declares."""
    for one in patch.ops:
        text = _applied(text, one)
    return text


def set_to(parameter: Parameter, value: Json) -> Op:
    """The operation that gives the parameter this value."""
    kind, name = ("swap", "choice") if parameter.choices else ("set", "value")
    return Op(kind, {**_place(parameter), "parameter": parameter.name, name: value})


def filled(slot: Slot, value: Json) -> Op:
    return Op("fill", {**_place(slot), "slot": slot.name, "value": value})


def rewritten(region: Region, text: str) -> Op:
    """The operation that replaces the region's text, as it is here, by another one."""
    return Op("replace", {**_place(region), "region": region.name, "base": digest_of(region.text), "text": text})


def difference(before: str, after: str) -> tuple[Op, ...]:
    """The operations that turn the one source into the other, where both declare the same names."""
    old, new = declared_in(before), declared_in(after)
    ops = [
        set_to(one, one.value)
        for name, one in new.parameters.items()
        if name in old.parameters and old.parameters[name].value != one.value
    ]
    for name, region in new.regions.items():
        if name in old.regions and old.regions[name].text != region.text:
            ops.append(rewritten(old.regions[name], region.text))
    return tuple(ops)


def skeleton(text: str) -> Mapping[str, str]:
    """The text of each file with all that may change taken out: equal before and after every patch."""
    return {file: _skeleton(inside) for file, inside in files_in(text).items()}


def literal_of(value: Json, text: str) -> str:
    """The value as a literal of the language that the text is in: Python where `#` begins its comments."""
    return repr(value) if _is_python(text) and not isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _place(one: Parameter | Slot | Region) -> dict[str, Json]:
    return {"file": one.file} if one.file else {}


@lru_cache(maxsize=1024)
def _skeleton(text: str) -> str:
    declared = declared_in_file(text, ALONE, "")
    spans = [
        *((one.start, one.end) for one in declared.parameters.values()),
        *((one.start, one.end) for one in declared.slots.values()),
    ]
    outside = [span for span in spans if not any(r.start <= span[0] < r.end for r in declared.regions.values())]
    outside += [(one.start, one.end) for one in declared.regions.values()]
    for start, end in sorted(outside, reverse=True):
        text = text[:start] + HOLE + text[end:]
    return text


def _applied(text: str, one: Op) -> str:
    declared = declared_in(text)
    found: Parameter | Slot | Region
    if one.kind in ("set", "swap"):
        found = parameter = _known(declared.parameters, one, "parameter")
        inside = files_in(text)[parameter.file]
        value = one.arguments["value" if one.kind == "set" else "choice"]
        new = literal_of(_fitting(parameter, value), inside)
    elif one.kind == "fill":
        found = _known(declared.slots, one, "slot")
        inside = files_in(text)[found.file]
        new = literal_of(one.arguments["value"], inside)
    elif one.kind == "replace":
        found = region = _known(declared.regions, one, "region")
        inside = files_in(text)[region.file]
        new = _region_text(region, one)
    else:
        raise PatchError(f"`{one.kind}` is an operation on metascripts, and this is a source")
    after = inside[: found.start] + new + inside[found.end :]
    if one.kind == "replace" and _skeleton(after) != _skeleton(inside):
        raise PatchError(f"the new text of region `{found.name}` changes what stands outside of it")
    return as_text({**files_in(text), found.file: after})


def _region_text(region: Region, one: Op) -> str:
    if digest_of(region.text) != one.text("base"):
        raise PatchError(f"the change of region `{region.name}` was made for another text of it")
    new = one.text("text")
    if not new.endswith("\n"):
        new += "\n"
    if BEGIN.search(new) or END.search(new):
        raise PatchError(f"the new text of region `{region.name}` holds a mark of a region")
    return new


def _known(known: Mapping[str, Any], one: Op, noun: str) -> Any:
    """What the operation means; without a file what has that name in one file only."""
    name, file = one.text(noun), str(one.arguments.get("file", ""))
    wanted = f"{file}:{name}" if file else name
    if wanted in known:
        return known[wanted]
    found = [] if file else [each for each in known.values() if each.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise PatchError(f"several files declare a {noun} `{name}`", hint="name the `file`")
    near = close_matches(wanted, known, n=1)
    listed = ", ".join(f"`{each}`" for each in known) or "none"
    raise PatchError(
        f"the source declares no {noun} `{wanted}`", hint=f"did you mean `{near[0]}`?" if near else f"it has {listed}"
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


def _is_python(text: str) -> bool:
    return re.search(r"^[ \t]*(?:.*[ \t])?#[ \t]*(?:tars:|EVOLVE-BLOCK)", text, re.M) is not None


def sections(declared: Declared) -> Sequence[str]:
    """What may change, a sentence each, for people and models."""

    def within(one: Parameter | Slot | Region) -> str:
        return f"in file {one.file}: " if one.file else ""

    told: Iterable[str] = (
        *(
            f"{within(one)}parameter {one.name} = {one.value!r}, "
            + (f"one of {list(one.choices)}" if one.choices else f"between {one.low:g} and {one.high:g}")
            for one in declared.parameters.values()
        ),
        *(f"{within(one)}slot {one.name}" for one in declared.slots.values()),
        *(f"{within(one)}region {one.name}, {one.text.count(chr(10))} lines" for one in declared.regions.values()),
    )
    return tuple(told)
