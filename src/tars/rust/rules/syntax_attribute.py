"""Mends attributes that are not written as Rust writes them: `[derive(Debug)]`, `@derive(Debug)`, `#derive(Debug)`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, is_syntax, offered
from tars.rust.values import Example, Patch, Place

_FORMS = (
    (re.compile(rb"[ \t]*(\[(\w+(?:\s*\(.*\))?)\])[ \t]*$"), 0.9),
    (re.compile(rb"[ \t]*(@\[?(\w+(?:\s*\(.*?\))?)\]?)[ \t]*$"), 0.85),
    (re.compile(rb"[ \t]*(#!?\s*(\w+\s*\(.*?\))\]?)[ \t]*$"), 0.85),
    (re.compile(rb"[ \t]*(#\[\s*(\w+\s*\([^\])]*)\][ \t]*\)?)[ \t]*$"), 0.6),
    (re.compile(rb"[ \t]*(#[({]\s*(\w+(?:\s*\(.*?\))?)[)}])[ \t]*$"), 0.85),
)
_LIST = re.compile(rb"[ \t]*(#\[\s*(derive|cfg|allow|warn|deny|repr)\s*[:=]?\s*[\[{<]?\s*(\w[\w:, ]*?)\s*[\]}>]?\s*\])")


def _patches(site: Site) -> Iterator[Patch]:
    if not site.diagnostic.code and is_syntax(site):
        yield from offered(site.file, _edits(site))


def _edits(site: Site) -> Iterator[Edit]:
    file = site.file
    at = file.line_start(site.place.start)
    for start in {at, file.line_start(max(at - 1, 0))}:
        line = file.data[start : file.line_end(start)]
        for form, likely in _FORMS:
            if found := form.match(line):
                inner = found[2].decode("utf-8", "replace")
                inner += ")" if inner.count("(") > inner.count(")") else ""
                place = Place(file.path, start + found.start(1), start + found.end(1))
                yield Edit((file.replace(place, f"#[{inner}]"),), "write the attribute as `#[…]`", likely)
        if found := _LIST.match(line):
            place = Place(file.path, start + found.start(1), start + found.end(1))
            text = f"#[{found[2].decode()}({found[3].decode()})]"
            yield Edit((file.replace(place, text),), "put what the attribute lists in parentheses", 0.85)


PLUGIN = Mend(
    codes=("",),
    title="write an attribute as Rust does",
    cites=("docs:reference/attributes.html",),
    examples=(
        Example("[derive(Debug)]\npub struct One;\n", "#[derive(Debug)]\npub struct One;\n"),
        Example("#derive(Debug)\npub struct One;\n", "#[derive(Debug)]\npub struct One;\n"),
        Example("#[derive Debug]\npub struct One;\n", "#[derive(Debug)]\npub struct One;\n"),
    ),
    patches=_patches,
)
