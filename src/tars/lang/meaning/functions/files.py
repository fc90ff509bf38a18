"""Functions that look at the project's files and at the environment. All that they look at is recorded."""

import os
import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Final

from tars.lang.meaning.context import Context, Function
from tars.lang.meaning.functions.arguments import text
from tars.lang.meaning.functions.encoding import hashed
from tars.lang.meaning.functions.match import compile_pattern, search
from tars.lang.meaning.primitives import STRING_MAX, ProjectPath, Value, Wrong, to_text, whole_text

_FILES_MAX: Final = 100_000
_OPEN_WORK: Final = 16
"""The work of opening a file or a folder, before anything is read of it."""
_LEFT_OUT: Final = frozenset({".tars", ".git", ".venv", "node_modules", "__pycache__"})


def _place(context: Context, arguments: tuple[Value, ...], place: int = 0) -> str:
    try:
        path = context.world.places.relative(context.folder, text(arguments, place))
    except Wrong as wrong:
        raise Wrong(wrong.message, wrong.hint, argument=place, code=wrong.code) from None
    context.world.reads[path] = None
    return path


def _content(context: Context, arguments: tuple[Value, ...]) -> bytes:
    try:
        content = context.world.places.read_bytes(_place(context, arguments), STRING_MAX)
    except Wrong as wrong:
        raise Wrong(wrong.message, wrong.hint, argument=0, code=wrong.code) from None
    context.spend(_OPEN_WORK + len(content) // 64)
    return content


def _file(context: Context, arguments: tuple[Value, ...]) -> Value:
    try:
        return _content(context, arguments).decode("utf-8")
    except UnicodeDecodeError:
        raise Wrong("the file is not UTF-8 text", "`filebase64` reads any file", argument=0) from None


def _base64(context: Context, arguments: tuple[Value, ...]) -> Value:
    import base64  # noqa: PLC0415 - only this function needs it

    return base64.b64encode(_content(context, arguments)).decode("ascii")


def _exists(context: Context, arguments: tuple[Value, ...]) -> Value:
    return context.world.places.look(_place(context, arguments)) == "file"


def _fileset(context: Context, arguments: tuple[Value, ...]) -> Value:
    folder, pattern = _place(context, arguments), compile_pattern(_glob(text(arguments, 1)))
    found = (name for name in _walk(context, folder) if search(pattern, name, 0, context.spend))
    return tuple(sorted(map(_name, found)))


def _name(name: str) -> str:
    try:
        return whole_text(name)
    except Wrong as wrong:
        shown = name.encode("utf-8", "backslashreplace").decode()
        raise Wrong(f"the name of the file `{shown}` is not UTF-8", "give it another", code=wrong.code) from None


def _walk(context: Context, folder: str) -> Iterator[str]:
    """All files below a folder, relative to it; folders that are links are not entered. The folders count as read."""
    root = f"{context.world.places.project}/{folder}"
    count = 0
    context.spend(_OPEN_WORK)
    for at, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        inner = os.path.relpath(at, root).replace(os.sep, "/")
        context.world.reads[posixpath.normpath(posixpath.join(folder, inner))] = None
        count += len(files) + len(folders)
        context.spend(_OPEN_WORK + len(files) + len(folders))
        if count > _FILES_MAX:
            raise Wrong(f"there are more than {_FILES_MAX:,} files", "name a smaller folder", argument=0, code="T0049")
        yield from (name if inner == "." else f"{inner}/{name}" for name in files)


def _glob(pattern: str) -> str:
    """`*` within one folder, `**` across folders, `?`, `[a-z]` and `{one,other}`, as a regular expression."""
    made, depth = r"\A", 0
    for part in re.findall(r"\*\*/|\*+|\[!?[^\]/]+\]|.", pattern, re.DOTALL):
        if part == "**/":
            made += "(?:[^/]+/)*"
        elif part[0] == "*":
            made += ".*" if len(part) > 1 else "[^/]*"
        elif part[0] == "[" and len(part) > 1:
            made += "[" + ("^" if part[1] == "!" else "") + re.escape(part[1:-1].lstrip("!")).replace(r"\-", "-") + "]"
        elif part == "{":
            made, depth = made + "(?:", depth + 1
        elif part == "}" and depth:
            made, depth = made + ")", depth - 1
        else:
            made += "[^/]" if part == "?" else "|" if part == "," and depth else re.escape(part)
    return made + ")" * depth + r"\Z"


def _directory(context: Context, arguments: tuple[Value, ...]) -> Value:
    value = text(arguments, 0)
    found = posixpath.dirname(value) or "."
    return ProjectPath(found) if isinstance(value, ProjectPath) else found


def _environment(context: Context, arguments: tuple[Value, ...]) -> Value:
    name = text(arguments, 0)
    context.world.environment_reads[name] = None
    value = context.world.environ.get(name)
    if value is not None:
        try:
            return whole_text(value)
        except Wrong as wrong:
            raise Wrong(f"the environment variable {name}: {wrong.message}", argument=0) from None
    if len(arguments) == 2:
        return arguments[1] if arguments[1] is None else to_text(arguments[1])
    raise Wrong(
        f"the environment variable {name} is not set", f'set it, or give a default: `env("{name}", "…")`', argument=0
    )


def _hash(name: str) -> Callable[[Context, tuple[Value, ...]], Value]:
    return lambda context, arguments: hashed(name)(_content(context, arguments))


FUNCTIONS: Final = (
    Function("basename", "basename(path)", "The last part of a path.", 1, 1,
             lambda _, given: posixpath.basename(text(given, 0))),
    Function("dirname", "dirname(path)", "A path without its last part.", 1, 1, _directory),
    Function("env", "env(name, default)", "A variable of the environment.", 1, 2, _environment),
    Function("file", "file(path)", "The text of a file.", 1, 1, _file),
    Function("filebase64", "filebase64(path)", "The content of a file as base64.", 1, 1, _base64),
    Function("fileexists", "fileexists(path)", "Whether there is such a file.", 1, 1, _exists),
    Function("filemd5", "filemd5(path)", "The MD5 checksum of a file.", 1, 1, _hash("md5")),
    Function("fileset", "fileset(folder, pattern)", "The files below a folder that fit, such as `**/*.csv`.",
             2, 2, _fileset),
    Function("filesha256", "filesha256(path)", "The SHA-256 checksum of a file.", 1, 1, _hash("sha256")),
)  # fmt: skip
