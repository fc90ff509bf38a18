"""Mends loops as other languages write them: `for (i = 0; i < n; i++)`, `do { … } while (…);`, `loop() { … }`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, is_syntax, offered
from tars.rust.rules_support.tokens import Token, index_at, tokens_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_HEAD = re.compile(
    rb"for\s*\(?\s*(?:(?:let|var|auto|int|long|unsigned|size_t|usize|[iu]\d+)\s+)*(?:mut\s+)?(?P<name>\w+)\s*(?::\s*\w+\s*)?"
    rb"=\s*(?P<first>[^;{}]+?)\s*;\s*(?P=name)\s*(?P<test><=|<|>=|>|!=)\s*(?P<last>[^;{}]+?)\s*;\s*"
    rb"(?:(?P=name)\s*(?P<sign>\+\+|--|\+=|-=)\s*(?P<step>[^;{})]*)|(?P<early>\+\+|--)\s*(?P=name))\s*\)?\s*\{"
)
_EACH = re.compile(
    rb"for\s*\(\s*(?:(?:let|var|auto|const)\s+)?(?P<name>&?\w+)\s*(?:in|of|:)\s*(?P<over>[^{}]+?)\s*\)\s*\{"
)
_EMPTY = re.compile(rb"loop\s*\(\s*(?:true|;;)?\s*\)\s*\{")


def _patches(site: Site) -> Iterator[Patch]:
    if is_syntax(site):
        yield from offered(site.file, _edits(site))


def _edits(site: Site) -> Iterator[Edit]:
    file = site.file
    line, end = file.line_start(site.place.start), file.line_end(site.place.start)
    for found in _HEAD.finditer(file.data, line, end):
        yield Edit((_replaced(file, found, _range(found)),), "go over the range", 0.9)
    for form, text in ((_EACH, b"for %(name)s in %(over)s {"), (_EMPTY, b"loop {")):
        other = form.search(file.data, line, end)
        if other is not None:
            groups = {name.encode(): value for name, value in other.groupdict().items()}
            yield Edit((_replaced(file, other, text % groups),), "write the loop's head without parentheses", 0.85)
    yield from _do_while(site)


def _range(found: re.Match[bytes]) -> bytes:
    """The head of a `for` over the numbers that a counting loop goes through."""
    first, last, test = found["first"], found["last"], found["test"]
    sign, step = found["sign"] or found["early"], (found["step"] or b"").strip()
    if test in (b">", b">="):
        low = last if test == b">=" else b"(" + last + b" + 1)"
        over = b"(" + low + b"..=" + first + b").rev()"
    else:
        over = first + (b"..=" if test == b"<=" else b"..") + last
    if sign in (b"+=", b"-=") and step not in (b"", b"1"):
        over = (over if over.endswith(b".rev()") else b"(" + over + b")") + b".step_by(" + step + b")"
    return b"for " + found["name"] + b" in " + over + b" {"


def _replaced(file: SourceFile, found: re.Match[bytes], text: bytes) -> Change:
    return file.replace(Place(file.path, found.start(), found.end()), text.decode("utf-8", "replace"))


def _do_while(site: Site) -> Iterator[Edit]:
    """`do { … } while (condition);` as a `loop` that ends where the condition does not hold."""
    file, tokens = site.file, tokens_of(site.file)
    at = index_at(tokens, site.place.start)
    start = next((index for index in (at, at - 1) if 0 <= index < len(tokens) and tokens[index].text == b"do"), None)
    if start is None or start + 1 >= len(tokens) or tokens[start + 1].text != b"{":
        return
    close = _closing(tokens, start + 1)
    if close is None or close + 1 >= len(tokens) or tokens[close + 1].text != b"while":
        return
    end = next((index for index in range(close + 1, len(tokens)) if tokens[index].text in (b";", b"{")), None)
    if end is None or tokens[end].text != b";":
        return
    condition = file.data[tokens[close + 1].end : tokens[end].start].decode().strip()
    indent = file.indent(tokens[start].start)
    leave = f"    if !({_bare(condition)}) {{\n{indent}        break;\n{indent}    }}\n{indent}}}"
    yield Edit(
        (
            file.replace(Place(file.path, tokens[start].start, tokens[start].end), "loop"),
            file.replace(Place(file.path, tokens[close].start, tokens[end].end), leave),
        ),
        "write a `loop` that ends where the condition does not hold",
        0.85,
    )


def _bare(condition: str) -> str:
    inner = condition[1:-1] if condition.startswith("(") and condition.endswith(")") else condition
    return inner if inner.count("(") == inner.count(")") else condition


def _closing(tokens: tuple[Token, ...], start: int) -> int | None:
    """The index of the brace that closes the one at `start`."""
    depth = 0
    for index in range(start, len(tokens)):
        depth += (tokens[index].text == b"{") - (tokens[index].text == b"}")
        if depth == 0:
            return index
    return None


PLUGIN = Mend(
    codes=("",),
    title="write a loop as Rust does",
    cites=("docs:reference/expressions/loop-expr.html", "docs:book/ch03-05-control-flow.html"),
    examples=(
        Example(
            'pub fn show() {\n    for (int i = 0; i < 10; i++) {\n        println!("{i}");\n    }\n}\n',
            'pub fn show() {\n    for i in 0..10 {\n        println!("{i}");\n    }\n}\n',
        ),
        Example(
            "pub fn count(mut i: u8) {\n    do {\n        i += 1;\n    } while (i < 5);\n}\n",
            "pub fn count(mut i: u8) {\n    loop {\n        i += 1;\n        if !(i < 5) {\n            break;\n"
            "        }\n    }\n}\n",
        ),
    ),
    patches=_patches,
)
