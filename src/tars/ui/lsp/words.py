"""The words that an attribute's value may be, beside what a project declares: choices, usual values, JSON Schema."""

from collections.abc import Iterator, Mapping
from typing import Final

from tars.lang import schema
from tars.lang.kinds import AttributeType, Kind
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchain import TOOLCHAINS

_PYTHONS: Final = ("python3.11", "python3.12", "python3.13", "python3.14")
_RUNTIMES: Final[Mapping[str, tuple[str, ...]]] = {
    "python": _PYTHONS,
    "javascript": ("node", "deno", "bun"),
    "typescript": ("node", "deno", "bun"),
    "": ("node", "deno", "bun", *_PYTHONS),
}
_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "goos": ("linux", "darwin", "windows", "freebsd", "wasip1"),
    "goarch": ("amd64", "arm64", "386", "arm", "riscv64", "wasm"),
    "profile": ("release", "dev"),
    "prefer": ("isolation", "latency", "memory", "portability"),
    "goal": ("execution_time_ms", "rerun_time_ms", "findings"),
}
_TARGETS: Final[Mapping[str, tuple[str, ...]]] = {
    "rust": ("wasm", "wasip2", "x86_64-unknown-linux-musl", "aarch64-unknown-linux-gnu"),
}
_LIKELY: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.DURATION: ("500ms", "30s", "5m", "1h30m"),
    Kind.SIZE: ("256MB", "512MB", "2GiB"),
}
JSON_TYPES: Final = ("object", "array", "string", "integer", "number", "boolean", "null")
_KEYWORDS: Final[Mapping[str, str]] = {
    "type": '"$0"',
    "properties": "{\n  $0\n}", "required": '["$0"]', "additionalProperties": "false", "items": "{ $0 }",
    "enum": "[$0]", "const": "$0", "description": '"$0"', "title": '"$0"', "minimum": "$0", "maximum": "$0",
    "exclusiveMinimum": "$0", "exclusiveMaximum": "$0", "multipleOf": "$0", "minLength": "$0", "maxLength": "$0",
    "pattern": '"$0"', "format": '"$0"', "minItems": "$0", "maxItems": "$0", "uniqueItems": "true",
    "prefixItems": "[$0]", "minProperties": "$0", "maxProperties": "$0", "patternProperties": "{\n  $0\n}",
    "anyOf": "[$0]", "oneOf": "[$0]", "allOf": "[$0]", "not": "{ $0 }", "examples": "[$0]", "default": "$0",
    "$ref": '"#/\\$defs/$0"', "$defs": "{\n  $0\n}",
}  # fmt: skip
"""The keywords of JSON Schema with what is written after them, as a snippet."""
_NAMED: Final = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose keys are names of the user's own."""
_VALUES: Final = frozenset({"enum", "const", "default", "examples", "required"})


def words_of(known: AttributeType, block_type: str) -> tuple[str, ...]:
    """The words that the value of an attribute must be one of, or usually is, in a block of that type."""
    language = schema.language_of(block_type)
    if known.kind is Kind.SANDBOXES:
        return tuple(SANDBOXES)
    if known.kind is Kind.LANGUAGE:
        return TOOLCHAINS.names()
    if known.kind is Kind.COMPILE:
        return ("docker",)
    if known.name == "runtime":
        return _RUNTIMES.get(language, _RUNTIMES[""] if not language else ())
    if known.name == "target":
        return _TARGETS.get(language, ("wasm",))
    if known.name == "engine":
        from tars.infer.engine import ENGINES  # noqa: PLC0415 - asks the disk for plug-ins, and is seldom needed

        return ENGINES.names()
    return known.choices or _USUAL.get(known.name, ()) or _LIKELY.get(known.kind, ())


def keywords(keys: list[str], written: set[str]) -> Iterator[tuple[str, str]]:
    """The keywords of JSON Schema that may stand in the object that the keys lead to, each with its value's snippet."""
    if _is_schema(keys):
        for name, snippet in _KEYWORDS.items():
            if name not in written:
                yield name, snippet


def is_type(keys: list[str]) -> bool:
    """Whether the value that the keys lead to is the name of a type in JSON Schema."""
    return bool(keys) and keys[-1] == "type" and _is_schema(keys[:-1])


def _is_schema(keys: list[str]) -> bool:
    is_named = False
    for key in keys:
        if is_named:
            is_named = False
        elif key in _VALUES:
            return False
        else:
            is_named = key in _NAMED
    return not is_named
