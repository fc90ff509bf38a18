"""What the small compiled languages share: a module's files, and messages of the form `path:line:column: error:`."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tars.core.values import Diagnostic
from tars.runner.building.sources import folder_of, found_at, joined, refused, under
from tars.runner.values import Outcome, Source

_ERROR: Final = re.compile(
    rb"^(?P<path>[^\s:][^\n:]*):(?P<line>\d+):(?P<column>\d+): (?:fatal )?error: (?P<message>[^\n]+)", re.MULTILINE
)
ERRORS_MAX: Final = 50


def compiler_errors(outcome: Outcome, source: Source, code: str) -> tuple[Diagnostic, ...]:
    """The errors that clang, gcc, zig and swiftc name, on either stream."""
    found = []
    for match in (*_ERROR.finditer(outcome.stderr), *_ERROR.finditer(outcome.stdout)):
        message, path = (match[name].decode("utf-8", "replace") for name in ("message", "path"))
        found.append(found_at(source, f"{code}:error", message, path, int(match["line"]), int(match["column"])))
    return tuple(dict.fromkeys(one for one in found if one is not None))[:ERRORS_MAX]


def program_files(source: Source, suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """The files that are compiled: the module's own, or all of those suffixes in its folder. Raises `InputError`."""
    module = source.module
    if module.entry_point not in ("", "main"):
        hint = "leave `entry_point` out: its `main` starts it"
        raise refused(source, f"{module.language} modules start at `main`, not at `{module.entry_point}`", hint)
    if not source.is_folder:
        if module.source not in source.files:
            raise refused(source, f"there is no file `{module.source}`", "write its path relative to the project")
        return (module.source,)
    files = tuple(path for path in under(source, folder_of(source)) if path.endswith(suffixes))
    if not files:
        named = " or ".join(f"`{suffix}`" for suffix in suffixes)
        raise refused(source, f"the folder `{module.source}` holds no {named} file", "name the folder of the program")
    return files


def with_local(
    files: Mapping[str, bytes], paths: tuple[str, ...], names: Callable[[bytes], Iterable[bytes]]
) -> tuple[str, ...]:
    """The files and all those of the project that they name relative to themselves, directly or not; sorted.

    `names` are those in a file's content; what is no file of the project does not count.
    """
    found = dict.fromkeys(paths)
    waiting = list(paths)
    while waiting:
        current = waiting.pop()
        for name in names(files[current]):
            target = joined(current.rpartition("/")[0], name.decode("utf-8", "replace"))
            if target not in found and not target.startswith("..") and target in files:
                found[target] = None
                waiting.append(target)
    return tuple(sorted(found))
