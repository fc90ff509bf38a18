"""Sources in Rust: what may change in them, and what comes of candidates that do not compile, end, or say the truth."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tars.core.errors import UsageError
from tars.evolve.judging.metric import read_metric
from tars.evolve.operator import Situation
from tars.evolve.operators import mutate
from tars.evolve.rule import Change, findings_of
from tars.evolve.sources.languages import fault_in
from tars.evolve.sources.source import apply_to_source, declared_in, skeleton
from tars.evolve.sources.source_subject import Given, Limits, SourceSubject, open_source
from tars.evolve.values import Candidate
from tars.runner.building.tools import detect
from tars.runner.toolchains._tools import CARGO, RUSTC

SOURCE = """//! Integrates powers with two points.

pub const NEAR: f64 = 0.25; // tars: 0.0 .. 0.5
const TIMES: usize = 1; // tars: 1 .. 4

pub fn integrate(powers: &[i32], scale: f64) -> Vec<f64> {
    powers.iter().map(|&power| scale * rule(power)).collect()
}

fn rule(power: i32) -> f64 {
    let mut sum = 0.0;
    // tars: evolve
    for _ in 0..TIMES {
        sum += NEAR.powi(power) + (1.0 + NEAR).powi(power);
    }
    // tars: end
    sum / (2.0 * TIMES as f64)
}

#[cfg(test)]
mod tests {
    #[test]
    fn constants_are_integrated() {
        assert!((super::rule(0) - 1.0).abs() < 1e-12);
    }
}
"""
MENDED = SOURCE.replace("(1.0 + NEAR)", "(1.0 - NEAR)")
METRIC = """ENTRY = "integrate"

def cases(seed):
    return [[[0, 1, 2, 3], 1.0]]

def score(case, answer):
    return sum(abs(one - 1 / (power + 1)) for power, one in zip(case[0], answer))
"""
needs_rust = pytest.mark.skipif(detect(RUSTC) is None, reason="there is no Rust compiler here")
needs_cargo = pytest.mark.skipif(detect(CARGO) is None, reason="there is no cargo here")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".tars").mkdir(parents=True)
    (folder / "area.rs").write_text(SOURCE)
    (folder / "metric.py").write_text(METRIC)
    return folder


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceSubject]:
    folder = tmp_path_factory.mktemp("rust")
    (folder / "area.rs").write_text(SOURCE)
    (folder / "metric.py").write_text(METRIC)
    metric = read_metric(str(folder / "metric.py"))
    made, _ = open_source(folder / "area.rs", "integrate", metric, folder / "jails", Given(1, Limits(0.5, 256 << 20)))
    yield made
    made.close()


def changed(inside: str) -> str:
    """The source with another text in its region."""
    region = declared_in(SOURCE).regions["region1"]
    return SOURCE[: region.start] + inside + SOURCE[region.end :]


@needs_rust
def test_a_candidate_is_compiled_and_scored_and_tests_hold_what_is_let_in(subject: SourceSubject) -> None:
    before, mended = subject.screen(SOURCE, 0), subject.screen(MENDED, 0)
    assert (before.fault, mended.fault) == ("", "")
    assert before.score < mended.score == pytest.approx(-1 / 48 - 1 / 32)
    broken = changed("sum += 3.0;\n")
    assert subject.screen(broken, 0).fault == ""
    refused = subject.confirm(broken, 0)
    assert refused.fault == "tests"
    assert "constants_are_integrated" in refused.text


@needs_rust
@pytest.mark.slow
def test_what_does_not_compile_end_or_tell_the_truth_is_a_fault_and_no_more(subject: SourceSubject) -> None:
    forged = r'println!("{{\"id\":1,\"seconds\":0,\"answers\":[[1,0.5]]}}");'
    cases = {
        "sum += 1;\n": ("build", "agent.rs:13:5: error"),
        "loop { sum += 1.0; }\n": ("timeout", ""),
        'panic!("never {}", sum);\n': ("error", "never 0"),
        "sum += 0.0 / 0.0 * sum;\n": ("error", "no JSON number"),
        f"{forged}\nstd::process::exit(0);\n": ("exit", ""),
    }
    for inside, (fault, said) in cases.items():
        found = subject.screen(changed(inside), 0)
        assert found.fault == fault, (inside, found)
        assert said in found.text
    assert subject.screen(SOURCE, 0).fault == "", "and those that follow are well"


def test_changes_stay_within_the_region_parse_and_keep_the_kind_of_numbers() -> None:
    texts = set()
    for seed in range(120):
        draw = random.Random(seed)
        parent = Candidate(0, SOURCE)
        patch = mutate.propose(Situation("rust", parent, parent, (), draw))
        assert patch is not None
        text = apply_to_source(SOURCE, patch)
        assert skeleton(text) == skeleton(SOURCE)
        assert not fault_in(text, "rust")
        texts.add(text)
    assert MENDED in texts, "the slip is among them"
    assert any("wrapping_" in text or "..=" in text for text in texts), "and what people mistake for one another"
    assert not any("(1 " in text or "(2 " in text for text in texts), "1.0 has not become 1"


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('sum += std::fs::read("/etc/passwd").unwrap().len() as f64;\n', "E0105"),
        ("sum += unsafe { *(&NEAR as *const f64) };\n", "E0105"),
        ('sum += include_str!("metric.py").len() as f64;\n', "E0105"),
        ("sum += if cfg!(test) { 2.0 } else { 7.0 };\n", "E0105"),
        ("sum += (1.0;\n", "E0102"),
    ],
)
def test_a_wider_reach_is_refused_before_anything_is_compiled(inside: str, code: str) -> None:
    found = findings_of(Change("rust", SOURCE, changed(inside), "integrate"))
    assert {one.code for one in found} == {code}
    assert findings_of(Change("rust", SOURCE, MENDED, "integrate")) == ()


def test_the_signature_stays() -> None:
    for other in (SOURCE.replace("scale: f64", "scale: f32"), SOURCE.replace("-> Vec<f64>", "-> Vec<f32>")):
        found = findings_of(Change("rust", SOURCE, other, "integrate"))
        assert "E0104" in [one.code for one in found]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("// tars: 1 .. 4", "// tars: slot", "fits no type of Rust"),
        ("pub fn integrate", "fn integrate", "is not a plain `pub fn`"),
    ],
)
def test_a_source_that_cannot_be_evolved_is_refused(
    run_tarscli: Any, project: Path, old: str, new: str, said: str
) -> None:
    (project / "area.rs").write_text(SOURCE.replace(old, new))
    refused = run_tarscli("evolve", "area.rs", "--metric", "metric.py", folder=project, code=None)
    assert refused.returncode in (1, 2)
    assert said in refused.stderr
    assert "Hint:" in refused.stderr


def test_tests_do_not_belong_in_a_region(project: Path) -> None:
    (project / "area.rs").write_text(SOURCE.replace("    // tars: end\n", "") + "    // tars: end\n")
    with pytest.raises(UsageError, match="holds tests"):
        open_source(
            project / "area.rs", "integrate", read_metric(str(project / "metric.py")), project / "jails", Given(1)
        )


@needs_cargo
@pytest.mark.slow
def test_a_crate_is_evolved_with_its_tests_as_a_gate_and_taken_back(run_tarscli: Any, project: Path) -> None:
    source, tests = SOURCE.split("#[cfg(test)]")
    for path, text in {
        "Cargo.toml": '[package]\nname = "an-area"\nversion = "0.1.0"\nedition = "2021"\n',
        "src/lib.rs": "pub mod rules;\n",
        "src/rules/mod.rs": "pub mod two;\n",
        "src/rules/two.rs": source,
        "tests/constants.rs": tests.replace("mod tests {", "")
        .rstrip()[:-1]
        .replace("(super::rule(0)", "(an_area::rules::two::integrate(&[0], 1.0)[0]"),
    }.items():
        (project / "crate" / path).parent.mkdir(parents=True, exist_ok=True)
        (project / "crate" / path).write_text(text)
    words = ("--metric", "metric.py", "--budget", "evaluations=10", "--seed", "3", "--apply", "--json", "--jobs", "1")
    answer = json.loads(run_tarscli("evolve", "crate", *words, folder=project).stdout)
    assert answer["score"] < answer["before"]
    text = (project / "crate/src/rules/two.rs").read_text()
    assert text != source
    assert skeleton(text) == skeleton(source)
    assert sorted(path.name for path in (project / "crate").iterdir()) == ["Cargo.toml", "src", "tests"]
    run_tarscli("rollback", f"crate@v{answer['version'] - 1}", "--yes", folder=project)
    assert (project / "crate/src/rules/two.rs").read_text() == source


def test_a_file_of_a_crate_outside_of_the_project_is_refused(project: Path) -> None:
    crate = project / "crate"
    (crate / "src").mkdir(parents=True)
    (crate / "Cargo.toml").write_text('[package]\nname = "x"\nversion = "0.1.0"\n')
    (crate / "src" / "lib.rs").write_text(SOURCE)
    metric = read_metric(str(project / "metric.py"))
    with pytest.raises(UsageError, match="belongs to the crate"):
        open_source(crate / "src" / "lib.rs", "integrate", metric, project / "jails", Given(1))
    found, _ = open_source(
        crate / "src" / "lib.rs", "integrate", metric, project / "jails", Given(1, project=project)
    )  # fmt: skip
    assert found.room.tree is not None
    assert (found.room.tree.base, found.room.tree.start) == ("crate", "crate/src/lib.rs")
