"""Explanations: of codes, lints and lines, made of nothing but passages whose proof holds."""

import json
from pathlib import Path

import pytest

from tars.core.errors import TarsError, UsageError
from tars.rust.anchors.explain import explain, explain_code
from tars.rust.anchors.library import Library, open_library
from tars.rust.anchors.sources import toolchain_sources
from tars.rust.anchors.values import Explanation, Role, to_json

MOVED = """fn main() {
    let words = vec![1, 2];
    let taken = words;
    println!("{:?} {}", words, taken.len());
}
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index of this test alone; what is known of the machine's tools is asked anew."""
    monkeypatch.setenv("TARS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def library() -> Library:
    found = open_library()
    if found.sources.documentation is None:
        pytest.skip("the toolchain's documentation is not installed")
    return found


def written(folder: Path, text: str, name: str = "lone.rs") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def texts(explanation: Explanation, role: Role) -> list[str]:
    return [one.text for one in explanation.passages if one.role is role]


def test_a_code_is_explained_by_its_entry_and_what_is_related(library: Library) -> None:
    (found,) = explain("E0382")
    assert (found.target, found.diagnostic, found.code) == ("E0382", None, ())
    assert found.title == "A variable was used after its contents have been moved elsewhere."
    assert "let y = x;" in texts(found, Role.ERRONEOUS)[0]
    assert "calculate_length(&s1)" in texts(found, Role.CORRECTED)[0]
    assert "not marked `Copy`" in texts(found, Role.REMEDY)[0]
    assert any(one.address.startswith("docs:reference/") for one in found.passages if one.role is Role.RELATED)
    assert all(library.holds(one.anchor) for one in found.passages)
    assert explain("e382") == explain("E0382")


@pytest.mark.parametrize("code", ["E0499", "E0308", "E0106", "E0277", "E0425", "E0603", "E0716", "E0004", "E0072"])
def test_common_codes_have_both_examples_and_something_related(library: Library, code: str) -> None:
    found = explain_code(library, code)
    roles = {one.role for one in found.passages}
    assert {Role.MEANING, Role.ERRONEOUS, Role.RELATED} <= roles
    assert len({one.anchor for one in found.passages}) == len(found.passages)
    assert all(one.text.strip() and library.holds(one.anchor) for one in found.passages)


def test_every_entry_of_the_error_index_can_be_explained(library: Library) -> None:
    assert library.sources.documentation is not None
    codes = sorted(path.stem for path in (library.sources.documentation / "error_codes").glob("E[0-9]*.html"))
    assert len(codes) > 400
    for code in codes[::12]:
        found = explain_code(library, code)
        assert found.title
        assert found.passages
        assert all(library.holds(one.anchor) for one in found.passages), code


def test_without_the_pages_the_compilers_own_words_are_cited(library: Library) -> None:
    sources = toolchain_sources()
    bare = Library(type(sources)(None, None, sources.tell))
    found = explain_code(bare, "E0382")
    assert [one.role for one in found.passages][:2] == [Role.MEANING, Role.ERRONEOUS]
    assert {one.anchor.source for one in found.passages} == {"tool:E0382"}
    assert "let y = x;" in texts(found, Role.ERRONEOUS)[0]
    assert all(bare.holds(one.anchor) for one in found.passages)


@pytest.mark.parametrize(("lint", "erroneous"), [("unused_variables", "let x = 5;"), ("unused-mut", "let mut x = 5;")])
def test_a_lint_is_explained(library: Library, lint: str, erroneous: str) -> None:
    (found,) = explain(lint)
    assert erroneous in texts(found, Role.ERRONEOUS)[0]
    assert texts(found, Role.MEANING)
    assert texts(found, Role.REMEDY)


def test_a_lint_of_clippy_is_explained_in_its_own_words(library: Library) -> None:
    if library.sources.tell("clippy::needless_return") is None:
        pytest.skip("clippy is not installed")
    (found,) = explain("clippy::needless_return")
    assert found.title == "Checks for return statements at the end of a block."
    assert "return x;" in texts(found, Role.ERRONEOUS)[0]
    assert "return" not in texts(found, Role.CORRECTED)[0]
    assert all(library.holds(one.anchor) for one in found.passages)


def test_a_line_is_explained_with_the_projects_own_code(library: Library, tmp_path: Path) -> None:
    path = written(tmp_path, MOVED)
    (found,) = explain("lone.rs:4", tmp_path)
    assert found.title == "borrow of moved value: `words`"
    assert found.diagnostic is not None
    assert found.diagnostic.code == "E0382"
    assert [one.address for one in found.code] == ["lone.rs:2", "lone.rs:3", "lone.rs:4"]
    assert found.code[1].text == "    let taken = words;"
    own = open_library(tmp_path)
    assert all(own.holds(one.anchor) for one in (*found.code, *found.passages))
    assert path.read_text() == MOVED
    assert explain("lone.rs:4:9", tmp_path) == explain("lone.rs", tmp_path) == (found,)
    assert explain("lone.rs:5", tmp_path) == ()


def test_a_line_that_is_only_pointed_at_is_explained_too(library: Library, tmp_path: Path) -> None:
    written(tmp_path, MOVED)
    assert [one.target for one in explain("lone.rs:3", tmp_path)] == ["E0382"]


def test_a_message_without_a_code_gets_what_the_reference_says(library: Library, tmp_path: Path) -> None:
    written(tmp_path, "fn main() {\n    let a = 1\n    let b = a;\n}\n")
    found = explain("lone.rs:2", tmp_path)[0]
    assert found.target == "syntax"
    assert found.title == "expected `;`, found keyword `let`"
    assert [one.anchor.source for one in found.passages] == ["docs:reference/statements.html"]


def test_where_the_compiler_is_content_clippy_is_asked(library: Library, tmp_path: Path) -> None:
    if library.sources.tell("clippy::needless_return") is None:
        pytest.skip("clippy is not installed")
    written(tmp_path, "pub fn same(x: i32) -> i32 {\n    return x;\n}\nfn main() {\n    same(1);\n}\n")
    assert [one.target for one in explain("lone.rs:2", tmp_path)] == ["clippy::needless_return"]


@pytest.mark.parametrize(
    ("target", "said", "hint"),
    [
        ("E9999", "no error code E9999", "did you mean"), ("E12345", "is no error code", "as E0382"),
        ("no_such_lint", "no lint", "clippy"), ("clippy::no_such", "no lint", "spelt"),
        ("what is this", "is no error code, lint or place", "src/lib.rs:12"), ("", "is no error code", "as E0382"),
        ("missing.rs:3", "there is no", "`.rs`"), ("lone.rs:99", "has 5 lines", "lone.rs:5"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_with_a_next_step(
    library: Library, tmp_path: Path, target: str, said: str, hint: str
) -> None:
    written(tmp_path, MOVED)
    with pytest.raises(TarsError) as caught:
        explain(target, tmp_path)
    assert isinstance(caught.value, UsageError)
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_an_explanation_is_json(library: Library, tmp_path: Path) -> None:
    written(tmp_path, MOVED)
    (found,) = explain("lone.rs:4", tmp_path)
    raw = json.loads(json.dumps(to_json(found)))
    assert raw["target"] == "E0382"
    assert raw["diagnostic"]["labels"][0]["place"]["path"] == "lone.rs"
    assert len(raw["passages"]) == len(found.passages)
    first = raw["passages"][0]["anchor"]
    assert first == {
        "sha256": found.passages[0].anchor.digest, "source": "docs:error_codes/E0382.html",
        "start": found.passages[0].anchor.start, "end": found.passages[0].anchor.end,
    }  # fmt: skip
