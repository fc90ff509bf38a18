"""The stored forms: every schema is one, holds what it must and refuses what it must, and actions as text."""

import json
from contextlib import suppress

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tars.core.errors import CorruptError, TarsError, UsageError
from tars.rust.mending.actions import Action, ActionError, Value, action_from, parse_action, print_action
from tars.rust.patches.patch import bind
from tars.rust.schemas import NAMES, checked, faults, read, schema
from tars.rust.values import Change, Place

WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.text(max_size=40), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text(alphabet='\\"nrtu{}e9\n\x7f ')
)
ACTIONS = st.builds(
    Action,
    WORDS,
    st.dictionaries(WORDS.filter(lambda word: word not in ("v", "tool")), VALUES, max_size=6).map(
        lambda found: tuple(found.items())
    ),
)


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one_and_refuses_what_it_does_not_name(name: str) -> None:
    found = schema(name)
    jsonschema_rs.meta.validate(found)
    assert found["$id"] == f"tars:rust/{name}/1"
    assert found["title"]
    assert found["additionalProperties"] is False
    assert faults(name, {})
    assert faults(name, [])
    with pytest.raises(CorruptError, match="is not JSON"):
        read(name, b"{", "object 1")
    with pytest.raises(CorruptError, match="object 1 is no"):
        read(name, b"{}", "object 1")


def test_an_unknown_schema_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        schema("pach")
    assert caught.value.hint == "did you mean `patch`?"


def test_a_patch_is_of_its_schema() -> None:
    patch = bind({"a.rs": b"\xff x"}, [Change(Place("a.rs", 0, 2), "y")])
    body = {"id": patch.id, "root": "", "reasons": [], "proof": {"builds": True}, **patch.to_json()}
    assert checked("patch", body) is body
    for wrong in ({"id": "abc"}, {"root": 1}, {"extra": 1}, {"files": [{}]}, {"proof": {"builds": "yes"}}):
        with pytest.raises(TarsError, match="no patch"):
            checked("patch", {**body, **wrong})


def test_the_text_of_an_action() -> None:
    action = Action("cargo_check", (("path", "src/lib.rs"), ("line", 12), ("tests", True), ("text", 'a "\\\n\x00é')))
    text = '::act v=1 tool=cargo_check path="src/lib.rs" line=12 tests=true text="a \\"\\\\\\n\\u{0}é"'
    assert print_action(action) == text
    assert parse_action(text) == action


@given(ACTIONS)
def test_an_action_survives_its_text_and_its_json(action: Action) -> None:
    text = print_action(action)
    assert "\n" not in text
    assert parse_action(text) == action
    body = action.to_json()
    assert not faults("action", body)
    assert action_from(json.loads(json.dumps(body))) == action


@settings(max_examples=200)
@given(ACTIONS, st.data())
def test_whatever_is_read_is_written_the_same(action: Action, data: st.DataObject) -> None:
    """Texts near to an action's: cut, doubled or changed anywhere. What is accepted is exactly what is printed."""
    text = print_action(action)
    at = data.draw(st.integers(0, len(text)))
    piece = data.draw(
        st.one_of(st.sampled_from([" ", '"', "\\", "=", "0", "-", "u{41}", "\n", "true", " a=1"]), st.text())
    )
    wild = text[:at] + piece + text[at + data.draw(st.integers(0, 3)) :]
    with suppress(ActionError):
        assert print_action(parse_action(wild)) == wild


@given(st.text())
def test_any_text_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(ActionError) as caught:
        parse_action(text)
    assert 0 <= caught.value.at <= len(text)


WRONG = [
    ("", 0),
    ("::act v=2 tool=x", 8),
    ("::act v=1 tool=X", 15),
    ("::act v=1 tool=x ", 17),
    ("::act v=1 tool=x  a=1", 17),
    ("::act v=1 tool=x a=1 a=2", 21),
    ("::act v=1 tool=x tool=1", 17),
    ("::act v=1 tool=x a=01", 20),
    ("::act v=1 tool=x a=-0", 19),
    ("::act v=1 tool=x a=9223372036854775808", 19),
    ("::act v=1 tool=x a=1.5", 20),
    ('::act v=1 tool=x a="b', 21),
    ('::act v=1 tool=x a="\\u{41}"', 20),
    ('::act v=1 tool=x a="\\x41"', 20),
    ('::act v=1 tool=x a="\t"', 20),
    ("::act v=1 tool=x a", 18),
    ("::act v=1 tool=x\n", 16),
]


@pytest.mark.parametrize(("text", "at"), WRONG)
def test_what_is_wrong_with_an_action(text: str, at: int) -> None:
    with pytest.raises(ActionError) as caught:
        parse_action(text)
    assert caught.value.at == at


@pytest.mark.parametrize(
    "action",
    [
        Action("Bad"),
        Action("x", (("a", 1), ("a", 2))),
        Action("x", (("v", 1),)),
        Action("x", (("a", 2**63),)),
        Action("x", tuple((f"a{number}", 1) for number in range(33))),
        Action("x", (("a", "b" * 65_537),)),
    ],
)
def test_an_action_that_has_no_text(action: Action) -> None:
    with pytest.raises(ActionError):
        print_action(action)
