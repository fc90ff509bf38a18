"""A damaged journal takes nothing away: each entry is proven when it is read, and `gc` and `prune` prove all."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.core.errors import CorruptError, StoreError, TarsError
from tars.store import Store, open_store
from tars.store.collect import gc
from tars.store.difference import difference
from tars.store.repair import repair
from tars.store.retention import prune
from tars.store.verify import verify
from tars.store.versions import resolve, states_at, versions

Commit = Callable[..., int]
FLIPS = 150


def append(root: Path) -> None:
    with open_store(root) as store, store.transaction() as tx:
        tx.append("note", {})


def objects_of(store: Store) -> set[str]:
    return {path.parent.name + path.name for path in (store.root / "objects").rglob("*") if path.is_file()}


def spoil(path: Path, old: bytes, new: bytes) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new))


def test_a_project_without_entries_is_repaired_and_goes_on(tmp_path: Path) -> None:
    root = tmp_path / ".tars"
    with open_store(root, recovering=True) as store:
        assert repair(store, (tmp_path,)).remaining == ()
    append(root)
    with open_store(root) as store:
        assert store.head == 1
        assert verify(store) == ()


def test_a_witness_of_no_entry_locks_nothing(tmp_path: Path) -> None:
    """As `repair` once left it in a project without entries."""
    root = tmp_path / ".tars"
    open_store(root).close()
    (root / "journal.head").write_text(f"{0:020d} {bytes(32).hex()}\n")
    append(root)
    with open_store(root) as store:
        assert store.head == 1


@pytest.mark.parametrize(
    "number",
    ["10000000000000000001", "-0000000000000000001", "9" * 5000],
    ids=["a flipped digit", "negative", "too long to be one"],
)
def test_a_witness_with_a_number_that_no_entry_can_have_counts_as_torn(tmp_path: Path, number: str) -> None:
    root = tmp_path / ".tars"
    append(root)
    text = (root / "journal.head").read_text()
    (root / "journal.head").write_text(number + text[20:])
    with open_store(root) as store:
        assert verify(store) == ()
    append(root)
    assert (root / "journal.head").read_text().startswith(f"{2:020d} ")


def test_only_repairing_begins_a_journal_that_is_gone_anew(tmp_path: Path) -> None:
    root = tmp_path / ".tars"
    append(root)
    for path in root.glob("journal.db*"):
        path.unlink()
    for recovering in (False, True):
        with pytest.raises(CorruptError, match="is missing"):
            open_store(root, recovering=recovering)
    assert not (root / "journal.db").exists()
    with open_store(root, recovering=True, remaking=True) as store:
        (told,) = repair(store, (tmp_path,)).remaining
        assert "entry 1 was committed, but the journal ends at 0" in told.message
    append(root)
    with open_store(root) as store:
        assert verify(store) == ()


def test_entries_cut_off_inside_the_database_are_told_once(tmp_path: Path) -> None:
    root = tmp_path / ".tars"
    for _ in range(3):
        append(root)
    connection = sqlite3.connect(root / "journal.db")
    connection.execute("DROP TRIGGER entries_stay")
    connection.execute("DELETE FROM entries WHERE number = 3")
    connection.commit()
    connection.close()
    with open_store(root, recovering=True) as store:
        assert "S0001" in {finding.code for finding in repair(store, (tmp_path,)).remaining}
    with open_store(root) as store:
        assert verify(store) == ()


def test_a_witness_that_cannot_be_written_refuses_the_entries_whole(store: Store) -> None:
    (store.root / "journal.head").mkdir()
    with pytest.raises(StoreError, match=r"cannot write .*journal\.head"), store.transaction() as tx:
        tx.append("note", {})
    assert store.head == 0
    (store.root / "journal.head").rmdir()
    append(store.root)
    assert store.head == 1


def test_neither_gc_nor_prune_goes_by_a_damaged_journal(tmp_path: Path, store: Store, commit: Commit) -> None:
    for number in range(5):
        commit("alpha", {"a.py": f"print({number})".encode()})
    assert prune(store, 4) == (1,)
    store.close()
    spoil(store.root / "journal.db", b'"versions":[1]', b'"versions":[3]')
    with open_store(store.root) as again:
        before = objects_of(again)
        for act in (lambda: gc(again, 0.0), lambda: prune(again, 2)):
            with pytest.raises(CorruptError, match=r"entry \d+ of the journal \(prune \) is not what was committed"):
                act()
        assert objects_of(again) == before


def test_an_entry_is_proven_when_it_is_read(store: Store, commit: Commit) -> None:
    commit("alpha", {"a.py": b"1"})
    commit("beta", {"b.py": b"1"})
    store.close()
    spoil(store.root / "journal.db", b'"modules":["alpha"]', b'"modules":["alphe"]')
    with open_store(store.root) as again:
        assert resolve(again, "beta@latest")[0] == 2, "what is whole can be read"
        with pytest.raises(CorruptError, match=r"entry 2 of the journal .* is damaged"):
            versions(again)


def read_all(root: Path) -> None:
    """What the commands read; whatever is wrong is told as such."""
    with open_store(root) as store:
        numbers = [known.number for known in versions(store)]
        difference(store, numbers[0], numbers[-1])
        resolve(store, "alpha@v2")
        states_at(store, numbers[-1])
        list(store.entries())
        gc(store, 0.0)
        prune(store, 2)


def test_any_flipped_byte_of_the_journal_is_told_and_takes_nothing(store: Store, commit: Commit) -> None:
    for number in range(4):
        commit("alpha", {"a.py": f"print({number})".encode()})
    prune(store, 3)
    store.close()
    path = store.root / "journal.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole, witness = path.read_bytes(), (store.root / "journal.head").read_bytes()
    with open_store(store.root) as again:
        gc(again, 0.0)
        before = objects_of(again)
    used = [at for at, byte in enumerate(whole) if byte]
    chance, refused = random.Random(7), 0
    for number in range(FLIPS):
        at, bit = chance.choice(used), chance.randrange(8)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        (store.root / "journal.head").write_bytes(witness)
        try:
            read_all(store.root)
        except TarsError:
            refused += 1
        try:
            with open_store(store.root, recovering=True) as again:
                verify(again)
        except TarsError:
            pass
        assert objects_of(store) == before, f"flip {number}: bit {bit} of byte {at}"
        for rest in store.root.glob("journal.db-*"):
            rest.unlink()
    assert refused > FLIPS * 0.9
