"""The one patch language of all producers: typed operations on declared parameters, slots, regions and the graph.

Format, version 1: a JSON array of objects, each with `op` and the fields that `OPERATIONS` gives it; the canonical form
has sorted keys and no blanks. There is no operation on the text of a file as such.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from math import isfinite
from typing import Any, Final, NamedTuple

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.near import close_matches
from tars.core.values import Digest, Json
from tars.evolve.errors import PatchError

OPERATIONS_MAX: Final = 32
TEXT_CHARACTERS_MAX: Final = 100_000
VALUE_CHARACTERS_MAX: Final = 20_000


class Field(NamedTuple):
    """`form` is `text`, `number`, `scalar` (a number, a text or a truth value), `texts` or `value` (any JSON)."""

    form: str
    doc: str
    optional: bool = False


_NODE: Final = Field("text", "the address of a block, such as `python_module.rank`")
_FILE: Final = Field("text", "the path of the file, where the source has several", optional=True)
OPERATIONS: Final[Mapping[str, Mapping[str, Field]]] = {
    "set": {
        "file": _FILE,
        "parameter": Field("text", "a declared parameter"),
        "value": Field("scalar", "what it becomes"),
    },
    "swap": {
        "file": _FILE,
        "parameter": Field("text", "a declared enumeration"),
        "choice": Field("scalar", "one of its values"),
    },
    "fill": {
        "file": _FILE,
        "slot": Field("text", "a declared slot"),
        "value": Field("value", "the data that it holds"),
    },
    "replace": {
        "file": _FILE,
        "region": Field("text", "a declared region of the source"),
        "base": Field("text", "the digest of the region's text that the change was made for"),
        "text": Field("text", "the region's new text"),
    },
    "set-attribute": {
        "node": _NODE,
        "attribute": Field("text", "the attribute"),
        "value": Field("value", "what it becomes"),
    },
    "remove-attribute": {"node": _NODE, "attribute": Field("text", "the attribute")},
    "rename-attribute": {
        "node": _NODE,
        "attribute": Field("text", "the attribute"),
        "name": Field("text", "its new name"),
    },
    "rename-node": {
        "node": _NODE,
        "name": Field("text", "its new name"),
        "which": Field("number", "of several with this address, counted from 0", optional=True),
    },
    "add-edge": {"node": _NODE, "needs": Field("text", "the address that it is to wait for")},
    "remove-edge": {"node": _NODE, "needs": Field("text", "the address that it waits for")},
    "reroute-edge": {
        "node": _NODE,
        "needs": Field("text", "the address that it refers to"),
        "instead": Field("text", "the address that it is to refer to"),
    },
    "insert-node": {"block": Field("text", "its type"), "name": Field("text", "its name"),
                    "attributes": Field("value", "its attributes, by name")},
    "delete-node": {"node": _NODE},
    "split-node": {
        "node": _NODE,
        "name": Field("text", "the name of the new half"),
        "inputs": Field("texts", "the inputs that the new half takes over, as they are written"),
        "output": Field("text", "where the new half writes"),
    },
    "merge-nodes": {"node": _NODE, "into": Field("text", "the address of the node that stands for both")},
    "mend": {
        "code": Field("text", "the code of a finding that offers its own mend"),
        "which": Field("number", "which of the findings with that code, counted from 0"),
    },
}  # fmt: skip
ALIASES: Final = {
    "param": "parameter", "name_of_parameter": "parameter", "address": "node", "attr": "attribute", "path": "file",
}  # fmt: skip


class Op(Prefab, frozen=True, slots=False):
    """One operation. `arguments` hold what `OPERATIONS` says of its kind, and nothing else."""

    kind: str
    arguments: Mapping[str, Any] = attribute(default_factory=dict)

    def text(self, name: str) -> str:
        return str(self.arguments[name])

    def to_json(self) -> dict[str, Json]:
        return {"op": self.kind, **self.arguments}


class Patch(Prefab, frozen=True, slots=False):
    """Operations that are applied together, in order, or not at all."""

    ops: tuple[Op, ...]

    @cached_property
    def canonical(self) -> str:
        """Equal patches have equal texts."""
        return json.dumps([op.to_json() for op in self.ops], sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str) -> Digest:
    return Digest(blake3(text.encode("utf-8", "surrogatepass")).hexdigest())


def op(kind: str, **arguments: Json) -> Op:
    """An operation that a producer of ours makes; a mistake in it is a bug, hence an assertion."""
    made, dropped = _read_op({"op": kind, **arguments}, 0)
    assert not dropped, dropped
    return made


def read_patch(value: object) -> tuple[Patch, tuple[str, ...]]:
    """The patch that the JSON stands for, and what of it was unknown and dropped, a sentence each.

    Raises `PatchError`, naming the place, where an operation is unknown or a field is missing or of the wrong kind.
    """
    listed = value.get("ops") if isinstance(value, Mapping) else value
    if not isinstance(listed, list) or not listed:
        raise PatchError("a patch is a list of at least one operation", hint='as [{"op": "set", …}]')
    if len(listed) > OPERATIONS_MAX:
        raise PatchError(f"a patch has at most {OPERATIONS_MAX} operations, not {len(listed)}")
    made: list[Op] = []
    dropped: list[str] = []
    for place, each in enumerate(listed):
        one, unknown = _read_op(each, place)
        made.append(one)
        dropped += unknown
    return Patch(tuple(made)), tuple(dropped)


def _read_op(value: object, place: int) -> tuple[Op, list[str]]:
    where = f"operation {place + 1}"
    if not isinstance(value, Mapping) or not isinstance(kind := value.get("op"), str):
        raise PatchError(f"{where} names no `op`")
    if kind not in OPERATIONS:
        near = close_matches(kind, OPERATIONS, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(OPERATIONS)}"
        raise PatchError(f"{where}: there is no operation `{kind[:60]}`", hint=hint)
    fields = OPERATIONS[kind]
    found: dict[str, Any] = {}
    dropped: list[str] = []
    for name, given in value.items():
        known = name if name in fields else ALIASES.get(str(name), "")
        if name == "op":
            continue
        if known not in fields or (known != name and known in value):
            dropped.append(f"{where}: `{kind}` has no field `{str(name)[:60]}`; it was dropped")
            continue
        found[known] = _checked(given, fields[known], f"{where}: `{known}` of `{kind}`")
    missing = [name for name, one in fields.items() if not one.optional and name not in found]
    if missing:
        raise PatchError(f"{where}: `{kind}` lacks `{missing[0]}`: {fields[missing[0]].doc}")
    return Op(kind, found), dropped


def _checked(value: object, known: Field, where: str) -> object:
    fine = {
        "text": isinstance(value, str),
        "number": isinstance(value, int) and not isinstance(value, bool),
        "scalar": isinstance(value, str | int | float | bool),
        "texts": isinstance(value, list) and all(isinstance(one, str) for one in value),
        "value": True,
    }[known.form]
    if not fine:
        raise PatchError(f"{where} is not a {known.form}")
    if isinstance(value, float) and not isfinite(value):
        raise PatchError(f"{where} is not a finite number")
    if isinstance(value, str):
        _refuse_wild(value, TEXT_CHARACTERS_MAX, where)
    elif isinstance(value, list | dict):
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise PatchError(f"{where} is no JSON: {error}") from error
        _refuse_wild(text, VALUE_CHARACTERS_MAX, where)
    return value


def _refuse_wild(text: str, characters_max: int, where: str) -> None:
    if len(text) > characters_max:
        raise PatchError(f"{where} has {len(text)} characters, and at most {characters_max} are taken")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PatchError(f"{where} is not text") from error
    if "\0" in text:
        raise PatchError(f"{where} holds a NUL character")
