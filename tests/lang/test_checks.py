"""Every finding of the language: its wrong example has exactly that finding, its right one has none."""

import shutil
from pathlib import Path

import pytest

from tars.lang.checks import EXAMPLE_FILES, Check, codes, explain, find
from tars.lang.meaning.context import Around
from tars.lang.meaning.load import load
from tars.lang.values import Loaded

LANGUAGES = ("go", "javascript", "python", "rust", "typescript", "wasm")


def run(text: str, check: Check, project: Path) -> Loaded:
    files: dict[str, str | bytes] = {**EXAMPLE_FILES, **check.files, "example.tars": text + "\n"}
    for name, content in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(project / "example.tars", project=project, languages=LANGUAGES, around=Around({}))


@pytest.mark.parametrize("code", [code for code in codes() if code != "T0024"])  # its examples are data
def test_examples(code: str, tmp_path: Path) -> None:
    check = find(code)
    assert check is not None
    assert check.code == code
    wrong = run(check.wrong, check, tmp_path)
    assert [finding.code for finding in wrong.diagnostics] == [code]
    assert wrong.metascript is None
    found = wrong.diagnostics[0]
    assert found.hint, "a finding says what to do"
    assert found.message[0].islower() or not found.message[0].isalpha()
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    right = run(check.right, check, tmp_path)
    assert right.diagnostics == ()
    assert right.metascript is not None


@pytest.mark.parametrize("code", codes())
def test_explain(code: str) -> None:
    text = explain(code.lower())
    assert text is not None
    assert text.startswith(f"# {code}: ")
    assert "Wrong:" in text
    assert "Right:" in text


def test_an_unknown_code_is_not_explained() -> None:
    assert explain("T9999") is None
    assert explain("../load") is None


@pytest.mark.parametrize(
    "reference", ["other.json", "http://127.0.0.1:1/schema", "file:///etc/hostname", "#/$defs/none"]
)
def test_a_schema_that_refers_to_what_is_not_in_it(reference: str, tmp_path: Path) -> None:
    check = find("T0057")
    assert check is not None
    (tmp_path / "other.json").write_text('{"type": "string"}')
    text = check.right.replace('{ type = "object" }', f'{{ "$ref" = "{reference}" }}')
    assert text != check.right
    found = run(text, check, tmp_path).diagnostics
    assert [finding.code for finding in found] == ["T0057"]
    assert "cannot be used" in found[0].message
    inside = '{ "$ref" = "#/$defs/a", "$defs" = { a = { type = "object" } } }'
    assert run(check.right.replace('{ type = "object" }', inside), check, tmp_path).diagnostics == ()
