"""Calls one function of a Python file: JSON in, JSON out. Run as `python python_function.py FILE FUNCTION [NAME]`.

It runs in the agent's own interpreter, which may be older than TARS's and has none of its packages.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    path, name = sys.argv[1], sys.argv[2]
    package = sys.argv[3] if len(sys.argv) > 3 and sys.argv[3].startswith("--package=") else ""
    del sys.argv[1 : 4 if package else 3]
    sys.argv[0] = path
    function = _load(path, package[len("--package=") :])
    for part in name.split("."):
        function = getattr(function, part, None)
        if function is None:
            sys.exit(f"tars: `{path}` has no function `{name}`; `entry_point` names one that is in it")
    deliver(call(function, name))


def _load(path: str, package: str) -> Any:
    if package:
        sys.path[0] = path
        return importlib.import_module(package)
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    module_name = os.path.splitext(os.path.basename(path))[0]
    # A name that cannot be imported by others may be taken by the file itself; a known one (`json.py`) must stay free.
    specification = importlib.util.spec_from_file_location(module_name, path)
    if specification is None or specification.loader is None:
        sys.exit(f"tars: `{path}` cannot be loaded as Python; its name must end in .py")
    module = importlib.util.module_from_spec(specification)
    sys.modules.setdefault(module_name, module)
    specification.loader.exec_module(module)
    return module


def call(function: Any, name: str) -> Any:
    inputs = _inputs()
    needed, accepted = _arity(function)
    if accepted == 1 and len(inputs) > 1:
        inputs = [inputs]
    if len(inputs) < needed:
        sys.exit(
            f"tars: `{name}` needs {needed} argument(s), but the module has {len(inputs)} input(s); "
            "add `input = ...` to its block"
        )
    result = function(*inputs[:accepted])
    if hasattr(result, "cr_code"):
        import asyncio  # noqa: PLC0415 - slow, and few functions are async

        result = asyncio.run(result)
    return result


def _arity(function: Any) -> tuple[int, int]:
    """How many positional arguments the function needs, and how many it takes."""
    code = getattr(function, "__code__", None)
    if code is not None and not hasattr(function, "__wrapped__"):
        return code.co_argcount - len(function.__defaults__ or ()), code.co_argcount
    import inspect  # noqa: PLC0415 - slow, and few functions are decorated

    try:
        parameters = [one for one in inspect.signature(function).parameters.values() if one.kind < one.VAR_POSITIONAL]
    except (TypeError, ValueError):
        return 0, 0
    return sum(one.default is one.empty for one in parameters), len(parameters)


def _inputs() -> list[Any]:
    """The inputs as values: JSON where it is JSON, else text; a folder is its path."""
    listed = os.environ.get("TARS_INPUTS")
    paths = json.loads(listed) if listed else [os.environ["TARS_INPUT"]] if os.environ.get("TARS_INPUT") else []
    if paths:
        return [path if os.path.isdir(path) else _parsed(_read(path), path) for path in paths]
    if sys.stdin is None or sys.stdin.isatty():
        return []
    content = sys.stdin.buffer.read()
    return [_parsed(content, "stdin")] if content else []


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _parsed(content: bytes, path: str) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        if path.endswith(".json"):
            sys.exit(f"tars: the input {path} is not JSON: {error}")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content


def deliver(result: Any) -> None:
    """A value is written to the declared output unless the function wrote that itself; else it goes to stdout."""
    if result is None:
        return
    output = os.environ.get("TARS_OUTPUT")
    if output and not os.path.exists(output):
        os.makedirs(os.path.dirname(output) or ".", exist_ok=True)
        with open(output, "wb") as file:
            file.write(_content(result, output.endswith(".json")))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(_content(result, False))
        sys.stdout.buffer.flush()


def _content(result: Any, must_be_json: bool) -> bytes:
    if isinstance(result, (bytes, bytearray)):
        return bytes(result)
    if isinstance(result, str) and not must_be_json:
        return result.encode("utf-8")
    try:
        return (json.dumps(result, indent=2, ensure_ascii=False, default=_plain) + "\n").encode("utf-8")
    except (TypeError, ValueError) as error:
        sys.exit(f"tars: the function's result cannot be written as JSON: {error}")


def _plain(value: Any) -> Any:
    """What `tarscli stubs` writes: enumerations, and data classes without what may be missing and is."""
    if hasattr(type(value), "__members__"):
        return value.value
    if not hasattr(type(value), "__dataclass_fields__"):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    fields = [(field, getattr(value, field.name)) for field in type(value).__dataclass_fields__.values()]
    return {
        field.metadata.get("name", field.name): content
        for field, content in fields
        if content is not None or field.default is not None or field.metadata.get("required")
    }


if __name__ == "__main__":
    main()
