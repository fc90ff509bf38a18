"""Several processes on one store, and processes that are killed: nothing committed is lost, nothing half is seen."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from blake3 import blake3

from tars.core.errors import StoreError
from tars.core.values import Digest
from tars.store import Leaf, Store, open_store
from tars.store.collect import gc
from tars.store.verify import verify
from tars.store.versions import states_at, versions

WRITER = Path(__file__).with_name("writer.py")
ENTRIES_OF_A_TRANSACTION = 4


def start(root: Path, name: str, count: int, pause_seconds: float = 0.0) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(WRITER), str(root), name, str(count), str(pause_seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def is_whole(store: Store, acknowledged: set[str]) -> None:
    """Every acknowledged transaction is there, and every one that is there is whole."""
    runs = Counter(entry.run for entry in store.entries() if entry.run)
    assert acknowledged <= runs.keys()
    assert set(runs.values()) <= {ENTRIES_OF_A_TRANSACTION}
    assert [entry.number for entry in store.entries()] == list(range(1, store.head + 1))
    numbers = [known.number for known in versions(store)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert verify(store) == ()


def test_processes_that_race_lose_nothing_and_share_no_number(tmp_path: Path) -> None:
    root, count, names = tmp_path / ".tars", 25, ("a", "b", "c", "d")
    writers = {name: start(root, name, count) for name in names}
    told: dict[str, list[bytes]] = {}
    for name, writer in writers.items():
        out, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors.decode()
        told[name] = out.splitlines()
    numbers = [int(line.split()[1]) for lines in told.values() for line in lines]
    assert sorted(numbers) == list(range(1, count * len(names) + 1))
    with open_store(root) as store:
        is_whole(store, {f"{name}-{number}" for name in names for number in range(count)})
        for name, lines in told.items():
            # What each was told is what is there: its last version holds its last state.
            last = int(lines[-1].split()[1])
            tree = store.objects.tree(states_at(store, last)[name].source)
            assert store.objects.get(tree["own"].digest) == f"{name} {count - 1} ".encode() * 50


def killed_at_random(root: Path, seed: int, kills: int) -> None:
    chance = random.Random(seed)
    acknowledged: set[str] = set()
    for kill in range(kills):
        name = f"w{seed}-{kill}"
        writer = start(root, name, 10_000)
        assert writer.stdout is not None
        # Some are killed before they have opened the store, most while they write.
        for _ in range(chance.choice((0, 1, 1, 2, 5))):
            line = writer.stdout.readline()
            acknowledged.add(f"{name}-{line.split()[0].decode()}")
        time.sleep(chance.random() * 0.012)
        writer.kill()
        out, _ = writer.communicate(timeout=30)
        acknowledged.update(f"{name}-{line.split()[0].decode()}" for line in out.split(b"\n")[:-1])
        if kill % 10 == 9 or kill == kills - 1:
            with open_store(root) as store:
                is_whole(store, acknowledged)
                gc(store, 0.0)
                assert verify(store) == (), f"seed {seed}, after kill {kill}"


def test_a_writer_killed_at_random_moments_loses_nothing_committed(tmp_path: Path) -> None:
    killed_at_random(tmp_path / ".tars", seed=1, kills=40)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_writers_killed_at_random_moments_lose_nothing_committed(tmp_path: Path, seed: int) -> None:
    killed_at_random(tmp_path / ".tars", seed=seed, kills=100)


def plant(store: Store, data: bytes) -> None:
    """Lets an old object be there that nothing references, as a pruned version leaves behind."""
    place, scratch = store.objects.path(Digest(blake3(data).hexdigest())), store.tmp / "planted"
    place.parent.mkdir(exist_ok=True)
    scratch.write_bytes(data)
    scratch.chmod(0o444)
    os.utime(scratch, (0, 0))
    try:
        os.link(scratch, place)
    except FileExistsError:
        pass
    scratch.unlink()


def test_collecting_beside_writers_takes_nothing_that_they_need(tmp_path: Path) -> None:
    """The writers put again what is there, unreferenced, and old enough to be taken at that very moment."""
    root, count = tmp_path / ".tars", 60
    writers = [start(root, name, count, 0.005) for name in ("a", "b")]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline()
    taken = 0
    with open_store(root) as store:
        while any(writer.poll() is None for writer in writers):
            for number in range(count):
                plant(store, f"common {number}".encode())
            taken += gc(store, 0.0).objects
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors.decode()
    assert taken > 0
    with open_store(root) as store:
        is_whole(store, {f"{name}-{number}" for name in ("a", "b") for number in range(count)})


def test_an_old_object_that_is_put_again_while_another_collects_survives(store: Store) -> None:
    """The very moment: the collection has found the object unneeded and old; then it is put again, then it sweeps."""
    digest = store.objects.put(b"wanted again")
    with store.transaction() as tx:
        tx.append("note", {})
    os.utime(store.objects.path(digest), (0, 0))
    with open_store(store.root) as other:
        other.objects.put(b"something else, so that it is known to be writing")
        assert other.objects.put(b"wanted again") == digest
        assert gc(store, 0.0).spared >= 1
        with other.transaction() as tx:
            tx.append("result", {"objects": [digest]})
    assert store.objects.get(digest) == b"wanted again"
    assert verify(store) == ()


def test_a_transaction_that_names_what_was_collected_is_refused(store: Store) -> None:
    """The control: were commits not checked, the entry below would name what is gone."""
    digest = store.objects.put(b"content")
    tree = store.objects.put_tree({"a": Leaf(digest, False, 7)})
    store.objects.path(digest).unlink()

    def name_it() -> None:
        with store.transaction() as tx:
            tx.append("result", {"trees": [tree]})

    with pytest.raises(StoreError, match="removed"):
        name_it()
    assert store.head == 0
    with (
        open_store(store.root) as other,
        pytest.raises(StoreError, match="not in the store"),
        other.transaction() as tx,
    ):
        tx.append("result", {"trees": [tree]})
    assert store.head == 0
