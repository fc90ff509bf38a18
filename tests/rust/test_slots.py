"""The places where workspaces are built: held by one at a time, made anew where they are damaged, and bounded."""

import json
import os
from pathlib import Path

import pytest

from tars.rust.checking import slots
from tars.rust.checking.overlay import Overlay
from tars.rust.checking.slots import Slot, take_slot
from tars.rust.checking.workspace import Target, find_target

from .crates import picture, write_crate


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return find_target(write_crate(tmp_path / "small", {"src/lib.rs": "pub fn one() {}\n"}))


def filled(target: Target, cache: Path, size: int) -> Slot:
    slot = take_slot(target, cache)
    (slot.build / "made").write_bytes(b"x" * size)
    slot.overlay.refresh()
    return slot


def test_a_place_is_held_by_one(target: Target, tmp_path: Path) -> None:
    first, second = take_slot(target, tmp_path), take_slot(target, tmp_path)
    assert first.folder != second.folder
    first.close()
    third = take_slot(target, tmp_path)
    assert third.folder == first.folder
    for one in (second, third):
        one.close()


@pytest.mark.parametrize("damage", ["", "{", '{"format": 0}', '{"format": 1, "known": {"a": [1]}}'])
def test_a_place_without_a_good_state_is_copied_anew(target: Target, tmp_path: Path, damage: str) -> None:
    slot = filled(target, tmp_path, 10)
    (slot.overlay.tree / "stranger.rs").write_text("")
    slot.close()
    slot.folder.with_suffix(".json").write_text(damage)
    again = take_slot(target, tmp_path)
    assert not (again.overlay.tree / "stranger.rs").exists()
    assert (again.build / "made").exists()
    assert not again.warm
    again.close()


def test_what_is_too_much_goes_the_longest_unused_first(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "CACHE_BYTES_MAX", 250_000)
    monkeypatch.setattr(slots, "SLOT_BYTES_MAX", 150_000)
    held = [filled(target, tmp_path / "cache", 100_000) for _ in range(4)]
    for age, slot in enumerate(held[:3]):
        slot.close()
        os.utime(slot.folder.with_suffix(".json"), (age, age))
    filled(target, tmp_path / "cache", 10).close()
    assert [(slot.build / "made").stat().st_size for slot in held] == [10, 100_000, 100_000, 100_000]
    (held[3].build / "more").write_bytes(b"x" * 100_000)
    held[3].close()
    assert not held[3].build.exists()
    assert json.loads(held[3].folder.with_suffix(".json").read_text())["bytes"] < 1000


def test_what_stands_instead_for_a_while_leaves_no_trace(tmp_path: Path) -> None:
    source = write_crate(tmp_path / "small", {"src/lib.rs": "one", "src/more.rs": "two"})
    (tmp_path / "new").mkdir()
    overlay = Overlay(source, tmp_path / "copy", tmp_path / "new", {})
    overlay.refresh()
    files = {"src/lib.rs": b"mended", "src/more.rs": b"two"}
    overlay.write(files)
    before = picture(overlay.tree)
    with overlay.instead({**files, "src/lib.rs": b"other", "src/extra.rs": b""}):
        assert (overlay.tree / "src/lib.rs").read_bytes() == b"other"
        assert (overlay.tree / "src/extra.rs").exists()
    assert {path: row for path, row in picture(overlay.tree).items() if path != "src"} == {
        path: row for path, row in before.items() if path != "src"
    }


def test_links_are_followed_within_their_repository_and_to_nothing_hidden(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / ".secrets").write_text("secret")
    (repository / "shared.rs").write_text("shared")
    (tmp_path / "outside.rs").write_text("outside")
    source = write_crate(repository / "small", {"src/lib.rs": "one"})
    leads = {"inner.rs": "lib.rs", "shared.rs": "../../shared.rs", "secret.rs": "../../.secrets",
             "outside.rs": "../../../outside.rs", "absolute.rs": str(source / "src" / "lib.rs")}  # fmt: skip
    for name, to in leads.items():
        (source / "src" / name).symlink_to(to)
    (tmp_path / "new").mkdir()
    overlay = Overlay(source, tmp_path / "copies" / "far" / "down" / "copy", tmp_path / "new", {})
    overlay.refresh()
    there = {name: (overlay.tree / "src" / name) for name in leads}
    assert there["inner.rs"].resolve() == there["absolute.rs"].resolve() == overlay.tree / "src" / "lib.rs"
    assert there["shared.rs"].read_text() == "shared"
    assert overlay.grants == {repository / "shared.rs"}
    assert not there["secret.rs"].exists()
    assert not there["outside.rs"].exists()
