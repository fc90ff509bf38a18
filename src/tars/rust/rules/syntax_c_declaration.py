"""Mends declarations with the type before the name: `int x = 5;`, `fn add(i32 a)`, `int add(int a, int b) { … }`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, is_syntax, offered
from tars.rust.rules_support.types import FLOATS, INTEGERS
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_TYPES = {
    "int": "i32", "long": "i64", "short": "i16", "float": "f32", "double": "f64", "char": "char", "bool": "bool",
    "boolean": "bool", "string": "String", "unsigned": "u32", "size_t": "usize", "uint": "u32", "byte": "u8",
    "String": "String", "str": "&str", "int64": "i64", "uint8": "u8", "void": "()",
}  # fmt: skip
_NAME = rb"(?P<type>&?(?:mut\s+)?[A-Za-z_]\w*(?:<[\w<>, ]*>)?(?:\[\])?)\s+(?P<name>[a-z_]\w*)"
_VARIABLE = re.compile(
    rb"[ \t]*(?P<let>(?:let|const|final|static|var)\s+)?(?P<mut>mut\s+)?" + _NAME + rb"\s*(?P<end>=[^=]|;)"
)
_FUNCTION = re.compile(rb"[ \t]*(?P<pub>(?:pub|public|static)\s+)*" + _NAME + rb"\s*\((?P<given>[^(){}]*)\)\s*\{")
_PARAMETERS = re.compile(rb"fn\s+\w+(?:<[^>]*>)?\s*\((?P<given>[^(){}]*)\)")
_PARAMETER = re.compile(_NAME + rb"\s*$")
_GO = re.compile(rb"let\s+(?P<mut>mut\s+)?(?P<name>[a-z_]\w*)\s+(?P<type>[A-Za-z_]\w*(?:<[\w<>, ]*>)?)\s*=")


def _patches(site: Site) -> Iterator[Patch]:
    if is_syntax(site):
        yield from offered(site.file, _edits(site.file, site.place.start))


def _edits(file: SourceFile, at: int) -> Iterator[Edit]:
    start, end = file.line_start(at), file.line_end(at)
    if (found := _FUNCTION.match(file.data, start)) and _is_type(found["type"]):
        returned = _type(found["type"])
        arrow = "" if returned == "()" else f"-> {returned} "
        word = "pub " if found["pub"] else ""
        head = f"{word}fn {found['name'].decode()}({_parameters(found['given'])}) {arrow}{{"
        begin = start + len(file.indent(start))
        yield Edit(
            (file.replace(Place(file.path, begin, found.end()), head),), "declare the function as Rust does", 0.85
        )
    if found := _PARAMETERS.search(file.data, start, end):
        given = _parameters(found["given"])
        if given.encode() != found["given"]:
            place = Place(file.path, found.start("given"), found.end("given"))
            yield Edit((file.replace(place, given),), "put the names before the types", 0.85)
    if (found := _VARIABLE.match(file.data, start)) and found["type"] not in (
        b"let",
        b"return",
        b"const",
        b"use",
        b"mut",
    ):
        yield from _variables(file, found, start)
    for found in _GO.finditer(file.data, start, end):
        place = Place(file.path, found.end("name"), found.end("type"))
        yield Edit((file.replace(place, f": {_type(found['type'])}"),), "put a colon before the type", 0.8)


def _variables(file: SourceFile, found: re.Match[bytes], start: int) -> Iterator[Edit]:
    """`let` with the type behind the name; once more with `mut`, for a variable that is changed later."""
    known = found["type"].decode() in _TYPES
    name, type_ = found["name"].decode(), _type(found["type"])
    begin = start + len(file.indent(start))
    place = Place(file.path, begin, found.end("name"))
    mutable = "mut " if found["mut"] else ""
    changed = re.search(rb"\b" + found["name"] + rb"\s*([-+*/%]?=[^=]|\+\+|--)", file.data[found.end("end") :])
    both = ("mut ", "") if changed and not mutable else (mutable,)
    for number, word in enumerate(both):
        likely = (0.85 if known else 0.5) * 0.7**number
        yield Edit((Change(place, f"let {word}{name}: {type_}"),), "declare the variable as Rust does", likely)


def _parameters(given: bytes) -> str:
    """A list of parameters with every type behind its name."""
    parts = []
    for part in given.split(b","):
        found = _PARAMETER.match(part.strip())
        if found is not None and b":" not in part:
            parts.append(f"{found['name'].decode()}: {_type(found['type'])}")
        else:
            parts.append(part.strip().decode("utf-8", "replace"))
    return ", ".join(parts)


def _is_type(text: bytes) -> bool:
    """Whether a word is a type, here or in another language; words that declare are none."""
    name = text.decode("utf-8", "replace").lstrip("&").partition("<")[0].partition("[")[0]
    return name in _TYPES or name in INTEGERS | FLOATS or name[:1].isupper()


def _type(text: bytes) -> str:
    name = text.decode("utf-8", "replace")
    if name.endswith("[]"):
        return f"Vec<{_type(text[:-2])}>"
    return _TYPES.get(name, name)


PLUGIN = Mend(
    codes=("",),
    title="put the name before its type",
    cites=("docs:reference/statements.html#let-statements", "docs:reference/items/functions.html"),
    examples=(
        Example(
            "pub fn one() -> i32 {\n    int x = 1;\n    x\n}\n",
            "pub fn one() -> i32 {\n    let x: i32 = 1;\n    x\n}\n",
        ),
        Example(
            "pub fn add(i32 a, i32 b) -> i32 {\n    a + b\n}\n",
            "pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n",
        ),
        Example(
            "int add(int a, int b) {\n    return a + b;\n}\n",
            "fn add(a: i32, b: i32) -> i32 {\n    return a + b;\n}\n",
        ),
    ),
    patches=_patches,
)
