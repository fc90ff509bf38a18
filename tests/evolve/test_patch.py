"""The one patch language: what is read, what is dropped, what is refused, and what it does to a source."""

import json
import random

import pytest

from tars.evolve.errors import PatchError
from tars.evolve.patch import OPERATIONS, digest_of, op, read_patch
from tars.evolve.rule import Change, findings_of
from tars.evolve.sources.source import apply_to_source, declared_in, skeleton

from .conftest import TARGET


def codes(before: str, after: str, language: str = "python") -> list[str]:
    return [one.code for one in findings_of(Change(language, before, after, "find"))]


def test_a_patch_has_one_canonical_form_and_unknown_keys_are_dropped_and_told() -> None:
    first, dropped = read_patch([{"value": 2.0, "op": "set", "parameter": "PLACE", "why": "I like it"}])
    second, none = read_patch({"ops": [{"op": "set", "param": "PLACE", "value": 2.0}]})
    assert first.canonical == second.canonical == '[{"op":"set","parameter":"PLACE","value":2.0}]'
    assert dropped == ("operation 1: `set` has no field `why`; it was dropped",)
    assert not none


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "at least one operation"), ([{"op": "set"}], "lacks `parameter`"),
        ([{"op": "sett"}], "no operation `sett`"),
        ([{"op": "set", "parameter": "P", "value": float("nan")}], "finite"), ([3], "names no `op`"),
        ([{"op": "set", "parameter": 5, "value": 1}], "not a text"), ({"ops": None}, "at least one operation"),
        ([{"op": "fill", "slot": "S", "value": "x\0"}] * 40, "at most 32"),
        ([{"op": "replace", "region": "r", "base": "b", "text": "x" * 200_000}], "characters"),
        ([{"op": "replace", "region": "r", "base": "b", "text": "\ud800"}], "not text"),
    ],
)  # fmt: skip
def test_what_is_no_patch_is_refused_with_its_place(value: object, said: str) -> None:
    with pytest.raises(PatchError, match=said):
        read_patch(value)


def test_five_hundred_damaged_patches_are_read_or_refused() -> None:
    draw = random.Random(5)
    good = json.dumps(
        [{"op": "set", "parameter": "PLACE", "value": 2.0}, {"op": "swap", "parameter": "KIND", "choice": "high"}]
    )
    read = refused = 0
    for _ in range(500):
        text = list(good)
        for _ in range(draw.randint(1, 4)):
            text[draw.randrange(len(text))] = draw.choice('[]{}",:0x9e\\ null')
        try:
            patch, _ = read_patch(json.loads("".join(text)))
            apply_to_source(TARGET, patch)
            read += 1
        except (ValueError, PatchError):
            refused += 1
    assert read + refused == 500
    assert refused > 300


def test_operations_do_what_they_say() -> None:
    region = declared_in(TARGET).regions["region1"]
    patch, _ = read_patch([
        {"op": "set", "parameter": "PLACE", "value": 2.5}, {"op": "swap", "parameter": "KIND", "choice": "high"},
        {"op": "fill", "slot": "START", "value": [1, None]},
        {"op": "replace", "region": "region1", "base": digest_of(region.text), "text": "def shifted(place):\n    return 7\n"},  # noqa: E501
    ])  # fmt: skip
    after = apply_to_source(TARGET, patch)
    names: dict[str, object] = {}
    exec(after, names)
    assert (names["PLACE"], names["KIND"], names["START"]) == (2.5, "high", [1, None])
    assert names["shifted"](1) == 7  # type: ignore[operator]
    assert skeleton(after) == skeleton(TARGET)
    assert not codes(TARGET, after)


@pytest.mark.parametrize(
    "made",
    [
        op("set", parameter="PLACE", value=11), op("set", parameter="PLASE", value=1), op("set", parameter="PLACE", value="1"),  # noqa: E501
        op("swap", parameter="KIND", choice="middle"), op("fill", slot="PLACE", value=1),
        op("replace", region="region1", base="0" * 64, text="x"),
        op("replace", region="region1", base=digest_of(declared_in(TARGET).regions["region1"].text), text="# tars: end\nX = 1"),  # noqa: E501
        op("delete-node", node="python_module.x"),
    ],
    ids=lambda made: f"{made.kind}-{len(str(made.arguments))}",
)  # fmt: skip
def test_what_leaves_a_declaration_is_refused(made: object) -> None:
    with pytest.raises(PatchError):
        apply_to_source(TARGET, read_patch([made.to_json()])[0])  # type: ignore[attr-defined]


def test_the_change_of_nothing_passes_and_the_forbidden_field_fails() -> None:
    assert codes(TARGET, TARGET) == []
    assert "E0101" in codes(TARGET, TARGET.replace('"place": shifted', '"plaze": shifted'))


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (TARGET.replace("place + 0", "place +"), "E0102"),
        (TARGET.replace("place + 0", "place + 0" + " + 0" * 9000), "E0103"),
        (TARGET.replace("    return place + 0", "    import socket\n    return place"), "E0105"),
        (TARGET.replace("place + 0", "place.__class__"), "E0105"),
        (TARGET.replace("def find(case)", "def find(case, more)"), "E0104"),
    ],
)
def test_each_rule_of_sources_catches_what_it_forbids(after: str, code: str) -> None:
    assert code in codes(TARGET, after)


def test_declarations_that_are_wrong_are_told_with_their_place() -> None:
    wrong = "A = 5  # tars: 1 .. 3\nB = x  # tars: 1 .. 3\nA = 2  # tars: 1 .. 3\n# tars: evolve\nC = 1\n"
    faults = declared_in(wrong).faults
    assert [one.code for one in faults] == ["E0001", "E0001", "E0002"]
    assert all(one.span is not None for one in faults)
    assert not declared_in(TARGET).faults


def test_other_languages_declare_alike() -> None:
    text = "const STEP = 2; // tars: 1 .. 9\n// EVOLVE-BLOCK-START\nlet x = 1;\n// EVOLVE-BLOCK-END\n"
    declared = declared_in(text)
    assert declared.parameters["STEP"].whole
    assert list(declared.regions) == ["region1"]
    assert "const STEP = 7;" in apply_to_source(text, read_patch([{"op": "set", "parameter": "STEP", "value": 7}])[0])


def test_every_operation_is_described() -> None:
    assert all(field.doc for fields in OPERATIONS.values() for field in fields.values())
