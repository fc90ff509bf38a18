"""Rust types as the compiler prints them, read into a small tree, and what is known of the standard ones."""

import re
from collections.abc import Iterator

from ducktools.classbuilder.prefab import Prefab

from tars.rust.values import RustDiagnostic

INTEGERS = frozenset(["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"])
FLOATS = frozenset({"f32", "f64"})
NUMBERS = INTEGERS | FLOATS
COPIED = NUMBERS | {"bool", "char", "{integer}", "{float}", "()"}
"""Types that are copied where they are used."""
_WIDTHS = {"8": 8, "16": 16, "32": 32, "64": 64, "128": 128, "size": 64}
ITERATORS = frozenset(
    {
        "Map", "Filter", "FilterMap", "FlatMap", "Flatten", "Rev", "Enumerate", "Zip", "Chain", "Take", "TakeWhile",
        "Skip", "SkipWhile", "StepBy", "Peekable", "Cloned", "Copied", "Chars", "Bytes", "CharIndices", "Split",
        "SplitWhitespace", "Lines", "Iter", "IntoIter", "Range", "RangeInclusive", "Keys", "Values", "Drain",
        "Windows", "Chunks", "Cycle", "Inspect", "Scan", "MapWhile", "Repeat", "Successors", "FromFn", "Once",
        "SplitAsciiWhitespace", "IterMut", "Args", "Vars", "ReadDir", "SplitN", "RSplit", "RSplitN", "SplitTerminator",
        "SplitInclusive", "Matches", "MatchIndices", "ChunksExact", "IntoKeys", "IntoValues", "ValuesMut", "Difference",
        "Union", "Intersection", "SymmetricDifference", "Empty", "ToUppercase", "ToLowercase", "RChunks", "EncodeUtf16",
    }
)  # fmt: skip
"""The names of the standard library's iterators."""


class RustType(Prefab, frozen=True, slots=False):
    """`Vec<i32>` is head `Vec` with one argument; `&T`, `&mut T`, `[T]`, `[T; 3]`, `(A, B)` and `*const T` have the
    heads `&`, `&mut `, `[]`, `[;]`, `()` and `*const `. Lifetimes and the modules before a name are left out."""

    head: str
    arguments: tuple["RustType", ...] = ()
    size: str = ""
    """Of an array: its length as written."""

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.arguments))
        if self.head in ("&", "&mut ", "*const ", "*mut "):
            return f"{self.head}{inner}"
        if self.head == "[]":
            return f"[{inner}]"
        if self.head == "[;]":
            return f"[{inner}; {self.size}]"
        if self.head == "()":
            return f"({inner},)" if len(self.arguments) == 1 else f"({inner})"
        return f"{self.head}<{inner}>" if self.arguments else self.head

    @property
    def inner(self) -> "RustType":
        """The first argument, or `_`."""
        return self.arguments[0] if self.arguments else UNKNOWN

    @property
    def peeled(self) -> "RustType":
        """Without the references around it."""
        return self.inner.peeled if self.head in ("&", "&mut ") else self

    @property
    def is_copied(self) -> bool:
        if self.head in ("()", "[;]") and self.arguments:
            return all(one.is_copied for one in self.arguments)
        return self.head in COPIED or self.head == "&"

    @property
    def known(self) -> bool:
        """Whether it can be written down: nothing left open, no closure, no opaque type."""
        if self.head == "_" or "{" in self.head or "..." in self.head or self.head.startswith(("impl ", "fn(")):
            return False
        return all(one.known for one in self.arguments)


UNKNOWN = RustType("_")
UNIT = RustType("()")


def parse_type(text: str) -> RustType:
    """The type of that text. Never fails: what it cannot read is a head of its own."""
    parsed, rest = _parse(text.strip())
    return parsed if not rest.strip() else RustType(text.strip())


def _parse(text: str) -> tuple[RustType, str]:
    text = text.lstrip()
    if found := re.match(r"&(?:'\w+ )?(mut )?|\*(?:const|mut) ", text):
        inner, rest = _parse(text[found.end() :])
        head = "&mut " if found[1] else found[0] if found[0].startswith("*") else "&"
        return RustType(head, (inner,)), rest
    if text.startswith("("):
        items, rest = _items(text[1:], ")")
        grouped = len(items) == 1 and not re.search(r",\s*\)$", text[: len(text) - len(rest)])
        return (items[0] if grouped else RustType("()", tuple(items))), rest
    if text.startswith("["):
        inner, rest = _parse(text[1:])
        rest = rest.lstrip()
        if rest.startswith(";"):
            size, _, rest = rest[1:].partition("]")
            return RustType("[;]", (inner,), size.strip()), rest
        return RustType("[]", (inner,)), rest[1:]
    if re.match(r"(?:dyn|impl|for|fn|unsafe|extern)\b", text):
        end = _end(text)
        return RustType(_without_lifetimes(text[:end].strip())), text[end:]
    if text.startswith("{"):
        end = text.find("}") + 1 or len(text)
        return RustType(text[:end] if text[1:end].startswith(("integer", "float")) else "{closure}"), text[end:]
    if text.startswith("!"):
        return RustType("!"), text[1:]
    found = re.match(r"(?:<[^>]*>::)?(?:\w+::)*([\w!.]+)", text)
    if found is None:
        return RustType(text), ""
    rest = text[found.end() :]
    arguments: list[RustType] = []
    if rest.startswith("::<"):
        rest = rest[2:]
    if rest.startswith("<"):
        arguments, rest = _items(rest[1:], ">")
    return RustType(found[1], tuple(arguments)), rest


def _items(text: str, closing: str) -> tuple[list[RustType], str]:
    items: list[RustType] = []
    while text.lstrip() and not text.lstrip().startswith(closing):
        text = text.lstrip()
        if found := re.match(r"'\w+|\w+ = ", text):
            text = text[found.end() :]
            if not found[0].startswith("'"):
                continue
        elif text[0] == ",":
            text = text[1:]
        else:
            item, rest = _parse(text)
            items.append(item)
            text = rest if len(rest) < len(text) else ""
    return items, text.lstrip()[1:]


def _end(text: str) -> int:
    """Where a type ends that has no closing mark of its own: at a mark of what is around it."""
    depth = 0
    for at, mark in enumerate(text):
        if mark in "([<{":
            depth += 1
        elif mark in ")]}" or (mark == ">" and text[at - 1] != "-"):
            depth -= 1
        if depth < 0 or (depth == 0 and mark in ",;"):
            return at
    return len(text)


def _without_lifetimes(text: str) -> str:
    return re.sub(r"\s*\+ 'static|'\w+ ", "", text)


def fits(one: RustType, other: RustType) -> bool:
    """Whether two types can be the same: `_` is any type, `{integer}` any integer, `{float}` any float."""
    if "_" in (one.head, other.head) or "..." in (one.head, other.head):
        return True
    for open_head, closed in (("{integer}", INTEGERS), ("{float}", FLOATS)):
        if open_head in (one.head, other.head):
            return {one.head, other.head} - {open_head} <= closed
    if one.head != other.head or len(one.arguments) != len(other.arguments) or one.size != other.size:
        return False
    return all(fits(*pair) for pair in zip(one.arguments, other.arguments, strict=True))


def is_number(one: RustType) -> bool:
    return one.head in NUMBERS or one.head in ("{integer}", "{float}")


def is_integer(one: RustType) -> bool:
    return one.head in INTEGERS or one.head == "{integer}"


def is_float(one: RustType) -> bool:
    return one.head in FLOATS or one.head == "{float}"


def width(name: str) -> int:
    """The bits of a number type; of `usize` on a usual machine."""
    return _WIDTHS[name[1:]]


def is_lossless(found: str, wanted: str) -> bool:
    """Whether `From<found> for wanted` exists, both being the names of number types."""
    if found in ("usize", "isize") or wanted in ("usize", "isize"):
        return (wanted in ("usize", "isize") and found == "u8") or (found, wanted) in (
            ("u16", "usize"),
            ("i16", "isize"),
        )
    if wanted in FLOATS:
        return width(found) < width(wanted) and (found in FLOATS or width(found) <= (32 if wanted == "f64" else 16))
    if found in FLOATS:
        return False
    return width(found) < width(wanted) and (found[0] == wanted[0] or found[0] == "u")


class Mismatch(Prefab, frozen=True, slots=False):
    """What the compiler wanted at a place and what it found there."""

    wanted: RustType
    found: RustType


_PAIR = re.compile(r"expected (?:[\w ]*)`(.+?)`,? *\n? *found (?:[\w -]*)`(.+?)`(?: *$|\n)", re.S)
_SAID = {
    "integer": "{integer}", "floating-point number": "{float}", "fn item": "fn()", "closure": "{closure}",
    "unit": "()", "reference": "&_",
}  # fmt: skip
_LABEL = re.compile(r"expected (?:`([^`]+)`|([\w -]+?)), found (?:[\w ]*?`([^`]+)`|([\w -]+))$")


def mismatch(diagnostic: RustDiagnostic) -> Mismatch | None:
    """The two types of an E0308: from its note, which has them whole, else from its label. Where the note leaves out
    what both have in common, and the label does not, from that."""
    noted = next((found for note in diagnostic.notes if (found := _PAIR.search(note.message))), None)
    types = Mismatch(parse_type(noted[1]), parse_type(noted[2])) if noted is not None else None
    if types is not None and types.wanted.head != "_":
        return types
    for label in diagnostic.labels:
        if label.primary and (found := _LABEL.search(label.text)):
            wanted = found[1] or _SAID.get(found[2], "_")
            given = found[3] or _SAID.get(found[4], "_")
            return Mismatch(parse_type(wanted), parse_type(given))
    return types


def uses_of(type_: RustType) -> Iterator[RustType]:
    """The type and all types within it."""
    yield type_
    for one in type_.arguments:
        yield from uses_of(one)
