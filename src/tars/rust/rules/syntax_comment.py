"""Mends comments that are not marked as Rust marks them: `# text`, `/ text`, `-- text`, and a `/*` that never ends."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, is_syntax, offered
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch, Place

_MARK = re.compile(rb"[ \t]*(#+|/|--|%|;;?|\*|<!--|REM|\\\\)(?=[ \t])")
_BEHIND_CODE = re.compile(rb"[;{},)][ \t]+(#|/|--)(?=[ \t])")


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0758":
        yield from offered(site.file, _ends(site))
    elif not site.diagnostic.code and is_syntax(site):
        yield from offered(site.file, _marks(site.file, site.place.start))


def _marks(file: SourceFile, at: int) -> Iterator[Edit]:
    """The mark of the line, or of the comment of several lines that it belongs to, written as `//`."""
    start = file.line_start(at)
    if found := _BEHIND_CODE.search(file.data, start, file.line_end(at)):
        yield _written(file, [(found.start(1), found.end(1))])
    places = []
    while found := _MARK.match(file.data, start, file.line_end(start)):
        places.append((found.start(1), found.end(1)))
        if file.line_end(start) >= len(file.data):
            break
        start = file.line_end(start) + 1
    if places:
        yield _written(file, places[:1])
        yield _written(file, places)


def _written(file: SourceFile, places: list[tuple[int, int]]) -> Edit:
    changes = tuple(file.replace(Place(file.path, start, end), "//") for start, end in places)
    return Edit(changes, "mark the comment with `//`", 0.85 if len(places) == 1 else 0.8)


def _ends(site: Site) -> Iterator[Edit]:
    """An end for the comment: on its own line, or before the line that is not indented like it or looks like code."""
    file, start = site.file, site.place.start
    end = file.line_end(start)
    yield Edit((file.insert(end, " */"),), "end the comment on its line", 0.8)
    yield Edit((file.replace(Place(file.path, start, start + 2), "//"),), "make it a comment of one line", 0.5)
    for number in range(12):
        following = file.line_end(end + 1) if end < len(file.data) else end
        line = file.data[end:following].strip()
        if end >= len(file.data) or not re.match(rb"[*\w]", line):
            break
        end = following
        yield Edit((file.insert(end, " */"),), "end the comment", 0.7 if line.startswith(b"*") else 0.4 - 0.02 * number)


PLUGIN = Mend(
    codes=("E0758", ""),
    title="mark a comment as Rust does, and end it",
    cites=("docs:error_codes/E0758.html", "docs:reference/comments.html"),
    examples=(
        Example(
            "/* what it is\npub fn one() -> u8 {\n    1\n}\n", "/* what it is */\npub fn one() -> u8 {\n    1\n}\n"
        ),
        Example("# what it is\npub fn one() -> u8 {\n    1\n}\n", "// what it is\npub fn one() -> u8 {\n    1\n}\n"),
        Example(
            "pub fn one() -> u8 {\n    let one = 1; / the first\n    one\n}\n",
            "pub fn one() -> u8 {\n    let one = 1; // the first\n    one\n}\n",
        ),
    ),
    patches=_patches,
)
