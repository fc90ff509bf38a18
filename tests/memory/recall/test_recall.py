"""Adding, reading folders, asking and forgetting, on real stores; anchors are proven against the files."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tars.core.errors import CorruptError, StoreError, UsageError
from tars.memory.recall.folders import leave_folder, read_folder
from tars.memory.recall.index import Index, open_index
from tars.memory.recall.memories import add, forget, remembered
from tars.memory.recall.search import ask
from tars.memory.recall.values import Answer, Mode, Question, State, condition
from tars.store import open_store

CODE = '''"""A module."""

import os


def open_gate(key):
    """Opens the gate with a key."""
    return os.open(key)


class Bridge:
    def lower(self):
        return "the drawbridge goes down"
'''
NOTES = "# Castle\n\nThe moat is deep.\n\n## Kitchen\n\nThe cook bakes bread at dawn.\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "gate.py").write_text(CODE, "utf-8")
    (tmp_path / "notes.md").write_text(NOTES, "utf-8")
    return tmp_path


def asked(index: Index, text: str, **more: object) -> Answer:
    return ask(index, Question(text, **more))  # type: ignore[arg-type]  # the fields that each test names


def test_what_was_added_is_found_and_what_was_forgotten_is_not(tmp_path: Path) -> None:
    with open_store(tmp_path / ".tars") as store:
        first, second = add(store, [{"text": "The nightly build needs memory"}, {"text": "Tea is served at five"}])
        assert add(store, [{"text": "Tea is served at five"}]) == (second,)
        with open_index(store) as index:
            assert index.passages() == 2
            found = asked(index, "nightly build").passages
            assert found[0].id == first
            assert found[0].anchor.sha256 == sha256(b"The nightly build needs memory").hexdigest()
            forget(store, [first])
            index.catch_up()
            assert first not in [one.id for one in asked(index, "nightly build").passages]
            with pytest.raises(UsageError, match="there is no memory"):
                forget(store, [first])


def test_every_anchor_cites_exactly_its_lines(project: Path) -> None:
    with open_store(project / ".tars") as store, open_index(store) as index:
        figures = read_folder(index, project)
        assert figures.read == 2
        found = [*asked(index, "open gate key").passages, *asked(index, "cook bread").passages]
        assert found[0].title == "open_gate"
        for one in found:
            lines = (project / one.anchor.path).read_bytes().split(b"\n")[one.anchor.first - 1 : one.anchor.last]
            assert sha256(b"\n".join(lines)).hexdigest() == one.anchor.sha256
            assert one.text == b"\n".join(lines).decode()
        assert asked(index, "bread dawn").passages[0].title == "Castle > Kitchen"


def test_only_what_changed_is_read_again(project: Path) -> None:
    with open_store(project / ".tars") as store, open_index(store) as index:
        read_folder(index, project)
        head = store.head
        again = read_folder(index, project)
        assert (again.read, again.unchanged, again.changed) == (0, 2, False)
        assert store.head == head, "nothing changed, so the journal learns nothing"
        (project / "notes.md").write_text(NOTES.replace("bread", "cakes"), "utf-8")
        (project / "src" / "gate.py").unlink()
        changed = read_folder(index, project)
        assert (changed.read, changed.files_removed) == (1, 1)
        assert {one.anchor.path for one in asked(index, "gate cakes bridge cook", count=50).passages} == {"notes.md"}
        assert store.head > head


def test_an_anchor_says_what_became_of_its_file(project: Path) -> None:
    with open_store(project / ".tars") as store, open_index(store) as index:
        read_folder(index, project)

        def state() -> tuple[State, str | None, int]:
            one = asked(index, "cook bakes bread dawn").passages[0]
            return one.anchor.state, one.text, one.anchor.first

        assert state()[0] is State.SAME
        (project / "notes.md").write_text("new\n" + NOTES, "utf-8")
        moved = state()
        assert (moved[0], moved[2]) == (State.MOVED, 6)
        (project / "notes.md").write_text(NOTES.replace("bread", "cakes"), "utf-8")
        assert state()[:2] == (State.CHANGED, None)
        (project / "notes.md").unlink()
        assert state()[:2] == (State.GONE, None)
        (project / "notes.md").symlink_to("/etc/hostname")
        assert state()[:2] == (State.GONE, None), "a link is never followed"


def test_filters(project: Path) -> None:
    with open_store(project / ".tars") as store:
        for number in range(5):
            add(
                store,
                [{"text": f"gate number {number}", "metadata": {"rank": str(number), "side": "north"}, "time": number}],
            )
        with open_index(store) as index:
            read_folder(index, project)

            def ids(*conditions: str, **more: object) -> int:
                given = tuple(map(condition, conditions))
                return len(asked(index, "gate", conditions=given, count=50, **more).passages)

            assert ids("rank>=3") == 2
            assert ids("rank!=3", "kind=memory") == 4
            assert ids("rank<=10", "side=north") == 5, "numbers are compared as numbers"
            assert ids("side=south") == 0
            assert ids("side=' OR 1=1 --") == 0
            assert ids(since=2.0, until=3.0) == 2
            only = asked(index, "gate", folder="src", count=50).passages
            assert {one.anchor.path for one in only} == {"src/gate.py"}
            assert not asked(index, "gate", folder="sr").passages
    for wrong in ("side", "=north"):
        with pytest.raises(UsageError):
            condition(wrong)


def test_questions_of_any_kind_are_data(project: Path) -> None:
    with open_store(project / ".tars") as store, open_index(store) as index:
        read_folder(index, project)
        for text in (
            '"',
            "gate AND",
            "NEAR(gate",
            "col:gate*",
            "'; DROP TABLE passages; --",
            "\x00",
            "\ud800 gate",
            "的",
        ):
            for mode in Mode:
                asked(index, text, mode=mode)
        assert index.passages() > 0
        for wrong in (Question(" "), Question("gate", 0), Question("gate", 10**9)):
            with pytest.raises(UsageError):
                ask(index, wrong)


def test_without_a_model_every_answer_says_so(project: Path) -> None:
    from tars.memory.recall.embedders import words  # noqa: PLC0415 - the fallback is asked for by name only here

    with open_store(project / ".tars") as store, open_index(store, words.PLUGIN) as index:
        read_folder(index, project)
        answer = asked(index, "gate")
        assert not answer.knows_meaning
        assert "not meaning" in answer.notice
        assert "pip install" in answer.notice


def test_what_is_not_to_be_read_is_left_out_and_counted(project: Path) -> None:
    (project / ".gitignore").write_text("*.log\n/build/\n!keep.log\n", "utf-8")
    (project / "src" / ".gitignore").write_text("secret.txt\n", "utf-8")
    for name, data in {
        "a.log": b"gate", "keep.log": b"gate kept", "src/secret.txt": b"gate", "binary.bin": b"gate\0",
        "latin.txt": "gate \xe9".encode("latin-1"), "long.txt": b"gate " * 10_000, "build/x.txt": b"gate",
        "node_modules/y.js": b"gate", "line\nbreak \x1b[31m.txt": b"gate of lines",
    }.items():  # fmt: skip
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_bytes(data)
    (project / "huge.txt").write_bytes(b"gate\n" * 300_000)
    (project / "link.txt").symlink_to("notes.md")
    os.mkfifo(project / "pipe")
    (project / os.fsdecode(b"\xff.txt")).write_bytes(b"gate")
    with open_store(project / ".tars") as store, open_index(store) as index:
        figures = read_folder(index, project)
        assert figures.left == {
            "ignored": 3, "binary": 1, "not UTF-8": 1, "with lines of more than 20,000 characters": 1, "links": 1,
            "larger than 1 MiB": 1, "no regular files": 1, "names that are no text": 1,
        }  # fmt: skip
        found = {one.anchor.path for one in asked(index, "gate", count=50, mode=Mode.TEXT).passages}
        assert found == {"keep.log", "src/gate.py", "line\nbreak \x1b[31m.txt"}
        with pytest.raises(UsageError, match="not in the project"):
            read_folder(index, project.parent)


def test_the_index_is_made_anew_from_the_journal_and_the_folders(project: Path) -> None:
    with open_store(project / ".tars") as store:
        add(store, [{"text": "gate of the west", "metadata": {"side": "west"}}])
        with open_index(store) as index:
            read_folder(index, project)
            before = [(one.id, one.anchor) for one in asked(index, "gate bread", count=50).passages]
        with open_index(store, anew=True) as index:
            for folder in remembered(store).folders:
                read_folder(index, project / folder)
            assert [(one.id, one.anchor) for one in asked(index, "gate bread", count=50).passages] == before
            leave_folder(index, project)
            assert index.passages() == 1
        assert not remembered(store).folders


def test_a_damaged_index_is_named_with_the_next_step(project: Path) -> None:
    path = project / ".tars" / "cache" / "recall" / "index.db"
    with open_store(project / ".tars") as store:
        add(store, [{"text": "gate"}])
        with open_index(store):
            pass
        whole = path.read_bytes()
        for damage in (b"garbage" * 100, whole[:60] + (99).to_bytes(4, "big") + whole[64:]):
            path.write_bytes(damage)
            with pytest.raises(StoreError, match=r"index\.db") as caught, open_index(store):
                pass
            assert "--rebuild" in caught.value.hint
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
        with pytest.raises(CorruptError, match="damaged"), open_index(store) as index:
            asked(index, "gate")
        with open_index(store, anew=True) as index:
            assert len(asked(index, "gate").passages) == 1


def test_a_snapshot_is_used_and_a_damaged_one_is_not(tmp_path: Path) -> None:
    with open_store(tmp_path / ".tars") as store:
        ids = add(store, [{"text": f"word{number} of many"} for number in range(4_200)])
        with open_index(store):
            pass
        (snapshot,) = (tmp_path / ".tars" / "cache" / "recall").glob("vectors-*")
        for data in (snapshot.read_bytes(), snapshot.read_bytes()[:-1], b"tars-vectors 1\n"):
            snapshot.write_bytes(data)
            with open_index(store) as index:
                forget(store, [ids[7]])
                ids = tuple(id for place, id in enumerate(ids) if place != 7)
                extra = add(store, [{"text": f"newest {len(ids)}"}])
                index.catch_up()
                found = asked(index, "word3 of many", mode=Mode.VECTORS).passages
                assert found[0].text == "word3 of many"
                assert asked(index, f"newest {len(ids)}", mode=Mode.VECTORS).passages[0].id == extra[0]
                assert len(index.refresh()) - int((~index.refresh().alive).sum()) == index.passages()


WRITER = """
import sys
from pathlib import Path
from tars.store import open_store
from tars.memory.recall.memories import add
from tars.memory.recall.index import open_index
name, count = sys.argv[2], int(sys.argv[3])
with open_store(Path(sys.argv[1]) / ".tars") as store, open_index(store) as index:
    for number in range(count):
        add(store, [{"id": f"{name}-{number}", "text": f"text of {name} number {number}"}])
        print(number, flush=True)
        index.catch_up()
"""


def test_two_processes_write(tmp_path: Path) -> None:
    with open_store(tmp_path / ".tars"):
        pass
    both = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name, "30"], stdout=subprocess.DEVNULL)
        for name in ("one", "other")
    ]
    assert [process.wait(120) for process in both] == [0, 0]
    with open_store(tmp_path / ".tars") as store, open_index(store) as index:
        assert index.passages() == 60
        assert asked(index, "text of other number 29").passages[0].id == "other-29"


@pytest.mark.parametrize("kills", [5, pytest.param(60, marks=pytest.mark.slow)])
def test_kill_at_any_moment_loses_nothing_acknowledged(tmp_path: Path, kills: int) -> None:
    """`tests/memory/recall/killing.py 1000` is the same at length."""
    program = Path(__file__).with_name("killing.py")
    done = subprocess.run(
        [sys.executable, str(program), str(kills), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{kills} kills" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit on the size of files here")
def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    program = f"""
import resource, signal, sys
from pathlib import Path
from tars.core.errors import TarsError
from tars.store import open_store
from tars.memory.recall.memories import add
from tars.memory.recall.index import open_index
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_store(Path({str(tmp_path)!r}) / ".tars") as store:
    add(store, [{{"id": "before", "text": "before the disk was full"}}])
    with open_index(store) as index:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        try:
            for number in range(300):
                add(store, [{{"id": f"n{{number}}", "text": f"number {{number}} " + "x " * 3000}}])
                print(number, flush=True)
                index.catch_up()
        except TarsError as error:
            print("refused", error.message, "|", error.hint)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert "refused" in done.stdout, done.stdout + done.stderr
    acknowledged = {f"n{line}" for line in done.stdout.splitlines() if line.isdigit()}
    with open_store(tmp_path / ".tars") as store, open_index(store) as index:
        known = set(remembered(store).memories)
        assert {"before"} | acknowledged <= known
        assert index.passages() == len(known)
