"""T0057: what should be a JSON Schema is none."""

import json
from collections.abc import Iterator
from typing import Any

from tars.core.schemas import compiled
from tars.core.values import Diagnostic, Span
from tars.lang.meaning.primitives import Wrong
from tars.lang.meaning.resolved import Resolved, finding
from tars.lang.syntax.tree import Attribute

CODE = "T0057"
TITLE = "bad schema"
EXPLANATION = """
An `output_schema` names a file that is not JSON, or holds something that is not a valid JSON Schema. No output could be
judged by it. Schemas may be of any draft, named by `$schema`; without it, draft 2020-12 holds. What a schema refers to
(`$ref`) stands in the schema itself, under `$defs`: nothing is fetched.
"""
WRONG = """
python_module "clean" {
  source        = "agents/clean.py"
  output_schema = { type = "objct" }
}
"""
RIGHT = """
python_module "clean" {
  source        = "agents/clean.py"
  output_schema = { type = "object" }
}
"""

_SCHEMA_BYTES_MAX = 8 * 1024 * 1024


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    seen: dict[str, tuple[str, str]] = {}
    for part, module in resolved.modules:
        if module.output_schema is not None and "output_schema" in part.attributes:
            node = part.attributes["output_schema"]
            yield from _judge(resolved, module.output_schema, part.scope.path, node, seen)
    for scope, declared, declaration in resolved.declarations:
        if "output_schema" in declared.attributes and "output_schema" in declaration.attributes:
            node = declared.attributes["output_schema"]
            yield from _judge(resolved, declaration.attributes["output_schema"], scope.path, node, seen)


def _judge(
    resolved: Resolved, schema: Any, file: str, node: Attribute, seen: dict[str, tuple[str, str]]
) -> Iterator[Diagnostic]:
    if isinstance(schema, str):
        if resolved.world.places.look(schema) == "missing":
            return
        resolved.world.reads[schema] = None
        if schema not in seen:
            seen[schema] = _read(resolved, schema)
        message, hint = seen[schema]
    else:
        message, hint = _fault(schema)
    if message:
        yield finding(CODE, Span(file, node.value.start, node.value.end), message, hint)


def _read(resolved: Resolved, path: str) -> tuple[str, str]:
    try:
        text = resolved.world.places.read(path, _SCHEMA_BYTES_MAX)
    except Wrong as wrong:
        return wrong.message, wrong.hint
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"`{path}` is not JSON: {error}", "a JSON Schema is a JSON file"
    message, hint = _fault(schema)
    return (f"`{path}`: {message}" if message else ""), hint


def _fault(schema: Any) -> tuple[str, str]:
    if not isinstance(schema, dict | bool):
        return "a JSON Schema is an object", ""
    import jsonschema_rs  # noqa: PLC0415 - slow to import, and only schemas need it

    try:
        jsonschema_rs.meta.validate(schema)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(step) for step in error.instance_path)
        return f"this is not a valid JSON Schema: {error.message}", f"at `{place}` in the schema" if place else ""
    except Exception as error:
        return f"this is not a valid JSON Schema: {error}", "name a known draft in `$schema`, or leave it out"
    try:
        compiled(schema)
    except ValueError as error:
        return f"this JSON Schema cannot be used: {error}", "write what it refers to into it, under `$defs`"
    return "", ""
