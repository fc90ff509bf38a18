"""What a schema means, in the part of JSON Schema that quicktype reads as it is meant."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

DEFINITIONS: Final = ("$defs", "definitions")
_VALUES: Final = frozenset({"const", "default", "enum", "examples"})
"""What holds values and not schemas."""


def plain(schema: Any) -> Any:
    """The schema without `format`, for a time is a text in JSON and quicktype would have it be a value of the language;
    without properties that must not be there; and with its definitions called as they are, where they have no title."""
    return _plain(schema, _renamed(schema))


def steps(reference: str) -> list[str]:
    """The names that a reference within a schema (`#/$defs/a~1b`) leads along."""
    return [unquote(step).replace("~1", "/").replace("~0", "~") for step in reference.removeprefix("#").split("/")[1:]]


def _renamed(schema: Any) -> dict[tuple[str, str], str]:
    """Other names for definitions whose own would have to be written with an escape, which quicktype does not read."""
    renamed: dict[tuple[str, str], str] = {}
    for definitions in DEFINITIONS if isinstance(schema, Mapping) else ():
        named = schema.get(definitions)
        taken = set(named) if isinstance(named, Mapping) else set()
        for name in sorted(name for name in taken if re.search(r"[/~%\s]", name)):
            plain_name = re.sub(r"\W+", "_", name)
            while plain_name in taken:
                plain_name += "_"
            taken.add(plain_name)
            renamed[definitions, name] = plain_name
    return renamed


def _plain(schema: Any, renamed: Mapping[tuple[str, str], str]) -> Any:
    if isinstance(schema, list):
        return [_plain(part, renamed) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = dict(_kept(schema))
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = _reference(str(kept["$ref"]), renamed)
    for definitions in DEFINITIONS:
        named = kept.get(definitions)
        if isinstance(named, Mapping):
            kept[definitions] = {
                renamed.get((definitions, name), name): _titled(name, part) for name, part in named.items()
            }
    return {name: part if name in _VALUES else _plain(part, renamed) for name, part in kept.items()}


def _kept(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, part in schema.items():
        if name == "properties" and isinstance(part, Mapping):
            yield name, {key: value for key, value in part.items() if value is not False}
        elif name != "format" or not isinstance(part, str):
            yield name, part


def _titled(name: str, schema: Any) -> Any:
    return {"title": name, **schema} if isinstance(schema, Mapping) and "$ref" not in schema else schema


def _reference(reference: str, renamed: Mapping[tuple[str, str], str]) -> str:
    found = steps(reference)
    if len(found) > 1:
        found[1] = renamed.get((found[0], found[1]), found[1])
    return "/".join(["#", *found])
