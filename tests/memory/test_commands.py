"""What `tarscli memory` does with the words that it is given: where it makes a project, and what it refuses."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]


def test_the_first_belief_makes_the_project(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    run_tarscli("memory", "believe", "cache", "Caching pays off", folder=tmp_path / "one")
    lines = run_tarscli("memory", "export", folder=tmp_path / "one").stdout
    (tmp_path / "said.jsonl").write_text(lines)
    run_tarscli("memory", "import", "../said.jsonl", folder=tmp_path / "other")
    assert "Caching pays off" in run_tarscli("memory", "beliefs", folder=tmp_path / "other").stdout
    assert "is not a TARS project" in run_tarscli("memory", "beliefs", folder=tmp_path, code=2).stderr


def test_a_belief_cannot_bear_on_itself(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    done = run_tarscli("memory", "believe", "x", "y", "--supports", "x", folder=tmp_path, code=2)
    assert "`x` cannot bear on itself" in done.stderr
    assert json.loads(run_tarscli("memory", "beliefs", "--json", folder=tmp_path).stdout)["beliefs"] == []


def test_a_line_that_cannot_be_read_is_told_once(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / "bad.jsonl").write_text('{"id": "x"}\nno\n')
    done = run_tarscli("memory", "import", "bad.jsonl", folder=tmp_path, code=1)
    assert (done.stdout + done.stderr).count("bad.jsonl:2") == 1


def test_words_that_name_nothing_are_refused(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("# One\nThe moat is deep.\n")
    run_tarscli("memory", "index", "notes", folder=tmp_path)
    assert "there is no file `a`" in run_tarscli("memory", "answer", "a", "b", folder=tmp_path, code=2).stderr
    (tmp_path / "m.tars").write_text('closure "b" {\n  prompt = "{{x}}"\n}\n')
    done = run_tarscli("memory", "answer", "m.tars", "b", "--with", "text", folder=tmp_path, code=2)
    assert "--with `text` is not of the form NAME=TEXT" in done.stderr
    assert "no answer of `nope`" in run_tarscli("memory", "cache", "drop", "nope", folder=tmp_path, code=2).stderr
    done = run_tarscli("memory", "index", "typo", "--leave", folder=tmp_path, code=2)
    assert "the folder `typo` was not read" in done.stderr
    assert "these were: notes" in done.stderr


def test_a_folder_has_one_name_however_it_is_meant(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("# One\nThe moat is deep.\n")
    for words in (("notes",), (), (str(tmp_path / "notes"),), ("notes", "--rebuild"), ("notes/../notes", "notes")):
        told = run_tarscli("memory", "index", *words, "--json", folder=tmp_path)
        assert list(json.loads(told.stdout)["folders"]) == ["notes"]
    run_tarscli("memory", "index", "notes", "--leave", folder=tmp_path)
