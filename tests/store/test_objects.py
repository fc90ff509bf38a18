"""Objects: stored once by content, verified when read, restored at once and never outside the folder."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tars.core.errors import CorruptError, StoreError
from tars.core.values import Digest, Json
from tars.store import Leaf, Store, open_store
from tars.store.tree import MAGIC, decode, encode, fault_of_path

# The first test vector of BLAKE3: the digest of no bytes.
DIGEST_OF_NOTHING = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"


def seal(store: Store) -> None:
    with store.transaction() as tx:
        tx.append("note", {})


def damage(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


@pytest.mark.parametrize("data", [b"", b"x", b"\0" * 1000, os.urandom(3_000_000)], ids=["none", "one", "nul", "large"])
def test_bytes_come_back_by_their_digest(store: Store, data: bytes) -> None:
    digest = store.objects.put(data)
    assert store.objects.get(digest) == data
    assert store.objects.put(data) == digest
    assert store.objects.size(digest) == len(data)
    assert store.objects.path(digest) == store.root / "objects" / digest[:2] / digest[2:]


def test_the_digest_is_blake3(store: Store) -> None:
    assert store.objects.put(b"") == DIGEST_OF_NOTHING


@pytest.mark.parametrize("size", [10, 2_500_000])
@pytest.mark.parametrize("executable", [False, True])
def test_a_file_keeps_its_content_and_mode(store: Store, tmp_path: Path, size: int, executable: bool) -> None:
    source, target = tmp_path / "source", tmp_path / "deep" / "target"
    source.write_bytes(os.urandom(size))
    source.chmod(0o755 if executable else 0o644)
    leaf = store.objects.put_file(source)
    assert leaf == Leaf(leaf.digest, executable, size)
    seal(store)
    assert stat.S_IMODE(store.objects.path(leaf.digest).stat().st_mode) == (0o555 if executable else 0o444)
    store.objects.restore(leaf, target)
    assert target.read_bytes() == source.read_bytes()
    assert bool(target.stat().st_mode & 0o100) == executable
    assert os.access(target, os.W_OK)


def leave_torn(store: Store, data: bytes) -> Digest:
    """What a process leaves that is killed between making an object's file and writing it."""
    with open_store(store.root.parent / "elsewhere") as elsewhere:
        digest = elsewhere.objects.put(data)
    path = store.objects.path(digest)
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o400)
    return digest


def test_what_a_killed_writer_left_is_not_taken_for_the_object(store: Store) -> None:
    digest = leave_torn(store, b"whole")
    assert not store.objects.adopt(digest)
    assert store.objects.put(b"whole") == digest
    assert store.objects.adopt(digest)
    seal(store)
    assert store.objects.get(digest) == b"whole"


def test_an_entry_that_names_what_a_killed_writer_left_is_refused(store: Store) -> None:
    torn = leave_torn(store, b"whole")
    listed = store.objects.put_tree({"a": Leaf(torn, False, 5)})
    seal(store)
    named: tuple[dict[str, Json], ...] = ({"objects": [torn]}, {"trees": [listed]})
    for body in named:
        with pytest.raises(StoreError, match="nothing was recorded"), store.transaction() as tx:
            tx.append("note", body)
    assert store.head == 1


def test_what_is_adopted_becomes_durable_with_the_transaction(store: Store) -> None:
    with open_store(store.root) as other:
        digest = other.objects.put(b"never committed there")
    assert store.objects.adopt(digest)
    seal(store)
    assert stat.S_IMODE(store.objects.path(digest).stat().st_mode) == 0o444


def test_a_large_file_is_stored_without_holding_it(store: Store, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="peak memory is measured with getrusage")
    source = tmp_path / "large"
    with open(source, "wb") as file:
        for _ in range(100):
            file.write(os.urandom(1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    leaf = store.objects.put_file(source)
    store.objects.restore(leaf, tmp_path / "copy")
    assert leaf.size == 100 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32_000  # KiB


def test_what_is_no_regular_file_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot store"):
        store.objects.put_file(tmp_path)
    with pytest.raises(StoreError, match="cannot store"):
        store.objects.put_file(tmp_path / "missing")


def test_a_damaged_object_is_named_and_nothing_is_restored(store: Store, tmp_path: Path) -> None:
    digest = store.objects.put(b"content")
    target = tmp_path / "target"
    target.write_bytes(b"previous")
    damage(store.objects.path(digest), b"contents")
    with pytest.raises(CorruptError, match=digest) as caught:
        store.objects.get(digest)
    assert "tarscli store repair" in caught.value.hint
    with pytest.raises(CorruptError, match="target"):
        store.objects.restore(Leaf(digest, False, 7), target)
    assert target.read_bytes() == b"previous"
    assert list(store.tmp.iterdir()) == []
    store.objects.path(digest).unlink()
    with pytest.raises(CorruptError, match="is missing"):
        store.objects.get(digest)


def test_an_unsynced_torn_object_is_replaced_but_never_trusted(tmp_path: Path) -> None:
    """After a power cut a name may stand for half of its bytes."""
    with open_store(tmp_path / ".tars") as store:
        digest = store.objects.put(b"content")
        path = store.objects.path(digest)
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    path.chmod(0o600)
    path.write_bytes(b"con")
    path.chmod(0o400)
    with open_store(tmp_path / ".tars") as store:
        store.objects.put(b"content")
        seal(store)
        assert store.objects.get(digest) == b"content"


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../out", "a/../../out", "a//b", "a/./b", "a/", "a\0b", "x" * 300, "\ud800" + "x"]
)
def test_hostile_paths_are_refused(store: Store, tmp_path: Path, path: str) -> None:
    leaf = Leaf(store.objects.put(b"x"), False, 1)
    with pytest.raises(StoreError):
        store.objects.put_tree({path: leaf})
    with pytest.raises(StoreError):
        store.objects.restore_tree({path: leaf}, tmp_path / "folder")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("path", ["new\nline", "..a/b..", " ", "ümläut", "a/b/c/d", "-rf", "\udcff"])
def test_odd_but_harmless_paths_come_back(store: Store, tmp_path: Path, path: str) -> None:
    leaf = Leaf(store.objects.put(b"x"), False, 1)
    tree = store.objects.tree(store.objects.put_tree({path: leaf}))
    store.objects.restore_tree(tree, tmp_path / "folder")
    assert (tmp_path / "folder" / path).read_bytes() == b"x"


def test_a_file_cannot_be_a_folder(store: Store) -> None:
    leaf = Leaf(store.objects.put(b"x"), False, 1)
    with pytest.raises(StoreError, match="both a file and a folder"):
        store.objects.put_tree({"a": leaf, "a-b": leaf, "a/b": leaf})


@pytest.mark.parametrize("link_at", ["sub", "sub/deep"])
def test_no_write_goes_through_a_link_out_of_the_folder(store: Store, tmp_path: Path, link_at: str) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    (folder / link_at).parent.mkdir(parents=True)
    (folder / link_at).symlink_to(outside)
    leaf = Leaf(store.objects.put(b"x"), False, 1)
    with pytest.raises(StoreError, match="symbolic link"):
        store.objects.restore_tree({"sub/deep/file": leaf}, folder)
    assert list(outside.iterdir()) == []
    assert list(store.tmp.iterdir()) == []


def test_a_link_at_the_place_itself_is_replaced(store: Store, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").symlink_to(precious)
    store.objects.restore_tree({"file": Leaf(store.objects.put(b"x"), False, 1)}, tmp_path / "folder")
    assert precious.read_bytes() == b"precious"
    assert (tmp_path / "folder" / "file").read_bytes() == b"x"


def test_a_folder_in_the_place_of_a_file_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "folder" / "file" / "inner").mkdir(parents=True)
    with pytest.raises(StoreError, match="a folder stands in its place"):
        store.objects.restore_tree({"file": Leaf(store.objects.put(b"x"), False, 1)}, tmp_path / "folder")


def test_names_that_differ_only_in_case_are_both_restored_or_refused(store: Store, tmp_path: Path) -> None:
    files = {name: Leaf(store.objects.put(name.encode()), False, 4) for name in ("Name", "name")}
    try:
        store.objects.restore_tree(files, tmp_path / "folder")
    except StoreError as error:
        assert "same file" in error.message  # noqa: PT017
    else:
        assert {path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir()} == {
            "Name": b"Name",
            "name": b"name",
        }


leaves = st.builds(
    Leaf, st.text("0123456789abcdef", min_size=64, max_size=64).map(Digest), st.booleans(), st.integers(0)
)
paths = st.text(min_size=1, max_size=8).filter(lambda path: "/" not in path and not fault_of_path(path))


@given(st.dictionaries(paths, leaves, max_size=6))
def test_a_tree_is_its_bytes(tree: dict[str, Leaf]) -> None:
    data = encode(tree)
    assert decode(data, "test") == tree
    assert encode(dict(reversed(tree.items()))) == data


@given(st.binary(max_size=80) | st.binary(max_size=80).map(lambda tail: MAGIC + tail))
def test_bytes_that_are_no_tree_are_named(data: bytes) -> None:
    try:
        tree = decode(data, "test")
    except CorruptError as error:
        assert "test" in error.message  # noqa: PT017
    else:
        assert encode(tree).strip() == data.strip() or not tree


@pytest.mark.parametrize(
    "rows",
    [
        '[["../x","%s",false,1]]',
        '[["x","short",false,1]]',
        '[["x","%s",0,1]]',
        '[["x","%s",false,-1]]',
        "[1]",
        "{}",
        "[",
    ],
)
def test_a_hostile_tree_is_refused_when_read(store: Store, rows: str) -> None:
    digest = store.objects.put(MAGIC + rows.replace("%s", DIGEST_OF_NOTHING).encode())
    if rows == "{}":
        assert store.objects.tree(digest) == {}
        return
    with pytest.raises(CorruptError, match=digest):
        store.objects.tree(digest)
