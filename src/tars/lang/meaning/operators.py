"""The operators of expressions, on values: arithmetic, comparison, logic and indexing, as HCL has them."""

import math
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

from tars.core.near import close_matches
from tars.lang.meaning.primitives import (
    Value,
    Wrong,
    a_type,
    equal,
    is_number,
    known,
    number,
    to_bool,
    to_number,
    to_text,
    to_whole,
)  # fmt: skip
from tars.lang.values import OutputInput

_COMPARED_MAX: Final = 1_000


def apply(operator: str, left: Value, right: Value, spend: Callable[[int], None]) -> Value:
    """The result of a binary operator, `spend` being told the work of comparing. Raises `Wrong` where the operands do
    not allow it."""
    if operator == "==" or operator == "!=":
        return equal(left, right, spend) is (operator == "==")
    return _BINARY[operator](left, right)


def apply_unary(operator: str, operand: Value) -> Value:
    """The result of `-x` or `!x`. Raises `Wrong` where the operand does not allow it."""
    return not to_bool(operand) if operator == "!" else number(-to_number(operand))


def index(value: Value, key: Value, spend: Callable[[int], None]) -> Value:
    """`value[key]`, `spend` being told the work of looking for a near name. Raises `Wrong` where there is none."""
    if isinstance(value, dict):
        name = to_text(key)
        if name in value:
            return value[name]
        near = near_key(name, value, spend)
        raise Wrong(f'the object has no attribute "{name}"', f'did you mean "{near}"?' if near else "")
    place = to_whole(key) if isinstance(value, tuple | OutputInput) else 0
    if isinstance(value, OutputInput) and value.index < 0 <= place:
        return OutputInput(value.address, "", place)
    if not isinstance(value, tuple):
        raise Wrong(f"{a_type(known(value))} has no elements")
    if not 0 <= place < len(value):
        raise Wrong(f"there is no element {place} in a list of {len(value)}", "elements are counted from 0")
    return value[place]


def near_key(name: str, value: dict[str, Value], spend: Callable[[int], None]) -> str:
    """The key that was probably meant, or an empty string. Of large objects only the first keys are compared."""
    compared = list(islice(value, _COMPARED_MAX))
    spend(len(compared))
    return "".join(close_matches(name, compared, n=1))


def elements_of(source: Value) -> list[tuple[Value, Value]]:
    """Keys and values of a list or object, the latter in the order of its keys. Raises `Wrong` for all others."""
    if isinstance(source, tuple):
        return list(enumerate(source))
    if isinstance(source, dict):
        return sorted(source.items())
    raise Wrong(f"a list or an object is needed here, not {a_type(known(source))}")


def unified(value: Value, other: Value) -> Value:
    """HCL gives both results of a conditional one type: a number beside a string becomes a string."""
    simple = (str, bool, int, float)
    if not isinstance(value, simple) or not isinstance(other, simple):
        mixed = isinstance(value, simple) != isinstance(other, simple)
        if mixed and isinstance(value if isinstance(other, simple) else other, tuple | dict):
            raise Wrong(f"one result of the conditional is {a_type(value)}, the other {a_type(other)}")
        return value
    if isinstance(other, str) and not isinstance(value, str):
        return to_text(value)
    if isinstance(value, bool) != isinstance(other, bool) and (is_number(value) or is_number(other)):
        raise Wrong(f"one result of the conditional is {a_type(value)}, the other {a_type(other)}")
    return value


def _divide(left: Value, right: Value) -> Value:
    a, b = to_number(left), to_number(right)
    if b == 0:
        raise Wrong("division by zero")
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return a // b
    return number(_real(a) / _real(b))


def _remainder(left: Value, right: Value) -> Value:
    """The remainder has the sign of the dividend, as in Go and C."""
    a, b = to_number(left), to_number(right)
    if b == 0:
        raise Wrong("division by zero")
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) % abs(b) * (1 if a >= 0 else -1)
    return number(math.fmod(_real(a), _real(b)))


def _real(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise Wrong("the number is too large", code="T0049") from None


def _arithmetic(operation: Callable[[float, float], float]) -> Callable[[Value, Value], Value]:
    def run(left: Value, right: Value) -> Value:
        a, b = to_number(left), to_number(right)
        try:
            return number(operation(a, b))
        except OverflowError:
            raise Wrong("the number is too large", code="T0049") from None

    return run


_BINARY: Final[Mapping[str, Callable[[Value, Value], Value]]] = {
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _divide,
    "%": _remainder,
    "<": lambda a, b: to_number(a) < to_number(b),
    "<=": lambda a, b: to_number(a) <= to_number(b),
    ">": lambda a, b: to_number(a) > to_number(b),
    ">=": lambda a, b: to_number(a) >= to_number(b),
    "&&": lambda a, b: to_bool(a) and to_bool(b),
    "||": lambda a, b: to_bool(a) or to_bool(b),
}
