"""Formatting twice changes nothing, the meaning is unchanged, every comment is kept; and the layout is as expected."""

import re
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tars.core.errors import InputError
from tars.lang.forms.format import format_text
from tars.lang.forms.stream import Kind, stream
from tars.lang.schema import canonical_name
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block, Literal, Template

GENERATED = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=80)


def meaning(node: object, block_type: str = "") -> object:
    """A tree without its places, with the names of attributes in their canonical spelling."""
    if not isinstance(node, tuple):
        return node
    if not hasattr(node, "_fields"):
        names = [canonical_name(block_type, item.name) for item in node if isinstance(item, Attribute)]
        return tuple(
            _attribute(item, block_type, names) if isinstance(item, Attribute) else meaning(item, block_type)
            for item in node
        )
    inner = node.type if isinstance(node, Block) else block_type
    places = {"start", "end", "header_end", "name_start"}
    fields = zip(node._fields, node, strict=True)
    return (type(node).__name__, *(meaning(value, inner) for field, value in fields if field not in places))


def _attribute(node: Attribute, block_type: str, names: list[str]) -> object:
    name = canonical_name(block_type, node.name)
    if names.count(name) > 1:
        name = node.name
    value = meaning(node.value, block_type)
    is_text = isinstance(node.value, Template) or (
        isinstance(node.value, Literal) and isinstance(node.value.value, str)
    )
    if node.name == "trait" and name == "traits" and is_text:  # one text stands for a list of one
        value = ("Tuple", (value,))
    return ("Attribute", name, value)


def comments(text: str) -> Counter[str]:
    kinds = {Kind.LINE_COMMENT, Kind.INLINE_COMMENT}
    return Counter(token.text.rstrip().replace("\r", "") for token in stream(text) if token.kind in kinds)


@given(chance=st.randoms(use_true_random=False))
@GENERATED
def test_formatting_keeps_meaning_and_comments(document: Callable[[Random], str], chance: Random) -> None:
    text = document(chance)
    file = parse(text)
    assert not file.diagnostics, (text, file.diagnostics)
    formatted = format_text(text)
    again = parse(formatted)
    assert not again.diagnostics, (formatted, again.diagnostics)
    assert meaning(again.body.items) == meaning(file.body.items)
    assert comments(formatted) == comments(text)
    assert format_text(formatted) == formatted


def test_the_property_notices_a_lost_comment() -> None:
    assert comments("a = 1 # x\n") != comments("a = 1\n")
    assert meaning(parse("a = 1\n").body.items) != meaning(parse("a = 2\n").body.items)


LAYOUTS = {
    "aligned": ("a=1\nlonger  = 2\n", "a      = 1\nlonger = 2\n"),
    "a list on several lines ends a run": ("a=1\nlong=[\n1,\n]\nbcd=2\n", "a = 1\nlong = [\n  1,\n]\nbcd = 2\n"),
    "an empty line ends a run": ("a=1\n\nlonger=2", "a = 1\n\nlonger = 2\n"),
    "one blank": ("x = f ( a [ 0 ] , - 1 , ! b ) ? c:d\n", "x = f(a[0], -1, !b) ? c : d\n"),
    "indices after dots": ("x = a . 0 .1 .2 . b.0 .c + 1 .2\n", "x = a.0 .1 .2.b.0.c + 1 .2\n"),
    "colons of objects": ('x = {a:1,"b" : 2}\n', 'x = { a = 1, "b" = 2 }\n'),
    "one-line blocks": ('m "x" {a = 1  b = 2}\nn { c=1 }\no {}\n', 'm "x" {\n  a = 1\n  b = 2\n}\nn { c = 1 }\no {}\n'),
    "empty lines": ("\n\na = 1\n\n\n\nb {\n\nc = 1\n\n}\n\n", "a = 1\n\nb {\n  c = 1\n}\n"),
    "windows": ("a = 1\r\nb {\r\n}\r\n", "a = 1\nb {\n}\n"),
    "comments": ("a = 1 # x \n  // y\nb = [ # z\n1]\n", "a = 1 # x\n// y\nb = [ # z\n  1]\n"),
    "aliases": (
        'rust_module "a" {\n  file = "a.rs"\n  trait = "x"\n  inject = "i"\n  build_output = "b"\n}\n',
        'rust_module "a" {\n  source   = "a.rs"\n  traits   = ["x"]\n  input    = "i"\n  artifact = "b"\n}\n',
    ),
    "an alias beside the name that it stands for": (
        'rust_module "a" {\n  file   = "a.rs"\n  source = "b.rs"\n}\n',
        'rust_module "a" {\n  file   = "a.rs"\n  source = "b.rs"\n}\n',
    ),
    "objects in a list": (
        "a = [{\nb = 1\n}, {\nb = [\n2\n]\n}]\nc = f({\nd = [{\ne = 1 }]\n})\n",
        "a = [{\n  b = 1\n}, {\n  b = [\n    2\n  ]\n}]\nc = f({\n  d = [{\n    e = 1 }]\n})\n",
    ),
    "output stays": ('go_module "a" {\n  compile = true\n  output  = "bin/a"\n}\n',) * 2,
    "heredocs": ("a = <<-EOT\n      x\n    EOT\nbc = 1\n", "a = <<-EOT\n      x\n    EOT\nbc = 1\n"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout(name: str) -> None:
    text, expected = LAYOUTS[name]
    assert format_text(text) == expected
    assert format_text(expected) == expected


def test_a_file_with_errors_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        format_text("a = 1\nb = [\n", "x.tars")
    assert [found.code for found in caught.value.diagnostics] == ["T0003"]
    assert re.search(r"x\.tars has 1 syntax error", caught.value.message)
