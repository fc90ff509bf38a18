"""The block of a module as text, made from what its source says."""

import json
from pathlib import PurePosixPath
from typing import NamedTuple

from tars.core.errors import UsageError
from tars.core.near import close_matches
from tars.core.values import Json
from tars.lang.forms.format import format_text
from tars.lang.schema import module_type
from tars.ui.starting.functions import Function, Program

TEXT_SAMPLE = "Some text.\n"


class Started(NamedTuple):
    """The block, and the files that its inputs need and that are not there yet, by path."""

    text: str
    files: dict[str, str]


def choose(program: Program, path: str, wanted: str = "") -> Function | None:
    """The function that starts the module; None where the whole file is the program.

    Raises `UsageError` that names the functions where it cannot be told which is meant.
    """
    by_name = {function.name: function for function in program.functions}
    listed = ", ".join(f"`{name}`" for name in by_name)
    if wanted:
        if wanted not in by_name:
            near = close_matches(wanted, by_name, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"it offers {listed}" if listed else "it offers none"
            raise UsageError(f"`{path}` has no function `{wanted}` that others may call", hint=hint)
        return by_name[wanted]
    if program.is_script:
        return None
    stem = PurePosixPath(path).stem
    for name in ("run", "Run", "main", "default", stem, stem.title()):
        if name in by_name:
            return by_name[name]
    if len(by_name) == 1:
        return next(iter(by_name.values()))
    if not by_name:
        return None
    raise UsageError(f"`{path}` has several functions: {listed}", hint="name the one that starts it: `--entry NAME`")


def block(name: str, path: str, language: str, function: Function | None) -> Started:
    """The block, in canonical form, that runs as it stands: with a sample of an input where the function needs one."""
    lines = [f'{module_type(language)} "{name}" {{', f"source = {_string(path)}"]
    files: dict[str, str] = {}
    if function is not None:
        lines.append(f"entry_point = {_string(function.name)}")
        values = [_sample(schema, f"data/{name}_{given}.txt", files) for given, schema in function.takes]
        if language in ("rust", "go") and values:
            values = [_string(next(iter(files), f"data/{name}.txt"))]
            files = {next(iter(files), f"data/{name}.txt"): TEXT_SAMPLE}
        if values:
            lines.append(f"input = {values[0]}" if len(values) == 1 else f"input = [{', '.join(values)}]")
        if function.gives is not None:
            suffix = "txt" if language in ("rust", "go") else "json"
            lines.append(f'output = "output/{name}.{suffix}"')
            if function.gives:
                lines.append(f"output_schema = {_value(dict(function.gives))}")
    return Started(format_text("\n".join([*lines, "}", ""])), files)


def _sample(schema: dict[str, Json], file: str, files: dict[str, str]) -> str:
    """A value that fits the schema as an expression. Text and lists stand in a file: a string would be a path, and a
    list several inputs."""
    if schema.get("type") == "string" or not schema or "enum" in schema:
        choices = schema.get("enum")
        files[file] = str(choices[0]) if isinstance(choices, list) and choices else TEXT_SAMPLE
        return _string(file)
    fitting = _fitting(schema)
    if isinstance(fitting, dict | bool | int | float):
        return _value(fitting)
    file = f"{file.removesuffix('.txt')}.json"
    files[file] = f"{json.dumps(fitting)}\n"
    return _string(file)


def _fitting(schema: dict[str, Json]) -> Json:
    options = schema.get("anyOf")
    if isinstance(options, list) and options and isinstance(options[0], dict):
        return _fitting(options[0])
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    properties = schema.get("properties")
    required = schema.get("required", [])
    if isinstance(properties, dict) and isinstance(required, list):
        fields = {name: inner for name, inner in properties.items() if name in required and isinstance(inner, dict)}
        return {name: _fitting(inner) for name, inner in fields.items()}
    plain: dict[Json, Json] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
    kind = schema.get("type")
    return plain.get(kind) if isinstance(kind, str) else None


def _string(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted.replace("${", "$${").replace("%{", "%%{")


def _value(value: Json) -> str:
    """A JSON value as an expression of the language."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, dict):
        if not value:
            return "{}"
        inner = "\n".join(f"{_string(key)} = {_value(item)}" for key, item in value.items())
        return f"{{\n{inner}\n}}"
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    return json.dumps(value)
