"""A module's declaration as JSON, as versions keep it, and back: a pinned module runs as it was declared then."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from ducktools.classbuilder.prefab import get_attributes

from tars.core.values import Json, Span
from tars.lang.values import JsonInput, Module, OutputInput, PathInput, Resources

NOWHERE: Final = Span("", 0, 0)
_KEPT: Final = tuple(name for name in get_attributes(Module) if name not in ("span", "needs", "pin"))
"""The fields of a declaration."""
_values_of: Final = attrgetter(*_KEPT)
_DEFAULTS: Final = _values_of(Module("", "", "", NOWHERE))
_TYPES: Final = {kind.__name__: kind for kind in (PathInput, OutputInput, JsonInput, Resources)}
_FIELDS: Final = {kind: tuple(get_attributes(kind)) for kind in _TYPES.values()}


def declaration(module: Module) -> dict[str, Json]:
    """The declaration without its place in the metascript, its needs, and all that is at its default."""
    given = zip(_KEPT, _values_of(module), _DEFAULTS, strict=True)
    return {name: _to_json(value) for name, value, default in given if value is not default and value != default}


def declared(data: Mapping[str, Json], span: Span = NOWHERE, needs: tuple[str, ...] = ()) -> Module:
    """The module of a declaration."""
    values: dict[str, Any] = {name: _from_json(value) for name, value in data.items() if name in _KEPT}
    return Module(**{"address": "", "name": "", "language": "", **values, "span": span, "needs": needs})


def _to_json(value: Any) -> Json:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (PathInput, OutputInput, JsonInput, Resources)):
        held = {name: _to_json(getattr(value, name)) for name in _FIELDS[type(value)]}
        return {"is": type(value).__name__, **held}
    if isinstance(value, Mapping):
        return {"is": "map", "of": {str(name): _to_json(inner) for name, inner in value.items()}}
    if isinstance(value, (list, tuple)):
        return [_to_json(inner) for inner in value]
    raise AssertionError(f"no JSON form of {value!r}")


def _from_json(value: Json) -> Any:
    if isinstance(value, list):
        return tuple(_from_json(inner) for inner in value)
    if not isinstance(value, dict):
        return value
    kind, rest = value["is"], {name: _from_json(inner) for name, inner in value.items() if name != "is"}
    return rest["of"] if kind == "map" else _TYPES[str(kind)](**rest)
