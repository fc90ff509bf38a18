"""Why a module's result may be reused: everything that it rests on, by name, and the one key made of all that.

The names are what `tarscli why` speaks of; a change of any of them, and of nothing else, makes a module run.
"""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Final

from blake3 import blake3

from tars.core.errors import TarsError
from tars.lang.values import JsonInput, Module, OutputInput
from tars.runner.building.expand import shims_digest, shims_in
from tars.runner.files import Files
from tars.runner.inputs import input_paths, output_paths
from tars.runner.pins import original
from tars.runner.values import BuildPlan, Found, Step

FORMAT: Final = "1"
"""Raised when the meaning of a key changes, so that no older result is ever taken for a new one."""


_encode = json.JSONEncoder(sort_keys=True).encode


def grounds(
    module: Module,
    plan: BuildPlan,
    found: Mapping[str, Found],
    files: Files,
    outputs: Mapping[str, tuple[str, ...]],
) -> dict[str, str]:
    """All that the module's result rests on: a name for people -> a digest or a short text.

    `outputs` are the paths that the modules before it wrote, by address. Raises `TarsError` for an unreadable file, and
    for a file's name that is no text, since no version could hold it.
    """
    # The agent sees its address, and versions are kept by name: a module that is renamed runs again.
    result = {
        "format": FORMAT,
        "address": module.address,
        "command": _step(plan.command),
        "outputs": json.dumps(module.outputs),
    }
    for path in plan.reads:
        result[f"source {path}"] = files.digest_of(path)
    for number, step in enumerate((*plan.steps, *plan.checks)):
        result[f"build step {number + 1}"] = _step(step)
    for path, data in plan.files.items():
        result[f"generated file {path}"] = blake3(data).hexdigest()
    if plan.environment is not None:
        for path in plan.environment.reads:
            result[f"dependencies {path}"] = files.digest_of(path)
        steps = " && ".join(_step(step) for step in plan.environment.steps)
        generated = [blake3(data).hexdigest() for data in plan.environment.files.values()]
        result["environment"] = json.dumps([steps, *generated])
    for name in shims_in((plan.command, *plan.steps, *plan.checks), plan.files):
        result[f"start program {name}"] = shims_digest(name)
    for tool in found.values():
        result[f"tool {tool.tool}"] = tool.version
    result |= _inputs(module, files, outputs)
    result |= _settings(module, files)
    for name in result:
        _refuse_bytes(module, name)
    return {original(name): original(ground) for name, ground in result.items()} if module.pin else result


def key_of(grounds: Mapping[str, str]) -> str:
    """The blake3 digest of the grounds: equal grounds, equal key, on every machine."""
    return blake3(_encode(dict(grounds)).encode()).hexdigest()


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What changed between two runs, a short phrase each: sources and inputs first, then settings, then what follows
    from these, such as the command."""
    phrases = []
    come_or_gone = any(name.startswith(("input ", "value ")) for name in before.keys() ^ now.keys())
    for name in sorted({*before, *now}, key=_rank):
        old, new = before.get(name), now.get(name)
        if old == new or (name == "inputs" and come_or_gone):  # an order is told where nothing else tells it
            continue
        verb = "are" if name in ("arguments", "inputs", "outputs") else "is"
        if old is None:
            phrases.append(f"{name} {verb} new")
        elif new is None:
            phrases.append(f"{name} {verb} gone")
        elif new == "absent":
            phrases.append(f"{name} was deleted")
        elif len(old) + len(new) < 80:
            phrases.append(f"{name} changed from {old} to {new}")
        else:
            phrases.append(f"{name} changed")
    return phrases


def _rank(name: str) -> tuple[int, str]:
    return (0 if name.startswith(("source ", "input ", "value ")) else 1 if name.startswith("setting") else 2), name


def file_out_of_date(
    module: Module, then: Mapping[str, str], files: Files, outputs: Mapping[str, tuple[str, ...]]
) -> str | None:
    """The first file that is no longer what the grounds `then` say, or that has come or gone in a folder since."""
    # The source of a pinned module is the store's: what stands in the project under that name is another matter.
    for kind in ("output schema ", *(() if module.pin else ("source ", "dependencies "))):
        for name, digest in then.items():
            if name.startswith(kind) and files.digest_of(name.removeprefix(kind)) != digest:
                return name.removeprefix(kind)
    now = {**_input_files(module, files, outputs), **_granted(module.resources.files_read, files)}
    may_change = tuple(f"{path}/" for path in module.resources.files_write)
    for name in {*now, *then}:
        if name.startswith(("input ", "granted file ")) and now.get(name) != then.get(name):
            path = name.removeprefix("input ").removeprefix("granted file ")
            if not f"{path}/".startswith(may_change):
                return path
    return None


def _inputs(module: Module, files: Files, outputs: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    result: dict[str, str] = {}
    arguments = [item if isinstance(item, str) else _reference(item, outputs) for item in module.args]
    if arguments:
        result["arguments"] = json.dumps(arguments)
    result |= _input_files(module, files, outputs)
    order: list[str] = []
    for number, given in enumerate(module.inputs, 1):
        if isinstance(given, JsonInput):
            result[f"value {number}"] = _short(_encode(given.value))
            order.append(f"value {number}")
        else:
            order += input_paths((given,), outputs)
    if order:
        result["inputs"] = _short(json.dumps(order))
    return result


def _reference(given: OutputInput, outputs: Mapping[str, tuple[str, ...]]) -> str:
    return f"output of {given.address}: {', '.join(output_paths(given, outputs))}"


def _input_files(module: Module, files: Files, outputs: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    result: dict[str, str] = {}
    referred = [item for item in module.args if isinstance(item, OutputInput)]
    for path in (*input_paths(module.inputs, outputs), *input_paths(referred, outputs)):
        for name, digest in files.digests_below(path).items():
            result[f"input {name}"] = digest
    return result


def _granted(paths: Iterable[str], files: Files) -> dict[str, str]:
    return {f"granted file {name}": digest for path in paths for name, digest in files.digests_below(path).items()}


def _settings(module: Module, files: Files) -> dict[str, str]:
    result: dict[str, str] = {}
    for name, value in module.env.items():
        result[f"environment variable {name}"] = blake3(value.encode()).hexdigest()  # a digest: it may be a secret
    result |= _granted((*module.resources.files_read, *module.resources.files_write), files)
    if isinstance(module.output_schema, str):
        result[f"output schema {module.output_schema}"] = files.digest_of(module.output_schema)
    elif module.output_schema is not None:
        result["output schema"] = _short(_encode(module.output_schema))
    settings = {
        "entry_point": module.entry_point,
        "runtime": module.runtime,
        "inject_as": module.inject_as,
        "environment": module.environment,
        "artifact": module.artifact,
        "network": "on" if module.resources.network else "",
        "sandbox": ", ".join(module.sandbox),
        "image": module.resources.image,
        "compile": module.compile,
        "check": "on" if module.check else "",
        **{name: value if isinstance(value, str) else ", ".join(value) for name, value in module.options.items()},
    }
    result |= {f"setting {name}": value for name, value in settings.items() if value}
    return result


def _step(step: Step) -> str:
    text = json.dumps([step.argv, dict(step.env), step.cwd])
    return _short(text)


def _refuse_bytes(module: Module, name: str) -> None:
    """Raises `TarsError` where the name of a ground stands for bytes that are not UTF-8."""
    if name.isascii():
        return
    try:
        name.encode()
    except UnicodeEncodeError:
        told = os.fsencode(name).decode("utf-8", "backslashreplace")
        raise TarsError(
            f"{module.address}: the name of {told} is not UTF-8, so no version can hold it",
            hint="rename the file, or leave it out of what the module is given",
        ) from None


def _short(text: str) -> str:
    return text if len(text) <= 200 else blake3(text.encode()).hexdigest()
