"""Reads the attributes of a block: each evaluated, and turned into what its kind is in a normalised record."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import chain
from typing import Any, Final, NamedTuple, TypeVar

from tars.core.near import close_matches
from tars.core.values import Json
from tars.lang.kinds import KIND_EXAMPLE, KIND_TEXT, AttributeType, Kind
from tars.lang.meaning.collect import Part
from tars.lang.meaning.context import Context
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.primitives import (
    BAD,
    ModuleValue,
    OutputPath,
    ProjectPath,
    Value,
    Wrong,
    a_type,
    is_number,
    known,
    shown,
    to_text,
)  # fmt: skip
from tars.lang.schema import attributes_of, language_named
from tars.lang.syntax import tree
from tars.lang.values import Input, JsonInput, OutputInput, PathInput

T = TypeVar("T")


class Names(NamedTuple):
    """The names that exist outside of the metascript."""

    languages: Collection[str]
    sandboxes: Collection[str]


class Reading(NamedTuple):
    """One attribute being read."""

    attribute: AttributeType
    node: tree.Expression
    context: Context
    names: Names
    owner: str
    """The address of the module whose attribute it is, or an empty string."""


def read_part(part: Part, context: Context, names: Names, owner: str = "") -> dict[str, Any] | None:
    """The attributes that are set, by canonical name; None where one of them has a finding. Null is "not set"."""
    found = read_attributes(part, context, names, owner)
    return None if BAD in found.values() else found


def read_attributes(part: Part, context: Context, names: Names, owner: str = "") -> dict[str, Any]:
    """As `read_part`, but attributes with a finding are BAD."""
    types = attributes_of(part.type.name)
    found: dict[str, Any] = {}
    for name, attribute in part.attributes.items():
        value = evaluate(attribute.value, context)
        if value is None and types[name].required:
            _report_null(part, attribute, context)
            value = BAD
        if value is None:
            continue
        if value is not BAD:
            value = read_value(value, Reading(types[name], attribute.value, context, names, owner))
        found[name] = value
    return found


def _report_null(part: Part, attribute: tree.Attribute, context: Context) -> None:
    at = attribute.value
    message = f"`{part.block.type}` needs the attribute `{attribute.name}`, which is null here"
    context.report("T0033", at.start, at.end, message, "give it a value; null is the same as leaving it out")


def read_value(value: Value, reading: Reading) -> Any:
    """The value as the attribute's kind has it; BAD, and a diagnostic, where it is none."""
    try:
        return _READ[reading.attribute.kind](value, reading)
    except Wrong as wrong:
        at = element(reading.node, wrong.argument)
        reading.context.report(wrong.code, at.start, at.end, wrong.message, wrong.hint)
        return BAD


def element(node: tree.Expression, place: int) -> tree.Expression:
    """The item of a list that is written out, else the whole."""
    return node.items[place] if isinstance(node, tree.Tuple) and 0 <= place < len(node.items) else node


def _each(values: Iterable[Value], reading: Reading, read: Callable[[Value], T]) -> list[T]:
    """What reading makes of each item. The last finding is raised for the caller to tell; all others are told here."""
    made: list[T] = []
    bad: list[Wrong] = []
    for place, item in enumerate(values):
        try:
            made.append(read(item))
        except Wrong as wrong:
            bad.append(Wrong(wrong.message, wrong.hint, argument=place, code=wrong.code))
    for each in bad[:-1]:
        reading.context.report_wrong(each, element(reading.node, each.argument))
    if bad:
        raise bad[-1]
    return made


def _mismatch(value: Value, reading: Reading, hint: str = "") -> Wrong:
    text = KIND_TEXT[reading.attribute.kind]
    message = f"`{reading.attribute.name}` is {text}, not {a_type(known(value))}"
    if not hint and isinstance(value, str) and value in ("true", "false"):
        hint = f"write {value} without quotes"
    elif not hint and is_number(value) and reading.attribute.kind in (Kind.STRING, Kind.STRINGS, Kind.DURATION):
        hint = f'write "{to_text(value)}{"s" if reading.attribute.kind is Kind.DURATION else ""}"'
    example = KIND_EXAMPLE.get(reading.attribute.kind, f'"{"".join(reading.attribute.choices[:1])}"')
    return Wrong(message, hint or f"for example: `{reading.attribute.name} = {example}`", code="T0034")


def _string(value: Value, reading: Reading) -> str:
    if isinstance(value, str):
        return str(value)
    raise _mismatch(value, reading)


def _bool(value: Value, reading: Reading) -> bool:
    if isinstance(value, bool):
        return value
    raise _mismatch(value, reading)


def _number(value: Value, reading: Reading) -> int | float:
    if not is_number(value):
        raise _mismatch(value, reading)
    if value < 0:
        raise Wrong(f"`{reading.attribute.name}` cannot be less than 0", code="T0039")
    return value  # type: ignore[no-any-return]


def _integer(value: Value, reading: Reading) -> int:
    found = _number(value, reading)
    if isinstance(found, int) and found <= 2**31:
        return found
    raise Wrong(f"`{reading.attribute.name}` is a whole number up to 2147483648, not {shown(found)}", code="T0039")


def _confidence(value: Value, reading: Reading) -> int | float:
    if not is_number(value):
        raise _mismatch(value, reading)
    if 0 < value < 1:
        return value  # type: ignore[no-any-return]
    hint = "nothing is quite certain: the nearest are 0.01 and 0.99"
    raise Wrong(f"a confidence is more than 0 and less than 1, not {shown(value)}", hint, code="T0059")


def _strings(value: Value, reading: Reading) -> tuple[str, ...]:
    if isinstance(value, str):
        return (str(value),)
    if not isinstance(value, tuple):
        raise _mismatch(value, reading)
    return tuple(_each(value, reading, lambda item: _string(item, reading)))


def _map(value: Value, reading: Reading) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _mismatch(value, reading)
    if any(not key or "=" in key or "\0" in key for key in value):
        raise Wrong("a name in `env` cannot be empty or hold `=`", code="T0039")
    return {key: str(to_text(item)) for key, item in value.items() if item is not None}


def _path(value: Value, reading: Reading) -> str:
    if not isinstance(value, str):
        raise _mismatch(value, reading)
    return reading.context.world.places.relative(reading.context.folder, value)


def _wanted(value: Value, reading: Reading) -> str:
    """A path at which something must be; one that comes from another module will be there when it is needed."""
    path = _path(value, reading)
    if not isinstance(value, ProjectPath):
        at = reading.node
        reading.context.world.wanted.append((path, reading.context.path, at.start, at.end))
    return path


def _paths(value: Value, reading: Reading) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_path(value, reading),)
    if not isinstance(value, tuple):
        raise _mismatch(value, reading)
    return tuple(dict.fromkeys(_each(value, reading, lambda item: _path(item, reading))))


_UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhd]))+", re.ASCII)
_SIZES: Final = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
                 "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}  # fmt: skip


def _duration(value: Value, reading: Reading) -> float:
    if not isinstance(value, str):
        raise _mismatch(value, reading)
    if len(value) > 40 or not _DURATION.fullmatch(value):
        raise Wrong(f"{shown(value)} is not a duration", 'write "500ms", "30s", "5m" or "1h30m"', code="T0042")
    parts = re.findall(r"([0-9.]+)(ms|[smhd])", value)
    seconds = sum(float(amount) * _UNITS[unit] for amount, unit in parts)
    if not 0 < seconds <= 10**9:
        raise Wrong("a duration is more than 0 and at most 30 years", code="T0042")
    return float(seconds)


def _size(value: Value, reading: Reading) -> int:
    if is_number(value) and value >= 1:
        return int(value)
    if not isinstance(value, str):
        raise _mismatch(value, reading)
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([A-Za-z]*)", value)
    unit = _SIZES.get(found[2].lower() or "b") if found else None
    if found is None or unit is None or float(found[1]) * unit < 1:
        raise Wrong(f"{shown(value)} is not a size", 'write "512MB", "2GiB" or a number of bytes', code="T0043")
    return int(float(found[1]) * unit)


def _choice(value: Value, reading: Reading) -> str:
    text = _string(value, reading)
    choices = reading.attribute.choices
    if text in choices:
        return text
    near = close_matches(text, choices, n=1)
    some = ", ".join(f'"{choice}"' for choice in choices)
    hint = f'did you mean "{near[0]}"?' if near else f"it is one of {some}"
    raise Wrong(f"`{reading.attribute.name}` cannot be {shown(text)}", hint, code="T0039")


def _sandboxes(value: Value, reading: Reading) -> tuple[str, ...]:
    found = _strings(value, reading)
    if not found:
        raise Wrong("the chain of sandboxes is empty", 'to run without one, write "none"', code="T0041")
    return tuple(_each(found, reading, lambda name: _sandbox(name, reading)))


def _sandbox(name: str, reading: Reading) -> str:
    if name in reading.names.sandboxes:
        return name
    near = close_matches(name, reading.names.sandboxes, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(sorted(reading.names.sandboxes))}"
    raise Wrong(f"there is no sandbox {shown(name)}", hint, code="T0041")


def read_language(value: Value, reading: Reading) -> str:
    name = language_named(_string(value, reading))
    if name in reading.names.languages:
        return name
    near = close_matches(name, reading.names.languages, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(sorted(reading.names.languages))}"
    raise Wrong(f"there is no toolchain for the language {shown(name)}", hint, code="T0040")


def _compile(value: Value, reading: Reading) -> str:
    if isinstance(value, bool):
        return "host" if value else ""
    if value == "docker":
        return "docker"
    if isinstance(value, str):
        raise Wrong(f'`compile` cannot be {shown(value)}', 'it is true, false or "docker"', code="T0039")  # fmt: skip
    raise _mismatch(value, reading)


def to_json(value: Value) -> Json:
    """A value as JSON has it. Raises `Wrong` where it holds an output that is only known after the run."""
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, ModuleValue):
        return value.address
    plain: Json = known(value)
    return str(plain) if isinstance(plain, str) else plain


def _is_data(value: Value) -> bool:
    """Whether a value holds neither a path nor an output at its top, so that it is one JSON value."""
    if isinstance(value, tuple):
        return all(map(_is_data, value))
    return not isinstance(value, str | OutputInput | ModuleValue)


def _inputs(value: Value, reading: Reading) -> tuple[Input, ...]:
    if isinstance(value, tuple) and (isinstance(reading.node, tree.Tuple) or not _is_data(value) or not value):
        nodes = iter([element(reading.node, place) for place in range(len(value))])
        return tuple(chain(*_each(value, reading, lambda item: _one_input(item, reading._replace(node=next(nodes))))))
    return _one_input(value, reading)


def _one_input(value: Value, reading: Reading) -> tuple[Input, ...]:
    if isinstance(value, OutputPath):
        return (OutputInput(value.address, str(value)),)
    if isinstance(value, str):
        return (PathInput(_wanted(value, reading)),)
    if isinstance(value, OutputInput):
        return (value,)
    if isinstance(value, ModuleValue):
        raise Wrong(f"`{value.address}` is a module, not data", f"write `{value.address}.output`", code="T0034")
    if isinstance(value, tuple) and value and not _is_data(value):
        return tuple(made for item in value for made in _one_input(item, reading))
    return (JsonInput(to_json(value)),)


def _arguments(value: Value, reading: Reading) -> tuple[str | OutputInput, ...]:
    given = value if isinstance(value, tuple) else (value,)
    return tuple(chain(*_each(given, reading, lambda item: _words(item, reading))))


def _words(item: Value, reading: Reading) -> list[str | OutputInput]:
    made: list[str | OutputInput] = []
    for one in item if isinstance(item, tuple) else (item,):
        if isinstance(one, OutputPath):
            made.append(str(one) if one.address == reading.owner else OutputInput(one.address, str(one)))
        elif isinstance(one, OutputInput):
            made.append(one)
        elif isinstance(one, str | bool) or is_number(one):
            made.append(str(to_text(one)))
        else:
            raise _mismatch(one, reading, "encode it: `jsonencode(…)`" if isinstance(one, dict) else "")
    return made


def _schema(value: Value, reading: Reading) -> str | Mapping[str, Json]:
    if isinstance(value, str):
        return _wanted(value, reading)
    if isinstance(value, dict):
        made = to_json(value)
        assert isinstance(made, dict)
        return made
    raise _mismatch(value, reading)


def _references(value: Value, reading: Reading) -> tuple[str, ...]:
    """Addresses. A string is one too: in the JSON form a reference may be written as plain text."""
    given = value if isinstance(value, tuple) else (value,)
    return tuple(_each(given, reading, lambda item: _reference(item, reading)))


def _reference(item: Value, reading: Reading) -> str:
    if isinstance(item, ModuleValue | OutputInput | OutputPath):
        return item.address
    if isinstance(item, str):
        return f"?{item}"
    if isinstance(item, tuple) and item and isinstance(item[0], OutputPath):
        return item[0].address
    raise _mismatch(item, reading, "write `python_module.<name>`")


def _count(value: Value, reading: Reading) -> int:
    return int(value) if isinstance(value, bool) else _integer(value, reading)


def _value(value: Value, reading: Reading) -> Value:
    return value


_READ: Final[Mapping[Kind, Callable[[Value, Reading], Any]]] = {
    Kind.STRING: _string,
    Kind.BOOL: _bool,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.CONFIDENCE: _confidence,
    Kind.STRINGS: _strings,
    Kind.MAP: _map,
    Kind.PATH: _path,
    Kind.PATHS: _paths,
    Kind.SOURCE: _wanted,
    Kind.ENTRY_POINT: _string,
    Kind.DURATION: _duration,
    Kind.SIZE: _size,
    Kind.CHOICE: _choice,
    Kind.SANDBOXES: _sandboxes,
    Kind.LANGUAGE: read_language,
    Kind.COMPILE: _compile,
    Kind.INPUTS: _inputs,
    Kind.ARGUMENTS: _arguments,
    Kind.SCHEMA: _schema,
    Kind.REFERENCES: _references,
    Kind.PINS: _strings,
    Kind.FILES: _paths,
    Kind.COUNT_OR_BOOL: _count,
    Kind.VALUE: _value,
    Kind.CONDITION: _value,
    Kind.TYPE: _value,
}
