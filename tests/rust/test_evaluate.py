"""The evaluation: the engineer and its baselines on small cases, what is kept of it, and its figures."""

import json
import subprocess
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.errors import TarsError, UsageError
from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.toolchain import find_toolchain
from tars.rust.evaluation.baselines import every_suggestion, machine_applicable
from tars.rust.evaluation.cases import ROOT, Case
from tars.rust.evaluation.evaluate import evaluate
from tars.rust.evaluation.figures import calibration, calibration_by, figures_by, figures_of, report, table
from tars.rust.evaluation.judging import CARGO_FIX, FIXERS, GREEDY, TARS, Judged, Result, Settings, judge
from tars.rust.syntax.same_tokens import same_tokens, token_list

from .crates import write_crate

UNMUTABLE = b"pub fn two() -> u8 {\n    let one = 1;\n    one += 1;\n    one\n}\n"
UNKNOWN = b"pub fn size(text: &str) -> usize {\n    txet.len()\n}\n"
ARM = b"""pub fn price(seats: Option<u32>) -> u32 {
    match seats {
        Some(seats) => seats * 10,
    }
}
"""
HOPELESS = b"pub fn all() -> Vec<Missing> {\n    missing::all(|one| one.such())\n}\n"


def case(name: str, broken: bytes, fixed: bytes | None = None, oracle: bytes = b"") -> Case:
    return Case(name, "small", "dev", {ROOT: broken}, {ROOT: fixed} if fixed else None, oracle=oracle)


def test_the_baselines_apply_what_the_compiler_says() -> None:
    with LoneCrate(ROOT) as crate:
        mutable = machine_applicable({ROOT: UNMUTABLE}, crate)
        assert mutable.checked.ok
        assert b"let mut one = 1;" in mutable.files[ROOT]
        assert mutable.probes == 2
        unsure = machine_applicable({ROOT: UNKNOWN}, crate)
        assert (unsure.files, unsure.checked.ok, unsure.probes) == ({ROOT: UNKNOWN}, False, 1)
        assert b"    text.len()" in every_suggestion({ROOT: UNKNOWN}, crate).files[ROOT]
        hopeless = every_suggestion({ROOT: HOPELESS}, crate)
        assert not hopeless.checked.ok
        assert every_suggestion({ROOT: b"pub fn fine() {}\n"}, crate).probes == 1


LENT = b"pub fn lent(words: &Vec<String>) -> usize {\n    let all: &Vec<String> = *words;\n    all.len()\n}\n"
TWO = b"pub fn two() -> u8 {\n    let one = 1;\n    let other = 1;\n    one += 1;\n    other += one;\n    other\n}\n"


@pytest.mark.slow
@pytest.mark.parametrize("text", [UNMUTABLE, UNKNOWN, ARM, LENT, TWO, b"pub fn three() -> u8 {\n    return 3\n"])
def test_the_baseline_does_what_cargo_does(text: bytes, tmp_path: Path) -> None:
    """The real command, which also needs a folder for each, and ten times the time."""
    write_crate(tmp_path / "small", {"src/lib.rs": text.decode()})
    subprocess.run(
        [find_toolchain(tmp_path).cargo, "fix", "--broken-code", "--lib", "--allow-no-vcs", "--offline"],
        cwd=tmp_path / "small", capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    with LoneCrate(ROOT, crate_type="lib") as crate:
        assert machine_applicable({ROOT: text}, crate).files[ROOT] == (tmp_path / "small/src/lib.rs").read_bytes()


def test_a_mend_that_builds_and_fails_hidden_tests_is_not_right() -> None:
    oracle = b"#[test]\nfn none_is_free() {\n    assert_eq!((price(Some(2)), price(None)), (20, 0));\n}\n"
    judged = judge("key", case("arm", ARM, oracle=oracle), Settings(fixers=(GREEDY,)))
    (greedy,) = judged.results
    assert (judged.code, judged.kind) == ("E0004", "type")
    assert (greedy.built, greedy.tests, greedy.right, greedy.exact) == (True, False, False, None)
    assert figures_of(judged.results).false_rate == 1


def test_a_set_is_evaluated_side_by_side_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    kept = tmp_path / "results.jsonl"
    fixed = UNMUTABLE.replace(b"let one", b"let mut one")
    oracle = b"#[test]\nfn it() {\n    assert_eq!(two(), 2);\n}\n"
    cases = [case("mutable", UNMUTABLE, fixed, oracle), case("unknown", UNKNOWN), case("hopeless", HOPELESS)]
    found = {one.name: one for one in evaluate(cases, Settings(jobs=2), kept)}
    assert set(found) == {"mutable", "unknown", "hopeless"}
    assert [one.fixer for one in found["mutable"].results] == list(FIXERS)
    for result in found["mutable"].results:
        assert (result.built, result.tests, result.exact, result.lines) == (True, True, True, 2)
    tars, cargo, greedy = found["unknown"].results
    assert (tars.built, cargo.built, greedy.built) == (True, False, True)
    assert tars.confidence is not None
    assert 0 < tars.confidence < 1
    assert tars.anchors == tars.resolved
    assert tars.producers
    assert (tars.tests, tars.exact) == (None, None)
    assert not any(result.built for result in found["hopeless"].results)
    assert all(result.left for result in found["hopeless"].results)

    lines = kept.read_text().splitlines(keepends=True)
    assert len(lines) == 3
    kept.write_text("".join(lines[:2]) + lines[2][:40])
    again = {one.name: one for one in evaluate(cases, Settings(jobs=2), kept)}
    assert len(kept.read_text().splitlines()) == 4, "a line that was cut off spoils no other"
    names = [json.loads(line)["name"] for line in lines]
    for name in names[:2]:
        assert again[name] == found[name], "what was kept is not measured again"
    assert again[names[2]].results[0].built == found[names[2]].results[0].built


def test_results_are_kept_for_the_same_question_only(tmp_path: Path) -> None:
    kept = tmp_path / "results.jsonl"
    settings = Settings(fixers=(CARGO_FIX,), jobs=1)
    (first,) = evaluate([case("one", UNMUTABLE)], settings, kept)
    kept.write_text(json.dumps(replace(first, message="kept").to_json()) + "\n")
    (same,) = evaluate([case("one", UNMUTABLE)], settings, kept)
    assert same.message == "kept"
    (other,) = evaluate([case("one", UNKNOWN)], settings, kept)
    assert (other.code, other.message) != (first.code, "kept")


def test_a_fixer_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="there is no fixer `luck`"):
        list(evaluate([case("one", UNMUTABLE)], Settings(fixers=("luck",))))


def test_results_that_cannot_be_kept(tmp_path: Path) -> None:
    with pytest.raises(TarsError, match="results cannot be kept in"):
        list(evaluate([case("one", UNMUTABLE)], Settings(), tmp_path / "gone" / "results"))


def judged(name: str, *results: Result, kind: str = "type") -> Judged:
    return Judged(name, name, "small", "dev", kind, "E0308", "mismatched types", "", results)


def result(fixer: str = TARS, built: bool = True, tests: bool | None = None, confidence: float = 0.9) -> Result:
    return Result(fixer, built, tests, exact=tests, lines=2 * built, probes=3, seconds=0.5, confidence=confidence)


def test_figures() -> None:
    one = figures_of([result(tests=True), result(tests=False), result(built=False), result()])
    assert (one.cases, one.fixed, one.right, one.tested, one.passed) == (4, 3, 2, 2, 1)
    assert (one.exact, one.exact_of, one.lines_median) == (1, 2, 2)
    assert (one.fix_rate, one.false_rate) == (0.5, 0.5)
    ordered = figures_of(Result(TARS, True, seconds=second / 10) for second in range(21))
    assert (ordered.seconds_median, ordered.seconds_p95) == (1.0, 1.9)
    assert figures_of([]).fix_rate == 0


def test_figures_by_class_and_the_report() -> None:
    found = [
        judged("b", result(tests=True), result(GREEDY, built=False)),
        judged("a", result(tests=False, confidence=0.4), result(GREEDY)),
        judged("c", result(built=False), result(GREEDY), kind="syntax"),
    ]
    by = figures_by(found, TARS, lambda one: one.kind)
    assert {kind: (one.right, one.cases) for kind, one in by.items()} == {"type": (1, 2), "syntax": (0, 1)}
    body = json.loads(json.dumps(report(found)))
    assert body["fixers"][GREEDY]["all"]["fix_rate"] == 0.6667
    assert [(one["case"], one["why"]) for one in body["failures"]] == [("a", "its tests fail"), ("c", "")]
    assert table(found)[2] == "| type | 2 | 1 (50%) | 1 | 1 (50%) | 0 |"
    assert table(found)[-1].startswith("| **all** | 3 | 1 (33%) |")


def test_calibration_counts_accepted_mends_by_how_sure_they_were() -> None:
    results = [result(tests=True), result(tests=True, confidence=0.95), result(tests=False, confidence=0.35)]
    low, high = calibration([judged(str(number), one) for number, one in enumerate(results)])
    assert (low.cases, low.right, low.confidence_mean) == (1, 0, 0.35)
    assert (high.cases, high.right, high.exact, high.confidence_mean) == (2, 2, 2, 0.925)
    found = [judged("a", results[0]), judged("b", results[2], kind="move"), judged("c", Result(TARS, False), kind="x")]
    found += [judged("d", results[1])]
    by = calibration_by(found, lambda one: one.kind)
    assert {kind: (one.cases, one.right, one.confidence_mean) for kind, one in by.items()} == {
        "type": (2, 2, 0.925), "move": (1, 0, 0.35)
    }  # fmt: skip
    assert report(found)["calibration_by_class"].keys() == by.keys()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b"fn a() { b( 1,2, ) }", b"fn a() {\n    // why\n    b(1, 2)\n}", True),
        (b'const A: &str = "a  b";', b'const A: &str = "a b";', False),
        (b"fn a(b: &'static str) {}", b"fn a(b: &str) {}", False),
        (b"fn a() { b(1, 2) }", b"fn a() { b(2, 1) }", False),
    ],
)
def test_same_tokens(one: bytes, other: bytes, same: bool) -> None:
    assert same_tokens(one, other) is same
    assert (token_list(one) == token_list(other)) is same
