"""Mends a `match` written like a `switch`: `case 1: …; break;` and `default:` become arms."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, is_syntax, offered
from tars.rust.rules_support.tokens import Token, index_at, tokens_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch, Place

_HEADS = (b"switch", b"match", b"select")
_LABEL = re.compile(rb"[ \t]*(?:case\s+)?(?P<value>default|[\w:\"'.| ]*?[\w\"'])\s*:(?!:)\s*(?P<rest>.*)$")


def _patches(site: Site) -> Iterator[Patch]:
    if not is_syntax(site) or "delimiter" in site.diagnostic.message:
        return
    tokens = tokens_of(site.file)
    at = min(index_at(tokens, site.place.start), len(tokens) - 1)
    for index in range(at + 2 if at + 2 < len(tokens) else at, max(at - 200, -1), -1):
        if tokens[index].text in _HEADS and tokens[index].kind == "word":
            yield from offered(site.file, _edits(site.file, tokens, index))
            return


def _edits(file: SourceFile, tokens: tuple[Token, ...], start: int) -> Iterator[Edit]:
    opener = next((index for index in range(start, min(start + 40, len(tokens))) if tokens[index].text == b"{"), None)
    close = _closing(tokens, opener) if opener is not None else None
    if opener is None or close is None:
        return
    arms = _arms(file, tokens[opener].end, tokens[close].start)
    if len(arms) < 2:
        return
    subject = file.data[tokens[start].end : tokens[opener].start].decode("utf-8", "replace").strip()
    if subject.startswith("(") and subject.endswith(")"):
        subject = subject[1:-1]
    outer = file.indent(tokens[start].start)
    inner = outer + "    "
    lines = [f"{inner}{value} => {_body(body, inner)}" for value, body in arms]
    text = f"match {subject} {{\n" + "\n".join(lines) + f"\n{outer}}}"
    place = Place(file.path, tokens[start].start, tokens[close].end)
    yield Edit((file.replace(place, text),), "write the cases as arms", 0.9)


def _arms(file: SourceFile, start: int, end: int) -> list[tuple[str, list[str]]]:
    """The value of each case with its statements; empty where anything else stands between."""
    found: list[tuple[str, list[str]]] = []
    for line in file.data[start:end].splitlines():
        text = line.strip()
        label = _LABEL.match(line)
        if label is not None and b"=>" not in text:
            value = "_" if label["value"] in (b"default", b"_") else label["value"].decode("utf-8", "replace").strip()
            found.append((value, []))
            text = label["rest"].strip()
        elif text and not found:
            return []
        if text:
            found[-1][1].append(text.decode("utf-8", "replace"))
    return found


def _body(statements: list[str], indent: str) -> str:
    """The statements of a case as an arm's body, without the `break` that ended them."""
    text = " ".join(statements).strip()
    text = re.sub(r"\s*\bbreak;\s*\}?$", lambda found: "}" if found[0].endswith("}") else "", text).strip()
    if re.fullmatch(r"[^;{}]*;?,?", text):
        return text.rstrip(";,") + "," if text.rstrip(";,") else "{}"
    if text.startswith("{") and text.endswith("}"):
        return text
    inner = f"\n{indent}    ".join(one.strip() for one in re.findall(r"[^;]+;?", text) if one.strip())
    return f"{{\n{indent}    {inner}\n{indent}}}"


def _closing(tokens: tuple[Token, ...], start: int) -> int | None:
    depth = 0
    for index in range(start, len(tokens)):
        depth += (tokens[index].text == b"{") - (tokens[index].text == b"}")
        if depth == 0:
            return index
    return None


PLUGIN = Mend(
    codes=("",),
    title="write the cases of a `switch` as the arms of a `match`",
    cites=("docs:reference/expressions/match-expr.html", "docs:book/ch06-02-match.html"),
    examples=(
        Example(
            'pub fn name(x: u8) {\n    switch (x) {\n        case 1: println!("one"); break;\n'
            '        default: println!("other");\n    }\n}\n',
            'pub fn name(x: u8) {\n    match x {\n        1 => println!("one"),\n'
            '        _ => println!("other"),\n    }\n}\n',
        ),
    ),
    patches=_patches,
)
