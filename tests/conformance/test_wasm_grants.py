"""What a WebAssembly guest sees: files that are linked are lent as copies, and the project stays as it is."""

import os
from pathlib import Path

import pytest

from tars.runner.shims import wasm_grants
from tars.runner.shims.wasm_grants import Grant, grants_of, lent, links_of


@pytest.fixture
def view(tmp_path: Path) -> Path:
    """A working folder with links into a project, and to a secret beside it."""
    view, project = tmp_path / "view", tmp_path / "project"
    for folder in (view / "output", project / "data"):
        folder.mkdir(parents=True)
    (project / "config").write_text("project's")
    (tmp_path / "secret").write_text("secret")
    os.mkfifo(project / "pipe")
    for name, target in (("config", "project/config"), ("output/again", "project/config"), ("stolen", "secret"),
                         ("pipe", "project/pipe"), ("data", "project/data"), ("broken", "project/none")):  # fmt: skip
        (view / name).symlink_to(tmp_path / target)
    return view


def granted_in(view: Path, *granted: list[str]) -> list[Grant]:
    return grants_of(str(view), links_of(str(view)), *granted, [])


def links(view: Path) -> dict[str, str]:
    return {str(path.relative_to(view)): os.readlink(path) for path in view.rglob("*") if path.is_symlink()}


def test_files_that_may_be_read_are_lent_and_links_again_afterwards(view: Path) -> None:
    before = links(view)
    with lent(str(view), links_of(str(view)), [str(view.parent / "project")]):
        assert sorted(links(view)) == ["broken", "data", "pipe", "stolen"]
        assert [(view / name).read_text() for name in ("config", "output/again")] == ["project's"] * 2
    assert links(view) == before
    with lent(str(view), links_of(str(view)), None):
        assert (view / "stolen").read_text() == "secret", (
            "the control: where the process itself is confined, all is lent"
        )
        assert not (view / "stolen").is_symlink()
    assert links(view) == before
    assert not list(view.rglob("*tars-lent*"))


def test_what_was_written_stays_and_does_not_reach_the_project(view: Path) -> None:
    with lent(str(view), links_of(str(view)), [str(view.parent / "project")]):
        (view / "config").write_text("the guest's")
        (view / "output/again").unlink()
    assert (view / "config").read_text() == "the guest's"
    assert not (view / "output/again").exists()
    assert (view.parent / "project/config").read_text() == "project's"


def test_too_much_is_not_copied(view: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wasm_grants, "LENT_BYTES_MAX", 10)
    with lent(str(view), links_of(str(view)), [str(view.parent / "project")]):
        assert len([name for name in ("config", "output/again") if not (view / name).is_symlink()]) == 1


def test_folders_are_granted_under_the_names_of_their_links(view: Path) -> None:
    project = str(view.parent / "project")
    granted = granted_in(view, [project], [str(view)])
    assert (f"{project}/data", "data", False) in granted
    assert (str(view), ".", True) in granted
    assert not any("secret" in path for path, _, _ in granted)
    assert (f"{project}/data", "data", True) in granted_in(view, [], [str(view), project])
    with pytest.raises(ValueError, match="grants folders"):
        granted_in(view, [], [f"{project}/config"])
