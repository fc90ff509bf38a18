"""The values that expressions evaluate to, and HCL's conversions between strings, numbers and truth values."""

import math
import re
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, Final, TypeAlias

from tars.lang.syntax.numbers import spelt
from tars.lang.values import OutputInput

NUMBER_MAX: Final = 2**1023
"""Larger numbers are refused: they fit no language's numbers and only eat memory."""
STRING_MAX: Final = 16 * 1024 * 1024
"""The most characters of one string."""


class Bad(Enum):
    """The value of an expression that a diagnostic is already about: it silently spoils whatever it is used in."""

    BAD = "bad"


BAD: Final = Bad.BAD


class ProjectPath(str):
    """A path that is relative to the project already, not to the folder of the metascript that holds it."""

    __slots__ = ()


class OutputPath(ProjectPath):
    """The path of a module's declared output: a string in every way that also knows whose it is."""

    __slots__ = ("address",)
    address: str

    def __new__(cls, path: str, address: str) -> "OutputPath":
        made = super().__new__(cls, path)
        made.address = address
        return made


class ModuleValue:
    """A module itself, as in `depends_on = [python_module.tokenizer]`."""

    __slots__ = ("address",)

    def __init__(self, address: str) -> None:
        self.address = address


Value: TypeAlias = Any
"""None, bool, int, float, str, tuple (of values), dict (str to value), `OutputInput` (only known after a run),
`ModuleValue`, or BAD."""


class Wrong(Exception):  # noqa: N818 - a finding about the user's input, not an error of ours
    """An operation that makes no sense for its operands. It never leaves the evaluator: it becomes a diagnostic.

    `argument` is the position of the function's argument that it is about, -1 for the whole.
    """

    def __init__(self, message: str, hint: str = "", *, argument: int = -1, code: str = "T0048") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.argument = argument
        self.code = code


_TYPE_NAMES: Final = {
    bool: "bool", int: "number", float: "number", str: "string", OutputPath: "string", ProjectPath: "string",
    tuple: "list", dict: "object", type(None): "null", ModuleValue: "module",
    OutputInput: "output that is only known after the run",
}  # fmt: skip


def type_name(value: Value) -> str:
    """The type of a value in the words of the language."""
    return _TYPE_NAMES.get(type(value), "value")


def a_type(value: Value) -> str:
    """The type with its article, for messages."""
    name = type_name(value)
    return name if name == "null" else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def shown(value: Value) -> str:
    """A value as a message shows it: short."""
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}…"'
    if isinstance(value, bool | int | float):
        text = to_text(value)
        return text if len(text) <= 40 else f"{text[:37]}…"
    return a_type(value)


def is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def known(value: Value) -> Value:
    """The value, where it is one that can be computed with.

    Raises `Wrong` for a module and for an output that is only known after the run.
    """
    if isinstance(value, OutputInput):
        raise Wrong(
            f"what `{value.address}` writes is only known after it ran",
            "declare its `output`, or hand the reference over as a whole in `input` or `args`",
            code="T0068",
        )
    if isinstance(value, ModuleValue):
        raise Wrong(f"`{value.address}` is a module, not a value", f"say what of it: `{value.address}.output`")
    return value


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def whole_text(text: str) -> str:
    """The string as it is. Raises `Wrong` where it holds half of a surrogate pair, which no file can hold."""
    if not text.isascii() and _SURROGATE.search(text):
        raise Wrong("the text is not valid Unicode: it holds a byte that is not UTF-8, or half of a surrogate pair")
    return text


_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


def number(value: float) -> int | float:
    """A number in its one form: whole ones are `int`. Raises `Wrong` for those that are too large."""
    if isinstance(value, int):
        if -NUMBER_MAX < value < NUMBER_MAX:
            return value
        raise Wrong("the number is too large", code="T0049")
    if not math.isfinite(value):
        raise Wrong("the number is too large", code="T0049")
    return int(value) if value.is_integer() else value


def to_number(value: Value) -> int | float:
    """The value as a number: numbers, and strings that spell one. Raises `Wrong` for all others."""
    if type(value) is int or type(value) is float:
        return value
    known(value)
    if isinstance(value, str) and len(value) < 400 and _NUMBER.fullmatch(value):
        return number(spelt(value))
    raise Wrong(f"a number is needed here, not {shown(value)}")


def to_bool(value: Value) -> bool:
    """The value as a truth value: `true`, `false` and the strings that spell them. Raises `Wrong` for all others."""
    if isinstance(value, bool):
        return value
    known(value)
    if value == "true" or value == "false":
        return bool(value == "true")
    raise Wrong(f"true or false is needed here, not {shown(value)}")


def to_text(value: Value) -> str:
    """The value as a string: strings, numbers and truth values. Raises `Wrong` for all others."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _plain_text(repr(value))
    known(value)
    hint = "encode it: `jsonencode(…)`" if isinstance(value, tuple | dict) else ""
    raise Wrong(f"a string is needed here, not {a_type(value)}", hint)


def _plain_text(digits: str) -> str:
    """The digits of a number without an exponent."""
    if "e" not in digits:
        return digits
    from decimal import Decimal  # noqa: PLC0415 - slow to import, and few numbers need an exponent

    return format(Decimal(digits), "f")


def to_whole(value: Value) -> int:
    """The value as a whole number. Raises `Wrong` for all others."""
    found = number(to_number(value))
    if isinstance(found, int):
        return found
    raise Wrong(f"a whole number is needed here, not {shown(found)}")


def equal(left: Value, right: Value, spend: Callable[[int], None]) -> bool:
    """Equality as HCL has it: no conversion, so `1`, `"1"` and `true` are three things; deep for lists and objects.

    `spend` is told how many elements, and how many times 16 characters, are compared beyond the first.
    """
    if type(left) is int and type(right) is int:
        return left == right
    pairs = [(left, right)]
    while pairs:
        a, b = pairs.pop()
        if isinstance(a, bool) or isinstance(b, bool):
            if a is not b:
                return False
        elif isinstance(a, tuple) and isinstance(b, tuple):
            if len(a) != len(b):
                return False
            spend(len(a))
            pairs.extend(zip(a, b, strict=True))
        elif isinstance(a, dict) and isinstance(b, dict):
            if a.keys() != b.keys():
                return False
            spend(len(a))
            pairs.extend((item, b[key]) for key, item in a.items())
        else:
            if isinstance(a, str) and isinstance(b, str) and len(a) == len(b) > 16:
                spend(len(a) // 16)
            if known(a) != known(b):
                return False
    return True


def identity(value: Value) -> Value:
    """A hashable thing that is equal for equal values and for no others, `1`, `"1"` and `true` being three."""
    if isinstance(value, tuple):
        return ("list", *map(identity, value))
    if isinstance(value, dict):
        return ("object", *((key, identity(value[key])) for key in sorted(value)))
    kind = "bool" if isinstance(value, bool) else "number" if is_number(value) else "other"
    return (kind, value)


def distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    """The values without repetitions, in the order of their first appearance."""
    first: dict[Value, Value] = {}
    for value in values:
        first.setdefault(identity(value), value)
    return tuple(first.values())
