"""A metascript becomes JSON and YAML and back without loss of meaning; wrong data is refused with its place."""

import re
from collections.abc import Callable, Iterator
from itertools import groupby
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tars.core.errors import InputError
from tars.core.values import Json
from tars.lang.checks import find
from tars.lang.forms.convert import from_data, to_data
from tars.lang.forms.format import format_text
from tars.lang.forms.serial import from_json, from_yaml, to_json, to_yaml
from tars.lang.syntax.parse import parse
from tars.lang.syntax.tree import Attribute, Block, File, Interpolation, Literal, Parenthesis, Template

GENERATED = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
TRAIT_AS_HEREDOC = re.compile(r"trait\s*(/\*[^*]*\*/)?\s*=\s*(/\*[^*]*\*/)?\s*<<")
"""The formatter leaves this spelling of `traits` alone, but not the quoted string that comes back for it."""
PLACES = frozenset({"start", "end", "header_end", "name_start", "strip_left", "strip_right"})


def meaning(node: object) -> object:
    """A tree without places, in which `"${x}"` is `x`, `"${"$"}x"` is `"$x"`, brackets around a whole value are gone,
    and the blocks of a body are grouped by type: what the order of blocks of different types is means nothing."""
    if isinstance(node, Template) and len(node.parts) == 1 and isinstance(node.parts[0], Interpolation):
        return meaning(node.parts[0].expression)
    if isinstance(node, Parenthesis):
        return meaning(node.inner)
    if not isinstance(node, tuple):
        return node
    if hasattr(node, "_fields"):
        fields = zip(node._fields, node, strict=True)
        return (type(node).__name__, *(meaning(value) for field, value in fields if field not in PLACES))
    if node and all(isinstance(item, Attribute | Block) for item in node):
        first: dict[str, int] = {}
        for index, item in enumerate(node):
            first.setdefault(_key(item), index)
        node = tuple(sorted(node, key=lambda item: first[_key(item)]))
    return tuple(_joined([_plain(item) for item in node]))


def _plain(part: object) -> object:
    """The text of a part of a template that is one, or the meaning of anything else."""
    if isinstance(part, Interpolation) and isinstance(part.expression, Literal):
        value = part.expression.value
        return value if isinstance(value, str) else meaning(part)
    return meaning(part)


def _joined(parts: list[object]) -> Iterator[object]:
    """The parts with the texts that follow each other made one."""
    for is_text, some in groupby(parts, lambda part: isinstance(part, str)):
        if is_text:
            yield "".join(map(str, some))
        else:
            yield from some


def _key(item: object) -> str:
    return item.type if isinstance(item, Block) else item.name if isinstance(item, Attribute) else ""


def convertible(file: File) -> bool:
    """Whether no body has a name twice."""
    try:
        to_data(file)
    except InputError:
        return False
    return True


@given(chance=st.randoms(use_true_random=False))
@GENERATED
def test_round_trips(document: Callable[[Random], str], chance: Random) -> None:
    text = document(chance)
    file = parse(text)
    expected = parse(format_text(text))
    if not convertible(file) or TRAIT_AS_HEREDOC.search(text):
        return
    data = to_data(file)
    for again in (from_json(to_json(data)), from_yaml(to_yaml(data))):
        assert again == data
        back = parse(from_data(again))
        assert not back.diagnostics
        assert meaning(back.body.items) == meaning(expected.body.items)


def test_the_property_notices_a_lost_attribute() -> None:
    assert meaning(parse("a = 1\nb = 2\n").body.items) != meaning(parse("a = 1\n").body.items)


FORMS: dict[str, tuple[str, object]] = {
    "labels are levels": ('rust_module "a" {\n  source = "a.rs"\n}\n', {"rust_module": {"a": {"source": "a.rs"}}}),
    "no labels": ("settings {\n  jobs = 2\n}\n", {"settings": {"jobs": 2}}),
    "an attribute that is an object": (
        'rust_module "a" {\n  env = {\n    A = "b"\n  }\n}\n',
        {"rust_module": {"a": {"env": {"A": "b"}}}},
    ),
    "a nested block": (
        'rust_module "a" {\n  resources {\n    cpu = 1\n  }\n}\n',
        {"rust_module": {"a": {"resources": {"cpu": 1}}}},
    ),
    "expressions": ("x = var.y + 1\n", {"x": "${var.y + 1}"}),
    "templates": ('x = "a ${var.y}"\n', {"x": "a ${var.y}"}),
    "escapes": ('x = "$${a}\\n\\"%%{"\n', {"x": '$${a}\n"%%{'}),
    "values": ("x = [1, -2.5, true, null, {}]\n", {"x": [1, -2.5, True, None, {}]}),
    "the same label twice": (
        'go_module "a" {\n}\n\ngo_module "b" {\n}\n\ngo_module "a" {\n}\n',
        {"go_module": [{"a": {}}, {"b": {}}, {"a": {}}]},
    ),
    "an unknown block": ('strange "a" "b" {\n  c = 1\n}\n', {"strange": {"$labels": ["a", "b"], "c": 1}}),
    "an attribute with a block's name": (
        'rust_module "a" {\n  resources = { cpu = 1 }\n}\n',
        {"rust_module": {"a": {"resources": "${{ cpu = 1 }}"}}},
    ),
    "an attribute and a block of one name": (
        'rust_module "a" {\n  resources {\n    files {\n      read = ["b"]\n    }\n    gpu = 1\n  }\n}\n',
        {"rust_module": {"a": {"resources": {"files": {"read": ["b"]}, "gpu": 1}}}},
    ),
    "the attribute of such a name": (
        'rust_module "a" {\n  resources {\n    files = ["b"]\n  }\n}\n',
        {"rust_module": {"a": {"resources": {"files": ["b"]}}}},
    ),
    "pins": (
        'use_go_module = ["a@v1", "b@v2"]\nuse_js_module = "c@v1"\n',
        {"use_go_module": ["a@v1", "b@v2"], "use_js_module": "c@v1"},
    ),
    "texts in a directive": (
        'x = "%{ if var.y }C:\\\\new \\"\\n%{ endif }"\n',
        {"x": '%{ if var.y }C:\\new "\n%{ endif }'},
    ),
    "marks before a sequence": (
        'x = "a${"$%"}%{ if var.y }${"%"}%{ else }$%{ endif }"\n',
        {"x": 'a${"$%"}%{ if var.y }${"%"}%{ else }$%{ endif }'},
    ),
    "a heredoc in a sequence": ('x = "a ${<<E\nb\nE\n}"\n', {"x": "a ${<<E\nb\nE\n}"}),
    "a heredoc in brackets": ("x = (\n  <<E\n${y} b\nE\n)\n", {"x": "${(\n  <<E\n${y} b\nE\n)}"}),
    "line ends": ('x = "a\\r\\nb\\u0085c\\u2028d\\ufeff\\u0000"\n', {"x": "a\r\nb\x85c\u2028d\ufeff\0"}),
    "a number of YAML 1.2 alone": ('x = "1e3"\n', {"x": "1e3"}),
    "a word that YAML 1.1 takes for a boolean": ('on     = "yes"\nnorway = "no"\n', {"on": "yes", "norway": "no"}),
    "a time and a date": ('a = "12:30"\nb = "2026-01-01"\n', {"a": "12:30", "b": "2026-01-01"}),
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name: str) -> None:
    text, data = FORMS[name]
    assert to_data(parse(text)) == data
    assert from_data(from_json(to_json(to_data(parse(text))))) == text
    assert from_data(from_yaml(to_yaml(to_data(parse(text))))) == text


def test_marks_before_a_sequence_stay_text() -> None:
    text = 'x = "\\u0024${y}"\nz = "$ ${~ y}"\n'
    assert from_data(to_data(parse(text))) == 'x = "${"$"}${y}"\nz = "${"$"}${y}"\n'


class Wrong(NamedTuple):
    data: object
    message: str


WRONG = {
    "a list": Wrong([1], "at `/`: a metascript is an object, not a list"),
    "a name": Wrong({"a b": 1}, "at `/a b`: `a b` is not a name"),
    "a block": Wrong(
        {"rust_module": {"a": 1}}, "at `/rust_module/a`: a `rust_module` block is an object, not a number"
    ),
    "no label": Wrong({"rust_module": [3]}, "at `/rust_module/0`: a `rust_module` block is an object that maps labels"),
    "labels": Wrong({"x": {"$labels": "a"}}, "at `/x/$labels`: the labels of a block are a list of strings"),
    "template": Wrong({"x": ["${"]}, "at `/x/0`: "),
    "infinite": Wrong({"x": float("inf")}, "at `/x`: there is no such number"),
    "a key": Wrong({"x": {1: 2}}, "at `/x/1`: a key is text"),
    "an object of Python": Wrong({"x": b"y"}, "at `/x`: a bytes has no place"),
    "half a character": Wrong({"x": ["\ud800"]}, "at `/x/0`: U+D800 is half of a character"),
    "half a character in a key": Wrong({"x": {"\udfff": 1}}, "at `/x/\udfff`: U+DFFF is half of a character"),
    "half a character in a label": Wrong({"rust_module": {"\ud800": {}}}, "at `/rust_module/\ud800`: U+D800 is half"),
    "a slash": Wrong({"x": {"a/b": {2: 3}}}, "at `/x/a~1b/2`: a key is text"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_data_is_refused_with_its_place(name: str) -> None:
    with pytest.raises(InputError) as caught:
        from_data(WRONG[name].data)  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].message.startswith(WRONG[name].message)
    assert {found.code for found in caught.value.diagnostics} == {"T0024"}


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        from_data({"a b": 1, "x": {2: 3}, "rust_module": {"y": None}})
    assert len(caught.value.diagnostics) == 3


UNREADABLE = {
    "json": (from_json, ["{", '{"a": 1, "a": 2}', "[" * 100_000, "NaN1", '{"a": ' + "1" * 5000 + "}", "\x00"]),
    "yaml": (
        from_yaml,
        [f"a: !!{tag}" for tag in ("bool x", 'float ""', "timestamp 2024-01-01", "int x", "set {b}", "binary x")]
        + ["a: [", "a: 1\na: 2\n", "[" * 20_000, "a: &x 1\nb: *x\n", "a: !!python/object:os.x {}", "\x00"],
    ),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_unreadable_text_is_refused(kind: str) -> None:
    read, texts = UNREADABLE[kind]
    for text in texts:
        with pytest.raises(InputError):
            read(text)


def nested(levels: int) -> Json:
    data: Json = 1
    for _ in range(levels):
        data = [data]
    return data


def test_deep_data_is_refused() -> None:
    for levels in (101, 500):
        with pytest.raises(InputError, match="not a metascript"):
            from_data({"x": nested(levels)})
    deep = {"locals": {"x": nested(100)}}
    assert to_data(parse(from_data(deep))) == deep
    assert from_yaml(to_yaml(deep)) == deep
    with pytest.raises(InputError):
        to_yaml(nested(900))


def test_the_examples_of_the_code() -> None:
    check = find("T0024")
    assert check is not None
    with pytest.raises(InputError) as caught:
        from_data(from_json(check.wrong))
    assert [found.code for found in caught.value.diagnostics] == ["T0024"]
    assert not parse(from_data(from_json(check.right))).diagnostics
