"""The journal: entries in order, chained, never changed; and a file that is not what it should be is told as such."""

import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.core.errors import CorruptError, StoreError
from tars.store import Store, open_store
from tars.store.verify import verify


def fill(store: Store, count: int = 5) -> None:
    for number in range(count):
        with store.transaction() as tx:
            tx.append("result", {"n": number}, subject=f"m{number % 2}", key=f"k{number}", run=f"r{number // 2}")


def test_entries_are_found_by_what_they_are_about(store: Store) -> None:
    fill(store)
    assert store.head == 5
    assert [entry.number for entry in store.entries()] == [1, 2, 3, 4, 5]
    assert [entry.number for entry in store.entries(newest_first=True, limit=2)] == [5, 4]
    assert [entry.number for entry in store.entries(subject="m1")] == [2, 4]
    assert [entry.number for entry in store.entries(run="r1")] == [3, 4]
    assert [entry.number for entry in store.entries(after=3)] == [4, 5]
    latest = store.latest("result", subject="m1")
    assert latest is not None
    assert latest.body == {"n": 3}
    assert store.latest("result", key="k2", subject="m0") is not None
    assert store.latest("result", key="none") is None
    assert store.latest("other") is None


def test_long_journals_are_read_in_pages_without_gaps_or_repeats(store: Store) -> None:
    with store.transaction() as tx:
        for number in range(1000):
            tx.append("many", {"n": number})
    assert [entry.body["n"] for entry in store.entries(kind="many")] == list(range(1000))
    assert [entry.body["n"] for entry in store.entries(newest_first=True)] == list(reversed(range(1000)))
    assert len(list(store.entries(limit=700))) == 700


def test_an_exception_appends_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as tx:
            tx.append("result", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.head == 0


@pytest.mark.parametrize(
    "body",
    [
        {"x": float("nan")},
        {"x": object()},
        {"x": "\ud800"},
        {"objects": ["no digest"]},
        {"objects": ["0" * 64]},
        {"trees": {"source": "0" * 64}},
    ],
)
def test_what_cannot_be_kept_is_refused_whole(store: Store, body: dict[str, object]) -> None:
    def append() -> None:
        with store.transaction() as tx:
            tx.append("fine", {})
            tx.append("result", body)  # type: ignore[arg-type]

    with pytest.raises(StoreError):
        append()
    assert store.head == 0


def test_the_journal_refuses_changes(store: Store) -> None:
    fill(store)
    connection = sqlite3.connect(store.root / "journal.db")
    for statement in ("UPDATE entries SET body = '{}'", "DELETE FROM entries"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_a_clock_that_goes_backwards_changes_nothing(tmp_path: Path) -> None:
    times = iter([50.0, 10.0, 30.0, 0.0, -5.0])
    with open_store(tmp_path / ".tars", clock=lambda: next(times)) as store:
        fill(store)
        assert [entry.time for entry in store.entries()] == [50.0, 10.0, 30.0, 0.0, -5.0]
        latest = store.latest("result")
        assert latest is not None
        assert latest.number == 5
        assert verify(store) == ()


def tampered(statement: str) -> Callable[[Path], None]:
    def tamper(path: Path) -> None:
        connection = sqlite3.connect(path)
        connection.execute("DROP TRIGGER entries_keep")
        connection.execute("DROP TRIGGER entries_stay")
        connection.execute(statement)
        connection.commit()
        connection.close()

    return tamper


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE entries SET body = '{\"n\":9}' WHERE number = 2", "entry 2"),
        ("UPDATE entries SET time = time + 1 WHERE number = 3", "entry 3"),
        ("UPDATE entries SET subject = 'other' WHERE number = 4", "entry 4"),
        ("UPDATE entries SET body = x'ff' WHERE number = 1", "entry 1"),
        ("DELETE FROM entries WHERE number = 3", "entry 3 is missing"),
        ("UPDATE entries SET number = 50 WHERE number = 2", "entry 2 is missing"),
        ("UPDATE entries SET digest = zeroblob(32) WHERE number = 2", "entry 2"),
        ("DELETE FROM entries WHERE number > 3", "entries 4 to 5 were appended and are gone"),
    ],
)
def test_a_tampered_entry_is_named_by_its_number(tmp_path: Path, statement: str, named: str) -> None:
    with open_store(tmp_path / ".tars") as store:
        fill(store)
        assert verify(store) == ()
    tampered(statement)(tmp_path / ".tars" / "journal.db")
    with open_store(tmp_path / ".tars", recovering=True) as store:
        found = verify(store)
    assert any(named in finding.message and finding.code in ("S0001", "S0002") for finding in found), found


def test_entries_lost_at_the_end_are_noticed_when_opening(tmp_path: Path) -> None:
    """As when somebody deletes `journal.db-wal`, or copies an old `journal.db` back."""
    with open_store(tmp_path / ".tars") as store:
        fill(store, 2)
    old = (tmp_path / ".tars" / "journal.db").read_bytes()
    with open_store(tmp_path / ".tars") as store:
        fill(store, 2)
    (tmp_path / ".tars" / "journal.db").write_bytes(old)
    with pytest.raises(CorruptError, match="entry 4 was committed, but the journal ends at 2"):
        open_store(tmp_path / ".tars")
    (tmp_path / ".tars" / "journal.db").unlink()
    with pytest.raises(CorruptError, match="is missing"):
        open_store(tmp_path / ".tars")


def newer(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[60:64] = struct.pack(">I", 2)
    path.write_bytes(data)


def foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA application_id = 1")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (newer, StoreError, "made by a newer TARS"),
        (lambda path: path.write_bytes(b""), CorruptError, "is empty"),
        (lambda path: path.write_bytes(b"hello" * 100), CorruptError, "is not a SQLite database"),
        (lambda path: path.write_bytes(path.read_bytes()[:50]), CorruptError, "is not a SQLite database"),
        (lambda path: path.write_bytes(path.read_bytes()[:4096]), CorruptError, "is damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:9000]), CorruptError, "is damaged"),
        (foreign, CorruptError, "is not a journal"),
    ],
    ids=["newer", "empty", "text", "cut in header", "cut after a page", "cut in a page", "foreign database"],
)
def test_a_file_that_is_no_journal_is_told_and_not_touched(
    tmp_path: Path, spoil: Callable[[Path], object], error: type[StoreError], message: str
) -> None:
    with open_store(tmp_path / ".tars") as store:
        fill(store)
    path = tmp_path / ".tars" / "journal.db"
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(error, match=message) as caught:
        list(open_store(tmp_path / ".tars").entries())
    assert caught.value.hint
    assert path.read_bytes() == before
