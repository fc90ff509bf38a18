"""Evidence that is a place in the project: cited by digest, one source for all who cite it, its changes seen."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.core.errors import UsageError
from tars.memory.beliefs import log_odds
from tars.memory.evidence import cited, source_of, state_of
from tars.memory.recall.values import State
from tars.memory.values import Report

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]


def test_a_citation_tells_what_became_of_it(tmp_path: Path) -> None:
    notes = tmp_path / "my notes.md"
    notes.write_text("one\ntwo\nthree\n", "utf-8")
    whole, lines = cited(tmp_path, "my notes.md"), cited(tmp_path, "my notes.md:2-3")
    assert (source_of(whole), source_of(lines)) == ("my notes.md", "my notes.md:2-3")
    assert (state_of(tmp_path, whole), state_of(tmp_path, lines)) == (State.SAME, State.SAME)
    notes.write_text("ONE\ntwo\nthree\n", "utf-8")
    assert (state_of(tmp_path, whole), state_of(tmp_path, lines)) == (State.CHANGED, State.SAME)
    notes.write_text("ONE\ntwo\n", "utf-8")
    assert state_of(tmp_path, lines) == State.CHANGED
    notes.unlink()
    assert state_of(tmp_path, lines) == State.GONE


@pytest.mark.parametrize("name", ["run 3", "https://x.example/a:80", "gone.md", "../out.md", "link.md:1", "a\0b", ""])
def test_what_is_no_file_of_the_project_stays_a_name(name: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "out.md").write_text("secret")
    (project / "link.md").symlink_to(tmp_path / "out.md")
    assert cited(project, name) == name
    assert state_of(project, name) is None
    assert state_of(project, f"{name or 'x'}#sha256:{'0' * 64}") in (State.GONE, None)


@pytest.mark.parametrize("lines", ["0", "4", "2-1", "1-99"])
def test_lines_that_are_not_there_are_told(lines: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one\ntwo\nthree\n", "utf-8")
    with pytest.raises(UsageError, match=f"no lines {lines}"):
        cited(tmp_path, f"a.md:{lines}")


def test_one_source_is_one_testimony_whatever_it_said(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    said = []
    for text in ("one", "two"):
        file.write_text(text)
        said.append(Report(text, 0.8, (cited(tmp_path, "a.md"),)))
    assert log_odds(said) == pytest.approx(log_odds(said[:1]))


def test_the_commands_cite_and_tell(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / ".tars").mkdir()
    (tmp_path / "run.md").write_text("9 of 10 repeat\n", "utf-8")
    rests = ["--evidence", "run.md:1", "--evidence", "talk"]
    run_tarscli("memory", "believe", "cache", "It pays", *rests, folder=tmp_path)
    assert "on run.md:1 (same), talk" in run_tarscli("memory", "show", "cache", folder=tmp_path).stdout
    (tmp_path / "run.md").write_text("1 of 10 repeats\n", "utf-8")
    told = json.loads(run_tarscli("memory", "show", "cache", "--json", folder=tmp_path).stdout)
    ((name, state),) = told["evidence_states"].items()
    assert (source_of(name), state) == ("run.md:1", "changed")
