"""What builds and fails its tests: read from what they say, traced by names, and mended by one small change or not."""

import pytest

from tars.core.errors import UsageError
from tars.episode.budget import Budget, Meter
from tars.episode.values import State, Status
from tars.rust import values
from tars.rust.checking.checkers import Checkers
from tars.rust.checking.rustc import LoneCrate
from tars.rust.evaluation.mutate import Request, mutants
from tars.rust.failing.slips import slips_in
from tars.rust.failing.suspects import suspects
from tars.rust.failing.told import Failure, failures_of
from tars.rust.mending.episode import Options
from tars.rust.mending.fix import Mended, mend
from tars.rust.syntax.edits import patched
from tars.rust.syntax.source import SourceFile

BUDGET = Budget(seconds_max=120.0)


def mended(text: str) -> Mended:
    with Checkers(lambda: LoneCrate("main.rs", tests=True), 2) as checkers:
        run = mend({"main.rs": text.encode()}, checkers, Options(), Meter(BUDGET))
        while True:
            try:
                next(run)
            except StopIteration as stop:
                found: Mended = stop.value
                return found


def result(text: str, one: Mended) -> str:
    return patched({"main.rs": text.encode()}, one.changes)["main.rs"].decode()


SAID = """running 3 tests
test tests::adds ... FAILED
test tests::stops ... FAILED
test tests::fine ... ok

failures:

---- tests::adds stdout ----

thread 'tests::adds' (31) panicked at src/lib.rs:17:9:
assertion `left == right` failed: sums
  left: Some(1)
 right: Some(5)
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

---- tests::stops stdout ----
printed by the test
thread 'tests::stops' panicked at 'index out of bounds', src/lib.rs:5:7:

failures:
    tests::adds
    tests::stops

test result: FAILED. 1 passed; 2 failed; 0 ignored
"""


def test_what_failing_tests_say() -> None:
    """Of this compiler, and of one of 2022, which says it in one line."""
    tested = values.Tested(
        False, ("app::tests::fine",), ("app::tests::adds", "app::tests::stops", "other"), detail=SAID
    )
    adds, stops, other = failures_of(tested)
    assert (adds.path, adds.line, adds.left, adds.right) == ("src/lib.rs", 17, "Some(1)", "Some(5)")
    assert adds.text == "assertion `left == right` failed: sums\n  left: Some(1)\n right: Some(5)"
    assert (stops.path, stops.line, stops.text) == ("src/lib.rs", 5, "printed by the test\nindex out of bounds")
    assert other == Failure("other")


SHAPES = """
pub struct Square(pub u32);

impl Square {
    pub fn area(&self) -> u32 { times(self.0, self.0) }
    pub fn edge(&self) -> u32 { self.0 }
}

impl std::fmt::Display for Square {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}", self.edge()) }
}

fn times(a: u32, b: u32) -> u32 { a * b }
fn lonely() {}

#[cfg(test)]
mod tests {
    use super::*;
    fn made() -> Square { Square(2) }
    #[test]
    fn areas() { assert_eq!(made().area(), 4); }
    #[test]
    fn shown() { assert_eq!(Square(2).to_string(), "2"); }
}
"""


def names_of(failing: str, passing: str, line: int = 0) -> list[str]:
    file = SourceFile("src/lib.rs", SHAPES.encode())
    tested = values.Tested(False, (f"app::tests::{passing}",), (f"app::tests::{failing}",))
    found = suspects({file.path: file}, [Failure(tested.failed[0], "", file.path, line)], tested)
    return [file.text(name) for one in found if (name := one.node.child_by_field_name("name")) is not None]


def test_failing_tests_lead_to_what_they_call() -> None:
    """The nearer, and the less of it passing tests reach too, the more suspicious; tests themselves never are."""
    assert names_of("areas", "shown") == ["area", "times"]
    assert names_of("shown", "areas") == ["fmt", "edge"]
    assert names_of("areas", "areas") == ["area", "times"]
    assert names_of("areas", "shown", line=13)[0] == "times"
    assert set(names_of("nobody", "shown")) == {"area", "edge", "fmt", "times", "lonely"}


@pytest.mark.parametrize(
    ("slipped", "meant"),
    [
        ("a < b", "a <= b"), ("a < b", "a > b"), ("a == b", "a != b"), ("a && b", "a || b"), ("a + b", "a - b"),
        ("a - b", "b - a"), ("a * b", "(a).wrapping_mul(b)"), ("for i in 0..a {}", "for i in 0..=a {}"),
        ("for i in 0..a {}", "for i in 0..a - 1 {}"), ("a[3]", "a[2]"), ("a[0]", "a[1]"), ("a + 1", "a"),
        ("true", "false"),
        ("if a.b() {}", "if !a.b() {}"), ("a.b() && c", "!a.b() && c"), ("!a", "a"), ("f(a, b)", "f(b, a)"),
        ("a.min(b)", "a.max(b)"),
        ("f(a)", "f(b)"), ("a.iter()", "a.iter().rev()"), ("Ordering::Less", "Ordering::Greater"),
        ("loop { break; }", "loop { continue; }"), ("a += 1", "a -= 1"), ('"helo"', '"hello"'),
    ],
)  # fmt: skip
def test_each_slip_is_taken_back(slipped: str, meant: str) -> None:
    text = "fn one(a: u8, b: u8) { %s }"
    file = SourceFile("src/lib.rs", (text % slipped).encode())
    (function,) = file.walk("function_item")
    failure = Failure("x", "", left='"helo"', right='Some("hello")')
    found = list(slips_in(file, function, [failure]))
    texts = {file.changed((one.change,)).data.decode() for one in found}
    wanted = text % meant.replace("(a)", "a") if ".wrapping" in meant else text % meant
    assert wanted in texts, texts
    assert all(0 < one.chance < 1 and one.reason and one.citation.startswith("docs:reference/") for one in found)


LARGEST = """pub fn largest(numbers: &[i32]) -> Option<i32> {
    let mut best = None;
    for &one in numbers {
        if best.map_or(true, |old| one < old) {
            best = Some(one);
        }
    }
    best
}

#[test]
fn is_the_largest() {
    assert_eq!(largest(&[1, 5, 3]), Some(5));
}

#[test]
fn of_none() {
    assert_eq!(largest(&[]), None);
}
"""


def test_a_slip_that_only_tests_show_is_mended() -> None:
    """And what passes them as well is told."""
    one = mended(LARGEST)
    assert one.status is Status.DONE
    assert result(LARGEST, one) == LARGEST.replace("one < old", "one > old")
    (move,) = one.moves
    assert move.patch.reason == "write `>` for `<` (the tests do not tell it from: write `>=` for `<`)"
    assert one.tested is not None
    assert one.tested_before is not None
    assert (one.tested_before.failed, one.tested.failed) == (("is_the_largest",), ())
    texts = [step.text.partition(":")[0] for step in one.log.steps if step.probe is not None]
    likeliest = ["write `<=` for `<`", "write `false` for `true`", "write `>` for `<`"]
    assert texts[2:6] == ["again as it is", *likeliest]


@pytest.mark.slow
def test_what_does_not_build_and_then_fails_its_tests_is_mended_too() -> None:
    text = LARGEST.replace("&[i32]", "&[i3]", 1)
    one = mended(text)
    assert one.status is Status.DONE
    assert result(text, one) == LARGEST.replace("one < old", "one > old")


def test_what_no_slip_explains_is_left_and_no_test_is_changed() -> None:
    text = "fn two() -> u8 { 2 }\n#[test]\nfn wrong() { assert_eq!(1 + 1, 3 + two() - two()); }\n"
    one = mended(text)
    assert (one.status, one.changes) == (Status.ABSTAINED, ())
    assert "1 of 1 tests fail" in one.log.why
    assert one.tested_before is not None
    assert State.PROPOSE not in [step.state for step in one.log.steps]


def test_who_asks_for_a_class_of_diagnostics_gets_no_other_mend() -> None:
    with Checkers(lambda: LoneCrate("main.rs", tests=True), 2) as checkers:
        options = Options(kinds=frozenset({values.Kind.BORROW}))
        run = mend({"main.rs": LARGEST.encode()}, checkers, options, Meter(BUDGET))
        texts = [step.text for step in run]
    assert not any("write" in text for text in texts)


@pytest.mark.slow
def test_a_change_that_makes_a_test_run_for_ever_costs_seconds_only() -> None:
    """The likeliest change here is `i -= 1` for `i += 2`, and does not end."""
    text = """pub fn ones(below: i64) -> i64 {
    let mut found = 0;
    let mut i = 0;
    while i < below {
        found += 1;
        i += 2;
    }
    found
}

#[test]
fn counts() {
    assert_eq!((ones(6), ones(3)), (6, 3));
}
"""
    one = mended(text)
    assert one.status is Status.DONE
    assert result(text, one) == text.replace("i += 2", "i += 1")
    assert one.log.seconds < BUDGET.seconds_max - 20


def test_what_only_a_guard_forbids_is_offered() -> None:
    text = """pub fn some(words: &[&str]) -> bool {
    if !words.is_empty() { false } else { true }
}

#[test]
fn of_none() {
    assert!(!some(&[]) && some(&["a"]));
}
"""
    text = text.replace("{ false } else { true }", "{ 1 > 2 } else { 2 > 1 }")
    one = mended(text)
    assert (one.status, one.changes) == (Status.ABSTAINED, ())
    (offer,) = one.offers
    assert (offer.guard, offer.reason) == ("deletion", "leave out the `!`")


def test_mutants_that_build_and_fail_are_made_and_mended() -> None:
    """Each was seen to build and to fail; other kinds than those that are wanted for it are not taken."""
    good = LARGEST.replace("one < old", "one > old").encode()
    with Checkers(lambda: LoneCrate("main.rs", tests=True), 2) as checkers:
        found = list(mutants({"main.rs": good}, checkers, Request(3, seed=1, failing=True)))
        assert len(found) == 3
        assert all(one.failed and not one.errors and one.to_json()["failed"] for one in found)
        with pytest.raises(UsageError, match="no_such_kind"):
            list(mutants({"main.rs": good}, checkers, Request(1, kinds=("no_such_kind",), failing=True)))
