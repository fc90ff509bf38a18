"""The JSON Schema of the JSON form of a metascript, made from the vocabulary: what a model or an editor fills in.

The form is the one of `tars.lang.forms.convert`: a block is an object under its type, and below its label where it has
one; several blocks of one type and label are an array; an expression stands in a string as `"${…}"`.
"""

from collections.abc import Collection, Mapping
from typing import Final

from tars.core.values import Json
from tars.lang import schema
from tars.lang.kinds import KIND_TEXT, AttributeType, BlockType, Kind

IDENTIFIER: Final = "https://json-schema.org/draft/2020-12/schema"

_EXPRESSION: Final[dict[str, Json]] = {"$ref": "#/$defs/expression"}
_STRING: Final[dict[str, Json]] = {"type": "string"}
_STRINGS: Final[dict[str, Json]] = {"anyOf": [_STRING, {"type": "array", "items": _STRING}]}
_DURATION: Final = r"^([0-9]+(\.[0-9]+)?(ms|[smhd]))+$"

_KINDS: Final[Mapping[Kind, dict[str, Json]]] = {
    Kind.STRING: _STRING,
    Kind.BOOL: {"type": "boolean"},
    Kind.INTEGER: {"type": "integer", "minimum": 0},
    Kind.NUMBER: {"type": "number", "minimum": 0},
    Kind.CONFIDENCE: {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    Kind.STRINGS: _STRINGS,
    Kind.MAP: {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
    Kind.PATH: _STRING,
    Kind.PATHS: _STRINGS,
    Kind.SOURCE: _STRING,
    Kind.ENTRY_POINT: _STRING,
    Kind.DURATION: {"type": "string", "pattern": _DURATION},
    Kind.SIZE: {"anyOf": [{"type": "number", "minimum": 1}, {"type": "string", "pattern": r"^[0-9.]+\s*[A-Za-z]*$"}]},
    Kind.SANDBOXES: _STRINGS,
    Kind.COMPILE: {"anyOf": [{"type": "boolean"}, {"const": "docker"}]},
    Kind.INPUTS: {},
    Kind.ARGUMENTS: {"anyOf": [{"type": ["string", "number", "boolean"]}, {"type": "array"}]},
    Kind.SCHEMA: {"type": ["string", "object"]},
    Kind.REFERENCES: _STRINGS,
    Kind.PINS: _STRINGS,
    Kind.TYPE: _STRING,
    Kind.CONDITION: {"type": ["boolean", "string"]},
    Kind.FILES: {"anyOf": [_STRING, {"type": "array", "items": _STRING}, {"type": "object"}]},
    Kind.COUNT_OR_BOOL: {"type": ["integer", "boolean"], "minimum": 0},
    Kind.VALUE: {},
}


def json_schema(languages: Collection[str]) -> dict[str, Json]:
    """A JSON Schema (draft 2020-12) for metascripts in these languages."""
    names = sorted(languages)
    properties: dict[str, Json] = {"$schema": {"type": "string"}}
    for language in names:
        module = _labelled({"$ref": "#/$defs/module"}, f"An agent module in {language}.", True, True)
        properties |= _spellings(language, "", module)
    for language in names:
        pin = AttributeType("", Kind.PINS, f'Pins a module in {language}: `"name@v3"`.')
        properties |= _spellings(language, "use_", _attribute(pin, names))
    for block in schema.ROOT.blocks:
        if block.name != "module":
            properties[block.name] = _block(block)
    definitions: dict[str, Json] = {
        "expression": {
            "type": "string",
            "pattern": r"[$%]\{",
            "description": "An expression in a string: `${python_module.name.output}`.",
        }
    }
    for _, block in schema.walk():
        definitions[block.name] = _body(block, names)
    return {
        "$schema": IDENTIFIER,
        "title": "TARS metascript, JSON form",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": definitions,
    }


def _spellings(language: str, before: str, made: dict[str, Json]) -> dict[str, Json]:
    """What is `made` for a language's type of module under that type, and under the others that people write."""
    others = {f"{before}{name}": {**made, "deprecated": True} for name in schema.other_types(language)}
    return {f"{before}{schema.module_type(language)}": made, **others}


def _block(block: BlockType) -> dict[str, Json]:
    return _labelled({"$ref": f"#/$defs/{block.name}"}, block.doc, bool(block.labels), block.labels_min > 0, block.many)


def _labelled(body: dict[str, Json], doc: str, label: bool, needed: bool, many: bool = True) -> dict[str, Json]:
    """One block, or several as an array, below the label where there is one."""
    bodies: dict[str, Json] = {"anyOf": [body, {"type": "array", "items": body}]} if many else body
    if not label:
        return {"description": doc, **bodies}
    below: dict[str, Json] = {"type": "object", "additionalProperties": bodies}
    some: list[Json] = [below, {"type": "array", "items": below}]
    if not needed:
        some.append(bodies)
    return {"description": doc, "anyOf": some}


def _body(block: BlockType, languages: list[str]) -> dict[str, Json]:
    if block.free:
        return {"type": "object", "description": block.doc}
    properties: dict[str, Json] = {}
    if block.labels and not block.labels_min:
        properties["$labels"] = {"type": "array", "items": _STRING, "maxItems": len(block.labels)}
    required: list[Json] = []
    for attribute in block.attributes:
        made = _attribute(attribute, languages)
        for name in (attribute.name, *attribute.aliases):
            properties[name] = made if name == attribute.name else {**made, "deprecated": True}
        if attribute.required:
            some: list[Json] = [{"required": [name]} for name in (attribute.name, *attribute.aliases)]
            required.append({"anyOf": some} if len(some) > 1 else some[0])
    for inner in block.blocks:
        if inner.name not in properties:
            properties[inner.name] = _block(inner)
    body: dict[str, Json] = {
        "type": "object",
        "description": block.doc,
        "properties": properties,
        "additionalProperties": False,
    }
    return {**body, "allOf": required} if required else body


def _attribute(attribute: AttributeType, languages: list[str]) -> dict[str, Json]:
    if attribute.kind is Kind.CHOICE:
        kind: dict[str, Json] = {"enum": list(attribute.choices)}
    elif attribute.kind is Kind.LANGUAGE:
        kind = {"enum": [*languages, *(name for name, to in schema.LANGUAGE_ALIASES.items() if to in languages)]}
    else:
        kind = _KINDS[attribute.kind]
    default = f" Default: {attribute.default}." if attribute.default else ""
    doc = f"{attribute.doc} ({KIND_TEXT[attribute.kind]}){default}"
    if not kind:
        return {"description": doc}
    if kind == _STRING:
        return {"description": doc, "type": ["string", "null"]}
    return {"description": doc, "anyOf": [kind, _EXPRESSION, {"type": "null"}]}
