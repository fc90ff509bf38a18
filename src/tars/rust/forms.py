"""The frozen values of this package as JSON and back, by their own declarations: how an episode's probes are kept."""

from collections.abc import Callable
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ducktools.classbuilder.prefab import get_attributes, is_prefab

from tars.core.values import Json

T = TypeVar("T")


class Form(Generic[T]):
    """The JSON of one type: prefabs as their fields that differ from an empty value, tuples as lists."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def to_json(self, value: T) -> Json:
        return _shown(value)

    def from_json(self, value: Json) -> T:
        return cast(T, _reader(self._kind)(value))


def _shown(value: Any) -> Json:
    if isinstance(value, Enum):
        return cast(Json, value.value)
    if is_prefab(value):
        shown = ((one, getattr(value, one)) for one in _names(value.__class__))
        return {name: _shown(each) for name, each in shown if each not in ("", (), None)}
    if isinstance(value, tuple | list):
        return [_shown(one) for one in value]
    assert value is None or isinstance(value, bool | int | float | str)
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(get_attributes(kind))


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of that type from its JSON; a field that is missing is empty."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        read = _reader(inner)
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read_one = _reader(get_args(kind)[0])
        return lambda value: tuple(read_one(one) for one in value or ())
    if isinstance(kind, type) and is_prefab(kind):
        hints = get_type_hints(kind)
        readers = [(name, _reader(hints[name]), hints[name]) for name in get_attributes(kind)]
        return lambda value: kind(*(read(value.get(name, _empty(hint))) for name, read, hint in readers))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return lambda value: value


def _empty(hint: Any) -> Any:
    return "" if hint is str else None
