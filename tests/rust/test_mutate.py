"""Mutants: every kind of mutation on its own sample, and seeded mutants that are proven broken."""

import json
from pathlib import Path

import pytest

from tars.core.errors import TarsError, UsageError
from tars.rust.checking.checkers import Checkers, open_checkers
from tars.rust.checking.diagnostics import kind_of
from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.workspace import find_target, read_files
from tars.rust.evaluation.mutate import Mutant, Request, mutants
from tars.rust.evaluation.mutation import MUTATIONS, Ground, proposals
from tars.rust.patches.patch import from_json
from tars.rust.syntax.source import SourceFile

COUNTER = b"""use std::collections::BTreeMap;

/// Counts words.
pub fn count<'t>(text: &'t str) -> BTreeMap<&'t str, usize> {
    let mut counts = BTreeMap::new();
    for word in text.split(' ') {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_twice() {
        let only_here = count("a b a");
        assert_eq!(only_here["a"], 2);
    }
}
"""


@pytest.mark.parametrize("kind", MUTATIONS.names())
def test_a_mutation_breaks_its_sample(kind: str) -> None:
    mutation = MUTATIONS.load(kind)
    file = SourceFile("main.rs", mutation.before.encode())
    mutants = [file.changed(changes).data.decode() for changes in mutation.propose(Ground(file))]
    assert mutation.after in mutants, mutants
    assert mutation.before not in mutants
    assert mutation.title
    with LoneCrate("main.rs") as crate:
        assert crate.check({"main.rs": mutation.before.encode()}).ok
        assert crate.check({"main.rs": mutation.after.encode()}).ok is mutation.builds


def test_the_kinds_of_the_specification_are_there() -> None:
    asked = (
        "drop_lifetime drop_bound drop_where wrong_generics drop_pub drop_semicolon drop_brace drop_paren drop_comma"
        " drop_quote use_after_move drop_import wrong_mutability typo_name typo_type typo_method drop_argument"
        " extra_argument drop_arm drop_trait_item drop_deref drop_ref drop_clone drop_cast drop_call wrong_literal"
        " drop_return_type swap_arguments"
    )
    assert set(asked.split()) <= set(MUTATIONS.names())


GROVE = b"""use std::fmt::Debug;

mod trees {
    pub struct Tree<T>(pub T);

    impl<T> Tree<T> {
        pub fn grown(&self) -> Vec<&T> {
            vec![&self.0]
        }
    }

    pub fn first<'t>(one: &'t str, _other: &str) -> &'t str {
        one
    }
}

pub fn shown<T: Debug, U>(one: T, other: U) -> String
where
    U: Debug,
{
    let mut text = String::new();
    text.push_str(&format!("{:?}", one));
    let tree: trees::Tree<U> = trees::Tree(other);
    let kept = format!("{:?} {}", tree.grown(), trees::first("a", "b"));
    takes(text.clone());
    text + &kept
}

fn takes(text: String) -> usize {
    text.len()
}
"""
SPECIFIED = {
    "dropped lifetimes": "drop_lifetime", "removed bounds": "drop_bound", "removed where clauses": "drop_where",
    "wrong generics": "wrong_generics", "flipped pub": "drop_pub", "deleted semicolons": "drop_semicolon",
    "deleted braces": "drop_brace", "moved-value uses": "drop_clone", "uses after a move": "use_after_move",
    "missing imports": "drop_import", "wrong mutability": "wrong_mutability", "misspelt types": "typo_type",
}  # fmt: skip


@pytest.mark.parametrize("kind", SPECIFIED.values(), ids=SPECIFIED)
def test_each_kind_of_the_specification_is_made_and_proven(kind: str) -> None:
    """The original builds, or there would be an error; the mutant does not, and taking it back is the original."""
    (found,) = lone(GROVE, Request(1, kinds=(kind,), tests=False))
    assert found.kind == kind
    assert found.errors
    assert found.patch.inverse().applied(found.files) == {"main.rs": GROVE}


def lone(data: bytes, request: Request, jobs: int = 2) -> list[Mutant]:
    with Checkers(lambda: LoneCrate("main.rs", tests=True), jobs) as checkers:
        return list(mutants({"main.rs": data}, checkers, request))


def test_mutants_are_broken_and_their_mend_is_exact() -> None:
    found = lone(COUNTER, Request(12, seed=3))
    assert len(found) == 12
    assert len({one.kind for one in found}) >= 10, "kinds are tried in turns"
    with LoneCrate("main.rs", tests=True) as crate:
        for one in found:
            assert crate.check(one.files).errors[0].message == one.errors[0].message
            body = json.loads(json.dumps(one.to_json()))
            assert body["class"] == kind_of(body["codes"][0], body["message"])
            assert from_json(body["breaks"]).applied({"main.rs": COUNTER}) == one.files
            assert from_json(body["mends"]).applied(one.files) == {"main.rs": COUNTER}


def test_a_seed_gives_the_same_mutants_with_any_number_of_checkers() -> None:
    one, other, third = (
        [(mutant.kind, mutant.changes) for mutant in lone(COUNTER, Request(6, seed, tests=False), jobs)]
        for seed, jobs in ((1, 1), (1, 3), (2, 1))
    )
    assert one == other
    assert one != third


def test_only_the_kinds_that_are_asked_for_are_made() -> None:
    found = lone(COUNTER, Request(5, kinds=("drop_semicolon", "drop_import"), tests=False))
    assert {one.kind for one in found} == {"drop_semicolon", "drop_import"}
    with pytest.raises(UsageError, match="drop_semicolons"):
        lone(COUNTER, Request(5, kinds=("drop_semicolons",)))


def test_tests_comments_and_macros_are_left_alone() -> None:
    data = COUNTER + b"macro_rules! twice { ($x:expr) => { $x + $x }; }\npub const FOUR: u8 = twice!(2);\n"
    tests = data.index(b"#[cfg(test)]"), data.index(b"macro_rules!")
    body = data.index(b"($x"), data.index(b"}\npub const")
    for found in proposals(SourceFile("main.rs", data), MUTATIONS.names()).values():
        for changes in found:
            for change in changes:
                assert not tests[0] < change.place.start < tests[1]
                assert not body[0] <= change.place.start < body[1]


@pytest.mark.parametrize(
    ("data", "why"),
    [(COUNTER.replace(b"counts\n", b"count\n"), "does not build"), (COUNTER.replace(b"0)", b"1)"), "tests fail")],
)
def test_what_does_not_hold_by_itself_is_not_mutated(data: bytes, why: str) -> None:
    with pytest.raises(TarsError, match=why):
        lone(data, Request(1))


def test_a_crate_is_mutated_in_its_sources_only(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "small"\nversion = "0.1.0"\nedition = "2021"\n')
    (tmp_path / "src/lib.rs").write_text("pub fn one(two: Option<u8>) -> u8 {\n    two.unwrap_or(1)\n}\n")
    (tmp_path / "tests/all.rs").write_text("#[test]\nfn one() {\n    assert_eq!(small::one(None), 1);\n}\n")
    target = find_target(tmp_path)
    with open_checkers(target) as checkers:
        found = list(mutants(read_files(target), checkers, Request(4)))
    assert {one.changes[0].place.path for one in found} == {"src/lib.rs"}
    assert len(found) == 4
