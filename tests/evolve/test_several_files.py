"""Sources of several files: what a patch may touch, what a candidate can reach, and that all of them change or none."""

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tars.core.errors import TarsError, UsageError
from tars.evolve.commit import commit
from tars.evolve.errors import PatchError
from tars.evolve.judging.metric import read_metric
from tars.evolve.operator import Situation
from tars.evolve.operators import crossover, model, mutate, parameters
from tars.evolve.patch import Patch, digest_of, read_patch
from tars.evolve.records import begin
from tars.evolve.rule import Change, findings_of
from tars.evolve.sources.files import as_text, files_in
from tars.evolve.sources.source import apply_to_source, declared_in, difference
from tars.evolve.sources.source_subject import Given, Limits, SourceSubject, open_source
from tars.evolve.values import Candidate, Figures
from tars.store import open_store
from tars.store.rewrite import PutBack, is_open, put_back
from tars.store.rollback import plan_rollback, rollback

Tarscli = Callable[..., "subprocess.CompletedProcess[str]"]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "evolve"
CORE = """from pathlib import Path

from . import steps

PLACE = 1.0  # tars: 0.0 .. 10.0


def find(case):
    table = (Path(__file__).parent / "table.bin").read_bytes()
    return {"place": steps.moved(PLACE) + len(table) - 3, "START": [PLACE]}
"""
STEPS = """PLACE = 2.0  # tars: 0.0 .. 10.0
KIND = "low"  # tars: "low" | "high"


# tars: evolve
def moved(place):
    return place + PLACE * 2 - 4
# tars: end
"""
METRIC = """DIRECTION = "maximize"
ENTRY = "find"

def score(case, answer):
    return 100 - abs(answer["place"] - 7.5)
"""
FILES = {"solver/core.py": CORE, "solver/steps.py": STEPS}
TEXT = as_text(FILES)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A project whose folder `solver` is a package, with data, tests and the metric in it."""
    root = tmp_path / "project"
    (root / "solver" / "tests").mkdir(parents=True)
    for path, text in FILES.items():
        (root / path).write_text(text)
    (root / "solver" / "__init__.py").write_text("from .core import find\n")
    (root / "solver" / "table.bin").write_bytes(b"\x00\xff\n")
    (root / "solver" / "tests" / "test_core.py").write_text("EXPECTED = 7.5\n")
    (root / "solver" / "metric.py").write_text(METRIC)
    return root


def opened(root: Path, target: str, entry: str = "find", **given: object) -> tuple[SourceSubject, str]:
    metric = read_metric(str(root / "solver" / "metric.py"))
    asked = Given(1, Limits(5.0, 256 << 20), project=root, **given)  # type: ignore[arg-type]
    return open_source(root / target, entry, metric, Path(mkdtemp(dir=root.parent)), asked)


@pytest.fixture
def subject(package: Path) -> Iterator[SourceSubject]:
    made, text = opened(package, "solver")
    assert text == TEXT, "what declares something may change, the rest is read"
    yield made
    made.close()


def patched(*ops: dict[str, object]) -> str:
    return apply_to_source(TEXT, read_patch(list(ops))[0])


def situation(text: str, *others: str) -> Situation:
    parent = Candidate(1, text, figures=Figures(1.0))
    learnt = [Candidate(number + 2, one, figures=Figures(2.0)) for number, one in enumerate(others)]
    return Situation("python", parent, parent, learnt, random.Random(3))


def test_a_file_is_its_own_text_and_several_are_one_that_comes_apart_again() -> None:
    assert files_in("x = 1\n") == {"": "x = 1\n"}
    assert as_text({"": "x = 1\n"}) == "x = 1\n"
    assert files_in(TEXT) == FILES
    assert as_text(dict(reversed(FILES.items()))) == TEXT


def test_an_operation_names_its_file_where_a_name_alone_means_two() -> None:
    after = patched({"op": "set", "file": "solver/steps.py", "parameter": "PLACE", "value": 3.0})
    assert files_in(after) == {**FILES, "solver/steps.py": STEPS.replace("PLACE = 2.0", "PLACE = 3.0")}
    assert 'KIND = "high"' in patched({"op": "swap", "parameter": "KIND", "choice": "high"})
    with pytest.raises(PatchError, match="several files declare a parameter `PLACE`"):
        patched({"op": "set", "parameter": "PLACE", "value": 3.0})


@pytest.mark.parametrize("file", ["solver/new.py", "../solver/core.py", "/etc/passwd", "solver/__init__.py", "solver"])
def test_no_operation_reaches_a_file_that_declares_nothing(file: str) -> None:
    with pytest.raises(PatchError):
        patched({"op": "set", "file": file, "parameter": "PLACE", "value": 3.0})
    region = declared_in(TEXT).regions["solver/steps.py:region1"]
    with pytest.raises(PatchError):
        patched({"op": "replace", "file": file, "region": "region1", "base": digest_of(region.text), "text": "x = 1"})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"solver/core.py": CORE.replace("- 3", "- 2")}, "E0101"),
        ({"solver/more.py": "x = 1\n"}, "E0101"),
        ({"solver/steps.py": STEPS.replace("* 2 - 4", "* 2 -")}, "E0102"),
        ({"solver/steps.py": STEPS.replace("- 4", "- 4" + " + 0" * 3000)}, "E0103"),
        ({"solver/core.py": CORE.replace("find(case)", "find(case, more)")}, "E0104"),
        ({"solver/steps.py": STEPS.replace("    return place", "    from os import path\n    return place")}, "E0105"),
        ({"solver/steps.py": STEPS.replace("    return place", "    from .core import os\n    return place")}, "E0105"),
        ({}, ""),
    ],
)
def test_rules_hold_for_each_file_and_for_all_together(changed: dict[str, str], code: str) -> None:
    found = findings_of(Change("python", TEXT, as_text({**FILES, **changed}), "find"))
    assert code in [one.code for one in found] if code else not found


def test_operators_find_what_may_change_in_all_files() -> None:
    tuned = parameters.Tuner(1).propose(situation(TEXT))
    assert tuned is not None
    assert {(one.arguments["file"], one.text("parameter")) for one in tuned.ops} == {
        ("solver/core.py", "PLACE"), ("solver/steps.py", "PLACE"), ("solver/steps.py", "KIND"),
    }  # fmt: skip
    pytest.importorskip("tree_sitter_python", reason="the extra `evolve` is not installed")
    mutated = mutate.propose(situation(TEXT))
    assert mutated is not None
    assert mutated.ops[0].text("file") == "solver/steps.py"
    other = apply_to_source(TEXT, tuned)
    assert apply_to_source(TEXT, Patch(difference(TEXT, other))) == other
    crossed = crossover.propose(situation(TEXT, other))
    assert crossed is not None
    assert len(crossed.ops) < 3
    for patch in (tuned, mutated, crossed):
        assert apply_to_source(TEXT, patch) != TEXT


def test_a_model_is_shown_all_files_and_names_one() -> None:
    form = model.schema_for("python", TEXT)["properties"]["ops"]["items"]["properties"]
    assert form["file"]["enum"] == list(FILES)
    assert "file" not in model.schema_for("python", CORE)["properties"]["ops"]["items"]["properties"]
    shown = model.prompt_for(situation(TEXT))
    assert "==> solver/steps.py <==" in shown
    assert "in file solver/core.py: parameter PLACE = 1.0" in shown
    asked = situation(TEXT)
    answer = (
        '{"ops": [{"op": "replace", "region": "region1", "file": "solver/steps.py", "text": "def moved(p): return p"}]}'
    )
    object.__setattr__(asked, "ask", lambda prompt, schema, seed: answer)
    patch = model.Modelled().propose(asked)
    assert patch is not None
    assert "def moved(p): return p" in files_in(apply_to_source(TEXT, patch))["solver/steps.py"]


def test_a_package_is_measured_warm_and_fresh_with_its_own_data(subject: SourceSubject) -> None:
    assert subject.screen(TEXT, 0).score == 93.5
    better = patched({"op": "set", "file": "solver/core.py", "parameter": "PLACE", "value": 7.5})
    assert subject.screen(better, 0).score == 100
    assert subject.confirm(better, 0).score == 100
    assert subject.screen(TEXT, 0).score == 93.5, "nothing stays of the candidate before"


@pytest.mark.parametrize(
    "body",
    [
        "open(__file__, 'a').write('x')", "__import__('pathlib').Path(__file__).with_name('core.py').unlink()",
        "open(__file__.replace('steps.py', 'metric.py')).read()",
        "open(__file__.replace('steps.py', 'tests/test_core.py')).read()",
        "open('{root}/solver/metric.py').read()", "open('{root}/solver/core.py', 'w').write('')",
    ],
)  # fmt: skip
def test_a_candidate_reaches_neither_what_judges_it_nor_the_files(
    subject: SourceSubject, package: Path, body: str
) -> None:
    """As a jail sees it: the rules would stop these before."""
    hostile = STEPS.replace("    return place", f"    {body.replace('{root}', str(package))}\n    return place")
    found = subject.screen(as_text({**FILES, "solver/steps.py": hostile}), 0)
    assert found.fault == "error"
    assert subject.screen(TEXT, 0).score == 93.5
    assert (package / "solver" / "core.py").read_text() == CORE


def test_a_file_brings_what_it_imports(package: Path) -> None:
    made, text = opened(package, "solver/core.py")
    made.close()
    assert files_in(text) == FILES
    (package / "alone.py").write_text(
        "import helper\nPLACE = 1.0  # tars: 0.0 .. 9.0\ndef find(case):\n    return {'place': helper.add(PLACE)}\n"
    )
    (package / "helper.py").write_text("def add(n):\n    return n + 1\n")
    made, text = opened(package, "alone.py")
    try:
        assert text == (package / "alone.py").read_text(), "what one file declares stays one file's text"
        assert made.screen(text, 0).score == 94.5
        assert list(made.rest) == [str(package / "helper.py")]
    finally:
        made.close()


def test_a_folder_may_hold_one_file(package: Path) -> None:
    (package / "one").mkdir()
    (package / "one" / "random.py").write_text(
        "PLACE = 1.0  # tars: 0.0 .. 9.0\n\n\ndef find(case):\n    return {'place': PLACE}\n"
    )
    made, text = opened(package, "one")
    try:
        assert list(files_in(text)) == ["one/random.py"], (
            "which is no module of Python's, though it has the name of one"
        )
        assert made.screen(text, 0).score == 93.5
    finally:
        made.close()


def test_further_files_are_named_by_path_or_pattern(package: Path) -> None:
    (package / "data").mkdir()
    (package / "data" / "add.json").write_text("[4]")
    reads = "import json\nfrom pathlib import Path\nPLACE = 1.0  # tars: 0.0 .. 9.0\n\n\ndef find(case):\n    return {'place': PLACE + json.loads(Path(__file__).with_name('data').joinpath('add.json').read_text())[0]}\n"  # noqa: E501
    (package / "reads.py").write_text(reads)
    made, text = opened(package, "reads.py", files=("data/*.json",))
    try:
        assert made.screen(text, 0).score == 97.5
    finally:
        made.close()
    with pytest.raises(UsageError, match="is no file of the project"):
        opened(package, "reads.py", files=("../*.json",))


@pytest.mark.parametrize(
    ("target", "entry", "said"),
    [
        ("solver", "nothing", "no file defines `nothing`"), ("solver", "other:find", "there is no module `other`"),
        ("solver", "../solver/core:find", "there is no module"),
        ("solver/table.bin", "find", "neither a metascript nor a source"), ("empty", "find", "holds no source"),
        ("solver/core.py", "core:find", "names a place in a folder"),
    ],
)  # fmt: skip
def test_what_is_no_source_is_refused(package: Path, target: str, entry: str, said: str) -> None:
    (package / "empty").mkdir()
    with pytest.raises(UsageError, match=said):
        opened(package, target, entry)


def test_links_and_metrics_that_are_imported_are_refused(package: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("x = 1\n")
    link = package / "solver" / "link.py"
    link.symlink_to(package / "solver" / "core.py")
    with pytest.raises(UsageError, match=r"solver/link\.py` is a symbolic link"):
        opened(package, "solver")
    link.unlink()
    link.symlink_to(tmp_path / "outside.py")
    with pytest.raises(TarsError, match="leads out of the project"):
        opened(package, "solver")
    link.unlink()
    (package / "solver" / "two\nlines.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match="cannot be told in a line"):
        opened(package, "solver")
    (package / "solver" / "two\nlines.py").unlink()
    (package / "solver" / "core.py").write_text(CORE.replace("from . import steps", "from . import metric, steps"))
    with pytest.raises(UsageError, match="imports what judges it"):
        opened(package, "solver/core.py")


def test_what_no_candidate_changes_is_held_like_what_judges(subject: SourceSubject, package: Path) -> None:
    guarded = subject.guarded()
    assert str(package / "solver" / "table.bin") in guarded
    (package / "solver" / "table.bin").write_bytes(b"more than three")
    assert subject.guarded() == guarded, "candidates read a copy"
    again, _ = opened(package, "solver")
    assert again.guarded() != guarded, "a session that goes on, and a commit, see the difference"


def test_all_files_are_committed_and_taken_back(package: Path) -> None:
    (package / "solver" / "core.py").chmod(0o755)
    after = patched(
        {"op": "set", "file": "solver/core.py", "parameter": "PLACE", "value": 7.5},
        {"op": "swap", "parameter": "KIND", "choice": "high"},
    )
    with open_store(package / ".tars") as store:
        session = begin(store, "solver", {}, {}, TEXT)
        assert commit(store, package, session, 1, after, "python") == 2
        assert {path: (package / path).read_text() for path in FILES} == files_in(after)
        assert (package / "solver" / "core.py").stat().st_mode & 0o100
        assert not is_open(store)
        rollback(store, package, plan_rollback(store, package, "solver@v1"))
    assert {path: (package / path).read_text() for path in FILES} == FILES
    assert (package / "solver" / "table.bin").read_bytes() == b"\x00\xff\n"


def test_a_commit_that_stopped_between_two_files_is_put_back(
    package: Path, kill_between_files: Callable[..., None]
) -> None:
    after = patched(
        {"op": "set", "file": "solver/core.py", "parameter": "PLACE", "value": 7.5},
        {"op": "swap", "parameter": "KIND", "choice": "high"},
    )
    with open_store(package / ".tars") as store:
        session = begin(store, "solver", {}, {}, TEXT)
        kill_between_files(
            "from pathlib import Path; from tars.store import open_store; from tars.evolve.commit import commit\n"
            "from tars.evolve.records import session_of\n"
            "with open_store(Path('.tars')) as store:\n"
            f"    commit(store, Path(), session_of(store, ''), 1, {after!r}, 'python')",
            folder=package,
        )
        assert put_back(store, package) == PutBack(("solver/core.py",))
        assert {path: (package / path).read_text() for path in FILES} == FILES
        assert put_back(store, package) == PutBack()
        assert commit(store, package, session, 1, after, "python") == 2
        (package / "solver" / "steps.py").write_text("mine\n")
        with pytest.raises(TarsError, match=r"`solver/steps\.py` was changed since"):
            commit(store, package, session, 1, after, "python")


def test_a_folder_elsewhere_needs_a_project(package: Path, run_tarscli: Tarscli) -> None:
    """Else what it remembers would lie beside a folder that nobody meant."""
    (package / "here").mkdir()
    said = run_tarscli("evolve", "../solver", "--metric", "../solver/metric.py", folder=package / "here", code=2).stderr
    assert "is in no project, and not below the current folder" in said
    assert not (package / ".tars").exists()


@pytest.mark.slow
def test_the_tour_becomes_shorter_by_changes_in_two_files(tmp_path: Path, run_tarscli: Tarscli) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "tour", tmp_path / "tour"))
    before = {path: path.read_text() for path in folder.rglob("*.py")}
    words = (
        "evolve",
        "tour",
        "--metric",
        "metric.py",
        "--budget",
        "evaluations=12",
        "--seed",
        "1",
        "--apply",
        "--json",
    )
    came = json.loads(run_tarscli(*words, folder=folder).stdout)
    assert came["version"] == 2
    assert came["score"] < 0.6 * came["before"]
    changed = {path.name for path, text in before.items() if path.read_text() != text}
    assert changed == {"start.py", "improve.py"}
    shown = json.loads(run_tarscli("evolve", "diff", "--json", folder=folder).stdout)["diff"]
    assert "--- tour/improve.py (0)" in shown
    assert "--- tour/start.py (0)" in shown
    run_tarscli("rollback", "tour@v1", "--yes", folder=folder)
    assert before == {path: path.read_text() for path in before}
