"""What a chat model proposes, with a real server on loopback that answers as models do, well and badly."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from tars.episode.budget import Budget as EpisodeBudget
from tars.episode.budget import Meter
from tars.episode.values import Status
from tars.infer.ask import Asker, ModelChoice, open_asker
from tars.infer.budget import Budget
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.workspace import find_target, read_files
from tars.rust.graph import symbols_of
from tars.rust.mending.context import Resources, Workbench
from tars.rust.mending.episode import Options
from tars.rust.mending.fix import Mended, mend
from tars.rust.mending.proposer import RUST_PROPOSERS
from tars.rust.proposers.model import SCHEMA, changes_of, prompt_for
from tars.rust.syntax.edits import patched
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Checked, Patch

SERVER = Path(__file__).parents[1] / "infer" / "misbehaving_server.py"
MOVED = """fn main() {
    let words = vec![1, 2];
    let taken = words;
    println!("{:?} {}", words, taken.len());
}
"""
GOOD = {"path": "main.rs", "old": "let taken = words;", "new": "let taken = words.clone();"}
Told = Callable[..., Asker]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-I", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    yield int(process.stdout.readline())
    process.stdin.close()
    process.wait(timeout=10)


@pytest.fixture
def told(port: int, request: pytest.FixtureRequest) -> Told:
    """A way to a model that answers with the given text."""
    name = request.node.name.replace("/", "_").partition("[")[0]

    def ask(text: str, behaviour: str = "told", **more: Any) -> Asker:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(urllib.request.Request(f"http://127.0.0.1:{port}/tell/{name}", text.encode()), timeout=10).close()
        choice = ModelChoice("ollama", "small", f"http://127.0.0.1:{port}/{behaviour}/{name}")
        return open_asker(choice, environment={}, **more)

    return ask


def fixes(*edits: Mapping[str, str], reason: str = "clone it", confidence: float = 0.8) -> str:
    return json.dumps({"fixes": [{"reason": reason, "confidence": confidence, "edits": list(edits)}]})


def checked(files: Mapping[str, bytes]) -> Checked:
    with LoneCrate("main.rs") as crate:
        return crate.check(files)


def proposed(ask: Asker | None, text: str = MOVED) -> list[Patch]:
    """What the model proposes for all diagnostics of a file."""
    files = {"main.rs": text.encode()}
    sources = {path: SourceFile(path, data) for path, data in files.items()}
    found = checked(files)
    bench = Workbench(
        sources, found.diagnostics, symbols_of, "2021", lambda places: [None for _ in places], Resources(ask=ask)
    )
    return [patch for one in found.diagnostics for patch in RUST_PROPOSERS.load("model").propose(one, bench)]


def test_an_answer_becomes_a_patch_that_builds(told: Told) -> None:
    (patch,) = proposed(told(f"<think>a clone?</think>```json\n{fixes(GOOD)}\n```"))
    assert (patch.producer, patch.reason) == ("model", "the model suggests: clone it")
    assert patch.citations == ("docs:error_codes/E0382.html",)
    assert patch.confidence == pytest.approx(0.5)
    end = MOVED.index("taken = words;") + len("taken = words")
    assert [(one.place.start, one.place.end, one.text) for one in patch.changes] == [(end, end, ".clone()")]
    assert checked(patched({"main.rs": MOVED.encode()}, patch.changes)).ok


def test_a_crate_is_mended_by_the_model_alone(told: Told, tmp_path: Path) -> None:
    (tmp_path / "main.rs").write_text(MOVED)
    target = find_target(tmp_path / "main.rs")
    files = read_files(target)
    ask = told(fixes(GOOD))
    options = Options(proposers=("model",), edition=target.edition, resources=Resources(ask=ask))
    with open_checkers(target, jobs=1) as checkers:
        mended = last(mend(files, checkers, options, Meter(EpisodeBudget())))
    assert mended.status is Status.DONE
    assert [move.patch.producer for move in mended.moves] == ["model"]
    assert patched(files, mended.changes)["main.rs"].decode() == MOVED.replace("= words;", "= words.clone();")
    assert ask.purse.requests == 1


def last(steps: Generator[Any, None, Mended]) -> Mended:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return cast(Mended, ended.value)


def test_without_a_model_nothing_is_proposed() -> None:
    assert proposed(None) == []
    assert RUST_PROPOSERS.load("model").stage > RUST_PROPOSERS.load("rules").stage


def test_one_question_is_put_for_all_errors_of_a_state(told: Told) -> None:
    text = MOVED.replace("}\n", "    missing();\n    also_missing();\n}\n")
    ask = told(fixes(GOOD))
    proposed(ask, text)
    proposed(ask, text)
    assert ask.purse.requests == 1


@pytest.mark.parametrize(
    ("behaviour", "text"),
    [
        ("told", "I am sorry."), ("told", '{"fixes": []}'), ("told", '{"fixes": 7}'), ("told", fixes()[:40]),
        ("told", json.dumps({"fixes": [{"reason": "r", "confidence": 1, "edits": []}]})), ("half", ""),
        ("error401", ""), ("garbage", ""), ("misfit", ""),
        ("told", '{"fixes": [{"reason": "r", "edits": [{"path": "main.rs"}]}]}'),
    ],
)  # fmt: skip
def test_what_is_no_fix_proposes_nothing_and_is_noted(told: Told, behaviour: str, text: str) -> None:
    ask = told(text, behaviour)
    ask.pause = lambda seconds: None
    assert proposed(ask) == []
    assert len(ask.notes) == 1
    assert ask.notes[0].isprintable()


def test_a_budget_that_is_used_up_proposes_nothing(told: Told) -> None:
    ask = told(fixes(GOOD), budget=Budget(requests_max=0))
    assert proposed(ask) == []
    assert ask.notes == ["the budget for the model is used up: 0 of 0 requests"]


def edits(*rows: Sequence[str]) -> list[dict[str, str]]:
    return [{"path": path, "old": old, "new": new} for path, old, new in rows]


@pytest.mark.parametrize(
    "asked",
    [
        edits(), edits(("other.rs", "let", "x")), edits(("/etc/passwd", "root", "x")), edits(("../main.rs", "fn", "x")),
        edits(("main.rs", "not in it", "x")), edits(("main.rs", "words", "x")), edits(("main.rs", "", "x")),
        edits(("main.rs", "  ", "x")), edits(("main.rs", "let taken", "let taken")),
        edits(("main.rs", "let taken", "let a\0b")), edits(("main.rs", "let taken", "x" * 20_001)),
        edits(("main.rs", "let taken", "let other"), ("main.rs", "taken = words;", "x")),
        edits(("main.rs", "let taken", "let other"), ("main.rs", "not in it", "x")),
        edits(("main.rs", "let taken", "let \ud800")), edits(*[("main.rs", "let taken", "let other")] * 9),
    ],
)  # fmt: skip
def test_an_edit_that_does_not_fit_its_file_exactly_once_is_refused_with_all_beside_it(
    asked: list[dict[str, str]],
) -> None:
    assert changes_of(asked, {"main.rs": SourceFile("main.rs", MOVED.encode())}) == ()


def test_overlapping_places_of_a_text_are_two() -> None:
    assert changes_of(edits(("a.rs", "aa", "b")), {"a.rs": SourceFile("a.rs", b"aaa")}) == ()


def test_line_ends_are_the_files_own() -> None:
    data = b"fn a() {\r\n    one();\r\n}\r\n"
    changes = changes_of(
        edits(("./a.rs", "{\n    one();", "{\n    two();\n    one();")), {"a.rs": SourceFile("a.rs", data)}
    )
    assert patched({"a.rs": data}, changes)["a.rs"] == b"fn a() {\r\n    two();\r\n    one();\r\n}\r\n"


def test_several_edits_of_several_files_are_one_patch() -> None:
    files = {path: SourceFile(path, b"pub fn one() {}\n") for path in ("a.rs", "b.rs")}
    changes = changes_of(edits(("a.rs", "one", "two"), ("b.rs", "pub fn", "fn")), files)
    after = patched({path: file.data for path, file in files.items()}, changes)
    assert after == {"a.rs": b"pub fn two() {}\n", "b.rs": b"fn one() {}\n"}


def test_the_question_holds_the_errors_the_documentation_and_the_code() -> None:
    files = {"main.rs": SourceFile("main.rs", MOVED.replace("}\n", "    missing();\n}\n").encode())}
    found = checked({"main.rs": files["main.rs"].data}).diagnostics
    (moved,) = [one for one in found if one.code == "E0382"] or [found[0]]
    prompt = prompt_for(moved, found, files, None)
    assert moved.message in prompt
    assert "let taken = words;" in prompt
    assert "The file main.rs:" in prompt
    assert prompt == prompt_for(moved, found, files, None)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_a_large_file_is_shown_around_the_places_only() -> None:
    text = "".join(f"fn other_{number}() {{}}\n" for number in range(2000)) + MOVED
    files = {"main.rs": SourceFile("main.rs", text.encode())}
    found = checked({"main.rs": text.encode()}).diagnostics
    prompt = prompt_for(found[0], found, files, None)
    assert "The file main.rs, in part:" in prompt
    assert "let taken = words;" in prompt
    assert 0 < prompt.count("fn other_") <= 25
    assert "…" in prompt
