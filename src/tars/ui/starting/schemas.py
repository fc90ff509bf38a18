"""JSON Schemas of types as sources write them; an empty schema, which takes anything, where a type says nothing."""

import re
from typing import TYPE_CHECKING, Final

from tars.core.values import Json

if TYPE_CHECKING:
    from tree_sitter import Node

Types = dict[str, "Node"]
"""The declarations of the source's own types, by name."""
Schema = dict[str, Json]
DEPTH_MAX: Final = 12

_PYTHON: Final = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null",
                  "dict": "object", "Dict": "object", "list": "array", "List": "array", "tuple": "array"}  # fmt: skip
_TS: Final = {"string": "string", "number": "number", "boolean": "boolean", "null": "null", "undefined": "null",
              "object": "object"}  # fmt: skip
_LISTS: Final = frozenset({"list", "List", "Sequence", "Iterable", "set", "Set", "tuple", "Array", "ReadonlyArray"})
_MAPS: Final = frozenset({"dict", "Dict", "Mapping", "Record"})


def nothing(written: str) -> bool:
    """Whether a result's type in TypeScript says that there is none."""
    return written.replace(" ", "") in ("void", "Promise<void>", "undefined", "never", "Promise<undefined>")


def python_schema(node: "Node | None", types: Types, depth: int = 0) -> Schema:
    if node is None or depth > DEPTH_MAX:
        return {}
    kind, children = node.type, node.named_children
    if kind == "type":
        return python_schema(children[0], types, depth) if children else {}
    word = _text(node)
    if kind in ("identifier", "none"):
        if word in types:
            return _python_class(types[word], types, depth + 1)
        return {"type": _PYTHON[word]} if word in _PYTHON else {}
    if kind == "binary_operator":
        return _union([python_schema(child, types, depth + 1) for child in children])
    if kind in ("generic_type", "subscript"):
        name = _text(children[0]).rpartition(".")[2]
        inner = children[1].named_children if kind == "generic_type" else children[1:]
        made = [python_schema(child, types, depth + 1) for child in inner]
        if name == "Literal":
            return _literals([_text(child) for child in inner])
        if name == "Optional":
            return _union([*made, {"type": "null"}])
        if name == "Union":
            return _union(made)
        if name in ("Required", "NotRequired", "ReadOnly", "Annotated", "Final") and made:
            return made[0]
        return _generic(name, made)
    return {}


def _python_class(node: "Node", types: Types, depth: int) -> Schema:
    body = node.child_by_field_name("body")
    properties: dict[str, Json] = {}
    required: list[Json] = []
    parents = _text(node.child_by_field_name("superclasses")).replace(" ", "")
    is_total = "TypedDict" not in parents or "total=False" not in parents
    for statement in body.named_children if body else ():
        inner = statement.named_children[0] if statement.type == "expression_statement" else None
        if inner is not None and inner.type == "assignment" and inner.child_by_field_name("type") is not None:
            name, written = _text(inner.child_by_field_name("left")), _text(inner.child_by_field_name("type"))
            properties[name] = python_schema(inner.child_by_field_name("type"), types, depth)
            is_needed = "Required[" in written if not is_total else "NotRequired[" not in written
            if inner.child_by_field_name("right") is None and is_needed:
                required.append(name)
    return _object(properties, required) if properties else {}


def ts_schema(node: "Node | None", types: Types, depth: int = 0) -> Schema:
    if node is None or depth > DEPTH_MAX:
        return {}
    kind, children = node.type, node.named_children
    word = _text(node)
    if kind in ("type_annotation", "parenthesized_type", "readonly_type"):
        return ts_schema(children[0], types, depth) if children else {}
    if kind in ("predefined_type", "type_identifier", "literal_type") and word in _TS:
        return {"type": _TS[word]}
    if kind == "type_identifier" and word in types:
        declared = types[word]
        body = declared.child_by_field_name("body") or declared.child_by_field_name("value")
        return ts_schema(body, types, depth + 1)
    if kind in ("interface_body", "object_type"):
        return _ts_object(node, types, depth)
    if kind == "array_type":
        return {"type": "array", "items": ts_schema(children[0], types, depth + 1)}
    if kind == "literal_type":
        return _literals([word])
    if kind == "union_type":
        return _union([ts_schema(child, types, depth + 1) for child in children])
    if kind == "generic_type":
        arguments = node.child_by_field_name("type_arguments") or children[-1]
        made = [ts_schema(child, types, depth + 1) for child in arguments.named_children]
        name = _text(children[0])
        return made[0] if name in ("Promise", "Readonly") and made else _generic(name, made)
    return {}


def _ts_object(node: "Node", types: Types, depth: int) -> Schema:
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for member in node.named_children:
        if member.type == "index_signature":
            return {"type": "object"}
        if member.type != "property_signature":
            continue
        name = _text(member.child_by_field_name("name")).strip("\"'")
        properties[name] = ts_schema(member.child_by_field_name("type"), types, depth + 1)
        if not any(child.type == "?" for child in member.children):
            required.append(name)
    return _object(properties, required)


def _text(node: "Node | None") -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _object(properties: dict[str, Json], required: list[Json]) -> Schema:
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _generic(name: str, made: list[Schema]) -> Schema:
    if name in _LISTS:
        return {"type": "array", "items": made[0]} if made and name not in ("tuple",) else {"type": "array"}
    if name in _MAPS:
        return {"type": "object", "additionalProperties": made[1]} if len(made) > 1 else {"type": "object"}
    return {}


def _literals(words: list[str]) -> Schema:
    values: list[Json] = []
    for word in words:
        if word[:1] in "\"'":
            values.append(word[1:-1])
        elif re.fullmatch(r"-?\d+", word):
            values.append(int(word))
        elif word in ("True", "False", "true", "false"):
            values.append(word.lower() == "true")
        else:
            return {}
    return {"enum": values}


def _union(parts: list[Schema]) -> Schema:
    """Any of the parts; anything where one of them takes anything."""
    if not all(parts):
        return {}
    flat: list[Json] = []
    for part in parts:
        inner = part.get("anyOf")
        flat.extend(inner if isinstance(inner, list) else [part])
    words = [part.get("enum") for part in parts if list(part) == ["enum"]]
    if len(words) == len(parts):
        return {"enum": [word for each in words if isinstance(each, list) for word in each]}
    return {"anyOf": flat} if len(flat) > 1 else parts[0]
