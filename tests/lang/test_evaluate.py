"""Expressions have the values that the HCL specification gives them, and findings where they have none."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tars.core.values import Diagnostic
from tars.lang.meaning.context import WORK_MAX, Context, World
from tars.lang.meaning.evaluate import evaluate
from tars.lang.meaning.places import Places
from tars.lang.meaning.primitives import BAD, Value, to_number, to_text
from tars.lang.syntax.parse import parse_expression

NAMES = {"n": 5, "s": "text", "l": ("a", "b"), "o": {"b": 2, "a": 1}, "none": None, "people": ({"n": "x"}, {"n": "y"})}


def value(text: str, work: int = WORK_MAX, **names: Value) -> tuple[Value, list[Diagnostic]]:
    node, findings = parse_expression(text)
    assert not findings, findings
    found: list[Diagnostic] = []

    def resolve(root: object, steps: object, context: Context) -> tuple[Value, int]:
        raise AssertionError(f"{root} is not a name of the test")

    world = World(Places(Path("/nowhere")), {})
    world.work = work
    context = Context("<text>", "", world, resolve, found)  # type: ignore[arg-type]
    context.names = {**NAMES, **names}
    return evaluate(node, context), found


VALUES = {
    "1 + 2 * 3": 7,
    "(1 + 2) * 3": 9,
    "7 / 2": 3.5,
    "6 / 2": 3,
    "-7 % 3": -1,
    "7 % -3": 1,
    "-(2)": -2,
    '"3" + 4': 7,
    "1.5 * 2": 3,
    "1 == 1.0": True,
    '1 == "1"': False,
    "true == 1": False,
    '[1, "a"] == [1, "a"]': True,
    "[true] == [1]": False,
    "{ a = 1 } == { a = 1 }": True,
    "null == null": True,
    '"10" > 9': True,
    "true && !false": True,
    'false || "true"': True,
    "false && none.x": False,
    "n > 3 ? 1 : 2": 1,
    'n > 3 ? 1 : "b"': "1",
    "none.x == 1 ? 1 : 2": BAD,
    "[1, [2], { a = 3 }]": (1, (2,), {"a": 3}),
    '{ a = 1, (s) = 2, "k${n}" = 3 }': {"a": 1, "text": 2, "k5": 3},
    "{ a = 1, a = 2 }": {"a": 2},
    "l[1]": "b",
    'l["1"]': "b",
    "o.a": 1,
    'o["a"]': 1,
    "l.1": "b",
    "people[*].n": ("x", "y"),
    "people.*.n": ("x", "y"),
    "none[*].n": (),
    "o[*].a": (1,),
    "[for x in l : upper(x)]": ("A", "B"),
    "[for i, x in l : i]": (0, 1),
    "[for k, v in o : k]": ("a", "b"),
    "{ for k, v in o : v => k }": {"1": "a", "2": "b"},
    "[for x in [1, 2, 3] : x if x > 1]": (2, 3),
    '{ for x in [1, 2, 3] : x > 1 ? "big" : "small" => x... }': {"small": (1,), "big": (2, 3)},
    "[for x in [1, 2] : [for y in [10] : x * y]]": ((10,), (20,)),
    '"a${n}b"': "a5b",
    '"${l}"': ("a", "b"),
    '"${1.50}!"': "1.5!",
    '"${true}!"': "true!",
    '"$${n}"': "${n}",
    '"%{ if n > 3 }big%{ else }small%{ endif }"': "big",
    '"%{ for x in l }<${x}>%{ endfor }"': "<a><b>",
    '"%{ for k, v in o }${k}=${v};%{ endfor }"': "a=1;b=2;",
    "max([1, 3]...)": 3,
    'try(l[9], "none")': "none",
    "can(l[9])": False,
    "can(l[0])": True,
    "1e3": 1000,
    "1e23 == 100000000000000000000000": True,
    "9007199254740993 + 1": 9007199254740994,
    "10000000000000000000000 * 3": 30000000000000000000000,
}


@pytest.mark.parametrize("text", VALUES)
def test_values(text: str) -> None:
    got, found = value(text)
    expected = VALUES[text]
    assert got == expected
    assert isinstance(got, bool) == isinstance(expected, bool)
    assert bool(found) == (expected is BAD)


FINDINGS = {
    '"a" + 1': ("T0048", '"a" + 1'),
    "1 / 0": ("T0048", "1 / 0"),
    "l[2]": ("T0048", "2"),
    "l[-1]": ("T0048", "-1"),
    "l[0.5]": ("T0048", "0.5"),
    "o.c": ("T0048", "c"),
    'o["c"]': ("T0048", '"c"'),
    "none.x": ("T0048", "x"),
    "s.x": ("T0048", "x"),
    '"${none}!"': ("T0048", "none"),
    '"${l}!"': ("T0048", "l"),
    "n ? 1 : 2": ("T0048", "n"),
    "true ? [1] : 2": ("T0048", "true ? [1] : 2"),
    "!5": ("T0048", "5"),
    "[for x in n : x]": ("T0048", "n"),
    "[for x in none : x]": ("T0048", "none"),
    "{ for x in [1, 1] : x => x }": ("T0048", "x"),
    "{ (none) = 1 }": ("T0048", "(none)"),
    "nosuch(1)": ("T0046", "nosuch"),
    "timestamp()": ("T0046", "timestamp"),
    "upper()": ("T0047", "upper()"),
    "upper(l)": ("T0048", "l"),
    "max(n...)": ("T0048", "n"),
    "try(l[7], l[8])": ("T0048", "try(l[7], l[8])"),
    "try(nosuch(1), 2)": ("T0046", "nosuch"),
    "true ? 1 : nosuch(1)": ("T0046", "nosuch"),
    "pow(10, 400)": ("T0049", "pow(10, 400)"),
    "range(10000000)": ("T0049", "range(10000000)"),
}


@pytest.mark.parametrize("text", FINDINGS)
def test_findings(text: str) -> None:
    got, found = value(text)
    assert [(one.code, text[one.span.start : one.span.end]) for one in found if one.span] == [FINDINGS[text]]
    assert all(one.hint for one in found)
    assert got is BAD or got == 1


def test_every_finding_of_an_expression_is_told_once() -> None:
    _, found = value('[1 / 0, l[9], "${none}x", [for x in range(1000) : x / 0]]')
    assert len(found) == 4


BOMBS = {
    "ranges": "[for a in range(90000) : [for b in range(90000) : b]]",
    "strings": '[for a in range(99999) : format("%1000d", a)]',
    "replacing": 'replace(join("", [for a in range(90000) : "aaaaaaaaaaaaaaaaaaaa"]), "a", format("%1000d", 1))',
    "products": "setproduct(range(9999), range(9999), range(9999))",
    "patterns": 'regex("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")',
    "large patterns": 'regex("((a{100}){100}){100}", "a")',
    "powers": "pow(pow(10, 300), pow(10, 300))",
    "long chains": " + ".join(["1"] * 150) + ' + "x"',
    "numbers": 'parseint(format("%0999d", 1), 10) + pow(2, 1.0e3)' + " * 1.0e300" * 9,
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_expression_hangs_or_eats_the_memory(name: str) -> None:
    started = time.perf_counter()
    got, found = value(BOMBS[name])
    assert got is BAD
    assert found
    assert time.perf_counter() - started < 20


READ_AGAIN = {
    "a list": "contains(r, -1)",
    "numbers": "sum(r)",
    "lists that are equal": "r == q",
    "objects that are equal": "{ a = r } == { a = q }",
    "strings that are equal": "s == t",
    "a nested list": "length(distinct([r]))",
    "a string": "sha256(s)",
    "a part of a string": 'strcontains(s, "b")',
    "data that are not valid": "can(csvdecode(c))",
    "YAML": 'yamldecode("a: 1")',
    "folders": 'fileset(".", "x")',
    "a missing key": "can(o.x)",
    "a missing name": "can(o[s])",
    "a long expression": "+".join(["1"] * 100),
}


@pytest.mark.parametrize("name", READ_AGAIN)
def test_what_is_only_read_costs_work_too(name: str) -> None:
    names: dict[str, Value] = {
        "r": tuple(range(900)),
        "q": tuple(range(900)),
        "s": "a" * 9000,
        "t": "".join(["a"] * 9000),
        "c": "a,b\n" * 999 + "c",
        "o": {f"k{place}": place for place in range(50)},
    }
    got, found = value(f"[for i in range(800) : {READ_AGAIN[name]}]", work=6_000, **names)
    assert got is BAD
    assert [one.code for one in found] == ["T0049"]


def test_what_takes_no_time_costs_none() -> None:
    names: dict[str, Value] = {"r": tuple(range(9000)), "o": {f"k{place}": place for place in range(9000)}}
    brief = 'length(r) + element(r, i) + lookup(o, "k${i}", 0) + slice(r, i, i + 1)[0] + r[i] + o["k${i}"]'
    got, found = value(f"[for i in range(800) : {brief}]", work=20_000, **names)
    assert not found
    assert got[1] == 9005


def test_repeating_nothing_ends() -> None:
    assert value('regex("(?:(?:){4999}){4999}", "a")') == ("", [])


def test_sharing_cannot_multiply_data() -> None:
    doubled: Value = ("x",)
    for _ in range(20):
        got, found = value("[d, d]", d=doubled)
        if got is BAD:
            break
        doubled = got
    for _ in range(30):
        doubled = (doubled, doubled)
    started = time.perf_counter()
    got, found = value("flatten(d)", d=doubled)
    assert got is BAD
    assert found[0].code == "T0049"
    assert time.perf_counter() - started < 20


def test_nesting_is_limited_and_told() -> None:
    got, found = value("[" * 100 + "1" + "]" * 100)
    assert got is not BAD
    assert not found
    deep = "x[0]"
    for _ in range(40):
        deep = f"[for x in [1] : {deep}]"
    got, found = value(deep)
    assert got is BAD
    assert [one.code for one in found] == ["T0048"]


numbers = st.integers(-(10**30), 10**30) | st.floats(-1e15, 1e15).filter(lambda x: abs(x) > 1e-5 or x == 0)


@given(numbers)
def test_numbers_survive_text(given_number: float) -> None:
    assert to_number(to_text(given_number)) == given_number


@given(st.integers(-1000, 1000), st.integers(-1000, 1000).filter(bool))
def test_division_and_remainder_agree(a: int, b: int) -> None:
    assert value(f"{a} % {b}".replace("--", "- -"))[0] == a - b * int(a / b)


@given(st.lists(st.integers(0, 99), max_size=8))
def test_for_is_a_comprehension(items: list[int]) -> None:
    assert value("[for i, x in xs : x + i if x > 50]", xs=tuple(items))[0] == tuple(
        x + i for i, x in enumerate(items) if x > 50
    )
