"""A disk that refuses: full, limited, read-only. The error says what to do, nothing is half written, and it goes on."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tars.core.errors import StoreError
from tars.core.values import Digest
from tars.store import Leaf, ModuleState, Store, open_store
from tars.store.materialise import materialise
from tars.store.verify import verify
from tars.store.versions import append_version

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def mounted(place: Path, *options: str) -> Iterator[Path]:
    if not (sys.platform.startswith("linux") and IS_ROOT and shutil.which("mount")):
        pytest.skip("mounting a small or read-only file system needs root on Linux")
    place.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(place)], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {done.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=2m", "tmpfs")


def commit(store: Store, data: bytes) -> None:
    digest = store.objects.put(data)
    with store.transaction() as tx:
        tx.append("result", {"objects": [digest]})


def fill(path: Path) -> None:
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017


def test_a_full_disk_is_told_and_loses_nothing(small_disk: Path) -> None:
    with open_store(small_disk / ".tars") as store:
        commit(store, b"first")
        filler = small_disk / "filler"
        fill(filler)
        for size in (1, 5000, 500_000):
            with pytest.raises(StoreError) as caught:
                commit(store, b"y" * size)
            assert "free some space" in caught.value.hint
        assert store.head == 1
        assert [path.name for path in store.tmp.iterdir()] == []
        filler.unlink()
        commit(store, b"second")
        assert store.head == 2
        assert verify(store) == ()


def test_what_was_kept_can_be_read_from_a_disk_without_a_free_byte(small_disk: Path) -> None:
    with open_store(small_disk / ".tars") as store:
        commit(store, b"first")
    filler = small_disk / "filler"
    fill(filler)
    with open_store(small_disk / ".tars") as store:
        (entry,) = store.entries()
        digests = entry.body["objects"]
        assert isinstance(digests, list)
        assert store.objects.get(Digest(str(digests[0]))) == b"first"
        assert verify(store) == ()
        with pytest.raises(StoreError, match="no space left") as caught, store.transaction() as tx:
            tx.append("result", {})
        assert "free some space" in caught.value.hint
    filler.unlink()
    with open_store(small_disk / ".tars") as store:
        commit(store, b"second")
        assert store.head == 2


def test_a_disk_that_fills_while_the_journal_is_written(small_disk: Path) -> None:
    with open_store(small_disk / ".tars") as store:
        commit(store, b"first")
        with pytest.raises(StoreError), store.transaction() as tx:
            tx.append("large", {"text": "z" * 4_000_000})
        assert store.head == 1
        commit(store, b"second")
        assert [entry.kind for entry in store.entries()] == ["result", "result"]
    with open_store(small_disk / ".tars") as store:
        assert verify(store) == ()


def test_a_limit_on_the_size_of_files_is_told(tmp_path: Path) -> None:
    program = """
import resource, signal, sys
from pathlib import Path
from tars.core.errors import StoreError
from tars.core.values import Digest
from tars.store import open_store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_store(Path(sys.argv[1])) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        store.objects.put(b"x" * 300_000)
    except StoreError as error:
        print(error.message, error.hint)
    store.objects.put(b"x" * 3000)
    print(sorted(path.name for path in store.tmp.iterdir()))
"""
    pytest.importorskip("resource", reason="limits on files are a matter of POSIX")
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / ".tars"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "cannot store an object" in done.stdout
    assert "ulimit -f" in done.stdout
    assert done.stdout.endswith("[]\n")


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    with open_store(tmp_path / "disk" / ".tars") as store:
        commit(store, b"first")
    if not IS_ROOT:
        folders = [tmp_path / "disk", *(path for path in (tmp_path / "disk").rglob("*") if path.is_dir())]
        for folder in folders:
            folder.chmod(0o555)
        yield tmp_path / "disk"
        for folder in folders:
            folder.chmod(0o755)
        return
    yield from mounted(tmp_path / "disk", "--bind", "-o", "ro", str(tmp_path / "disk"))


def test_a_read_only_folder_is_told(read_only: Path) -> None:
    def use(root: Path) -> None:
        with open_store(root) as store:
            commit(store, b"second")

    for root in (read_only / ".tars", read_only / "new" / ".tars"):
        with pytest.raises(StoreError) as caught:
            use(root)
        assert str(root) in caught.value.message
        assert caught.value.hint


def test_versions_are_copied_where_they_cannot_be_linked(small_disk: Path, store: Store, tmp_path: Path) -> None:
    """The output folder may lie on another file system than the store."""
    leaf = Leaf(store.objects.put(b"program", executable=True), True, 7)
    tree = store.objects.put_tree({"bin": leaf})
    with store.transaction() as tx:
        append_version(tx, [ModuleState("a", "go", "go_module.a", tree, tree, tree)])
    materialise(store, small_disk / "output")
    assert (small_disk / "output/versions/v1/agents/a/artifact/bin").read_bytes() == b"program"
    assert os.access(small_disk / "output/versions/v1/agents/a/artifact/bin", os.X_OK)
    assert verify(store, small_disk / "output") == ()
    store.objects.restore_tree({"sub/bin": leaf}, small_disk / "restored", durable=True)
    store.objects.restore(leaf, small_disk / "one")
    assert (small_disk / "restored/sub/bin").read_bytes() == (small_disk / "one").read_bytes() == b"program"
    assert sorted(path.name for path in (small_disk / "restored/sub").iterdir()) == ["bin"]
