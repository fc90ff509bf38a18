"""Reads Rust source as far as planning needs: its `main`, its functions, and the files that belong to it."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tars.runner.building.sources import joined

_NOT_CODE = re.compile(
    r'//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|\bb?r(?P<hashes>#*)".*?(?:"(?P=hashes)|\Z)|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'',
    re.DOTALL,
)
_MAIN = re.compile(r"\bfn\s+main\s*[(<]")
_MODULE = re.compile(
    r"(?:#\[path\s*=\s*\"(?P<path>[^\"]+)\"\]\s*)?(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?\bmod\s+(?:r#)?(?P<name>\w+)\s*;"
)
_INCLUDE = re.compile(r"\binclude(?:_str|_bytes)?!\s*\(\s*\"(?P<path>[^\"]+)\"")


class Function(NamedTuple):
    """A function as it is declared. `start` and `end` are the place of its name; the rest is text as written."""

    public: bool
    takes: tuple[str, ...]
    """The types of its parameters."""
    gives: str
    start: int
    end: int
    is_async: bool


def code_of(text: str) -> str:
    """The text with comments and the insides of literals blanked, so that every place in it stays where it was."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def has_main(text: str) -> bool:
    return _MAIN.search(code_of(text)) is not None


def function(text: str, name: str) -> Function | None:
    """The free function of that name, or None."""
    name = re.escape(name)
    pattern = rf"(?P<pub>\bpub\s+)?(?P<async>\basync\s+)?(?:\bunsafe\s+)?\bfn\s+(?P<name>{name})\s*(?:<[^>{{]*>)?\s*\("
    code = code_of(text)
    match = re.search(pattern, code)
    if match is None:
        return None
    inside, after = _until_closed(code, match.end())
    returned = re.match(r"\s*->\s*(?P<type>[^{;]*?)\s*(?:\bwhere\b[^{]*)?\{", code[after:])
    takes = [part.partition(":")[2].strip() or part.strip() for part in _split(inside)]
    gives = returned["type"] if returned else ""
    return Function(bool(match["pub"]), tuple(takes), gives, *match.span("name"), bool(match["async"]))


def files_of(files: Mapping[str, bytes], path: str) -> tuple[str, ...]:
    """The file and those that it takes in by `mod name;` and `include…!`, directly or not; sorted."""
    found = {path}
    waiting = [(path, path.rpartition("/")[0])]
    while waiting:
        current, inner = waiting.pop()
        if not current.endswith(".rs"):
            continue
        text = files[current].decode("utf-8", "replace")
        here = current.rpartition("/")[0]
        for match in _MODULE.finditer(text):
            name = match["name"]
            places = (joined(here, match["path"]),) if match["path"] else ()
            for candidate in places or (joined(inner, f"{name}.rs"), joined(inner, f"{name}/mod.rs")):
                if candidate not in found and candidate in files:
                    found.add(candidate)
                    is_root = candidate.endswith("/mod.rs") or bool(match["path"])
                    waiting.append((candidate, candidate.rpartition("/")[0] if is_root else candidate[:-3]))
        for match in _INCLUDE.finditer(text):
            candidate = joined(here, match["path"])
            if candidate not in found and candidate in files:
                found.add(candidate)
                waiting.append((candidate, candidate.rpartition("/")[0]))
    return tuple(sorted(found))


def _until_closed(code: str, start: int) -> tuple[str, int]:
    depth = 1
    for at in range(start, len(code)):
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        if depth == 0:
            return code[start:at], at + 1
    return code[start:], len(code)


def _split(inside: str) -> list[str]:
    """The parameters, split at the commas that are in no bracket."""
    parts, depth, current = [], 0, ""
    for character in inside:
        depth += {"(": 1, "<": 1, "[": 1, ")": -1, ">": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += character
    return [part for part in (*parts, current) if part.strip()]
