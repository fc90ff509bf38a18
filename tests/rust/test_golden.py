"""Golden entries are proven when they are kept and again when they are replayed, and hold a memory to its word."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.errors import TarsError, UsageError
from tars.episode.budget import Budget
from tars.rust.checking.workspace import find_target
from tars.rust.learning import golden, memory
from tars.rust.learning.learn import Trial, Tried, candidate_of, try_candidate
from tars.rust.learning.memory import Learnt
from tars.rust.learning.patterns import Pattern
from tars.rust.mending.actions import parse_action
from tars.rust.patches import review
from tars.rust.patches.patch import bind
from tars.rust.patches.review import Kept, Proof
from tars.rust.schemas import faults
from tars.rust.values import Change, Place
from tars.store import Store, open_store

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
BROKEN = """\
pub fn pick(a: &str, b: &str) -> &str {
    if a > b { a } else { b }
}

#[test]
fn it_picks_the_greater() {
    assert_eq!(pick("a", "b"), "b");
}
"""
MENDED = BROKEN.replace("pick(a: &str, b: &str) -> &str", "pick<'a>(a: &'a str, b: &'a str) -> &'a str")
TESTED = Proof(builds=True, errors_before=1, tests_passed=1, tests_failed=0)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, run_here: RunTarscli) -> Path:
    """A project with one mend that was applied and kept as golden, in a file too."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "lib.rs").write_text(BROKEN)
    answer = json.loads(run_here("rust", "fix", "lib.rs", "--apply", "--json", folder=folder).stdout)
    assert (folder / "lib.rs").read_text() == MENDED
    run_here("rust", "golden", "add", answer["patch"]["id"][:8], "--out", "kept.json", folder=folder)
    return folder


@pytest.fixture(scope="module")
def entry(project: Path) -> dict[str, Any]:
    found = json.loads((project / "kept.json").read_text())
    assert isinstance(found, dict)
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / ".tars") as opened:
        yield opened


def test_an_entry_holds_all_that_proves_it(entry: dict[str, Any], project: Path) -> None:
    assert not faults("golden_entry", entry)
    assert golden.findings(entry) == ()
    assert entry["snapshot"]["lib.rs"]["bytes"] == BROKEN
    assert [one["code"] for one in entry["errors"]] == ["E0106"]
    assert entry["tests"] == {"run": True, "passed": ["it_picks_the_greater"], "failed_before": []}
    actions = [parse_action(text) for text in entry["actions"]]
    assert actions[0].tool == "check"
    assert "test" in {action.tool for action in actions}
    assert entry["anchors"]
    assert entry["reflection"]
    with open_store(project / ".tars") as opened:
        assert golden.find(opened, entry["id"][:6]) == entry
        assert list(golden.golden_entries(opened)) == [entry]
        with pytest.raises(UsageError, match="no golden entry begins with `ffff`"):
            golden.find(opened, "ffff")


def test_a_replay_proves_it_again(entry: dict[str, Any]) -> None:
    replayed = golden.replay(entry)
    assert replayed.holds
    assert (replayed.errors, replayed.builds, replayed.passed) == (1, True, ("it_picks_the_greater",))


def changed(entry: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    text = json.dumps(entry)
    assert old in text
    found = json.loads(text.replace(old, new))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("if a > b", "if a < b", "snapshot: lib.rs does not have its sha256"),
        ('"reflection": "', '"reflection": "else ', "its content does not have its id"),
        ("::act v=1 tool=check", "::act v=1 tool=check ", "actions/0: this is no action"),
        ("<'a>", "<'b>", "patch: the patch is damaged"),
        ('"lib.rs": {', '"../lib.rs": {', "the path '../lib.rs' has an empty part"),
        ('"goal"', '"gaol"', "'gaol'"),
    ],
)
def test_what_was_changed_is_found(entry: dict[str, Any], old: str, new: str, finding: str) -> None:
    wrong = changed(entry, old, new)
    found = golden.findings(wrong)
    assert any(finding in one for one in found), found
    with pytest.raises(TarsError, match="is damaged"):
        golden.replay(wrong)


def lone(tmp_path: Path, text: str, change: Change, proof: Proof = TESTED) -> tuple[Kept, Path]:
    place = tmp_path / "lib.rs"
    place.write_text(text)
    return Kept(bind({"lib.rs": text.encode()}, [change]), "", (), proof, "e1"), place


@pytest.mark.parametrize(
    ("text", "new", "why"),
    [
        (MENDED, "// ", "it builds without the patch"),
        (BROKEN, "// ", "it does not build with the patch"),
        (BROKEN.replace('"b");', '"c");'), "", "a test fails with the patch"),
    ],
)
def test_only_what_is_proven_is_kept(text: str, new: str, why: str, tmp_path: Path) -> None:
    change = Change(Place("lib.rs", 0, 0), new)
    if not new:
        line = "pub fn pick(a: &str, b: &str) -> &str"
        change = Change(Place("lib.rs", 0, len(line)), "pub fn pick<'a>(a: &'a str, b: &'a str) -> &'a str")
    kept, place = lone(tmp_path, text, change)
    with pytest.raises(TarsError, match=why):
        golden.make(kept, find_target(place), [], "nothing")


def test_a_mend_of_a_failing_test_is_proven_again_too(tmp_path: Path, run_here: RunTarscli) -> None:
    """Without the patch the test fails that failed then."""
    slipped = "pub fn more(a: u8) -> u8 {\n    a - 1\n}\n\n#[test]\nfn is_more() {\n    assert_eq!(more(3), 4);\n}\n"
    (tmp_path / "more.rs").write_text(slipped)
    run_here("rust", "fix", "more.rs", "--apply", folder=tmp_path)
    patch = run_here("rust", "review", "list", folder=tmp_path).stdout.split()[0]
    run_here("rust", "golden", "add", patch, "--out", "more.json", folder=tmp_path)
    entry = json.loads((tmp_path / "more.json").read_text())
    assert entry["tests"] == {"run": True, "passed": ["is_more"], "failed_before": ["is_more"]}
    assert golden.replay(entry).holds
    assert "1 failing test" in run_here("rust", "golden", "replay", "more.json", folder=tmp_path).stdout
    entry["tests"]["failed_before"].append("is_less")
    assert golden.findings(entry) == ("the entry was changed: its content does not have its id",)


def test_a_mend_of_lints_is_proven_again_by_clippy(tmp_path: Path, run_here: RunTarscli) -> None:
    """It builds without the patch too, so only that clippy finds less proves anything."""
    (tmp_path / "seven.rs").write_text("pub fn seven() -> u8 {\n    return 7;\n}\n")
    answer = json.loads(
        run_here("rust", "fix", "seven.rs", "--class", "lint", "--apply", "--json", folder=tmp_path).stdout
    )
    run_here("rust", "golden", "add", answer["patch"]["id"], "--out", "seven.json", folder=tmp_path)
    entry = json.loads((tmp_path / "seven.json").read_text())
    assert [one["code"] for one in entry["errors"]] == ["clippy::needless_return"]
    assert "has 1 finding of clippy" in run_here("rust", "golden", "replay", "seven.json", folder=tmp_path).stdout
    kept, place = lone(tmp_path, "pub fn seven() -> u8 {\n    7\n}\n", Change(Place("lib.rs", 0, 0), "// \n"))
    for clippy, why in ((True, "it builds, with no more lints, without"), (None, "it builds without")):
        proof = Proof(builds=True, clippy=clippy)
        with pytest.raises(TarsError, match=why):
            golden.make(replace(kept, proof=proof), find_target(place), [], "nothing")


def test_files_that_are_neither_as_before_nor_after_are_refused(tmp_path: Path) -> None:
    kept, place = lone(tmp_path, BROKEN, Change(Place("lib.rs", 0, 0), "// "))
    place.write_text("other")
    with pytest.raises(TarsError, match=r"`lib.rs` was changed"):
        golden.make(kept, find_target(place), [], "nothing")


def test_the_command(project: Path, entry: dict[str, Any], tmp_path: Path, run_here: RunTarscli) -> None:
    assert "1 test passed" in run_here("rust", "golden", "replay", folder=project).stdout
    assert "kept.json: sound" in run_here("rust", "golden", "validate", "kept.json", folder=project).stdout
    (tmp_path / "wrong.json").write_text(json.dumps(changed(entry, "if a > b", "if a < b")))
    done = run_here("rust", "golden", "validate", "wrong.json", folder=tmp_path, code=1)
    assert "does not have its sha256" in done.stdout
    (tmp_path / "text.json").write_text("{")
    assert "is not JSON" in run_here("rust", "golden", "replay", "text.json", folder=tmp_path, code=1).stderr


def pattern(name: str, words: tuple[str, ...] = ("w",)) -> Pattern:
    return Pattern("E0433", "use of undeclared type `_`", words, (), (f"a::{name}",))


def learnt_from(store: Store, one: Pattern, episode: str) -> Kept:
    kept = Kept(bind({"a.rs": b"x"}, [Change(Place("a.rs", 0, 1), episode)]), "", (), Proof(builds=True), episode)
    review.keep(store, kept)
    memory.remember(store, [one], patch=kept.id, episode=episode)
    return kept


def test_a_candidate_weighs_by_outcome_support_and_contradiction(tmp_path: Path, store: Store) -> None:
    often, once, other, rejected = pattern("A"), pattern("B", ("x",)), pattern("C"), pattern("D", ("y",))
    learnt_from(store, often, "e1")
    learnt_from(store, often, "e2")
    learnt_from(store, once, "e3")
    learnt_from(store, other, "e4")
    kept = learnt_from(store, rejected, "e5")
    (tmp_path / "a.rs").write_text("x")
    review.apply(store, tmp_path, kept)
    review.rollback(store, tmp_path, kept)
    weights = candidate_of(store).patterns
    assert weights == {often.id: 0.85, once.id: 0.7, other.id: 0.35}


def test_nothing_is_learnt_without_a_canary_set_or_without_episodes(store: Store, entry: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="no canary set"):
        try_candidate(store, [], Budget())
    with pytest.raises(UsageError, match="nothing to learn from"):
        try_candidate(store, [entry], Budget())


def tried(*rows: tuple[str, bool, int]) -> tuple[Tried, ...]:
    return tuple(Tried(name, mended, probes, 0.1) for name, mended, probes in rows)


@pytest.mark.parametrize(
    ("current", "proposed", "refusal"),
    [
        (tried(("a", True, 4)), tried(("a", True, 2)), ""),
        (tried(("a", True, 4)), tried(("a", True, 4)), ""),
        (tried(("a", True, 4)), tried(("a", True, 5)), "it takes 5 probes for what took 4"),
        (tried(("a", True, 4)), tried(("a", False, 1)), "it no longer mends a"),
        (tried(("a", False, 9)), tried(("a", True, 20)), ""),
    ],
)
def test_what_makes_a_candidate_regress(current: tuple[Tried, ...], proposed: tuple[Tried, ...], refusal: str) -> None:
    assert Trial(Learnt(), current, proposed, 1, 0).refusal == refusal


def test_learn(project: Path, run_here: RunTarscli) -> None:
    answer = json.loads(run_here("rust", "learn", "--dry-run", "--json", folder=project).stdout)
    assert (answer["accepted"], answer["refusal"], answer["mended_after"]) == (False, "", 1)
    done = run_here("rust", "learn", folder=project)
    assert "Accepted: 1 pattern, 0 dropped" in done.stderr
    with open_store(project / ".tars") as opened:
        assert set(memory.accepted_memory(opened).patterns) == set(answer["weights"])
