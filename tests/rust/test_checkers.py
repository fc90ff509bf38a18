"""Pools of checkers: side by side, in order, ended at once, and nothing built twice."""

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tars.core.errors import UnavailableError
from tars.rust.checking.checkers import Checkers, open_checkers
from tars.rust.checking.warmth import Warmth
from tars.rust.checking.workspace import Target, find_target, read_files

from .crates import checker, picture, write_crate

LIBRARY = "pub fn one() -> u32 {\n    1\n}\n"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def vendoring(root: Path) -> Path:
    """A crate that rests on one from a registry, which `cargo vendor` put beside it."""
    write_crate(root, {
        "src/lib.rs": "pub fn one() -> u32 { other::one() }\n",
        ".cargo/config.toml": '[source.crates-io]\nreplace-with = "near"\n[source.near]\ndirectory = "vendor"\n',
    }, '[dependencies]\nother = "0.1"\n')  # fmt: skip
    folder = write_crate(root / "vendor" / "other", {"src/lib.rs": LIBRARY})
    (folder / ".cargo-checksum.json").write_text('{"files": {}, "package": "00"}')
    return root


def made(build: Path) -> dict[str, int]:
    """When what the compiler made of the dependency was made."""
    return {one.name: one.stat().st_mtime_ns for one in build.glob("debug/deps/libother-*.rmeta")}


def test_what_others_have_built_is_not_built_again(tmp_path: Path, cache: Path) -> None:
    """Neither by the second checker of a pool, nor by the first where the user's own cargo has built it."""
    root = vendoring(tmp_path / "small")
    warmth = Warmth()
    with checker(root, cache, warmth=warmth) as first, checker(root, cache, warmth=warmth) as second:
        files = read_files(first.target)
        assert list(files) == ["src/lib.rs"]
        for one in (first, second):
            assert one.check(files).ok
        assert first.place.folder != second.place.folder
        assert made(second.place.build) == made(first.place.build) != {}
    toolchain = find_target(root).toolchain
    environment = {**os.environ, "RUSTC": toolchain.rustc}
    subprocess.run((toolchain.cargo, "check", "--offline"), cwd=root, env=environment, check=True, capture_output=True)
    before = picture(root)
    with checker(root, tmp_path / "other cache") as third:
        assert third.check(files).ok
        assert made(third.place.build) == made(root / "target") != {}
    assert picture(root) == before


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Target, Checkers]]:
    monkeypatch.setenv("TARS_CACHE", str(tmp_path / "cache"))
    root = write_crate(tmp_path / "small", {"src/lib.rs": LIBRARY})
    target = find_target(root)
    with open_checkers(target, jobs=3) as checkers:
        yield target, checkers


def test_a_pool_checks_side_by_side_and_answers_in_order(pool: tuple[Target, Checkers]) -> None:
    _, checkers = pool
    several = [{"src/lib.rs": f"pub fn f() -> u{8 * n} {{ 1u8 }}\n".encode()} for n in (1, 2, 4, 8, 1)]
    answers = checkers.run(several)
    assert [one.ok for one in answers] == [True, False, False, False, True]
    again = [checkers.run([one])[0] for one in several]
    assert [one.diagnostics for one in again] == [one.diagnostics for one in answers]
    assert checkers.run([]) == []


def test_a_pool_can_be_cancelled(pool: tuple[Target, Checkers]) -> None:
    target, checkers = pool
    endless = b"const fn f() -> u32 { loop {} }\n#[allow(long_running_const_eval)] pub const X: u32 = f();\n"
    threading.Timer(1.0, checkers.cancel).start()
    answers = checkers.run([{"src/lib.rs": endless}] * 3)
    assert not any(one.ok for one in answers)
    assert all("cancelled" in one.detail for one in answers)
    assert not checkers.run([read_files(target)])[0].ok


def test_what_one_checker_raises_reaches_the_caller(
    pool: tuple[Target, Checkers], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target, checkers = pool
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "empty"))
    (target.folder / "Cargo.toml").write_text(
        (target.folder / "Cargo.toml").read_text() + '[dependencies]\nserde = "1"\n'
    )
    with pytest.raises(UnavailableError, match="serde"):
        checkers.run([read_files(target)] * 3)
