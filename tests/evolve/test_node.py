"""Candidates in JavaScript and TypeScript: run in a fresh cell, called, and held like those in Python."""

import shutil
from pathlib import Path

import pytest

from tars.evolve.jail import cells
from tars.evolve.jail.cells import Fresh, Room
from tars.evolve.jail.values import Answered, Job
from tars.evolve.judging.user_rules import UserRules
from tars.runner.building.tools import detect
from tars.runner.toolchains._tools import ESBUILD

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node runs the candidates")
JAVASCRIPT = "export const twice = (n) => n * 2;\nexport default async function half(n) { return n / 2; }\n"
TYPESCRIPT = (
    "interface Pair { a: number; b: number }\nexport function sum(pair: Pair): number { return pair.a + pair.b; }\n"
)


def answered(
    folder: Path, language: str, source: str, entry: str, *calls: list[object], seconds: float = 10
) -> Answered:
    return Fresh(Room(language), folder).run(Job(source, entry, calls, seconds_max=seconds))


def test_functions_of_javascript_are_called(tmp_path: Path) -> None:
    assert answered(tmp_path, "javascript", JAVASCRIPT, "twice", [1], [21]).answers == (2, 42)
    assert answered(tmp_path, "javascript", JAVASCRIPT, "half", [1]).answers == (0.5,)
    missing = answered(tmp_path, "javascript", "export const a = 1;\n", "twice", [1])
    assert (missing.fault, missing.text) == ("error", "Error: there is no exported function `twice`")


def test_typescript_loses_its_types_first(tmp_path: Path) -> None:
    if detect(ESBUILD, tmp_path) is None:
        pytest.skip("esbuild takes the types out")
    assert answered(tmp_path, "typescript", TYPESCRIPT, "sum", [{"a": 1, "b": 2}]).answers == (3,)
    broken = answered(tmp_path, "typescript", "export function sum(: number {", "sum", [1])
    assert broken.fault == "error"
    assert "<stdin>:1:20" in broken.text


def test_rules_of_the_user_may_be_in_any_language_of_candidates(tmp_path: Path) -> None:
    stays = "export const check = (before, after) => (after === before ? [] : ['it stays']);\n"
    (tmp_path / "kind.mjs").write_text(stays)
    (tmp_path / "short.py").write_text("def check(before, after):\n    return ['too long'] if len(after) > 3 else []\n")
    rules = UserRules((tmp_path / "kind.mjs", tmp_path / "short.py"), tmp_path / "jails")
    try:
        assert [one.message for one in rules.findings("a", "abcd")] == ["it stays", "too long"]
        assert not rules.findings("a", "a")
    finally:
        rules.close()


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("process.exit(3); export const f = () => 1;", "exit"),
        ("for (;;) {} export const f = () => 1;", "timeout"),
        ("import { writeFileSync } from 'node:fs'; writeFileSync('/etc/tars', ''); export const f = () => 1;", "error"),
        ("console.log('{\"id\": 1, \"answers\": [9], \"seconds\": 0}'); export const f = () => 1;", ""),
    ],
)  # fmt: skip
def test_hostile_javascript_is_held(tmp_path: Path, source: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What prints an answer itself changes its own answer at most, and never the score."""
    monkeypatch.setattr(cells, "START_SECONDS", 2.0)
    found = answered(tmp_path, "javascript", source, "f", [], seconds=1)
    assert found.fault == fault
    assert found.answers in ((), (1,))
