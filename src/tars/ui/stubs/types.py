"""Which types a metascript names: what its modules give out and take in, and what its closures answer."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tars.core.errors import InputError, UsageError
from tars.core.values import Diagnostic, Json, Severity
from tars.lang.values import Metascript, Module, OutputInput

Schema = Mapping[str, Json] | bool
_WORDS: Final = re.compile(r"[^\W_]+")


def types_of(metascript: Metascript, project: Path) -> dict[str, Schema]:
    """The schemas by the name of their type, sorted. Raises `UsageError` where one name stands for two schemas, and
    `InputError` where a schema is outside of what stubs can be made of."""
    found: dict[str, Schema] = {}
    by_address = {module.address: module for module in metascript.modules}
    for module in metascript.modules:
        own = _schema(module.output_schema, project)
        if own is not None:
            _add(found, output_name(module), own)
        for given in module.inputs:
            source = by_address.get(given.address) if isinstance(given, OutputInput) else None
            schema = _schema(source.output_schema, project) if source else None
            if module.input_type and schema is not None and len(module.inputs) == 1:
                _add(found, type_name(module.input_type), schema)
    for declaration in metascript.declarations:
        schema = _schema(declaration.attributes.get("output_schema"), project)
        if declaration.type == "closure" and schema is not None:
            _add(found, type_name(f"{declaration.labels[0]} answer"), schema)
    return dict(sorted(found.items()))


def output_name(module: Module) -> str:
    """The name of the type of what a module gives out: `output_type`, else made of the module's name."""
    return type_name(module.output_type or f"{module.name.replace('.', ' ')} output")


def type_name(words: str) -> str:
    """The words as the name of a type: `rank output` is `RankOutput`; what is one word already stays as it is."""
    parts = _WORDS.findall(words)
    name = "".join(part[:1].upper() + part[1:] for part in parts)
    return name if name[:1].isalpha() else f"T{name}"


def _add(found: dict[str, Schema], name: str, schema: Schema) -> None:
    known = found.setdefault(name, schema)
    if json.dumps(known, sort_keys=True) != json.dumps(schema, sort_keys=True):
        raise UsageError(
            f"the type `{name}` would be two different schemas", hint="give one of them a name: `output_type = …`"
        )


def _schema(given: Any, project: Path) -> Schema | None:
    """A schema that stands in the metascript or in a file, without its title, which is no name of a type."""
    if given is None:
        return None
    schema = json.loads((project / given).read_text("utf-8-sig")) if isinstance(given, str) else given
    outside = next(_outside(schema), "")
    if outside:
        where = f" in `{given}`" if isinstance(given, str) else ""
        message = f"`$ref` to `{outside}`{where} leaves the schema"
        found = Diagnostic("T0057", Severity.ERROR, message, hint="put what it names under `$defs`")
        raise InputError("a schema cannot be made into types", [found])
    return {key: value for key, value in schema.items() if key != "title"} if isinstance(schema, Mapping) else schema


def _outside(schema: Any) -> Any:
    """References that lead out of the schema: no other file and no address is read."""
    waiting = [schema]
    while waiting:
        at = waiting.pop()
        if isinstance(at, Mapping):
            reference = at.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                yield reference
            waiting.extend(at.values())
        elif isinstance(at, list | tuple):
            waiting.extend(at)
