"""What a module must have written: checked before any of it reaches the project, moved in when all of it is good."""

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISREG
from typing import Any

from tars.core.errors import TarsError
from tars.core.schemas import compiled
from tars.core.values import Json
from tars.lang.values import Module
from tars.runner.cells.limits import free_bytes, spared_bytes
from tars.runner.view import PATH_LENGTH_MAX, View, written

JSON_BYTES_MAX = 256 * 1024 * 1024
FINDINGS_MAX = 5
SPARSE_BYTES_MAX = 64 * 1024 * 1024
"""Up to this size holes in an output cost nothing worth a word."""
MODE_MAX = 0o775
"""What an output may permit: not to run as whoever owns it, which is root where TARS is, nor others to write it."""
_NOT_TEXT = r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]"
_KINDS = {
    0o010000: "a FIFO",
    0o020000: "a device",
    0o060000: "a device",
    0o120000: "a symbolic link",
    0o140000: "a socket",
}


def collect(module: Module, view: View) -> tuple[list[str], list[str]]:
    """The files that the module delivers, as paths in its view, and a sentence for each output that is not there.

    A module that declares no outputs delivers all that it wrote. A declared folder delivers what is in it.
    """
    if module.watch_outputs or not module.outputs:
        return [path for path in written(view) if not path.startswith(".tars-")], []
    delivered, missing = [], []
    for declared in module.outputs:
        path = declared.rstrip("/")
        link = _link_before(view, path)
        if link:
            missing.append(f"its output {declared} lies behind {link}, which it made a symbolic link")
            continue
        try:
            is_folder = S_ISDIR(os.lstat(f"{view.folder}/{path}").st_mode)
        except PermissionError:
            missing.append(f"its output {declared} lies in a folder that it made unreadable")
            continue
        except OSError:
            missing.append(f"it did not write its output {declared} (write it there, or to the path in TARS_OUTPUT)")
            continue
        delivered += [name for name in written(view) if name.startswith(f"{path}/")] if is_folder else [path]
    return delivered, missing


def judge(module: Module, view: View, delivered: list[str], project: Path, safe: set[str]) -> list[str]:
    """What is wrong with what a module delivers, a sentence each; empty when it may be moved in. Permissions that an
    output may not have are taken from it.

    `safe` collects the folders that were found to lie in the project.
    """
    findings = [finding for path in delivered for finding in _judge_name(path)][:FINDINGS_MAX]
    if findings:
        return findings
    statuses = [os.lstat(f"{view.folder}/{path}") for path in delivered]
    findings = _judge_sizes(view, delivered, statuses)
    if findings:
        return findings
    validator = _validator(module, project)
    for path, status in zip(delivered, statuses, strict=True):
        findings += _judge_file(path, f"{view.folder}/{path}", status, validator, named=path in module.outputs)
        parent = path.rpartition("/")[0]
        if parent not in safe:
            findings += judge_target(path, project)
            safe.add(parent)
        if len(findings) > FINDINGS_MAX:
            break
    return findings


def move_in(view: View, delivered: list[str], project: Path) -> None:
    """Puts the delivered files in their places, each by one rename. Raises `TarsError` when a place cannot be had."""
    for path in delivered:
        target = f"{project}/{path}"
        try:
            try:
                os.replace(f"{view.folder}/{path}", target)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.replace(f"{view.folder}/{path}", target)
        except OSError as error:
            hint = "a folder is in the way" if os.path.isdir(target) else "are the folder's permissions right?"
            raise TarsError(f"cannot write {path}: {error.strerror}", hint=hint) from error


def _judge_file(path: str, absolute: str, status: os.stat_result, validator: Any, named: bool) -> list[str]:
    if S_ISDIR(status.st_mode):
        return []
    if not S_ISREG(status.st_mode):
        kind = _KINDS.get(status.st_mode & 0o170000, "not a regular file")
        return [f"its output {path} is {kind}; an output is a regular file"]
    mode = S_IMODE(status.st_mode)
    if mode != (allowed := mode & MODE_MAX | 0o400):
        os.chmod(absolute, allowed)
    if not path.endswith(".json") and not (named and validator is not None):
        return []
    if status.st_size > JSON_BYTES_MAX:
        return [f"its output {path} has {status.st_size} bytes; JSON outputs are checked up to {JSON_BYTES_MAX}"]
    try:
        value = json.loads(Path(absolute).read_bytes(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return [f"its output {path} is not JSON: {error or 'nested too deeply'}"]
    if validator is None:
        return []
    return [f"its output {path} does not satisfy its schema: {sentence}" for sentence in _violations(validator, value)]


def _refuse_constant(constant: str) -> Json:
    """Python writes and reads these; most other languages end with an error there."""
    raise ValueError(f"it has no number {constant}; write null, or a text")


def _link_before(view: View, path: str) -> str:
    """The first folder on the way to an output that is a symbolic link, or `""`. Behind one, what would be stored and
    moved is not the module's own: a file of the user's."""
    parts = path.split("/")
    folders = ["/".join(parts[:count]) for count in range(1, len(parts))]
    return next((folder for folder in folders if os.path.islink(f"{view.folder}/{folder}")), "")


def _judge_name(path: str) -> list[str]:
    """Names that could not be written down as text, or would say something to a terminal or to a tool of lines."""
    if len(path) > PATH_LENGTH_MAX:
        return [f"its output {path[:40]!a}… has a path of more than {PATH_LENGTH_MAX} characters"]
    if (path.isascii() and path.isprintable()) or not re.search(_NOT_TEXT, path):
        return []
    return [f"its output {path!a} has a name with control characters, or one that is no text"]


def _judge_sizes(view: View, delivered: list[str], statuses: list[os.stat_result]) -> list[str]:
    """Storing copies every byte, also those of holes: no output may be mostly holes, nor all of them fill the disk."""
    total = 0
    for path, status in zip(delivered, statuses, strict=True):
        total += status.st_size
        held = getattr(status, "st_blocks", status.st_size) * 512
        if status.st_size > SPARSE_BYTES_MAX and held < status.st_size // 2:
            return [f"its output {path} is said to have {status.st_size} bytes, and holds {held}: a sparse file"]
    if total > SPARSE_BYTES_MAX:
        free = free_bytes(view.folder)
        if total > free - spared_bytes(view.folder):
            return [f"its outputs have {total} bytes together, and only {free} are free on the disk"]
    return []


def judge_target(path: str, project: Path) -> list[str]:
    """An output may not leave the project through a symbolic link that stands in the project."""
    root = os.path.realpath(project)
    parent = os.path.realpath(project / os.path.dirname(path))
    if parent != root and not parent.startswith(root + os.sep):
        return [f"its output {path} would leave the project: a symbolic link leads to {parent}"]
    return []


def _violations(validator: Any, value: Json) -> list[str]:
    sentences = []
    for error in validator.iter_errors(value):
        place = "".join(f"/{part}" for part in error.instance_path) or "/"
        sentences.append(f"at {place}: {error.message[:500]}")
        if len(sentences) == FINDINGS_MAX:
            break
    return sentences


def _validator(module: Module, project: Path) -> Any:
    """The compiled JSON Schema of a module's outputs, or None where it declares none."""
    schema = module.output_schema
    if schema is None:
        return None
    if isinstance(schema, Mapping):
        return _compile(json.dumps(schema))
    try:
        return _compile((project / schema).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise TarsError(f"{module.address}: cannot read the output schema {schema}: {error}") from error


@lru_cache(maxsize=256)
def _compile(text: str) -> Any:
    try:
        return compiled(json.loads(text))
    except ValueError as error:
        raise TarsError(f"an output schema cannot be used: {error}") from error
