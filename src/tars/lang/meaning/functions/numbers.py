"""Functions on numbers."""

import math
from collections.abc import Callable
from typing import Final

from tars.lang.meaning.context import Context, Function
from tars.lang.meaning.functions.arguments import items, real, text, whole
from tars.lang.meaning.primitives import Value, Wrong, number, to_number

_DIGITS_MAX: Final = 308


def _values(arguments: tuple[Value, ...]) -> list[int | float]:
    """`min(1, 2)` and `min([1, 2])` mean the same."""
    values = items(arguments, 0) if len(arguments) == 1 and isinstance(arguments[0], tuple) else arguments
    if not values:
        raise Wrong("the list is empty", argument=0)
    return [to_number(value) for value in values]


def _power(context: Context, arguments: tuple[Value, ...]) -> Value:
    base, exponent = real(arguments, 0), real(arguments, 1)
    try:
        if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
            if abs(base) > 1 and exponent * base.bit_length() > 2100:
                raise OverflowError
            return number(base**exponent)
        made = float(base) ** float(exponent)
    except ZeroDivisionError:
        raise Wrong("0 has no negative power", argument=0) from None
    except OverflowError:
        raise Wrong("the result is too large", code="T0049") from None
    if isinstance(made, complex):
        raise Wrong("a negative number has no such power", argument=0)
    return number(made)


def _logarithm(context: Context, arguments: tuple[Value, ...]) -> Value:
    value, base = real(arguments, 0), real(arguments, 1)
    if value <= 0 or base <= 0 or base == 1:
        raise Wrong("the number must be more than 0, and the base too and not 1", argument=0 if value <= 0 else 1)
    return number(math.log(value, base))


def _parse(context: Context, arguments: tuple[Value, ...]) -> Value:
    digits, base = text(arguments, 0), whole(arguments, 1)
    if not 2 <= base <= 36:
        raise Wrong("the base must be from 2 to 36", argument=1)
    try:
        if len(digits) > _DIGITS_MAX or "_" in digits or digits != digits.strip() or not digits.isascii():
            raise ValueError
        return number(int(digits, base))
    except ValueError:
        raise Wrong(f"this is not a whole number in base {base}", argument=0) from None


def _on_one(convert: Callable[[float], float]) -> Callable[[Context, tuple[Value, ...]], Value]:
    return lambda context, arguments: number(convert(real(arguments, 0)))


def _sum(context: Context, arguments: tuple[Value, ...]) -> Value:
    try:
        return number(sum(_values((items(arguments, 0),))))
    except OverflowError:
        raise Wrong("the sum is too large", argument=0, code="T0049") from None


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


FUNCTIONS: Final = (
    Function("abs", "abs(number)", "The number without its sign.", 1, 1, _on_one(abs)),
    Function("ceil", "ceil(number)", "The nearest whole number that is not smaller.", 1, 1, _on_one(math.ceil)),
    Function("floor", "floor(number)", "The nearest whole number that is not larger.", 1, 1, _on_one(math.floor)),
    Function("log", "log(number, base)", "The logarithm.", 2, 2, _logarithm),
    Function("max", "max(number, …)", "The largest; a list will do too.", 1, -1, lambda _, given: max(_values(given))),
    Function("min", "min(number, …)", "The smallest; a list will do too.", 1, -1, lambda _, given: min(_values(given))),
    Function("parseint", "parseint(digits, base)", "The whole number that the digits spell in a base.", 2, 2, _parse),
    Function("pow", "pow(base, exponent)", "The power.", 2, 2, _power),
    Function("signum", "signum(number)", "-1, 0 or 1.", 1, 1, _on_one(_sign)),
    Function("sum", "sum(list)", "The sum of the numbers.", 1, 1, _sum),
)
