"""Power cuts at every write: a real run's system calls are recorded, and every disk that a cut may leave is opened.

The model is stricter than file systems are: a file's bytes survive only from its own `fsync` on, its name only from
that of its folder, and what was not synced may survive in any combination, in pieces of 512 bytes.
"""

import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import rmtree, which
from tempfile import mkdtemp

import pytest

from tars.core.errors import TarsError
from tars.store import open_store
from tars.store.verify import verify

HERE = Path(__file__).parent
HEADER = struct.Struct("=cqqqIII")
SECTOR = 512
TRANSACTIONS = 7
ENTRIES_OF_A_TRANSACTION = 4

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or which("cc") is None,
    reason="recording system calls needs Linux and a C compiler (`cc`)",
)


@dataclass(frozen=True)
class Call:
    """One recorded system call; `file` tells files apart even where the system used an inode's number again."""

    operation: str
    file: int
    offset: int
    path: str
    second: str
    data: bytes


@dataclass
class Disk:
    """Files by identity, names by path, folders by path."""

    contents: dict[int, bytes] = field(default_factory=dict)
    modes: dict[int, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def copy(self) -> "Disk":
        return Disk(dict(self.contents), dict(self.modes), dict(self.names), set(self.folders))

    def apply(self, call: Call, torn: random.Random | None = None) -> None:
        content = self.contents.get(call.file, b"")
        match call.operation:
            case "c":
                self.names[call.path] = call.file
            case "w":
                self.contents[call.file] = written(content, call, torn)
            case "t":
                self.contents[call.file] = content[: call.offset].ljust(call.offset, b"\0")
            case "m":
                self.modes[call.file] = call.offset
            case "l":
                self.names[call.path] = call.file
            case "r":
                self.names[call.path] = call.file
                if self.names.get(call.second) == call.file:
                    del self.names[call.second]
            case "u":
                if self.names.get(call.path) == call.file:
                    del self.names[call.path]
            case "d":
                self.folders.add(call.path)

    def write(self, below: str, to: Path) -> None:
        """Makes the disk real; names whose folder was lost are lost with it."""
        for folder in sorted(self.folders):
            place = to / folder.removeprefix(f"{below}/")
            if place.parent.is_dir():
                place.mkdir()
        for path, file in self.names.items():
            place = to / path.removeprefix(f"{below}/")
            if place.parent.is_dir():
                place.write_bytes(self.contents.get(file, b""))
                place.chmod(self.modes.get(file, 0o644))

    def state(self) -> tuple[object, ...]:
        return (
            frozenset(self.folders),
            frozenset((path, self.contents.get(file, b""), self.modes.get(file)) for path, file in self.names.items()),
        )


def written(content: bytes, call: Call, torn: random.Random | None) -> bytes:
    """The file after a write; where it is torn, each sector of the disk has the old bytes or the new ones."""
    end = call.offset + len(call.data)
    new = bytearray(content.ljust(end, b"\0"))
    at = call.offset
    while at < end:
        until = min(end, (at // SECTOR + 1) * SECTOR)
        if torn is None or torn.random() < 0.5:
            new[at:until] = call.data[at - call.offset : until - call.offset]
        at = until
    return bytes(new)


@dataclass(frozen=True)
class Recording:
    below: str
    calls: tuple[Call, ...]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    place = tmp_path_factory.mktemp("recorded").resolve()
    library, log, work = place / "record.so", place / "log", place / "work"
    work.mkdir()
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "record_writes.c", "-ldl"], check=True, timeout=60
    )
    below = str(work)
    done = subprocess.run(
        [sys.executable, HERE / "power_workload.py", work / ".tars", str(TRANSACTIONS)],
        env={"LD_PRELOAD": str(library), "RECORD_TO": str(log), "RECORD_BELOW": below}
        | {"PYTHONPATH": ":".join(path for path in sys.path if path)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.splitlines()[-1] == f"acknowledged {TRANSACTIONS - 1}".encode()
    return Recording(below, tuple(parsed(log.read_bytes())))


def parsed(log: bytes) -> Iterator[Call]:
    at, files, serial = 0, dict[int, int](), count(1)
    while at < len(log):
        operation, inode, offset, size, *lengths = HEADER.unpack_from(log, at)
        at += HEADER.size
        texts = []
        for length in lengths:
            texts.append(log[at : at + length])
            at += length
        if operation == b"c":
            files[inode] = next(serial)
        if operation in b"cm":
            offset = size
        yield Call(operation.decode(), files.get(inode, 0), offset, texts[0].decode(), texts[1].decode(), texts[2])


def is_covered(call: Call, sync: Call) -> bool:
    """Whether the sync makes the earlier call durable."""
    if sync.operation == "S":
        return True
    if call.operation in "wtm":
        return call.file == sync.file and sync.file != 0
    return call.path.rpartition("/")[0] == sync.path


def cuts(recording: Recording, seed: int, subsets: int, honoured: Callable[[Call], bool]) -> Iterator[tuple[Disk, int]]:
    """The disks that power cuts may leave, with the last transaction that was acknowledged before each."""
    # A file has its first mode from the start: no name of it can survive without.
    first_modes = {call.file: call.offset for call in recording.calls if call.operation == "c"}
    durable, pending, acknowledged = Disk(modes=first_modes), list[Call](), -1
    for number, call in enumerate(recording.calls):
        if call.operation == "A":
            acknowledged = int(call.data.split()[-1])
        elif call.operation in "sS":
            if honoured(call):
                for earlier in pending:
                    if is_covered(earlier, call):
                        durable.apply(earlier)
                pending = [earlier for earlier in pending if not is_covered(earlier, call)]
        else:
            pending.append(call)
        yield durable.copy(), acknowledged
        if number % 4 == seed % 4:
            everything = durable.copy()
            for earlier in pending:
                everything.apply(earlier)
            yield everything, acknowledged
        for subset in range(subsets):
            chance = random.Random(f"{seed} {number} {subset}")
            share = chance.choice((0.2, 0.5, 0.9))
            some = durable.copy()
            for earlier in pending:
                if chance.random() < share:
                    some.apply(earlier, chance if chance.random() < 0.4 else None)
            yield some, acknowledged


def faults(
    recording: Recording, place: Path, seed: int, subsets: int, honoured: Callable[[Call], bool]
) -> Iterator[str]:
    """What is wrong with the store on any of the disks; nothing, if the store keeps its word."""
    seen = set[int]()
    # In memory where there is such a folder: what is tested is the order of calls, not this machine's disk.
    place = Path(mkdtemp(dir="/dev/shm")) if os.access("/dev/shm", os.W_OK) else place
    try:
        for number, (disk, acknowledged) in enumerate(cuts(recording, seed, subsets, honoured)):
            state = hash((disk.state(), acknowledged))
            if state in seen:
                continue
            seen.add(state)
            image = place / f"{number}"
            image.mkdir()
            disk.write(recording.below, image)
            fault = fault_of(image, acknowledged)
            if fault:
                yield f"cut {number} (seed {seed}), transaction {acknowledged} acknowledged: {fault}"
            rmtree(image)
    finally:
        rmtree(place)
    assert len(seen) > len(recording.calls) / 2, "hardly any different disks were tried"


def fault_of(image: Path, acknowledged: int) -> str:
    """Opens what the power cut left with the real code: all acknowledged there, nothing half, and it goes on."""
    try:
        with open_store(image / ".tars") as store:
            runs: dict[str, list[str]] = {}
            for entry in store.entries():
                if entry.run:
                    runs.setdefault(entry.run, []).append(entry.kind)
            lost = [number for number in range(acknowledged + 1) if f"t{number}" not in runs]
            if lost:
                return f"acknowledged transactions {lost} are lost"
            half = [run for run, kinds in runs.items() if len(kinds) != ENTRIES_OF_A_TRANSACTION]
            if half:
                return f"half of the transactions {half} is visible"
            for finding in verify(store):
                return finding.message
            again = store.objects.put(b"object 6/0 ")
            store.objects.put(b"object 4/0 ")
            with store.transaction() as tx:
                tx.append("after", {"objects": [again]})
            store.objects.get(again)
            for finding in verify(store):
                return f"after going on: {finding.message}"
    except TarsError as error:
        return f"{type(error).__name__}: {error.message}"
    return ""


def is_kept(call: Call) -> bool:
    return True


def test_every_cut_keeps_what_was_acknowledged(recording: Recording, tmp_path: Path) -> None:
    assert list(faults(recording, tmp_path, seed=1, subsets=1, honoured=is_kept)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_every_cut_keeps_what_was_acknowledged_over_many_subsets(
    recording: Recording, tmp_path: Path, seed: int
) -> None:
    assert list(faults(recording, tmp_path, seed=seed, subsets=6, honoured=is_kept)) == []


@pytest.mark.parametrize(
    ("without", "honoured"),
    [
        ("the objects' syncs", lambda call: "/objects" not in call.path),
        ("the syncs of folders", lambda call: call.operation == "S" or call.file != 0),
        ("the journal's syncs", lambda call: "/journal" not in call.path),
        ("any sync", lambda call: False),
    ],
)
def test_a_disk_that_ignores_syncs_is_found_out(
    recording: Recording, tmp_path: Path, without: str, honoured: Callable[[Call], bool]
) -> None:
    """The control: were one of these barriers missing from the store, the test above would fail."""
    assert any(faults(recording, tmp_path, seed=1, subsets=1, honoured=honoured)), f"nothing depends on {without}"
