"""Damage is found, named with what it belongs to, and repaired where the content still exists; nothing is dropped."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tars.core.errors import CorruptError
from tars.core.values import Severity
from tars.store import Leaf, Store, open_store
from tars.store.materialise import materialise
from tars.store.repair import repair
from tars.store.verify import verify
from tars.store.versions import resolve

Commit = Callable[..., int]
Damage = Callable[[Path], object]


def rewrite(path: Path, data: bytes) -> None:
    """As rot does, or an editor run by root: the same file with other bytes."""
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    rewrite(path, bytes(data))


DAMAGES: list[tuple[str, Damage, str]] = [
    ("a bit flipped", flip, "S0003"),
    ("cut short", lambda path: rewrite(path, path.read_bytes()[:-1]), "S0003"),
    ("emptied", lambda path: rewrite(path, b""), "S0003"),
    ("removed", lambda path: path.unlink(), "S0004"),
]


@pytest.mark.parametrize(
    ("damage", "code"), [(damage, code) for _, damage, code in DAMAGES], ids=[d[0] for d in DAMAGES]
)
@pytest.mark.parametrize("which", ["file", "tree"])
def test_damage_is_named_with_what_it_belongs_to(
    store: Store, commit: Commit, damage: Damage, code: str, which: str
) -> None:
    commit("alpha", {"src/alpha.py": b"print(1)\n", "other.py": b"2"})
    commit("beta", {"src/beta.py": b"print(2)\n"})
    assert verify(store) == ()
    source = resolve(store, "alpha")[1].source
    digest = store.objects.tree(source)["src/alpha.py"].digest if which == "file" else source
    damage(store.objects.path(digest))
    (finding,) = verify(store)
    assert finding.code == code
    assert finding.severity is Severity.ERROR
    assert digest in finding.message
    assert "alpha@v1" in finding.message
    assert ("source file 'src/alpha.py'" if which == "file" else "the source tree") in finding.message


@pytest.mark.parametrize("named", [{"trees": ["*"]}, {"trees": {"source": "*", "artifact": ""}}, {"objects": ["*"]}])
def test_what_any_entry_names_is_looked_after(store: Store, named: dict[str, list[str] | dict[str, str]]) -> None:
    digest = store.objects.put_tree({"a": Leaf(store.objects.put(b"a"), False, 1)})
    body = json.loads(json.dumps(named).replace("*", digest))
    with store.transaction() as tx:
        tx.append("result", body, subject="alpha")
    assert verify(store) == ()
    flip(store.objects.path(digest))
    (finding,) = verify(store)
    assert "named by entry 1 (result alpha)" in finding.message


def test_every_damaged_object_is_found(store: Store, commit: Commit) -> None:
    commit("alpha", {f"{number}.txt": f"{number}".encode() * 9 for number in range(30)})
    damaged = [leaf.digest for leaf in store.objects.tree(resolve(store, "alpha")[1].source).values()][::3]
    for digest in damaged:
        flip(store.objects.path(digest))
    assert sorted(finding.message.split()[1] for finding in verify(store)) == sorted(damaged)


def test_what_nothing_needs_is_a_warning(store: Store) -> None:
    digest = store.objects.put(b"garbage")
    with store.transaction() as tx:
        tx.append("note", {})
    flip(store.objects.path(digest))
    (store.root / "objects" / "README").mkdir()
    (store.root / "objects" / "README" / "foreign").touch()
    found = verify(store)
    assert sorted((finding.code, finding.severity) for finding in found) == [
        ("S0003", Severity.WARNING),
        ("S0005", Severity.WARNING),
    ]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda file: file.unlink(), "is missing"),
        (lambda file: (file.unlink(), file.write_bytes(b"mine")), "was changed"),
        (lambda file: (file.unlink(), file.symlink_to("/etc/hostname")), "is no file any more"),
    ],
)
def test_a_changed_version_folder_is_named(
    store: Store, commit: Commit, tmp_path: Path, spoil: Damage, fault: str
) -> None:
    commit("alpha", {"a.py": b"1"})
    materialise(store, tmp_path / "output")
    spoil(tmp_path / "output/versions/v1/agents/alpha/source/a.py")
    (finding,) = verify(store, tmp_path / "output")
    assert finding.code == "S0006"
    assert fault in finding.message
    assert "alpha@v1" in finding.message


def test_a_copy_instead_of_a_link_is_fine(store: Store, commit: Commit, tmp_path: Path) -> None:
    commit("alpha", {"a.py": b"1"})
    materialise(store, tmp_path / "output")
    file = tmp_path / "output/versions/v1/agents/alpha/source/a.py"
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data)
    assert verify(store, tmp_path / "output") == ()


def test_repair_restores_from_the_work_tree_and_keeps_the_damaged(store: Store, commit: Commit, tmp_path: Path) -> None:
    commit("alpha", {"a.py": b"whole", "b.py": b"also whole"})
    tree = store.objects.tree(resolve(store, "alpha")[1].source)
    (tmp_path / "renamed.py").write_bytes(b"whole")
    flip(store.objects.path(tree["a.py"].digest))
    store.objects.path(tree["b.py"].digest).unlink()
    done = repair(store, (tmp_path,))
    assert [digest for digest, _ in done.restored] == [tree["a.py"].digest]
    assert done.restored[0][1] == str(tmp_path / "renamed.py")
    assert store.objects.get(tree["a.py"].digest) == b"whole"
    assert (store.root / "damaged" / tree["a.py"].digest).exists()
    (lost,) = done.remaining
    assert tree["b.py"].digest in lost.message
    assert "'b.py'" in lost.message
    assert store.latest("repair") is not None


def test_repair_makes_a_lost_tree_anew_from_the_version_folder(store: Store, commit: Commit, tmp_path: Path) -> None:
    commit("alpha", {"src/a.py": b"whole", "b.py": b"b"})
    materialise(store, tmp_path / "output")
    source = resolve(store, "alpha")[1].source
    store.objects.path(source).unlink()
    done = repair(store, (tmp_path,), tmp_path / "output")
    assert [digest for digest, _ in done.restored] == [source]
    assert done.remaining == ()
    assert set(store.objects.tree(source)) == {"src/a.py", "b.py"}


def test_what_cannot_be_repaired_may_be_stored_again(store: Store, commit: Commit, tmp_path: Path) -> None:
    commit("alpha", {"a.py": b"lost"})
    digest = store.objects.tree(resolve(store, "alpha")[1].source)["a.py"].digest
    flip(store.objects.path(digest))
    done = repair(store, (tmp_path,))
    assert [finding.code for finding in done.remaining] == ["S0004"]
    commit("alpha", {"a.py": b"lost"})
    assert verify(store) == ()


def test_a_loss_at_the_journals_end_is_told_once_and_then_accepted(tmp_path: Path) -> None:
    root = tmp_path / ".tars"

    def append() -> None:
        with open_store(root) as store, store.transaction() as tx:
            tx.append("note", {})

    append()
    old = (root / "journal.db").read_bytes()
    append()
    (root / "journal.db").write_bytes(old)
    with pytest.raises(CorruptError, match="lost entries"):
        open_store(root)
    with open_store(root, recovering=True) as store:
        done = repair(store, (tmp_path,))
        assert [finding.code for finding in done.remaining] == ["S0001"]
        assert "entry 2 was committed" in done.remaining[0].message
    append()
    with open_store(root) as store:
        assert store.head == 2
        assert verify(store) == ()


def test_verify_changes_nothing(store: Store, commit: Commit) -> None:
    commit("alpha", {"a.py": b"1"})
    flip(store.objects.path(resolve(store, "alpha")[1].source))

    def listing() -> dict[str, tuple[int, int]]:
        files = (path for path in store.root.rglob("*") if path.is_file() and "journal.db-" not in path.name)
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}

    before = listing()
    assert verify(store)
    assert listing() == before
    assert os.listdir(store.tmp) == []
