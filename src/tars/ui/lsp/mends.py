"""Mends that a finding does not bring with it itself, by its code: what a person would most likely write there."""

import re
from collections.abc import Callable, Iterator, Mapping
from posixpath import join, normpath
from typing import Final, NamedTuple

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError
from tars.core.near import close_matches
from tars.core.values import Diagnostic
from tars.lang import schema
from tars.lang.kinds import Kind
from tars.lang.syntax import tree
from tars.runner.toolchain import TOOLCHAINS
from tars.ui.lsp.desk import Sight
from tars.ui.lsp.lookup import block_at

_UNITS: Final = re.compile(r"(?P<count>[\d.]+)\s*(?P<unit>ms|milli\w*|s|sec\w*|m|min\w*|h|hours?|hrs?)?", re.IGNORECASE)
_SIZES: Final = re.compile(r"(?P<count>\d+)\s*(?P<unit>[kmgt])\w*", re.IGNORECASE)
_TYPES: Final[Mapping[str, str]] = {
    "integer": "number", "int": "number", "float": "number", "double": "number", "str": "string", "text": "string",
    "boolean": "bool", "array": "list(any)", "list": "list(any)", "dict": "map(any)", "map": "map(any)",
    "object": "any", "path": "string",
}  # fmt: skip
_CURLY: Final = "“”„«»"
_EMPTY: Final[Mapping[str, str]] = {"number": "0", "bool": "false", "string": '""'}


class Mend(NamedTuple):
    """A title, and edits as offsets in the document; `create` is a file of the project that is made, with `text`."""

    title: str
    edits: tuple[tuple[int, int, str], ...] = ()
    create: str = ""
    text: str = ""


class Place(Prefab, frozen=True):
    """Where a finding is: `[start, end)` of the document, and the text there."""

    sight: Sight
    one: Diagnostic
    start: int
    end: int
    old: str

    def instead(self, text: str, title: str = "") -> Mend:
        return Mend(title or f"write `{text}`", ((self.start, self.end, text),))


def mends_for(place: Place) -> list[Mend]:
    """The mends of a finding, the likeliest first."""
    make = _MENDS.get(place.one.code)
    return list(make(place)) if make else []


def _straight_quote(place: Place) -> Iterator[Mend]:
    if place.old in _CURLY:
        start = _line_start(place)
        line = place.sight.document.line_text(place.sight.document.place(place.start).line)
        edits = [(start + at, start + at + 1, '"') for at, one in enumerate(line) if one in _CURLY]
        yield Mend("use straight quotes", tuple(edits))


def _end_heredoc(place: Place) -> Iterator[Mend]:
    """The marker before the `}` that would end the block around it, else at the end."""
    marker = place.old.lstrip("<-").strip()
    text = place.sight.document.text
    closing = re.compile(r"^[ \t]*\}[ \t\r]*$", re.MULTILINE).search(text, place.end)
    at = closing.start() if closing else len(text)
    before = "" if text[:at].endswith("\n") else "\n"
    if marker:
        yield Mend(f"end it with `{marker}`", ((at, at, f"{before}{marker}\n"),))


def _end_comment(place: Place) -> Iterator[Mend]:
    document = place.sight.document
    line = document.place(place.start).line
    end = document.offset(line, 0) + len(document.line_text(line))
    yield Mend("end it on this line", ((end, end, " */"),))


def _end_sequence(place: Place) -> Iterator[Mend]:
    yield place.instead("}" + place.old, "write `}` here")


def _in_for_of(place: Place) -> Iterator[Mend]:
    found = re.compile(r"\s*of\b").match(place.sight.document.line_text(place.sight.document.place(place.start).line),
                                         place.start - _line_start(place))  # fmt: skip
    if found is not None:
        end = _line_start(place) + found.end()
        yield Mend("write `in`", ((end - 2, end, "in"),))


def _plain_number(place: Place) -> Iterator[Mend]:
    text = place.old.replace("_", "")
    if text != place.old and re.fullmatch(r"\d+(\.\d+)?", text):
        yield place.instead(text)


def _add_attribute(place: Place) -> Iterator[Mend]:
    found = re.search(r"attribute `(\w+)`", place.one.message)
    block, _, by = block_at(place.sight.document, place.start)
    known = schema.find_attribute(block.type, found[1]) if block and found else None
    if block is None or known is None:
        return
    value = '""' if known.kind not in (Kind.NUMBER, Kind.INTEGER, Kind.BOOL, Kind.REFERENCES) else "0"
    yield _into(place, block, by, f"{known.name} = {value}")


def _into(place: Place, block: tree.Block, by: int, line: str) -> Mend:
    """An attribute more, as the first of a block."""
    document = place.sight.document
    at = block.header_end + by
    text = document.line_text(document.place(at).line)
    opened = text.find("{", at - document.offset(document.place(at).line, 0))
    start = document.offset(document.place(at).line, 0) + opened + 1
    indent = text[: len(text) - len(text.lstrip())]
    rest = text[opened + 1 :].strip()
    after = f"\n{indent}" if rest == "}" else " " if rest and not text[opened + 1 :].startswith(" ") else ""
    before = f"\n{indent}  " if rest in ("", "}") else " "
    return Mend(f"add `{line}`", ((start, start, f"{before}{line}{after}"),) if opened >= 0 else ())


def _other_type(place: Place) -> Iterator[Mend]:
    """A value of the attribute's type that is written as another."""
    inner = place.old[1:-1] if place.old[:1] == place.old[-1:] == '"' else ""
    if "true or false" in place.one.message:
        meant = {"yes": "true", "on": "true", "1": "true", "true": "true", "no": "false", "off": "false", "0": "false"}
        word = meant.get((inner or place.old).lower(), "false" if inner.lower() == "false" else "")
        if word:
            yield place.instead(word)
    elif inner and re.fullmatch(r"\d+(\.\d+)?", inner) and "number" in place.one.message:
        yield place.instead(inner)
    elif re.fullmatch(r"[\w.]+", place.old) and re.search(r"is (a string|a path|a duration|a size)", place.one.message):
        yield place.instead(f'"{place.old}"')


def _add_label(place: Place) -> Iterator[Mend]:
    if "needs a label" in place.one.message:
        yield Mend('write a label: `"name"`', ((place.end, place.end, ' "name"'),))


def _other_name(place: Place) -> Iterator[Mend]:
    found = re.search(r'"([^"]+)"\Z', place.old)
    if found is not None:
        taken = {key[-1] for key in place.sight.document.index.declared}
        name = next(
            f"{found[1]}_{number}" for number in range(2, len(taken) + 4) if f"{found[1]}_{number}" not in taken
        )
        start = place.start + found.start(1)
        yield Mend(f"call it `{name}`", ((start, start + len(found[1]), name),))


def _drop_line(place: Place) -> Iterator[Mend]:
    _, attribute, by = block_at(place.sight.document, place.start)
    if attribute is not None:
        document = place.sight.document
        start = document.offset(document.place(place.start).line, 0)
        if not document.line_text(document.place(place.start).line)[: place.start - start].strip():
            line = document.place(attribute.end + by).line + 1
            yield Mend(f"remove this `{attribute.name}`", ((start, document.offset(line, 0), ""),))


def _choices(place: Place) -> Iterator[Mend]:
    words = re.findall(r'"([^"]+)"', place.one.hint)
    near = close_matches(place.old.strip('"'), words, n=1)
    for word in dict.fromkeys([*near, *words]):
        yield place.instead(f'"{word}"')


def _duration(place: Place) -> Iterator[Mend]:
    found = _UNITS.fullmatch(place.old.strip('"').strip())
    if found is not None:
        unit = (found["unit"] or "s").lower()
        short = "ms" if unit.startswith(("ms", "milli")) else unit[0]
        yield place.instead(f'"{found["count"]}{short}"')


def _size(place: Place) -> Iterator[Mend]:
    found = _SIZES.fullmatch(place.old.strip('"').strip())
    if found is not None:
        yield place.instead(f'"{found["count"]}{found["unit"].upper()}B"')


def _create_file(place: Place) -> Iterator[Mend]:
    path = normpath(join(place.sight.path.rpartition("/")[0], place.old.strip('"').partition(":")[0]))
    if path.startswith(("../", "/")) or path in (".", "") or "." not in path.rpartition("/")[2]:
        return
    block, _, _ = block_at(place.sight.document, place.start)
    language = schema.language_of(block.type) if block else ""
    yield Mend(f"create `{path}`", create=path, text=_sample(language, path))


def _sample(language: str, path: str) -> str:
    """The smallest module of the language, where the file would be one: it copies its input to its output."""
    try:
        toolchain = TOOLCHAINS.load(language) if language in TOOLCHAINS else None
        if toolchain is not None and path.endswith(toolchain.suffixes):
            return toolchain.sample()[1].decode("utf-8")
    except (TarsError, UnicodeDecodeError):
        pass  # a plug-in that does not work, and WebAssembly's sample, which is no text
    return ""


def _below_output(place: Place) -> Iterator[Mend]:
    yield place.instead(f'"output/{place.old.strip(chr(34)).rpartition("/")[2]}"')


def _own_output(place: Place) -> Iterator[Mend]:
    found = re.search(r"\.([\w-]+)` a path of its own", place.one.hint)
    stem, dot, suffix = place.old.strip('"').rpartition(".")
    if found is not None and place.old.count('"') == 2:
        path = f"{stem}_{found[1]}.{suffix}" if dot and "/" not in suffix else f"{place.old.strip(chr(34))}_{found[1]}"
        yield place.instead(f'"{path}"')


def _nearest_confidence(place: Place) -> Iterator[Mend]:
    try:
        value = float(place.old)
    except ValueError:
        return
    percent = value / 100 if 1 < value < 100 else 0.0
    yield place.instead(f"{percent:g}" if percent else "0.99" if value >= 1 else "0.01")


def _default(place: Place) -> Iterator[Mend]:
    block, _, by = block_at(place.sight.document, place.start)
    for item in block.body.items if block else ():
        if isinstance(item, tree.Attribute) and item.name == "type" and isinstance(item.value, tree.Name):
            value = _EMPTY.get(item.value.name, "")
            if value and block is not None:
                yield _into(place, block, by, f"default = {value}")
                return
    if block is not None:
        yield _into(place, block, by, 'default = ""')


def _include(place: Place) -> Iterator[Mend]:
    folder = place.sight.path.rpartition("/")[0]
    written = normpath(join(folder, place.old.strip('"')))
    known = [path for path in place.sight.project.metascripts() if path != place.sight.path]
    for near in close_matches(written, known, n=1):
        shown = near.removeprefix(f"{folder}/") if folder else near
        yield place.instead(f'"./{shown}"')
    yield from _create_file(place)


def _known_type(place: Place) -> Iterator[Mend]:
    if place.old in _TYPES:
        yield place.instead(_TYPES[place.old])


def _inner_name(place: Place) -> Iterator[Mend]:
    """The misspelt name alone, of all that the finding is in."""
    meant = re.search(r"did you mean `([^`]+)`\?", place.one.hint)
    wrong = re.findall(r"`([^`]+)`", place.one.message)
    if meant is not None and wrong and place.old.count(wrong[-1]) == 1:
        start = place.start + place.old.index(wrong[-1])
        yield Mend(f"write `{meant[1]}`", ((start, start + len(wrong[-1]), meant[1]),))


def _line_start(place: Place) -> int:
    return place.sight.document.offset(place.sight.document.place(place.start).line, 0)


_MENDS: Final[Mapping[str, Callable[[Place], Iterator[Mend]]]] = {
    "T0013": _straight_quote, "T0015": _end_heredoc, "T0016": _end_comment, "T0017": _end_sequence,
    "T0019": _in_for_of, "T0027": _plain_number, "T0033": _add_attribute, "T0034": _other_type, "T0035": _add_label,
    "T0036": _other_name, "T0037": _drop_line, "T0039": _choices, "T0042": _duration, "T0043": _size,
    "T0050": _create_file, "T0054": _own_output, "T0055": _below_output, "T0059": _nearest_confidence,
    "T0060": _default, "T0062": _include, "T0065": _known_type, "T0066": _inner_name, "T0067": _inner_name,
}  # fmt: skip
