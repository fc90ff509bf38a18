"""Answers as models really write them: each is read as what was meant, or refused with its place; none is guessed."""

import json
import random
import re
import string
from collections.abc import Callable

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tars.core.values import Json
from tars.infer.errors import AnswerError
from tars.infer.lenient import MENDS_MAX, Lenient
from tars.infer.structured import fit, read_answer

SCHEMA = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "sure": {"type": "boolean"},
        "count": {"type": "integer"},
        "edits": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "minLength": 1},
                    "old_text": {"type": "string"},
                    "new_text": {"type": "string"},
                },
                "required": ["path", "old_text", "new_text"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["reason", "edits"],
    "additionalProperties": False,
}
PLACE = re.compile(r"line \d+, column \d+(, /.*)?", re.DOTALL)
CODE = ["let x = &y;", 'println!("{}", a);', "a\n  b\n", "é🙂\t", "if a { b } else { c }", "'a'", "\\d+", "// c", ""]
Change = Callable[[str, random.Random], str]


def an_answer(chance: random.Random) -> dict[str, Json]:
    edits: list[Json] = [
        {"path": f"src/{chance.randint(0, 9)}.rs", "old_text": chance.choice(CODE), "new_text": chance.choice(CODE)}
        for _ in range(chance.randint(0, 3))
    ]
    answer: dict[str, Json] = {"reason": chance.choice(["because", "x" * 50, 'say "no"', "it's so"]), "edits": edits}
    if chance.random() < 0.5:
        answer["sure"] = chance.random() < 0.5
    if chance.random() < 0.5:
        answer["count"] = chance.randint(-5, 10**6)
    return answer


def camel(text: str, chance: random.Random) -> str:
    return text.replace("old_text", "oldText").replace("new_text", chance.choice(["NewText", "new-text", "new text"]))


def outside_strings(text: str, change: Callable[[str], str]) -> str:
    """Changes what stands between the strings of the JSON text."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text)
    return "".join(part if number % 2 else change(part) for number, part in enumerate(parts))


def with_commas(part: str) -> str:
    return re.sub(r"([}\]])", r",\1", part).replace("[,]", "[]").replace("{,}", "{}")


def with_comments(part: str) -> str:
    return part.replace("{", "{ // it's so\n").replace("]", "/* } */]")


def as_in_python(part: str) -> str:
    return part.replace("true", "True").replace("false", "False")


MEANT: dict[str, Change] = {
    "as it is": lambda text, chance: text,
    "fenced": lambda text, chance: f"Sure!\n```{chance.choice(['json', 'JSON', '', 'javascript'])}\n{text}\n```\nDone.",
    "fence left open": lambda text, chance: f"```json\n{text}",
    "thought": lambda text, chance: f"<think>maybe {{}} or [1] or {text[: len(text) // 2]}</think>\n{text}",
    "thought closed only": lambda text, chance: f"first {{'a': 1}} then</think>{text}",
    "prose around": lambda text, chance: f"Here {{it}} is, as asked:\n{text}\nI hope [this] helps {{you}}.",
    "trailing commas": lambda text, chance: outside_strings(text, with_commas),
    "comments": lambda text, chance: outside_strings(text, with_comments),
    "keys without quotes": lambda text, chance: re.sub(r'"(reason|edits|path|sure|count)":', r"\1:", text),
    "Python's words": lambda text, chance: outside_strings(text, as_in_python),
    "camel case": camel,
    "misspelt": lambda text, chance: text.replace('"reason":', '"reasn":').replace('"edits":', '"edit":'),
    "real line breaks": lambda text, chance: text.replace("\\n", "\n").replace("\\t", "\t"),
    "more keys": lambda text, chance: text.replace('{"reason"', '{"thoughts": {"a": [1]}, "reason"', 1),
    "a call of a tool": lambda text, chance: json.dumps({"name": "answer", "arguments": json.loads(text)}),
    "a call in a string": lambda text, chance: json.dumps({"tool": "x", "arguments": text}),
    "twice": lambda text, chance: f"{text}\n{text}",
    "a mark and blanks": lambda text, chance: f"\ufeff \u200b\n{text}\n\n",
    "indented": lambda text, chance: json.dumps(json.loads(text), indent=chance.randint(0, 4), ensure_ascii=False),
    "a bracket forgotten": lambda text, chance: text[:-1],
    "a comma forgotten": lambda text, chance: outside_strings(text, lambda part: part.replace("}, {", "} {")),
    "numbers in quotes": lambda text, chance: re.sub(r'"count": (-?\d+)', r'"count": "\1"', text),
    "truth in quotes": lambda text, chance: re.sub(r'"sure": (true|false)', r'"sure": "\1"', text),
    "a fraction": lambda text, chance: re.sub(r'"count": (-?\d+)', r'"count": \1.0', text),
    "windows": lambda text, chance: json.dumps(json.loads(text), indent=1).replace("\n", "\r\n"),
}  # fmt: skip
"""Ways of writing that do not change what is meant: the value must come out equal."""


def bits(text: str, chance: random.Random) -> str:
    letters = list(text)
    for _ in range(chance.randint(1, 12)):
        letters[chance.randrange(len(letters))] = chance.choice("{}[]\",:\\'`\n\x00" + string.ascii_letters)
    return "".join(letters)


def dropped(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text))
    return text[:start] + text[start + chance.randint(1, 20) :]


BROKEN: dict[str, Change] = {
    "cut": lambda text, chance: text[: chance.randrange(len(text) - 1)],
    "bits": bits,
    "dropped": dropped,
    "a required key missing": lambda text, chance: text.replace('"reason"', '"cause_of_it"'),
    "a wrong type": lambda text, chance: text.replace('"edits": [', '"edits": 7, "other": ['),
    "no number": lambda text, chance: text.replace('"edits"', '"count": NaN, "edits"'),
    "deep": lambda text, chance: "[" * chance.randint(50, 5000) + text,
    "deep and closed": lambda text, chance: "[" * (deep := chance.randint(60, 3000)) + "]" * deep,
    "deep within": lambda text, chance: text.replace('"because"', "[" * (deep := chance.randint(60, 900)) + "]" * deep),
    "brackets only": lambda text, chance: chance.choice(["{", "[", "{[", '{"', '{"a":', "}"]) * chance.randint(1, 3000),
    "prose": lambda text, chance: chance.choice(["", " ", "\n\n", "I cannot.", "```json\n```", "<think>", "null"]),
    "a page": lambda text, chance: "<html><body onload='{a}'>" + text.replace('"', "&quot;"),
    "many thoughts": lambda text, chance: "<think>" * chance.randint(100, 20000),
    "a long number": lambda text, chance: text.replace('"edits"', f'"count": {"9" * chance.randint(9, 5000)}, "edits"'),
    "the schema itself": lambda text, chance: json.dumps(SCHEMA),
    "quotes within": lambda text, chance: text.replace("\\\"", "\"").replace("because", 'be"cause'),
    "two halves": lambda text, chance: text[: len(text) // 2] + "\n...\n" + text[len(text) // 2 + 3 :],
    "noise": lambda text, chance: "".join(chr(chance.randrange(1, 0x2FFF)) for _ in range(chance.randint(1, 400))),
    "backslashes": lambda text, chance: '{"reason": "' + "\\" * chance.randint(1, 999),
}  # fmt: skip
"""Ways of writing that break it: what comes out must fit the schema, or be refused with its place."""


def is_judged(text: str) -> bool:
    """Whether the answer is read as what fits the schema, or refused with a place in it and a reason."""
    try:
        return jsonschema_rs.is_valid(SCHEMA, read_answer(text, SCHEMA).value)
    except AnswerError as error:
        line = int(re.findall(r"\d+", error.place)[0]) if PLACE.fullmatch(error.place) else 0
        return 1 <= line <= text.count("\n") + 1 and bool(error.reason)


@pytest.mark.parametrize("name", MEANT)
def test_what_is_only_written_otherwise_is_read_as_it_is_meant(name: str) -> None:
    """Twenty answers, by seed, each way."""
    for seed in range(20):
        chance = random.Random(f"{name}{seed}")
        meant = an_answer(chance)
        text = MEANT[name](json.dumps(meant), chance)
        found = read_answer(text, SCHEMA)
        assert found.value == meant, f"seed {seed}: {text!r}"


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_mended_or_refused_with_its_place(name: str) -> None:
    """Forty answers, by seed, each way; nothing else than `AnswerError` is ever raised."""
    for seed in range(40):
        chance = random.Random(f"{name}{seed}")
        text = BROKEN[name](json.dumps(an_answer(chance)), chance)
        assert is_judged(text), f"seed {seed}: {text!r}"


def test_at_least_five_hundred_malformed_answers_were_tried() -> None:
    assert len(BROKEN) * 40 >= 500
    assert len(MEANT) * 20 >= 500


def test_a_cut_answer_is_never_taken_for_a_whole_one() -> None:
    """Whatever the place, what is cut off within a text or before a value is refused, not closed."""
    meant = {"reason": "r", "edits": [{"path": "a", "old_text": "one", "new_text": "two"}]}
    text = json.dumps(meant)
    for end in range(1, len(text)):
        try:
            found = read_answer(text[:end], SCHEMA)
        except AnswerError:
            continue
        assert found.value == meant, text[:end]
        assert text[end:].strip("}] ") == "", "only closing brackets may be missing"


@given(st.text(max_size=200))
def test_no_text_at_all_breaks_it(text: str) -> None:
    assert is_judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "```json\n{\n" * 20_000, "</think>" * 20_000, '{"reason": "' + "\\q" * 100_000, "{/*" * 70_000,
        "[{" * 100_000, "{" + ",".join(f"k{n}:1,k{n}:1" for n in range(10_000)) + "}",
    ],
    ids=["fences", "thoughts", "escapes", "comments", "brackets", "keys twice"],
)  # fmt: skip
def test_a_long_answer_of_garbage_is_judged(text: str) -> None:
    assert is_judged(text)


def test_of_garbage_not_every_mend_is_kept() -> None:
    """Each kept mend is compared with each new one."""
    reader = Lenient("[" + ",".join(f"0{number}" for number in range(1000)) + "]")
    assert len(str(reader.value())) > 1000
    assert len(reader.mends) == MENDS_MAX


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "line 1, column 1", "the answer is empty"),
        ("No.", "line 1, column 1", "there is no JSON in the answer"),
        ('{"reason": "r",\n "edits": [{"path": "a",\n "old_text": 3}]}', "line 1, column 1, /edits/0", "required"),
        ('{"reason": "r",\n "edits": [1]}', "line 1, column 1, /edits/0", "object"),
        ('Well:\n{"reason": "never ends', "line 2, column 12", "a string that never ends"),
        ('{"reason": }', "line 1, column 12", "a value is missing"),
        ("[" * 200, "line 1, column 66", "levels deep"),
        ('{"reason" "r"}', "line 1, column 11", "no `:` after the key"),
        ("x" * 2_000_001, "line 1, column 1", "2000001 characters"),
    ],
)  # fmt: skip
def test_a_refusal_says_where_and_why(text: str, place: str, reason: str) -> None:
    with pytest.raises(AnswerError) as caught:
        read_answer(text, SCHEMA)
    assert (caught.value.place, reason in caught.value.reason) == (place, True), caught.value.message


def test_what_was_mended_is_told() -> None:
    found = read_answer("{reason: 'r', Edits: [],} // so", SCHEMA)
    assert found.value == {"reason": "r", "edits": []}
    assert found.mends == ("a key without quotes", "' for quotes", "a comma before a bracket", "`Edits` for `edits`")
    assert read_answer('{"reason": "r", "edits": []}', SCHEMA).mends == ()


def test_a_key_that_could_mean_two_is_left_alone() -> None:
    schema = {"type": "object", "properties": {"start_a": {"type": "string"}, "start_b": {"type": "string"}}}
    assert fit({"start_c": "x"}, schema) == ({"start_c": "x"}, ())
    assert fit({"startA": "x"}, schema) == ({"start_a": "x"}, ("`startA` for `start_a`",))


@pytest.mark.parametrize(
    "text", ['"\\ud83d\\ude00"', '"\\ud83d"', '"\\q"', "'it\\'s'", '"""a "b" c"""', "`a\nb`", "“x”"]
)
def test_strings_are_read_whatever_their_quotes(text: str) -> None:
    wanted = {
        '"\\ud83d\\ude00"': "😀", '"\\ud83d"': "\ufffd", '"\\q"': "\\q", "'it\\'s'": "it's", '"""a "b" c"""': 'a "b" c',
        "`a\nb`": "a\nb", "“x”": "x",
    }  # fmt: skip
    assert read_answer(f'{{"reason": {text}, "edits": []}}', SCHEMA).value == {"reason": wanted[text], "edits": []}
