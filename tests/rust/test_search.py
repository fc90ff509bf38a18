"""Patch tree search: rounds, bundles, rivals, guards and budgets, asked of the real compiler."""

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic

import pytest

from tars.episode.budget import Budget, Meter, OverBudgetError
from tars.episode.probes import Diary, Live
from tars.rust.checking.checkers import Checkers
from tars.rust.checking.rustc import LoneCrate
from tars.rust.graph import symbols_of
from tars.rust.mending.context import Workbench
from tars.rust.mending.guards import violations
from tars.rust.mending.looks import Looks
from tars.rust.mending.proposer import RUST_PROPOSERS
from tars.rust.mending.ranking import ahead_cost, phase_of
from tars.rust.mending.search import Search
from tars.rust.mending.senses import Senses
from tars.rust.mending.tree import Move, Plan, State, bundles
from tars.rust.syntax.edits import patched
from tars.rust.values import Change, Checked, Kind, Patch, Place, RustDiagnostic

Files = Mapping[str, bytes]


class Noting(LoneCrate):
    """The compiler, with a note of every file that it was shown."""

    def __init__(self, seen: list[bytes]) -> None:
        super().__init__("main.rs")
        self.seen = seen

    def check(self, files: Files) -> Checked:
        self.seen.append(files["main.rs"])
        return super().check(files)


class Looked:
    """What one search found: its first solutions, its steps, and the files that the compiler was shown."""

    def __init__(self, text: str, jobs: int = 1, solutions: int = 1, **limits: float) -> None:
        self.files = {"main.rs": text.encode()}
        self.seen: list[bytes] = []
        self.stopped = ""
        names = ("compiler", "rules")
        budget = Budget(probes_max=int(limits.get("probes", 200)), seconds_max=limits.get("seconds", 60))
        meter = Meter(budget)
        self.diary = Diary(meter)
        with Checkers(lambda: Noting(self.seen), jobs) as checkers, Looks(checkers, meter) as looks:
            senses = Senses(Live(self.diary), looks)
            self.search = Search(self.files, senses, Plan([RUST_PROPOSERS.load(name) for name in names], symbols_of))
            self.found: list[State] = []
            try:
                for state in self.search.solutions():
                    self.found += [state] if state is not None else []
                    if len(self.found) >= solutions:
                        break
            except OverBudgetError as error:
                self.stopped = error.message

    def text(self, number: int = 0) -> str:
        state = self.found[number]
        assert state.files == patched(self.files, [hunk.change for hunk in state.hunks])
        assert not violations(self.files, state.files)
        return state.files["main.rs"].decode()


FOUR_SLIPS = """
use std::collections::HashMpa;
fn main() {
    let count = 1;
    count += 1;
    let words = vec!["a".to_string()];
    let taken = words;
    println!("{:?} {:?} {}", words, taken, count);
    let text: String = "x";
    let map: HashMap<String, u32> = HashMap::new();
    println!("{}{}", text, map.len());
}
"""


def test_errors_that_hide_behind_others_are_mended_in_rounds() -> None:
    """The import hides the types, and these hide what the borrow checker finds."""
    looked = Looked(FOUR_SLIPS)
    text = looked.text()
    assert "HashMap;" in text
    assert "let mut count" in text
    assert "words.clone()" in text
    assert '"x".to_string()' in text or 'String::from("x")' in text or '"x".into()' in text
    state = looked.found[0]
    assert state.lines == 8
    assert {move.code for move in state.moves} >= {"E0432", "E0308", "E0382", "E0384"}
    assert {number for hunk in state.hunks for number in hunk.patches} == set(range(len(state.moves)))


def test_independent_errors_are_mended_together() -> None:
    slips = "".join(f"fn f{n}() -> String {{ let a = {n}; a += 1; a.to_string() }}\n" for n in range(8))
    looked = Looked(slips + "fn main() {}\n")
    assert looked.text().count("let mut a") == 8
    assert len(looked.seen) <= 3


@pytest.mark.parametrize("jobs", [2, 5])
def test_the_outcome_does_not_depend_on_the_number_of_workers(jobs: int) -> None:
    one, many = Looked(FOUR_SLIPS, solutions=1), Looked(FOUR_SLIPS, jobs, solutions=1)
    assert [state.files for state in one.found] == [state.files for state in many.found]
    assert [state.hunks for state in one.found] == [state.hunks for state in many.found]
    assert [step.text for step in one.diary.steps] == [step.text for step in many.diary.steps]
    assert one.diary.meter.probes == many.diary.meter.probes


def test_no_content_is_checked_twice() -> None:
    looked = Looked(FOUR_SLIPS, 2, solutions=2)
    assert len(looked.seen) == len(set(looked.seen))


def test_what_a_guard_refuses_is_never_checked_and_can_be_offered() -> None:
    looked = Looked("trait T { fn f(&self) -> Vec<u8>; }\nstruct S;\nimpl T for S {}\nfn main() {}\n", solutions=9)
    refused = {guard: [one.files["main.rs"] for one in kept] for guard, kept in looked.search.refused.items()}
    assert any(b"todo!()" in data for data in refused["placeholder"])
    assert all(b"todo!()" not in data for data in looked.seen)


def test_of_several_solutions_the_one_that_changes_less_comes_first() -> None:
    looked = Looked(
        "fn show(text: String) -> usize { text.len() }\n"
        "fn main() {\n    let text = String::new();\n    show(text);\n    show(text);\n}\n",
        solutions=9,
    )
    lines = [state.lines for state in looked.found]
    assert lines
    assert lines[0] == min(lines)


def test_the_front_holds_what_nothing_beats() -> None:
    looked = Looked("fn main() { let a = 1; a += 1; nobody_knows_this(a); no_more_than_that(a); }\n", solutions=99)
    assert not looked.found
    standing = [(len(one.checked.errors), one.lines) for one in looked.search.front]
    assert standing[0] == (2, 0)
    assert all(
        not (one[0] <= other[0] and one[1] <= other[1]) for one in standing for other in standing if one != other
    )


def test_a_budget_of_probes_stops_the_search() -> None:
    looked = Looked(FOUR_SLIPS, 2, probes=2)
    assert "2 probes" in looked.stopped
    assert not looked.found
    assert looked.diary.meter.probes == 2


ENDLESS = """
#![allow(long_running_const_eval)]
const FOREVER: u32 = { let mut n = 0u64; while n < u64::MAX { n += 1; } 1 };
fn main() { println!("{}", FOREVER); }
"""


def test_a_budget_of_seconds_is_kept_also_while_the_compiler_works() -> None:
    begun = monotonic()
    looked = Looked(ENDLESS, 2, seconds=1.0)
    assert monotonic() - begun < 2.5
    assert "1 seconds" in looked.stopped


def test_only_the_kinds_that_are_asked_for_are_mended() -> None:
    files = {"main.rs": b'fn main() { let a = 1; a += 1; let b: String = "b"; drop((a, b)); }\n'}
    meter, seen = Meter(Budget()), list[bytes]()
    with Checkers(lambda: Noting(seen), 1) as checkers, Looks(checkers, meter) as looks:
        plan = Plan([RUST_PROPOSERS.load("compiler")], symbols_of, kinds=frozenset({Kind.TYPE}))
        search = Search(files, Senses(Live(Diary(meter)), looks), plan)
        assert [one for one in search.solutions() if one is not None] == []
    assert any(b"to_string" in data for data in seen)
    assert all(b"let mut" not in data for data in seen)


class Scripted:
    """A proposer that notes for which files it was asked."""

    def __init__(self, name: str, stage: int, old: str = "", new: str = "") -> None:
        self.name, self.stage = name, stage
        self.old, self.new = old, new
        self.asked: list[bytes] = []

    def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
        file = bench.files["main.rs"]
        self.asked.append(file.data)
        at = file.data.find(self.old.encode())
        if self.old and at >= 0:
            yield Patch((Change(Place("main.rs", at, at + len(self.old)), self.new),), "script", 0.5, self.name)


def searched(files: Files, proposers: Sequence[Scripted], solutions: int = 0) -> tuple[Search, list[State]]:
    meter = Meter(Budget())
    with Checkers(lambda: LoneCrate("main.rs"), 2) as checkers, Looks(checkers, meter) as looks:
        search = Search(files, Senses(Live(Diary(meter)), looks), Plan(proposers, symbols_of))
        found = (state for state in search.solutions() if state is not None)
        return search, list(found) if solutions == 0 else [next(found)]


def test_later_stages_are_asked_only_where_nothing_is_left() -> None:
    files = {"main.rs": b"fn main() { let a: u8 = true; drop(a); }\n"}
    first, second, third = Scripted("a", 0, "true", "'c'"), Scripted("b", 1, "true", "7"), Scripted("c", 2)
    _, found = searched(files, [third, second, first])
    assert [state.files["main.rs"] for state in found] == [b"fn main() { let a: u8 = 7; drop(a); }\n"]
    assert len(first.asked) >= 1
    assert second.asked
    assert third.asked  # To ask for another solution is to reject the last.
    first, second = Scripted("a", 0, "true", "7"), Scripted("b", 1, "true", "8")
    searched(files, [first, second], solutions=1)
    assert second.asked == []


def test_of_a_bundle_that_one_patch_spoils_the_rest_is_kept() -> None:
    """Twenty errors, and the likeliest patch for one of them breaks the syntax of everything."""

    class Each(Scripted):
        def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
            self.asked.append(b"")
            place = diagnostic.primary
            assert place is not None
            spoilt = place.start == first and self.old
            yield Patch((Change(place, "}" if spoilt else "7"),), "script", 0.9, self.name)
            if spoilt:
                yield Patch((Change(place, "7"),), "script", 0.3, self.name)

    lines = "".join(f"    let a{n}: u8 = true;\n" for n in range(20))
    text = f"#![allow(unused)]\nfn main() {{\n{lines}}}\n".encode()
    first = text.index(b"true")
    _, found = searched({"main.rs": text}, [Each("each", 0, "spoil")], solutions=1)
    assert found[0].files["main.rs"] == text.replace(b"true", b"7")


def test_files_that_are_found_again_on_a_cheaper_way_wait_no_longer() -> None:
    """The dearer way to them is void, and another candidate that was between the two comes later."""
    files = {"main.rs": b"fn main() { let a: u8 = true; }\n"}
    at = files["main.rs"].index(b"true")

    def way(name: str, text: str, cost: float) -> tuple[Move, ...]:
        return (Move(Patch((Change(Place("main.rs", at, at + 4), text),), name, 0.5, name), "E0308", cost=cost),)

    meter = Meter(Budget())
    with Checkers(lambda: LoneCrate("main.rs"), 1) as checkers, Looks(checkers, meter) as looks:
        search = Search(files, Senses(Live(Diary(meter)), looks), Plan([], symbols_of))
        root = State(files, Checked(False, ()))
        for name, text, cost in (("dear", "7", 5.0), ("other", "8", 3.0), ("cheap", "7", 1.0), ("dearer", "7", 6.0)):
            search._push(root, way(name, text, cost), cost, 0.0)
        popped = [search._pop() for _ in range(3)]
    assert [one.moves[0].patch.reason if one else None for one in popped] == ["cheap", "other", None]


def test_lines_that_are_put_in_at_one_place_are_tried_together() -> None:
    text = b"fn main() {\n    let a: One = 1;\n    let b: Two = 2;\n    let _ = a + b;\n}\n"

    class Types(Scripted):
        """Declares a type on top of the file."""

        def propose(self, diagnostic: RustDiagnostic, bench: Workbench) -> Iterator[Patch]:
            name = diagnostic.message.split("`")[1]
            line = Change(Place("main.rs", 0, 0), f"type {name} = u8;\n")
            yield Patch((line,), "declare it", 0.9, self.name)

    search, found = searched({"main.rs": text}, [Types("types", 0)], solutions=1)
    assert found[0].files["main.rs"].startswith((b"type One = u8;\ntype Two = u8;\n", b"type Two"))
    assert [len(one.moves) for one in found] == [2]
    assert search.nearest is found[0]


def test_what_hides_the_rest_is_also_mended_by_itself() -> None:
    """Errors of a later phase come of the first ones: what is proposed for them would spoil the mend."""
    resolve, later = Kind.RESOLVE, Kind.TYPE
    moves = [
        [Move(Patch((Change(Place("main.rs", at, at), text),), text, 0.5, text), "E", phase=phase_of([told(kind)]))]
        for at, text, kind in ((0, "a", resolve), (10, "b", later), (20, "c", resolve))
    ]
    tried = [[move.patch.reason for move in bundle] for bundle in bundles(moves)]
    assert ["a", "b", "c"] in tried
    assert ["a", "c"] in tried


def told(kind: Kind) -> RustDiagnostic:
    return RustDiagnostic("E", "error", kind, "wrong", ())


def test_a_mend_of_the_one_name_that_is_unknown_comes_before_those_of_what_follows_from_it() -> None:
    """One import that names nothing left 73 types unknown, and none of 20 bundles of guesses at them helped."""
    errors = [*(told(Kind.TYPE) for _ in range(73)), told(Kind.RESOLVE)]
    patch = Patch((Change(Place("main.rs", 0, 0), "a"),), "a", 0.5)
    early, late = Move(patch, "E", phase=phase_of(errors)), Move(patch, "E", phase=2)
    phase = phase_of(errors)
    assert ahead_cost(errors, [early], phase) < ahead_cost(errors, [late] * 50, phase)
    assert ahead_cost(errors, [early], phase) < ahead_cost(errors, [early, *[late] * 50], phase)
    assert ahead_cost(errors[:-1], [late] * 2, 2) < ahead_cost(errors[:-1], [late], 2)
