"""Reads the arguments of a function: each as the type that it must have, with the finding at that argument."""

from collections.abc import Callable
from typing import TypeVar

from tars.lang.meaning.primitives import Value, Wrong, a_type, to_bool, to_number, to_text, to_whole

T = TypeVar("T")


def text(arguments: tuple[Value, ...], place: int) -> str:
    return _read(arguments, place, to_text)


def whole(arguments: tuple[Value, ...], place: int) -> int:
    return _read(arguments, place, to_whole)


def real(arguments: tuple[Value, ...], place: int) -> int | float:
    return _read(arguments, place, to_number)


def truth(arguments: tuple[Value, ...], place: int) -> bool:
    return _read(arguments, place, to_bool)


def items(arguments: tuple[Value, ...], place: int) -> tuple[Value, ...]:
    value = arguments[place]
    if isinstance(value, tuple):
        return value
    raise Wrong(f"a list is needed here, not {a_type(value)}", argument=place)


def texts(arguments: tuple[Value, ...], place: int) -> list[str]:
    found = items(arguments, place)
    return _read((found,), 0, lambda values: [to_text(value) for value in values], place)


def mapping(arguments: tuple[Value, ...], place: int) -> dict[str, Value]:
    value = arguments[place]
    if isinstance(value, dict):
        return value
    raise Wrong(f"an object is needed here, not {a_type(value)}", argument=place)


def _read(arguments: tuple[Value, ...], place: int, convert: Callable[[Value], T], named: int = -1) -> T:
    try:
        return convert(arguments[place])
    except Wrong as wrong:
        raise Wrong(wrong.message, wrong.hint, argument=place if named < 0 else named, code=wrong.code) from None
