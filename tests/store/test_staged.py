"""Staged objects: many are synced while entries are made, and no commit rests on what is not durable."""

import stat
import sys
from pathlib import Path

import pytest

from tars.core.errors import StoreError
from tars.core.values import Digest
from tars.store import Store, open_store
from tars.store.durable import FSYNC_FILES_MAX
from tars.store.verify import verify

MANY = FSYNC_FILES_MAX + 1


def put_many(store: Store) -> list[Digest]:
    return [store.objects.put(f"object {index}".encode()) for index in range(MANY)]


def mode(store: Store, digest: Digest) -> int:
    return stat.S_IMODE(store.objects.path(digest).stat().st_mode)


def modes(store: Store, digests: list[Digest]) -> set[int]:
    return {mode(store, digest) for digest in digests}


@pytest.mark.parametrize(("count", "marked"), [(MANY, 0o444), (FSYNC_FILES_MAX, 0o400)])
def test_many_objects_are_durable_when_the_block_ends(store: Store, count: int, marked: int) -> None:
    digests = put_many(store)[:count] if count == MANY else [store.objects.put(bytes([i])) for i in range(count)]
    with store.objects.syncing():
        pass
    assert modes(store, digests) == {marked}


def test_what_is_put_while_others_are_synced_is_durable_with_the_commit(store: Store) -> None:
    digests = put_many(store)
    with store.transaction() as tx:
        digests.append(store.objects.put(b"in the block"))
        tx.append("result", {"objects": list(digests)})
    assert modes(store, digests) == {0o444}
    assert verify(store) == ()


def test_a_block_that_fails_appends_nothing_and_loses_nothing(store: Store) -> None:
    digests = put_many(store)
    with pytest.raises(ValueError, match="int"), store.transaction() as tx:
        tx.append("result", {"objects": list(digests), "number": int("none")})
    assert store.head == 0
    with store.transaction() as tx:
        tx.append("result", {"objects": list(digests)})
    assert modes(store, digests) == {0o444}
    assert verify(store) == ()


def test_what_could_not_be_made_durable_ahead_is_told_by_the_commit(store: Store) -> None:
    """The entry names none of them, so that nothing but the syncing itself can notice."""
    digests = put_many(store)
    content = store.objects.get(digests[4])
    store.objects.path(digests[4]).unlink()
    with pytest.raises(StoreError, match="was removed while a transaction"), store.transaction() as tx:
        tx.append("note", {})
    assert store.head == 0
    # All of them wait for the next commit again.
    store.objects.path(digests[4]).write_bytes(content)
    store.objects.path(digests[4]).chmod(0o400)
    with store.transaction() as tx:
        tx.append("result", {"objects": list(digests)})
    assert store.head == 1
    assert modes(store, digests[:4] + digests[5:]) == {0o444}
    assert verify(store) == ()


def test_a_durable_object_that_another_process_put_anew_is_synced_again(store: Store) -> None:
    digests = put_many(store)
    with store.objects.syncing():
        pass
    store.objects.path(digests[0]).unlink()
    with open_store(store.root) as other:
        other.objects.put(b"object 0")
        assert mode(store, digests[0]) == 0o400
        with store.transaction() as tx:
            tx.append("result", {"objects": [digests[0]]})
    assert mode(store, digests[0]) == 0o444


def test_a_durable_object_in_whose_place_a_torn_one_came_is_not_committed(store: Store) -> None:
    digests = put_many(store)
    with store.objects.syncing():
        pass
    path = store.objects.path(digests[0])
    path.unlink()
    path.write_bytes(b"obj")
    path.chmod(0o400)
    with pytest.raises(StoreError, match="was removed while a transaction"), store.transaction() as tx:
        tx.append("result", {"objects": [digests[0]]})
    assert store.head == 0


def test_a_torn_object_in_the_place_of_one_that_waits_is_not_committed(store: Store) -> None:
    digest = store.objects.put(b"waits")
    path = store.objects.path(digest)
    torn = path.with_name("torn")
    torn.write_bytes(b"wai")
    torn.chmod(0o400)
    torn.replace(path)
    with pytest.raises(StoreError, match="was removed while a transaction"), store.transaction() as tx:
        tx.append("result", {"objects": [digest]})
    assert store.head == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has files whose size is not told")
def test_a_file_whose_size_is_not_told_is_stored_whole(store: Store) -> None:
    path = Path("/proc/version")
    assert path.stat().st_size == 0
    leaf = store.objects.put_file(path)
    assert store.objects.get(leaf.digest) == path.read_bytes()
    assert leaf.size == len(path.read_bytes())
