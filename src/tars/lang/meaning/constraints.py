"""The types of variables: how they are written, and how a value is converted to one."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tars.lang.meaning.primitives import (
    BAD,
    Value,
    Wrong,
    a_type,
    distinct,
    is_number,
    known,
    to_bool,
    to_number,
    to_text,
)  # fmt: skip
from tars.lang.syntax import tree

_SIMPLE: Final = ("any", "string", "number", "bool")
_OF_ONE: Final = ("list", "set", "map")


class Constraint(NamedTuple):
    """A type: `of` is that of the elements, `fields` those of an object, `optional` the defaults of its fields."""

    name: str
    of: "Constraint | None" = None
    fields: "tuple[tuple[str, Constraint], ...]" = ()
    optional: "tuple[tuple[str, tree.Expression | None], ...]" = ()


ANY: Final = Constraint("any")
STRING: Final = Constraint("string")


class BadConstraint(Exception):  # noqa: N818 - a finding about the user's input, not an error of ours
    """What stands at `node` is no type."""

    def __init__(self, node: Any, message: str) -> None:
        super().__init__(message)
        self.node = node
        self.message = message


class SpoiltDefault(Exception):  # noqa: N818 - a finding about the user's input, not an error of ours
    """The default of a field has a finding, which is told already."""


def read_constraint(node: tree.Expression) -> Constraint:
    """The type that an expression spells, such as `list(string)`. Raises `BadConstraint`."""
    if isinstance(node, tree.Name):
        if node.name in _SIMPLE:
            return Constraint(node.name)
        if node.name in _OF_ONE:
            return Constraint(node.name, ANY)
        raise BadConstraint(node, f"there is no type `{node.name}`")
    if not isinstance(node, tree.Call):
        raise BadConstraint(node, "this is not a type")
    if len(node.arguments) == 1 and not node.expand:
        argument = node.arguments[0]
        if node.name in _OF_ONE:
            return Constraint(node.name, read_constraint(argument))
        if node.name == "tuple" and isinstance(argument, tree.Tuple):
            fields = tuple((str(place), read_constraint(item)) for place, item in enumerate(argument.items))
            return Constraint("tuple", None, fields)
        if node.name == "object" and isinstance(argument, tree.Object):
            return _object(argument)
    raise BadConstraint(node, f"`{node.name}(…)` is not a type")


def _object(node: tree.Object) -> Constraint:
    fields: list[tuple[str, Constraint]] = []
    optional: list[tuple[str, tree.Expression | None]] = []
    for item in node.items:
        if not isinstance(item.key, tree.Literal) or not isinstance(item.key.value, str):
            raise BadConstraint(item.key, "the name of a field is needed here")
        kind = item.value
        if isinstance(kind, tree.Call) and kind.name == "optional" and 1 <= len(kind.arguments) <= 2:
            optional.append((item.key.value, kind.arguments[1] if len(kind.arguments) == 2 else None))
            kind = kind.arguments[0]
        fields.append((item.key.value, read_constraint(kind)))
    return Constraint("object", None, tuple(fields), tuple(optional))


def constraint_of(value: Value) -> Constraint:
    """The type that a value has: what a variable's default says of its type."""
    if isinstance(value, bool):
        return Constraint("bool")
    if is_number(value):
        return Constraint("number")
    if isinstance(value, str):
        return STRING
    return (
        Constraint("list", ANY)
        if isinstance(value, tuple)
        else Constraint("map", ANY)
        if isinstance(value, dict)
        else ANY
    )


def write_constraint(constraint: Constraint) -> str:
    """The type as it is written in a metascript."""
    if constraint.name == "object":
        return "object({" + ", ".join(f"{name} = {write_constraint(kind)}" for name, kind in constraint.fields) + "})"
    if constraint.name == "tuple":
        return "tuple([" + ", ".join(write_constraint(kind) for _, kind in constraint.fields) + "])"
    return f"{constraint.name}({write_constraint(constraint.of)})" if constraint.of else constraint.name


def conform(value: Value, to: Constraint, default: Callable[[tree.Expression], Value], where: str = "") -> Value:
    """The value converted to a type; `default` evaluates the default of a field. Raises `Wrong` and
    `SpoiltDefault`; null fits all."""
    if to.name == "any" or value is None:
        return value
    known(value)
    simple = {"string": to_text, "number": to_number, "bool": to_bool}.get(to.name)
    try:
        if simple is not None:
            return simple(value)
        if to.name in ("list", "set") and isinstance(value, tuple):
            assert to.of is not None
            made = tuple(conform(item, to.of, default, f"{where}[{place}]") for place, item in enumerate(value))
            return distinct(made) if to.name == "set" else made
        if to.name == "map" and isinstance(value, dict):
            assert to.of is not None
            return {key: conform(item, to.of, default, f"{where}.{key}") for key, item in value.items()}
        if to.name == "tuple" and isinstance(value, tuple) and len(value) == len(to.fields):
            pairs = zip(value, to.fields, strict=True)
            return tuple(conform(item, kind, default, f"{where}[{name}]") for item, (name, kind) in pairs)
        if to.name == "object" and isinstance(value, dict):
            return _conform_object(value, to, default, where)
    except Wrong as wrong:
        raise Wrong(
            wrong.message if wrong.argument == 0 or not where else f"at `{where}`: {wrong.message}",
            wrong.hint,
            argument=0,
        ) from None
    raise Wrong(f"{write_constraint(to)} is needed here, not {a_type(value)}")


def _conform_object(
    value: dict[str, Value], to: Constraint, default: Callable[[tree.Expression], Value], where: str
) -> Value:
    defaults = dict(to.optional)
    made = {}
    for name, kind in to.fields:
        if name in value:
            made[name] = conform(value[name], kind, default, f"{where}.{name}" if where else name)
        elif name in defaults:
            node = defaults[name]
            given = None if node is None else default(node)
            if given is BAD:
                raise SpoiltDefault
            made[name] = conform(given, kind, default, name)
        else:
            raise Wrong(f"the field `{name}` is missing")
    return made


def to_list(value: Value) -> tuple[Value, ...]:
    """A list as it is. Raises `Wrong` for all others."""
    if isinstance(value, tuple):
        return value
    raise Wrong(f"a list is needed here, not {a_type(known(value))}")


def to_map(value: Value) -> dict[str, Value]:
    """An object as it is. Raises `Wrong` for all others."""
    if isinstance(value, dict):
        return value
    raise Wrong(f"an object is needed here, not {a_type(known(value))}")
