"""The JSON Schemas of what the Rust engineer stores, published with the package, and the check against them."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, cast

from tars.core.errors import CorruptError, TarsError, UsageError
from tars.core.near import close_matches

NAMES: Final = ("action", "observation", "patch", "devlog_entry", "golden_entry")


def schema(name: str) -> dict[str, Any]:
    """The schema of that name, as JSON. Raises `UsageError` with the nearest name where there is none."""
    if name not in NAMES:
        near = close_matches(name, NAMES, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(NAMES)}"
        raise UsageError(f"there is no schema `{name}`", hint=hint)
    text = (resources.files("tars.rust") / "schema" / f"{name}.json").read_text("utf-8")
    return cast(dict[str, Any], json.loads(text))


def faults(name: str, value: object, *, limit: int = 5) -> tuple[str, ...]:
    """What of the value is not as the schema says, at most `limit` findings: where and why."""
    found = []
    for error in _validator(name).iter_errors(value):
        place = "/".join(str(part) for part in error.instance_path) or "it"
        found.append(f"{place}: {error.message}")
        if len(found) == limit:
            break
    return tuple(found)


def checked(name: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The value, before it is stored. Raises `TarsError` where it is not of the schema."""
    if found := faults(name, value, limit=1):
        raise TarsError(f"this is no {name.replace('_', ' ')}: {found[0]}", hint=f"`tarscli rust schema {name}`")
    return value


def read(name: str, data: bytes, where: str) -> Mapping[str, Any]:
    """The JSON value that was stored at `where`. Raises `CorruptError` where it is not of the schema."""
    try:
        value = json.loads(data)
    except ValueError as error:
        raise CorruptError(f"{where} is not JSON: {error}", hint="run `tarscli store verify`") from error
    if found := faults(name, value, limit=1):
        raise CorruptError(f"{where} is no {name.replace('_', ' ')}: {found[0]}", hint="run `tarscli store verify`")
    return cast(Mapping[str, Any], value)


@cache
def _validator(name: str) -> Any:
    import jsonschema_rs  # noqa: PLC0415 - a compiled library that only storing and reading need

    known = [schema(one) for one in NAMES]
    registry = jsonschema_rs.Registry([(one["$id"], one) for one in known])
    return jsonschema_rs.Draft202012Validator(schema(name), registry=registry)
