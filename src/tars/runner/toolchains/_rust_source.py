"""Reads Rust source as far as planning needs: its `main`, its functions, and the files that belong to it."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tars.runner.building.sources import joined

_NOT_CODE = re.compile(
    r'//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|\bb?r(?P<hashes>#*)".*?(?:"(?P=hashes)|\Z)|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'',
    re.DOTALL,
)
_MAIN = re.compile(r"\bfn\s+main\s*[(<]")
_MODULE = re.compile(r"\bmod\s+(?:r#)?(?P<name>\w+)\s*(?P<end>[;{])|(?P<brace>[{}])")
_INCLUDE = re.compile(r"\binclude(?:_str|_bytes)?\s*!\s*[(\[{]")
_LITERAL = r"""(?:\bb?r(?P<hashes>#*)"(?P<raw>.*?)"(?P=hashes)|"(?P<text>(?:\\.|[^"\\])*)")"""
_PATH = re.compile(rf"\bpath\s*=\s*{_LITERAL}", re.DOTALL)
_STRING = re.compile(_LITERAL, re.DOTALL)
_ESCAPED = re.compile(r"\\(?:\n\s*|(.))", re.DOTALL)
_FOLDER_OF_CRATE = "CARGO_MANIFEST_DIR"


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


def files_of(files: Mapping[str, bytes], path: str, crate: str = "") -> tuple[str, ...]:
    """The file and those that it takes in by `mod name;` and `include…!`, directly or not; sorted.

    It may name more than the compiler reads, such as what stands under a condition that does not hold. `crate` is the
    folder that `env!("CARGO_MANIFEST_DIR")` stands for.
    """
    found = {path}
    waiting = [(path, path.rpartition("/")[0])]
    while waiting:
        current, inner = waiting.pop()
        if not current.endswith(".rs"):
            continue
        text = files[current].decode("utf-8", "replace")
        here = current.rpartition("/")[0]
        for candidate, below in (*_modules(text, here, inner), *_included(text, here, crate)):
            if candidate not in found and candidate in files:
                found.add(candidate)
                waiting.append((candidate, below))
    return tuple(sorted(found))


def _modules(text: str, here: str, inner: str) -> Iterator[tuple[str, str]]:
    """Where the modules of a file may be, each with the folder of its own. `inner` is the folder of this file's."""
    if "mod" not in text:
        return
    scopes: list[str] = []
    folders = {here: None, inner: None}
    for match in _MODULE.finditer(code_of(text)):
        folder = "/".join(filter(None, (inner, *scopes)))
        if match["end"] == ";":
            stem = joined(folder, match["name"])
            yield f"{stem}.rs", stem
            yield f"{stem}/mod.rs", stem
        elif match["brace"] != "}":
            scopes.append(match["name"] or "")
            folders["/".join(filter(None, (inner, *scopes)))] = None
        elif scopes:
            scopes.pop()
    if "path" in text:
        for match in _PATH.finditer(_without_comments(text)):
            for folder in folders:
                candidate = joined(folder, _value(match))
                yield candidate, candidate.rpartition("/")[0]


def _included(text: str, here: str, crate: str) -> Iterator[tuple[str, str]]:
    """What `include!`, `include_str!` and `include_bytes!` may name: each literal in them, and all of them together."""
    if "include" not in text:
        return
    code, plain = code_of(text), _without_comments(text)
    for match in _INCLUDE.finditer(code):
        _, after = _until_closed(code, match.end(), "([{", ")]}")
        parts = [_value(one) for one in _STRING.finditer(plain, match.end(), after)]
        names = {joined(here, name) for name in (*parts, "".join(parts))}
        if _FOLDER_OF_CRATE in parts:
            names.add(joined(crate, "".join(part for part in parts if part != _FOLDER_OF_CRATE).lstrip("/")))
        for name in sorted(names):
            yield name, name.rpartition("/")[0]


def _value(literal: re.Match[str]) -> str:
    return literal["raw"] if literal["raw"] is not None else _ESCAPED.sub(r"\1", literal["text"])


def _without_comments(text: str) -> str:
    """The text with its comments blanked, so that every place in it stays where it was."""
    return _NOT_CODE.sub(
        lambda match: re.sub(r"[^\n]", " ", match.group()) if match.group().startswith("/") else match.group(), text
    )


def _until_closed(code: str, start: int, opening: str = "(", closing: str = ")") -> tuple[str, int]:
    depth = 1
    for at in range(start, len(code)):
        depth += (code[at] in opening) - (code[at] in closing)
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
