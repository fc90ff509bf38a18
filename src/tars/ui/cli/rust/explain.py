"""Explain an error code, a lint, or what the compiler finds at a line, out of the documentation on this disk.

TARGET is `E0382`, `clippy::needless_return`, `unused_variables`, `src/lib.rs:12` or `src/lib.rs`. Every passage has an
anchor, and is proven: the bytes that the anchor cites are hashed again before they are shown.
"""

import argparse
from collections.abc import Iterator
from textwrap import wrap

from tars.rust.anchors.explain import explain
from tars.rust.anchors.values import Explanation, Passage, to_json
from tars.ui.cli.console import Console
from tars.ui.cli.overview import page_width
from tars.ui.cli.printable import printable

EXAMPLES = (
    ("tarscli rust explain E0382", "what the documentation says of it"),
    ("tarscli rust explain src/lib.rs:12", "what the compiler finds in that line"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="an error code, a lint, PATH:LINE or PATH")


def run(arguments: argparse.Namespace, console: Console) -> int:
    found = explain(arguments.target)
    console.answer({"explanations": [to_json(one) for one in found]})
    for one in found:
        console.write(explanation_text(one, console) + "\n")
    if not found:
        console.note(f"The compiler finds nothing at {printable(arguments.target)}")
    return 0


def explanation_text(one: Explanation, console: Console) -> str:
    """An explanation for people: the diagnostic, then each passage under its title and anchor."""
    parts = [console.styled(printable(f"{one.target}: {one.title}"), "strong", out=True)]
    if one.diagnostic is not None and one.diagnostic.rendered:
        parts.append(printable(one.diagnostic.rendered.rstrip()))
    parts += [_passage_text(passage, console) for passage in (*one.code, *one.passages)]
    return "\n\n".join(parts)


def _passage_text(passage: Passage, console: Console) -> str:
    anchor = passage.anchor
    where = f"{passage.address} [{anchor.start}..{anchor.end}] sha256 {anchor.digest[:12]}"
    head = console.styled(printable(f"{passage.role.value}: {passage.title}"), "place", out=True)
    return "\n".join([head, f"  {printable(where)}", *(f"  {line}".rstrip() for line in _lines(passage.text))])


def _lines(text: str) -> Iterator[str]:
    """The lines of a text, as wide as the page; examples in fences stay as they are."""
    width, fenced = page_width() - 2, False
    for line in printable(text.replace("\r\n", "\n")).strip("\n").split("\n"):
        fenced ^= line.startswith("```")
        if fenced or len(line) <= width:
            yield line
        else:
            hang = " " * (len(line) - len(line.lstrip(" -")))
            yield from wrap(line, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)
