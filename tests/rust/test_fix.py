"""Mending as an episode: proven by check and tests, replayable, journalled, and honest where it does not succeed."""

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.errors import TarsError
from tars.episode.budget import Budget, Meter
from tars.episode.journal import ENDED, Journalled, interrupted, read_recording
from tars.episode.probes import Diary, Live
from tars.episode.values import State, Status, Step
from tars.rust import values
from tars.rust.checking.checkers import Checkers, open_checkers
from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.workspace import find_target, read_files
from tars.rust.forms import Form
from tars.rust.graph import crates_of, symbols_of
from tars.rust.mending.episode import Mending, Options
from tars.rust.mending.fix import Mended, mend, replay
from tars.rust.mending.looks import Looks
from tars.rust.mending.senses import CHECKED
from tars.rust.mending.success import TALLY, measured
from tars.rust.mending.tree import State as SearchState
from tars.rust.syntax.edits import patched
from tars.rust.values import Checked, Kind, Label, Place, RustDiagnostic
from tars.store import open_store

T = TypeVar("T")
OPTIONS = Options(tests=False)
BUDGET = Budget()


def ended(run: Generator[Step, None, T]) -> tuple[list[Step], T]:
    steps = []
    while True:
        try:
            steps.append(next(run))
        except StopIteration as stop:
            return steps, stop.value


def mended(
    text: str,
    options: Options = OPTIONS,
    budget: Budget = BUDGET,
    journal: Journalled | None = None,
) -> tuple[list[Step], Mended]:
    def make() -> LoneCrate:
        return LoneCrate("main.rs", tests="#[test]" in text)

    with Checkers(make, 2) as checkers:
        return ended(mend({"main.rs": text.encode()}, checkers, options, Meter(budget), journal))


def result(text: str, one: Mended) -> str:
    return patched({"main.rs": text.encode()}, one.changes)["main.rs"].decode()


COUNT = """
pub fn count(words: Vec<String>) -> usize { words.len() }

#[test]
fn counts() {
    let words = vec!["a".to_string()];
    assert_eq!(count(words), 1);
    assert_eq!(words.len(), 1);
}
"""


def test_a_mend_is_proven_by_the_check_and_the_tests() -> None:
    steps, one = mended(COUNT, Options())
    assert one.status is Status.DONE
    assert one.tested is not None
    assert (one.tested.passed, one.tested.failed) == (("counts",), ())
    assert "clone()" in result(COUNT, one)
    assert (one.lines, one.left, one.offers) == (2, (), ())
    assert one.before is not None
    assert [error.code for error in one.before.errors] == ["E0382"]
    assert [step.state for step in steps if step.state not in (State.PROBE, State.PLAN)] == [
        State.SENSE, State.PROPOSE, State.VALIDATE, State.VALIDATE, State.VALIDATE, State.REFLECT, State.REMEMBER,
    ]  # fmt: skip
    (proposed,) = (step for step in steps if step.state is State.PROPOSE)
    assert proposed.producer
    assert len(proposed.change) == 64
    assert [step.text for step in steps if step.state is State.VALIDATE] == [
        "guards: it does no less than before", "check: it builds", "tests: 1 test passes",
    ]  # fmt: skip


def test_what_builds_and_fails_its_tests_is_no_mend() -> None:
    """The clone builds, but the tests want the words themselves to grow."""
    text = """
fn add(mut words: Vec<u8>) -> usize { words.push(1); words.len() }

#[test]
fn grows() {
    let words = vec![1];
    assert_eq!(add(words), 2);
    assert_eq!(words.len(), 2);
}
"""
    steps, one = mended(text, Options(proposers=("compiler",)))
    assert (one.status, one.changes) == (Status.ABSTAINED, ())
    assert "1 of 1 tests fail: grows" in one.log.why
    assert State.ROLLBACK in [step.state for step in steps]
    assert [error.code for error in one.left] == []
    assert any(point.errors == 0 and point.tests_passed == 0 for point in one.front)


UNBROKEN = "pub fn one() -> u8 { two() - 1 }\nfn two() -> u8 { 2 }\n\n#[test]\nfn is_one() { assert_eq!(one(), 1); }\n"


@pytest.mark.parametrize(
    ("gate", "old", "new"),
    [
        ("guards", "#[test]\nfn is_one() { assert_eq!(one(), 1); }\n", ""),
        ("guards", "two() - 1", "unsafe { two() - 1 }"),
        ("check", "two() - 1", "two() - '1'"),
        ("tests", "two() - 1", "two() - 2"),
    ],
)
def test_every_gate_refuses_by_itself(gate: str, old: str, new: str) -> None:
    """Whatever the search has looked at: nothing else stands between a proposal and the user."""
    files, after = ({"main.rs": text.encode()} for text in (UNBROKEN, UNBROKEN.replace(old, new)))
    assert files != after
    with Checkers(lambda: LoneCrate("main.rs", tests=True), 1) as checkers, Looks(checkers, Meter(BUDGET)) as looks:
        mending = Mending(files, looks, Options())
        ask = Live(Diary(Meter(BUDGET)))
        mending.sense(ask)
        change, unchanged = (SearchState(some, looks.check(some)) for some in (after, files))
        verdicts = {one.name: one.judge(change, ask).accepted for one in mending.case().gates}
        assert all(one.judge(unchanged, ask).accepted for one in mending.case().gates)
    assert list(verdicts) == ["guards", "check", "tests"]
    assert not verdicts[gate]


def test_nothing_to_mend_and_tests_that_fail_as_they_are() -> None:
    fine = "pub fn one() -> u8 { 1 }\n#[test]\nfn is_one() { assert_eq!(one(), 1); }\n"
    _, one = mended(fine, Options())
    assert (one.status, one.log.why, one.changes) == (Status.FINE, "it builds, and 1 test passes", ())
    _, one = mended(fine.replace("{ 1 }", "{ 7 }"), Options())
    assert (one.status, one.changes) == (Status.ABSTAINED, ())
    assert "1 of 1 tests fail: is_one" in one.log.why


def test_what_only_a_guard_forbids_is_offered() -> None:
    text = "trait Shape { fn sides(&self) -> Vec<u8>; }\nstruct Square;\nimpl Shape for Square {}\n"
    _, one = mended(text, replace(OPTIONS, proposers=("compiler",)))
    assert (one.status, one.changes) == (Status.ABSTAINED, ())
    (offer,) = one.offers
    assert offer.guard == "placeholder"
    allowed = patched({"main.rs": text.encode()}, offer.changes)["main.rs"]
    assert b"todo!()" in allowed
    _, one = mended(text, replace(OPTIONS, proposers=("compiler",), allow=frozenset({"placeholder"})))
    assert (one.status, result(text, one).encode()) == (Status.DONE, allowed)


@pytest.mark.slow
def test_what_a_guard_forbids_is_offered_with_what_else_is_wrong() -> None:
    text = 'extern "C" {\n    fn rand() -> i32;\n}\npub fn shown(gen: i32) {\n    println!("{}", gen);\n}\n'
    files = {"main.rs": text.encode()}
    with Checkers(lambda: LoneCrate("main.rs", edition="2024"), 2) as checkers:
        _, one = ended(mend(files, checkers, replace(OPTIONS, edition="2024"), Meter(BUDGET)))
    assert (one.status, one.changes) == (Status.ABSTAINED, ())
    told = patched(files, one.offers[0].changes)["main.rs"].decode()
    assert one.offers[0].guard == "unsafe"
    assert "".join(told.split()) == "".join(("unsafe " + text.replace("gen", "r#gen")).split())


MANY = "".join(f"fn f{n}() -> String {{ let a = {n}; a += 1; a.to_string() }}\n" for n in range(3))


def test_parts_that_are_not_needed_are_dropped() -> None:
    """The suggestions of one diagnostic together do more than is needed."""
    _, one = mended(MANY)
    assert one.status is Status.DONE
    assert one.lines == 6
    assert len(one.hunks) == 3
    assert all(hunk.change.text == "mut " for hunk in one.hunks)


def test_a_patch_over_the_budget_is_refused_and_says_so() -> None:
    _, one = mended(MANY, budget=Budget(lines_max=4))
    assert (one.status, one.changes) == (Status.ABSTAINED, ())
    assert "6 lines, and the budget allows 4" in one.log.why
    _, one = mended(MANY, budget=Budget(probes_max=1))
    assert "1 probes" in one.log.why
    assert [error.code for error in one.left] == ["E0384"] * 3


def test_the_same_files_give_the_same_patch_and_a_replay_runs_nothing(tmp_path: Path) -> None:
    text = 'use std::collections::HashMpa;\nfn main() { let a: String = "x"; let m: HashMap<u8, u8> = a; }\n'
    with open_store(tmp_path / ".tars") as store:
        steps, first = mended(text, journal=Journalled(store, "main.rs"))
        _, second = mended(text)
        assert (first.hunks, first.status, first.left) == (second.hunks, second.status, second.left)
        entry = store.latest(ENDED, subject="main.rs")
        assert entry is not None
        recording = read_recording(store, entry)
    again_steps, again = ended(replay({"main.rs": text.encode()}, OPTIONS, Budget(), recording))
    assert (again.hunks, again.status, again.left, again.front) == (first.hunks, first.status, first.left, first.front)
    assert [(step.state, step.text, step.observation) for step in again_steps] == [
        (step.state, step.text, step.observation) for step in steps
    ]
    with pytest.raises(TarsError, match="another question"):
        ended(replay({"main.rs": b"fn main() { let a: u8 = true; }"}, OPTIONS, Budget(), recording))


def test_the_journal_holds_the_patch_and_what_is_to_be_learnt(tmp_path: Path) -> None:
    with open_store(tmp_path / ".tars") as store:
        _, one = mended(COUNT, journal=Journalled(store, "main.rs"))
        entry = store.latest(ENDED, subject="main.rs")
        assert entry is not None
        change = entry.body["change"]
        assert isinstance(change, dict)
        assert (entry.body["status"], change["lines"]) == ("done", 2)
        tally = store.latest(TALLY, subject="main.rs")
        assert tally is not None
        counts = tally.body["counts"]
        assert isinstance(counts, list)
        producer, code = one.moves[0].patch.producer, one.moves[0].code
        assert [line[3] for line in counts if isinstance(line, list) and line[:2] == [producer, code]] == [1]
        assert measured(store)("nobody", code) == 1.0


def test_what_failed_often_counts_less(tmp_path: Path) -> None:
    with open_store(tmp_path / ".tars") as store:
        with store.transaction() as transaction:
            transaction.append(TALLY, {"counts": [["rule:bad", "E0308", 20, 0], ["rule:good", "E0308", 20, 20]]})
        weigh = measured(store)
    assert weigh("rule:bad", "E0308") < 0.5 < weigh("rule:bad", "E0382") < weigh("rule:good", "E0308")


def test_a_mend_that_is_stopped_leaves_an_entry_and_no_process(tmp_path: Path) -> None:
    with open_store(tmp_path / ".tars") as store:
        with Checkers(lambda: LoneCrate("main.rs"), 2) as checkers:
            journal = Journalled(store, "main.rs")
            run = mend({"main.rs": COUNT.encode()}, checkers, OPTIONS, Meter(Budget()), journal)
            next(run)
            run.close()
        entry = store.latest(ENDED)
        assert entry is not None
        assert entry.body["status"] == "interrupted"
        assert not list(interrupted(store))


def test_values_survive_their_json() -> None:
    label = Label(Place("a.rs", 1, 2), "here", True)
    checked = Checked(False, (RustDiagnostic("E0382", "error", Kind.MOVE, "moved", (label,), (), (), "text"),), 0.0, "")
    assert CHECKED.from_json(CHECKED.to_json(checked)) == checked
    with Checkers(lambda: LoneCrate("main.rs"), 1) as checkers, checkers.one() as checker:
        real = checker.check({"main.rs": COUNT.replace("#[test]", "").encode()})
    assert CHECKED.from_json(CHECKED.to_json(real)) == real
    types = Form[tuple[str | None, ...]](tuple[str | None, ...])
    assert types.from_json(types.to_json(("u8", None))) == ("u8", None)
    tested = values.Tested(False, ("a",), ("b", "c"), 1.5, "why")
    assert Form[values.Tested](values.Tested).from_json(Form[values.Tested](values.Tested).to_json(tested)) == tested


WORKSPACE = {
    "Cargo.toml": '[workspace]\nmembers = ["grid", "app"]\nresolver = "2"\n',
    "grid/Cargo.toml": '[package]\nname = "grid"\nversion = "0.1.0"\nedition = "2021"\n',
    "grid/src/lib.rs": "mod cell;\npub use cell::Cells;\n",
    "grid/src/cell.rs": (
        "#[derive(Default)]\npub struct Cells(Vec<u8>);\npub trait Sized8 {\n    fn size(&self) -> usize;\n}\n"
        "impl Sized8 for Cells {\n    fn size(&self) -> usize {\n        self.0.len()\n    }\n}\n"
        "impl Cells {\n    pub fn add(&self, one: u8) {\n        self.0.push(one);\n    }\n}\n"
    ),
    "app/Cargo.toml": (
        '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\ngrid = { path = "../grid" }\n'
    ),
    "app/src/main.rs": (
        "use grid::Cells;\nuse grid::Sized8;\nfn main() {\n    let mut cells = Cells::default()\n    cells.add(1);\n"
        '    println!("{}", cells.size());\n}\n'
    ),
}


def test_errors_of_a_package_show_when_the_one_below_it_builds(tmp_path: Path) -> None:
    """And its syntax is broken, which is further than where the first one was only ill-typed."""
    for path, text in WORKSPACE.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    target = find_target(tmp_path)
    files = read_files(target)
    gather = partial(symbols_of, crates=crates_of(target))
    with open_checkers(target, 2) as checkers:
        _, one = ended(mend(files, checkers, replace(OPTIONS, gather=gather), Meter(Budget())))
    assert one.status is Status.DONE
    after = patched(files, one.changes)
    assert b"pub fn add(&mut self" in after["grid/src/cell.rs"]
    assert b"pub use cell::{Cells, Sized8};" in after["grid/src/lib.rs"]
    assert b"Cells::default();" in after["app/src/main.rs"]


def test_what_comes_nearest_is_told_where_it_is_not_all() -> None:
    text = "fn main() {\n    let count: u8 = String::new().len();\n    frobnicate(count);\n}\n"
    _, one = mended(text, replace(OPTIONS, kinds=frozenset({Kind.TYPE})))
    assert one.status is Status.ABSTAINED
    _, one = mended("fn main() {\n    let mut n = 1;\n    m += 1;\n    quxfrotz(n);\n}\n")
    assert one.status is Status.ABSTAINED
    assert [error.message for error in one.left] == ["cannot find function `quxfrotz` in this scope"]
    assert [change.text for change in one.nearest] == ["n"]
    assert one.changes == ()


def test_of_a_patch_that_is_not_needed_neither_half_stays() -> None:
    """The compiler would lend the receiver in brackets, of which neither can go alone; what mends is a derive."""
    text = """use std::collections::HashMap;
#[derive(Debug)]
pub enum Kind {
    One,
    Two,
}
#[derive(Debug, Clone)]
pub struct Many<T>(pub Vec<T>);
pub struct Table {
    all: HashMap<Kind, Many<Kind>>,
}
impl Table {
    pub fn put(&mut self, kind: Kind, other: Many<Kind>) {
        self.all.insert(kind, other);
    }
    pub fn get(&self, kind: &Kind) -> Option<Many<Kind>> {
        self.all.get(kind).cloned()
    }
}
"""
    steps, one = mended(text)
    assert one.changes, steps[-1].text
    assert "(&self.all" not in result(text, one)
    assert "Clone" in result(text, one).partition("pub enum")[0]
