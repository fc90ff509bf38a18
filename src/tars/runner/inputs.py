"""How data reaches an agent: paths, a copy, an environment variable or standard input."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError
from tars.core.values import Json
from tars.lang.values import Declaration, Input, JsonInput, Metascript, Module, OutputInput, PathInput

ENVIRONMENT_BYTES_MAX = 128 * 1024
"""Linux refuses a single environment string that is longer."""


class Handover(Prefab, frozen=True):
    """What a module is started with, besides its command: more arguments, variables, and its standard input."""

    arguments: tuple[str, ...]
    env: Mapping[str, str]
    stdin: bytes | Path | None


def input_paths(inputs: Iterable[Input], outputs: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The project's paths among the inputs; `outputs` are those of the modules that ran before, by address."""
    paths: list[str] = []
    for given in inputs:
        match given:
            case PathInput(path):
                paths.append(path)
            case OutputInput():
                paths.extend(output_paths(given, outputs))
            case JsonInput():
                pass
    return paths


def output_paths(given: OutputInput, outputs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The paths that a reference to another module's outputs stands for."""
    if given.path:
        return (given.path,)
    found = outputs[given.address]
    if given.index < 0:
        return found
    if given.index < len(found):
        return (found[given.index],)
    raise TarsError(
        f"{given.address} wrote {len(found)} files; output number {given.index} was asked for",
        hint=f"declare `output` in {given.address}, so that its files are checked",
    )


def named_values(named: "Mapping[str, Json | OutputInput]", outputs: Mapping[str, tuple[str, ...]]) -> dict[str, Json]:
    """The values of the metascript's `output` blocks, as far as what they rest on is there."""
    values: dict[str, Json] = {}
    for name, value in named.items():
        if not isinstance(value, OutputInput):
            values[name] = value
        elif value.address in outputs:
            paths = output_paths(value, outputs)
            values[name] = paths[0] if value.path or value.index >= 0 else list(paths)
    return values


def hand_over(module: Module, project: Path, scratch: str, outputs: Mapping[str, tuple[str, ...]]) -> Handover:
    """Prepares a module's inputs. Files made for it alone (JSON values, private copies) are put into `scratch`.

    Unless `inject_as` says otherwise, `TARS_INPUT` is the path of the first input, `TARS_INPUTS` a JSON list of all,
    and the first input, where it is a file, is on standard input as well.
    """
    paths: list[str] = []
    for number, given in enumerate(module.inputs):
        if isinstance(given, JsonInput):
            made = f"{scratch}/.tars-input-{number}.json"
            with open(made, "w", encoding="utf-8") as file:
                json.dump(given.value, file, ensure_ascii=False)
            paths.append(made)
        else:
            paths.extend(f"{project}/{path}" for path in input_paths((given,), outputs))
    if module.inject_as == "file":
        paths = [_private_copy(path, scratch, number) for number, path in enumerate(paths)]
    env = {"TARS_INPUTS": json.dumps(paths)}
    if paths:
        env["TARS_INPUT"] = paths[0]
    arguments = [argument for item in module.args for argument in _argument(item, project, outputs)]
    stdin: Path | None = None
    match module.inject_as:
        case "args":
            arguments += paths
        case "env":
            env["TARS_INPUT_DATA"] = _content(module, paths)
        case "file":
            pass
        case _ if paths and os.path.isfile(paths[0]):
            stdin = Path(paths[0])
        case _:
            pass
    return Handover(tuple(arguments), env, stdin)


def write_memory(metascript: Metascript, path: str) -> None:
    """Writes what the metascript declares as known for its agents to read: a list of `{type, labels, …}` objects, one
    for each `belief_graph` and `reflection` block, with nested blocks (`belief`) in `blocks`; `beliefs` are those of
    the project's memory that a graph includes, as they are now."""
    # Nobody else may come in: a module of root could leave a program there that runs as root.
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(_known(metascript), file, ensure_ascii=False)


def memory_ground(metascript: Metascript) -> dict[str, str]:
    """What `write_memory` writes, by its digest: every module can read it, so every result rests on it. Empty where
    nothing is known."""
    return ground_of_memory(_known(metascript))


def ground_of_memory(known: Sequence[Mapping[str, Json]]) -> dict[str, str]:
    """As `memory_ground`, of what was written."""
    return {"memory": blake3(json.dumps(known, sort_keys=True).encode()).hexdigest()} if known else {}


def _known(metascript: Metascript) -> list[dict[str, Json]]:
    return [_plain(block) for block in metascript.declarations if block.type in ("belief_graph", "reflection")]


def declared_beliefs(metascript: Metascript) -> dict[str, Json]:
    """The beliefs of the metascript's graphs as the journal keeps them: `GRAPH.ID`, with what it says of each."""
    beliefs: list[Json] = []
    for graph in metascript.declarations:
        if graph.type != "belief_graph":
            continue
        name = graph.labels[0]
        for belief in graph.blocks:
            said = dict(belief.attributes)
            for bearing in ("supports", "contradicts"):
                others = said.get(bearing)
                if isinstance(others, list):
                    said[bearing] = [f"{name}.{other}" for other in others]
            beliefs.append({**said, "id": f"{name}.{belief.labels[0]}"})
    return {"beliefs": beliefs} if beliefs else {}


def _plain(block: Declaration) -> dict[str, Json]:
    blocks: list[Json] = [_plain(inner) for inner in block.blocks]
    return {"type": block.type, "labels": list(block.labels), **block.attributes, "blocks": blocks}


def _argument(item: str | OutputInput, project: Path, outputs: Mapping[str, tuple[str, ...]]) -> list[str]:
    if isinstance(item, str):
        return [item]
    return [f"{project}/{path}" for path in output_paths(item, outputs)]


def _private_copy(path: str, scratch: str, number: int) -> str:
    folder = f"{scratch}/.tars-copy-{number}"
    os.mkdir(folder)
    copy = f"{folder}/{os.path.basename(path)}"
    if os.path.isdir(path):
        shutil.copytree(path, copy)
    else:
        shutil.copyfile(path, copy)
    return copy


def _content(module: Module, paths: list[str]) -> str:
    if not paths:
        return ""
    path = Path(paths[0])
    size = path.stat().st_size
    hint = 'use `inject_as = "stdin"` or "file"'
    if size >= ENVIRONMENT_BYTES_MAX:
        raise TarsError(f"{module.address}: {path.name} has {size} bytes, too many for an environment", hint=hint)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TarsError(f"{module.address}: {path.name} is not text, so no environment holds it", hint=hint) from error
    if "\0" in text:
        raise TarsError(f"{module.address}: {path.name} holds a NUL, so no environment holds it", hint=hint)
    return text
