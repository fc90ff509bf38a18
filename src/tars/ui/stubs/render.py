"""Types as source text of a language, by quicktype-core in Node.js: the same schemas give the same text."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from tars.core.errors import TarsError, UnavailableError
from tars.core.values import Json
from tars.runner.building.tools import cache_folder, detect, install_command
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES
from tars.runner.toolchains._tools import NODE
from tars.runner.values import Cell, Limits, Outcome
from tars.ui.stubs.prepare import DEFINITIONS, plain, steps
from tars.ui.stubs.types import Schema

PACKAGE: Final = "quicktype-core@26"
_SECONDS_MAX: Final = 120.0
_DEPTH_MAX: Final = 20
_PROGRAM: Final = Path(__file__).with_name("quicktype.mjs")


_GO_OPTIONS: Final = {"package": "types", "omit-empty": "true"}
_GO: Final = (
    (r"\A(//[^\n]*\n)*\n", ""),
    (
        r"(?m)^func (Unmarshal\w+|\(r \*\w+\) Marshal)\([^\n]*\n(\t[^\n]*\n)*}\n\n",
        "",
    ),  # what takes no methods has them too
    (r"(?m)^\t(\t)\t(?:(\t)\t)?(?:(\t)\t)?(?:(\t)\t)?(?=\S)", r"\t\1\2\3\4"),  # two tabs a level, as gofmt has it not
    (r"(?m)^\t(?![A-Z])(\w+)(?= +[^\n]*`json:)", r"\tX\1"),  # a field that begins with no capital is private
)


class Target(NamedTuple):
    """How stubs are made in a language. `{stem}` in `file` is the metascript's name."""

    lang: str
    file: str
    comment: str
    options: Mapping[str, Json]
    holder: str = ""
    """In this language quicktype only writes classes: any other type is sent as the one field of a class, which this
    pattern finds again, and `alias` is written instead."""
    alias: str = ""
    lacking: str = ""
    """What this pattern finds in the text cannot be read or written without more than types: `full` makes it anew."""
    full: Mapping[str, Json] = {}
    mended: tuple[tuple[str, str], ...] = ()
    """Patterns of what is not to stay as quicktype writes it, and what stands for them."""


TARGETS: Final[Mapping[str, Target]] = {
    "typescript": Target("typescript", "{stem}.d.ts", "//", {"just-types": "true", "prefer-unions": "true"},
                         r"export interface NAMEHolder \{\n +entries\??: +(.*);\n\}", r"export type NAME = \1;"),
    "python": Target("python", "{stem}_types.py", "#", {"just-types": "true", "python-version": "3.7"},
                     r"@dataclass\nclass NAMEHolder:\n    entries: (.*?)(?: = (?:None|_field\(.*\)))?\n",
                     r"NAME = \1\n"),
    "rust": Target("rust", "{stem}.rs", "//", {"leading-comments": "false", "visibility": "public",
                                              "derive-debug": "true", "derive-clone": "true",
                                              "skip-serializing-none": "true"},
                   mended=((r"(?m)^    pub (await|gen|try):", r"    pub r#\1:"),)),  # keywords that quicktype knows not
    # A union is a struct of pointers, which JSON only fits with methods.
    "go": Target("go", "{stem}.go", "//", {"just-types-and-package": "true", **_GO_OPTIONS},
                 lacking=r"\n\t\w+ +\*?[\w.\[\]{}*]+\n", full=_GO_OPTIONS, mended=_GO),
}  # fmt: skip
"""The languages for which there are stubs; JavaScript's are TypeScript's."""


def file_name(target: Target, metascript: str) -> str:
    """The file of the stubs of a metascript: `my-lab.tars` is `my_lab.d.ts`, which every language can import."""
    stem = re.sub(r"\W", "_", Path(metascript).stem) or "stubs"
    return target.file.format(stem=f"_{stem}" if stem[0].isdigit() else stem)


def render(target: Target, types: Mapping[str, Schema], metascript: str) -> str:
    """The source text. Raises `UnavailableError` where Node.js or quicktype-core is missing, `TarsError` where a
    schema is more than quicktype can say."""
    node = detect(NODE)
    if node is None:
        raise UnavailableError("typed stubs need Node.js, which was not found", hint=install_command(NODE))
    home = quicktype_home()
    if home is None:
        where = cache_folder() / "tools"
        raise UnavailableError(
            f"typed stubs need {PACKAGE}, which is not installed", hint=f"npm install --prefix {where} {PACKAGE}"
        )
    types = {name: plain(schema) for name, schema in types.items()}
    held = {name for name, schema in types.items() if target.holder and not _is_class(schema, schema)}
    sent = {
        f"{name}Holder" if name in held else name: _held(types[name]) if name in held else types[name] for name in types
    }
    text = _made(node.path, home, target, target.options, sent)
    if target.lacking and re.search(target.lacking, text):
        text = _made(node.path, home, target, target.full, sent)
    for name in held:
        text = re.sub(target.holder.replace("NAME", name), target.alias.replace("NAME", name), text)
    for pattern, instead in target.mended:
        text = re.sub(pattern, instead, text)
    note = (
        f"{target.comment} Generated by `tarscli stubs` from {Path(metascript).name}; changes made here are lost.\n\n"
    )
    return note + "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"


def _made(
    node: str, home: Path, target: Target, options: Mapping[str, Json], types: Mapping[str, Schema | dict[str, Json]]
) -> str:
    """What quicktype writes. Raises `TarsError` where it refuses a schema."""
    asked = {"lang": target.lang, "options": dict(options), "types": dict(types)}
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
    argv = (node, str(_PROGRAM), str(home))
    cell = Cell(argv, home, environment, Limits(seconds_max=_SECONDS_MAX, memory_bytes_max=2 * 1024**3))
    outcome = run_cell(SANDBOXES.load("none"), cell, stdin=json.dumps(asked, sort_keys=True).encode())
    if not outcome.ok:
        raise _refused(target, outcome)
    return outcome.stdout.decode("utf-8")


def _refused(target: Target, outcome: Outcome) -> TarsError:
    """What quicktype said, with the type that it said it of."""
    lines = outcome.stderr.decode(errors="replace").splitlines()
    told = next((line for line in lines if line.startswith("refused ")), "")
    name, _, reason = told.removeprefix("refused ").partition(": ")
    if not told:
        reason = outcome.detail or next(
            (line.strip() for line in lines if "Error" in line), f"exit code {outcome.code}"
        )
    what = f"`{name.removesuffix('Holder')}`" if name else "the schemas"
    return TarsError(f"quicktype could not make {target.lang} of {what}: {reason[:300]}", hint="simplify that schema")


def _is_class(schema: Any, whole: Schema, depth: int = 0) -> bool:
    """Whether the schema is of an object with fields, itself or where its references into `whole` lead to."""
    if not isinstance(schema, Mapping) or depth > _DEPTH_MAX:
        return False
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _is_class(_pointed(whole, reference), whole, depth + 1)
    parts = schema.get("allOf")
    if isinstance(parts, list) and parts:
        return all(_is_class(part, whole, depth + 1) for part in parts)
    return schema.get("type") == "object" and bool(schema.get("properties"))


def _pointed(whole: Any, reference: str) -> Any:
    """What a reference within the schema (`#/$defs/Node`) points at; None where that is nothing."""
    for name in steps(reference):
        whole = whole.get(name) if isinstance(whole, Mapping) else None
    return whole


def _held(schema: Schema) -> dict[str, Json]:
    """The schema of an object with one field; definitions stay where references look for them."""
    held: dict[str, Json] = {"type": "object", "required": ["entries"], "additionalProperties": False}
    inner = dict(schema) if isinstance(schema, Mapping) else schema
    for name in (*DEFINITIONS, "$schema"):
        if isinstance(inner, dict) and name in inner:
            held[name] = inner.pop(name)
    if isinstance(inner, dict):
        inner.pop("description", None)  # it would stand at the field, which is not written
    return held | {"properties": {"entries": inner}}


def quicktype_home() -> Path | None:
    """The folder in whose `node_modules` quicktype-core is: of the user's cache, as all tools from npm."""
    home = cache_folder() / "tools"
    return home if (home / "node_modules" / "quicktype-core" / "package.json").is_file() else None
