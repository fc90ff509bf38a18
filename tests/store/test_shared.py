"""The user-wide cache: one makes, the others wait or are served; what is half made or damaged is never seen."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tars.core.errors import CorruptError, StoreError
from tars.store.evict import evict
from tars.store.shared import Shared, default_root

MAKE = """
import os, sys, time
from pathlib import Path
from tars.store.shared import Shared
shared, log = Shared(Path(sys.argv[1])), Path(sys.argv[2])
def make(folder):
    with open(log, "a") as file: file.write("made\\n")
    (folder / "half").touch()
    time.sleep(0.2)
    if "die" in sys.argv: os._exit(9)
    (folder / "whole").write_text(str(folder))
folder = shared.folder("environments", "key", make)
assert (folder / "whole").read_text() == str(folder)
source = log.with_name(f"source-{os.getpid()}"); source.write_text("artifact")
shared.put("build", {"bin/main": source}, {"pid": os.getpid()})
build = shared.get("build")
target = log.with_name(f"target-{os.getpid()}")
build.restore("bin/main", target)
assert target.read_text() == "artifact"
"""


def start(root: Path, log: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", MAKE, str(root), str(log), *more], stderr=subprocess.PIPE)


def test_many_processes_make_one_key_once(tmp_path: Path) -> None:
    processes = [start(tmp_path / "cache", tmp_path / "log") for _ in range(5)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    assert (tmp_path / "log").read_text() == "made\n"
    assert list((tmp_path / "cache" / "tmp").iterdir()) == []


def test_a_folder_left_half_made_is_made_again(tmp_path: Path) -> None:
    dying = start(tmp_path / "cache", tmp_path / "log", "die")
    assert dying.wait(60) == 9
    assert (tmp_path / "cache" / "environments-1" / "key" / "half").exists()
    again = start(tmp_path / "cache", tmp_path / "log")
    assert again.wait(60) == 0
    assert (tmp_path / "log").read_text() == "made\nmade\n"


def test_a_make_that_fails_leaves_nothing_that_counts(tmp_path: Path) -> None:
    shared = Shared(tmp_path)

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shared.folder("environments", "../key", fail)
    folder = shared.folder("environments", "../key", lambda folder: (folder / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]
    assert folder.is_relative_to(tmp_path / "environments-1")
    assert shared.folder("environments", "../key", fail) == folder


@pytest.fixture
def built(tmp_path: Path) -> Shared:
    source = tmp_path / "main"
    source.write_bytes(b"program")
    source.chmod(0o755)
    shared = Shared(tmp_path / "cache")
    shared.put("key", {"bin/main": source, "log.txt": source}, {"seconds": 1.5})
    return shared


def test_what_was_put_comes_back(built: Shared, tmp_path: Path) -> None:
    build = built.get("key")
    assert build is not None
    assert build.meta == {"seconds": 1.5}
    assert build.tree["bin/main"].size == 7
    build.restore_all(tmp_path / "out")
    assert (tmp_path / "out" / "bin" / "main").read_bytes() == b"program"
    assert os.access(tmp_path / "out" / "bin" / "main", os.X_OK | os.W_OK)
    assert built.get("other") is None


@pytest.mark.parametrize("path", ["files/bin/main", "meta.json"])
@pytest.mark.parametrize("data", [b"", b"{}", b"programm", None])
def test_a_damaged_build_is_never_handed_out(built: Shared, tmp_path: Path, path: str, data: bytes | None) -> None:
    build = built.get("key")
    assert build is not None
    place = build.folder / path
    place.chmod(0o644)
    if data is None:
        place.unlink()
    else:
        place.write_bytes(data)
    found = built.get("key")
    if path == "files/bin/main":
        assert found is not None
        with pytest.raises(CorruptError, match="bin/main"):
            found.restore("bin/main", tmp_path / "out")
        assert not (tmp_path / "out").exists()
    assert built.get("key") is None
    source = tmp_path / "main"
    assert built.put("key", {"bin/main": source}).tree["bin/main"].size == 7


def test_hostile_paths_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot cache"):
        Shared(tmp_path / "cache").put("key", {"../out": tmp_path / "file"})
    assert not list((tmp_path / "cache").rglob("out"))


def test_eviction_takes_the_least_recently_used(tmp_path: Path) -> None:
    shared, source = Shared(tmp_path / "cache"), tmp_path / "file"
    source.write_bytes(b"x" * 10_000)
    for age, key in ((5000, "oldest"), (4000, "older"), (3000, "old"), (0, "new")):
        folder = shared.put(key, {"a": source}).folder
        used = time.time() - age
        os.utime(folder, (used, used))
    made = shared.folder("environments", "e", lambda folder: (folder / "a").write_bytes(b"y" * 10_000))
    os.utime(made.with_suffix(".json"), (time.time() - 4500, time.time() - 4500))
    assert evict(shared).items == 0
    assert evict(shared, age_seconds_max=4200, in_use_seconds=60, dry_run=True).items == 2
    assert evict(shared, age_seconds_max=4200, in_use_seconds=60).items == 2
    assert not made.exists()
    assert shared.get("oldest") is None
    left = evict(shared, bytes_max=0, in_use_seconds=60)
    assert (left.items, left.items_left) == (2, 1)
    assert shared.get("new") is not None


def test_getting_counts_as_use(built: Shared) -> None:
    build = built.get("key")
    assert build is not None
    os.utime(build.folder, (0, 0))
    assert built.get("key") is not None
    assert evict(built, age_seconds_max=60, in_use_seconds=0.0).items == 0


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"TARS_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, Path("/a")),
        ({"XDG_CACHE_HOME": "/b"}, Path("/b/tars")),
    ],
)
def test_where_the_cache_is(environment: dict[str, str], root: Path) -> None:
    assert default_root(environment) == root.absolute()
