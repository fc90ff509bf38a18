"""Which of the project's own files JavaScript and TypeScript import, and the settings that decide about it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tars.runner.building.sources import joined, upward
from tars.runner.building.unforeseen import LISTS_OF_PACKAGES

_SPECIFIER: Final = re.compile(
    rb"(?:\bfrom|\bimport|\brequire|\breference\s+path\s*=)(?:\s|\(|/\*.*?\*/|//[^\n]*\n)*[\"'`](?P<name>[^\"'`\n]+)[\"'`]",
    re.DOTALL,
)
_ENDINGS: Final = ("", ".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx", ".json")
_INSTEAD: Final = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_DECLARED: Final = re.compile(r"\.([mc]?)js$")
"""A file of JavaScript may have its types beside it."""
_RELATIVE: Final = re.compile(r"\.{1,2}(?:/|$)")
_BARE: Final = re.compile(r"(?P<package>(?:@[^/]+/)?[^/]+)(?P<rest>(?:/.*)?)$")
_SETTINGS: Final = ("package.json", "tsconfig.json")
_COMMENT: Final = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA: Final = re.compile(r'"(?:\\.|[^"\\])*"|,(?=\s*[}\]])')


# Asking the disk for each of these in every file would cost more than all else.
_OF_NODE: Final = frozenset(
    {"assert", "buffer", "child_process", "crypto", "events", "fs", "fs/promises", "http", "https", "module", "net",
     "os", "path", "process", "readline", "stream", "timers", "url", "util", "worker_threads", "zlib"}
)  # fmt: skip


def local_files(files: Mapping[str, bytes], path: str) -> tuple[str, ...]:
    """The file and all files of the project that it imports, directly or not, with what names them otherwise than by
    their path: `package.json` of a folder, `imports` and `exports`, and `paths` in tsconfig.json; sorted."""
    found = {path}
    waiting = [path]
    tables: dict[str, _Tables] = {}
    while waiting:
        current = waiting.pop()
        folder = current.rpartition("/")[0]
        if current.endswith(".json"):
            continue
        for match in _SPECIFIER.finditer(files[current]):
            name = match["name"].decode("utf-8", "replace")
            if name.startswith("node:") or name in _OF_NODE:
                continue
            if not _RELATIVE.match(name) and folder not in tables:
                tables[folder] = _Tables(files, folder)
            for target in [joined(folder, name)] if _RELATIVE.match(name) else tables[folder].targets(name):
                new = set(_meant(files, target)) - found
                found |= new
                waiting.extend(new)
    return tuple(sorted(found))


def file_at(files: Mapping[str, bytes], target: str) -> str | None:
    """The file that is meant by a path which may lack its ending, or be a folder's."""
    return next((one for one in _candidates(target) if not one.startswith("..") and one in files), None)


def settings_of(files: Mapping[str, bytes], paths: tuple[str, ...]) -> tuple[str, ...]:
    """The files `package.json` and `tsconfig.json` that say how these are to be read, and what the latter extend."""
    folders = dict.fromkeys(above for path in paths for above in upward(path.rpartition("/")[0]))
    found = dict.fromkeys(one for folder in folders for name in _SETTINGS if (one := _in(folder, name)) in files)
    for path in [path for path in found if path.endswith("/tsconfig.json") or path == "tsconfig.json"]:
        found |= dict.fromkeys(_configurations(files, path))
    return tuple(found)


def nearest(files: Mapping[str, bytes], folder: str, name: str) -> str | None:
    """The file of that name in the folder, or in the next one above that has it."""
    return next((path for above in upward(folder) if (path := _in(above, name)) in files), None)


def _in(folder: str, name: str) -> str:
    """As `joined` gives it for a plain name, in a tenth of the time."""
    return f"{folder}/{name}" if folder else name


class _Tables:
    """What a name that is no path can stand for in the files of one folder."""

    def __init__(self, files: Mapping[str, bytes], folder: str) -> None:
        self._files = files
        self._folder = folder
        own = nearest(files, folder, "package.json")
        self._package = own.rpartition("/")[0] if own else ""
        self._content = _json(files, own) if own else {}
        configuration = nearest(files, folder, "tsconfig.json")
        self._configurations = _configurations(files, configuration) if configuration else {}

    def targets(self, name: str) -> Iterator[str]:
        for path, content in self._configurations.items():
            options = _object(content.get("compilerOptions"))
            base = joined(path.rpartition("/")[0], str(options.get("baseUrl", ".")))
            yield from (joined(base, target) for target in _named(options.get("paths"), name))
            if "baseUrl" in options:
                yield joined(base, name)
        if name.startswith("#"):
            yield from (joined(self._package, target) for target in _named(self._content.get("imports"), name))
        elif bare := _BARE.match(name):
            if self._content.get("name") == bare["package"]:
                yield from _exported(self._package, self._content, bare["rest"])
            yield from self._installed(bare["package"], bare["rest"])

    def _installed(self, package: str, rest: str) -> Iterator[str]:
        """In a package for which no list of what was installed stands: there is none, or the package is a link."""
        for folder in upward(self._folder):
            home = _in(folder, "node_modules")
            place = f"{home}/{package}"
            if f"{place}/package.json" in self._files:
                lists = [one for name in LISTS_OF_PACKAGES if (one := f"{home}/{name}") in self._files]
                entries = [_object(_json(self._files, one).get("packages")) for one in lists if one.endswith(".json")]
                if not lists or any(_object(one.get(f"node_modules/{package}")).get("link") for one in entries):
                    yield from _exported(place, _json(self._files, f"{place}/package.json"), rest)
                    yield f"{place}{rest}"
                return


def _exported(folder: str, content: dict[str, Any], rest: str) -> Iterator[str]:
    """What a package gives under a name, by its `exports`, or by its own."""
    yield joined(folder, "package.json")
    exports = content.get("exports")
    table = exports if isinstance(exports, dict) and any(key.startswith(".") for key in exports) else {".": exports}
    yield from (joined(folder, target) for target in _named(table, f".{rest}"))
    yield joined(folder, f".{rest}")


def _meant(files: Mapping[str, bytes], target: str) -> Iterator[str]:
    """The files that a path means: one with its types beside it, or a folder's `package.json` and what that names."""
    package = f"{target}/package.json"
    if not target.startswith("..") and package in files:
        yield package
        content = _json(files, package)
        for name in ("main", "module", "types", "browser"):
            if isinstance(content.get(name), str) and (path := file_at(files, joined(target, content[name]))):
                yield path
    path = file_at(files, target)
    if path is not None:
        yield path
        declared = _DECLARED.sub(r".d.\1ts", path)
        if declared in files:
            yield declared


def _named(table: object, name: str) -> Iterator[str]:
    """What a table of names, in which `*` stands for any text, gives for a name, under whatever conditions."""
    for key, value in _object(table).items():
        before, star, after = key.partition("*")
        if key == name:
            yield from _texts(value)
        elif star and name.startswith(before) and name.endswith(after) and len(name) >= len(before) + len(after):
            inner = name[len(before) : len(name) - len(after)]
            yield from (text.replace("*", inner) for text in _texts(value))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _configurations(files: Mapping[str, bytes], path: str) -> dict[str, dict[str, Any]]:
    """The content of a tsconfig.json and of those that it extends, by path."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found[current] = _json(files, current)
        folder = current.rpartition("/")[0]
        for name in _texts(found[current].get("extends")):
            bases = [folder] if _RELATIVE.match(name) else [joined(above, "node_modules") for above in upward(folder)]
            targets = (joined(base, f"{name}{ending}") for base in bases for ending in ("", ".json", "/tsconfig.json"))
            waiting += [target for target in targets if not target.startswith("..") and target in files][:1]
    return found


def _json(files: Mapping[str, bytes], path: str) -> dict[str, Any]:
    """The object in a file, in which there may be comments and commas too many; empty for one that is none."""
    text = files[path].decode("utf-8-sig", "replace")
    for too_much in (_COMMENT, _COMMA):
        text = too_much.sub(lambda match: match.group() if match.group()[0] == '"' else " ", text)
    try:
        return _object(json.loads(text))
    except ValueError:
        return {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _candidates(target: str) -> Iterator[str]:
    yield from (target + ending for ending in _ENDINGS)
    for ending, others in _INSTEAD.items():
        if target.endswith(ending):
            yield from (target[: -len(ending)] + other for other in others)
    yield from (f"{target}/index{ending}" for ending in _ENDINGS[1:])
