"""Versions: one number line, states as of any number, differences, rollback, folders, pruning and collecting."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tars.core.errors import CorruptError, StoreError, UsageError
from tars.core.values import Digest
from tars.store import ModuleState, Store, open_store
from tars.store.collect import gc
from tars.store.difference import difference
from tars.store.materialise import materialise, remove_pruned
from tars.store.retention import prune
from tars.store.rewrite import PutBack, put_back
from tars.store.rollback import rollback
from tars.store.verify import verify
from tars.store.versions import append_version, latest_number, resolve, state_at, states_at, versions

Commit = Callable[..., int]
PutFiles = Callable[[Mapping[str, bytes]], Digest]


@pytest.fixture
def line(commit: Commit) -> Commit:
    """Four versions: alpha changes in v1 and v3, beta in v2 and v4."""
    for name, text in (("alpha", b"one\n"), ("beta", b"one\n"), ("alpha", b"two\n"), ("beta", b"two\n")):
        commit(name, {f"src/{name}.py": text}, {f"output/{name}.json": b"{}" + text})
    return commit


def test_every_module_has_a_state_as_of_every_number(store: Store, line: Commit, put_files: PutFiles) -> None:
    assert [(known.number, known.modules) for known in versions(store)] == [
        (1, ("alpha",)),
        (2, ("beta",)),
        (3, ("alpha",)),
        (4, ("beta",)),
    ]
    one, two = put_files({"src/alpha.py": b"one\n"}), put_files({"src/alpha.py": b"two\n"})
    found = [state_at(store, "alpha", number) for number in (1, 2, 3, 4)]
    assert [state.source for state in found if state] == [one, one, two, two]
    assert state_at(store, "beta", 1) is None
    assert state_at(store, "beta", 99) is None
    assert set(states_at(store, 1)) == {"alpha"}
    assert states_at(store, 4)["alpha"].source == two
    assert latest_number(store) == 4


@pytest.mark.parametrize(
    ("selector", "number", "text"),
    [
        ("alpha", 3, b"two\n"),
        ("alpha@latest", 3, b"two\n"),
        ("alpha@v1", 1, b"one\n"),
        ("alpha@v2", 2, b"one\n"),
        ("alpha@v4", 4, b"two\n"),
    ],
)
def test_selectors(store: Store, line: Commit, selector: str, number: int, text: bytes) -> None:
    found, state = resolve(store, selector)
    assert found == number
    assert store.objects.get(store.objects.tree(state.source)["src/alpha.py"].digest) == text


def test_a_selector_may_be_a_prefix_of_a_digest(store: Store, line: Commit, put_files: PutFiles) -> None:
    source = put_files({"src/alpha.py": b"one\n"})
    assert resolve(store, f"alpha@{source[:8]}")[0] == 1
    assert resolve(store, f"alpha@{source[:8].upper()}")[0] == 1


@pytest.mark.parametrize(
    ("selector", "message", "hint"),
    [
        ("alpa", "no version holds a module `alpa`", "did you mean `alpha`?"),
        ("alpha@v9", "there is no version v9", "v1, v2, v3, v4"),
        ("beta@v1", "`beta` did not exist in v1", "`beta@v2`"),
        ("alpha@zzzz", "names no version of `alpha`", "v1, v3"),
        ("alpha@ab", "names no version of `alpha`", "at least 4 digits"),
        ("", "no version holds a module ``", "known: alpha, beta"),
    ],
)
def test_a_selector_that_names_nothing_says_what_there_is(
    store: Store, line: Commit, selector: str, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(store, selector)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_before_the_first_version_the_hint_is_to_run(store: Store) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(store, "alpha")
    assert "tarscli run" in caught.value.hint


def test_a_version_needs_modules_and_its_number_an_ended_transaction(store: Store) -> None:
    with store.transaction() as tx:
        with pytest.raises(StoreError, match="at least one module"):
            append_version(tx, [])
        tree = store.objects.put_tree({})
        made = append_version(tx, [ModuleState("a", "go", "go_module.a", tree, Digest(""), tree)])
        with pytest.raises(StoreError, match="has not ended"):
            made()
    assert made() == 1


def test_differences_are_per_file_with_text_and_metrics(store: Store, commit: Commit) -> None:
    commit("alpha", {"a.py": b"one\ntwo\n", "gone.py": b"x"}, {"out.bin": b"\0\1"}, score=1)
    commit("alpha", {"a.py": b"one\n2\n", "new.py": b"y\n"}, {"out.bin": b"\0\2"}, score=2)
    (module,) = difference(store, 1, 2)
    files = {(file.part, file.path): file for file in module.files}
    assert {key: file.change for key, file in files.items()} == {
        ("source", "a.py"): "changed",
        ("source", "gone.py"): "removed",
        ("source", "new.py"): "added",
        ("outputs", "out.bin"): "changed",
    }
    assert (
        files["source", "a.py"].text
        == "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
    )
    assert "\\ No newline at end of file" in files["source", "gone.py"].text
    assert files["outputs", "out.bin"].text == ""
    assert module.metrics == {"score": (1, 2)}
    assert difference(store, 2, 2) == ()
    with pytest.raises(UsageError, match="there is no version v7"):
        difference(store, 1, 7)


def test_rollback_puts_the_source_back_as_a_new_version_and_loses_nothing(
    store: Store, line: Commit, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    (project / "src" / "alpha.py").write_bytes(b"never recorded\n")
    assert rollback(store, project, "alpha@v1") == 5
    assert (project / "src" / "alpha.py").read_bytes() == b"one\n"
    assert not (project / "src" / "beta.py").exists()
    saved = store.latest("work-tree")
    assert saved is not None
    (tree,) = saved.body["trees"]  # type: ignore[misc]
    kept = store.objects.tree(Digest(str(tree)))["src/alpha.py"]
    assert store.objects.get(kept.digest) == b"never recorded\n"
    assert resolve(store, "alpha")[0] == 5
    assert versions(store)[-1].reason == "rollback to alpha@v1"
    assert rollback(store, project, "v3") == 6
    assert (project / "src" / "alpha.py").read_bytes() == b"two\n"
    assert (project / "src" / "beta.py").read_bytes() == b"one\n"
    assert verify(store) == ()


def test_rollback_removes_what_the_older_version_had_not_but_nothing_that_others_read(
    store: Store, commit: Commit, tmp_path: Path
) -> None:
    commit("alpha", {"a.py": b"1"})
    commit("alpha", {"a.py": b"2", "extra.py": b"x", "shared.py": b"s"})
    commit("beta", {"shared.py": b"s"})
    for name in ("a.py", "extra.py", "shared.py", "mine.txt"):
        (tmp_path / name).write_bytes(b"now")
    rollback(store, tmp_path, "alpha@v1")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a.py", "mine.txt", "shared.py"]


def test_rollback_ends_a_change_of_several_files_that_was_interrupted(
    store: Store, commit: Commit, tmp_path: Path, kill_between_files: Callable[..., None]
) -> None:
    older, newer = ({"a.py": text, "b.py": text} for text in (b"old\n", b"new\n"))
    commit("alpha", older, {})
    commit("alpha", newer, {})
    for path, text in newer.items():
        (tmp_path / path).write_bytes(text)
    kill_between_files(  # something was making both files as they had been in v1
        "from pathlib import Path; from tars.store import open_store; from tars.store.rewrite import rewrite\n"
        f"with open_store(Path({str(store.root)!r})) as store:\n"
        f"    rewrite(store, Path(), {newer}, {older}, subject='alpha')",
        folder=tmp_path,
    )
    assert [(tmp_path / path).read_bytes() for path in newer] == [b"old\n", b"new\n"]
    rollback(store, tmp_path, "alpha@v1")
    assert put_back(store, tmp_path) == PutBack()
    assert {path: (tmp_path / path).read_bytes() for path in older} == older


OLDER = {"a.py": b"old a\n", "gone.py": b"in v1 only\n", "run.sh": b"#!/bin/sh\n"}
NEWER = {"a.py": b"new a\n", "later.py": b"in v2 only\n", "run.sh": b"#!/bin/sh\nls\n"}


@pytest.fixture
def two_versions(store: Store, commit: Commit, tmp_path: Path) -> Path:
    """A project in whose work tree stands the second of two versions."""
    commit("alpha", OLDER, {})
    commit("alpha", NEWER, {})
    project = tmp_path / "project"
    project.mkdir()
    for path, data in NEWER.items():
        (project / path).write_bytes(data)
    return project


def files_in(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.iterdir()}


KILLED_AT = """import os, signal, sys
events = 0
def hook(event, arguments):
    global events
    events += event in ("os.rename", "os.remove", "os.mkdir", "os.chmod", "os.link") or (
        event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR)))
    if events == int(sys.argv[1]) and event != "os.kill": os.kill(os.getpid(), signal.SIGKILL)
from pathlib import Path
from tars.store import open_store
from tars.store.rollback import rollback
with open_store(Path(sys.argv[2])) as store:
    sys.addaudithook(hook)
    rollback(store, Path(sys.argv[3]), "v1")
"""


def test_a_rollback_that_is_killed_changes_all_files_or_none(store: Store, two_versions: Path, tmp_path: Path) -> None:
    seen = set()
    code = -signal.SIGKILL
    point = 0
    while code:
        point += 1
        root, project = tmp_path / f"{point}/.tars", tmp_path / f"{point}/project"
        shutil.copytree(store.root, root)
        shutil.copytree(two_versions, project)
        argv = [sys.executable, "-c", KILLED_AT, str(point), str(root), str(project)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        code = done.returncode
        assert code in (0, -signal.SIGKILL), done.stderr
        seen.add(frozenset(files_in(project).items()))
        with open_store(root) as copy:
            assert not put_back(copy, project).changed
            assert (latest_number(copy), files_in(project)) in ((2, NEWER), (3, OLDER))
            assert verify(copy) == ()
    assert len(seen) > 3, "it was killed between files too"


def test_a_rollback_that_cannot_be_finished_changes_nothing(store: Store, two_versions: Path) -> None:
    (two_versions / "run.sh").unlink()
    (two_versions / "run.sh").mkdir()
    with pytest.raises(StoreError, match=r"run\.sh"):
        rollback(store, two_versions, "v1")
    (two_versions / "run.sh").rmdir()
    assert files_in(two_versions) == {path: data for path, data in NEWER.items() if path != "run.sh"}
    assert latest_number(store) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_rollback_keeps_permissions_but_those_to_execute(store: Store, two_versions: Path, commit: Commit) -> None:
    (two_versions / "run.sh").chmod(0o750)
    (two_versions / "a.py").chmod(0o600)
    with store.transaction() as transaction:
        leaves = {"run.sh": store.objects.put_file(two_versions / "run.sh")}
        source = store.objects.put_tree(leaves)
        append_version(transaction, [ModuleState("alpha", "x", "x.alpha", source, Digest(""), source)])
    rollback(store, two_versions, "v2")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in two_versions.iterdir()}
    assert (modes["run.sh"], modes["a.py"]) == (0o640, 0o600)
    rollback(store, two_versions, "v3")
    assert stat.S_IMODE((two_versions / "run.sh").stat().st_mode) == 0o750


def test_rollback_through_a_link_out_of_the_project_is_refused(store: Store, line: Commit, tmp_path: Path) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    outside.mkdir()
    (outside / "alpha.py").write_bytes(b"precious")
    (project / "src").symlink_to(outside)
    with pytest.raises(StoreError, match="symbolic link"):
        rollback(store, project, "alpha@v1")
    assert (outside / "alpha.py").read_bytes() == b"precious"
    assert latest_number(store) == 4


def test_versions_as_folders_of_links(store: Store, line: Commit, tmp_path: Path) -> None:
    output = tmp_path / "output"
    assert materialise(store, output) == (1, 2, 3, 4)
    file = output / "versions" / "v3" / "agents" / "alpha" / "source" / "src" / "alpha.py"
    assert file.read_bytes() == b"two\n"
    assert not os.access(file, os.W_OK) or os.geteuid() == 0
    leaf = store.objects.tree(resolve(store, "alpha@v3")[1].source)["src/alpha.py"]
    assert os.path.samefile(file, store.objects.path(leaf.digest))
    assert (output / "versions/v3/agents/alpha/outputs/output/alpha.json").read_bytes() == b"{}two\n"
    assert materialise(store, output) == ()
    assert sorted(path.name for path in (output / "versions").iterdir()) == ["v1", "v2", "v3", "v4"]
    assert verify(store, output) == ()


@pytest.mark.parametrize("name", ["../../out", "a/b", ".hidden", "with space", "nul\0", "ünï"])
def test_a_hostile_module_name_stays_in_its_folder(store: Store, commit: Commit, tmp_path: Path, name: str) -> None:
    commit(name, {"a.py": b"1"})
    materialise(store, tmp_path / "deep" / "er" / "output")
    files = list((tmp_path / "deep").rglob("a.py"))
    assert len(files) == 1
    assert files[0].parts[-6:-3] == ("versions", "v1", "agents")
    assert verify(store, tmp_path / "deep" / "er" / "output") == ()


def count_objects(store: Store) -> int:
    return sum(1 for path in (store.root / "objects").rglob("*") if path.is_file())


def test_pruning_keeps_what_the_kept_versions_see(store: Store, line: Commit, tmp_path: Path) -> None:
    output = tmp_path / "output"
    materialise(store, output)
    assert prune(store, 2) == (1, 2)
    assert prune(store, 2) == ()
    assert remove_pruned(store, output) == (1, 2)
    # v3 sees beta as v2 left it, so that state stays; of alpha as of v1 go the two trees, whose files beta has as well.
    assert gc(store, 0.0).objects == 2
    assert verify(store, output) == ()
    state = resolve(store, "beta@v3")[1]
    assert store.objects.adopt_tree(state.source)
    with pytest.raises(UsageError, match="v1 was pruned"):
        resolve(store, "alpha@v1")
    assert [known.number for known in versions(store) if known.pruned] == [1, 2]
    assert line("alpha", {"a.py": b"3"}) == 5


def test_pinned_versions_are_not_pruned(store: Store, line: Commit) -> None:
    assert prune(store, 1, pinned={1}) == (2, 3)
    gc(store, 0.0)
    assert store.objects.adopt_tree(resolve(store, "alpha@v1")[1].source)
    with pytest.raises(UsageError, match="cannot keep 0"):
        prune(store, 0)


def test_cached_results_go_only_with_pruned_versions_and_the_latest_never(store: Store, commit: Commit) -> None:
    digests = []
    for number in range(3):
        digests.append(store.objects.put(f"result {number}".encode()))
        with store.transaction() as tx:
            tx.append("result", {"anything": [{"deep": digests[-1]}]}, subject="alpha", key=f"k{number}")
        commit("alpha", {"a.py": f"{number}".encode()})
    gc(store, 0.0)
    assert all(store.objects.path(digest).exists() for digest in digests)
    prune(store, 1)
    gc(store, 0.0)
    assert [store.objects.path(digest).exists() for digest in digests] == [False, False, True]


def test_collecting_takes_only_what_nothing_needs_and_what_is_old(store: Store, line: Commit) -> None:
    before = count_objects(store)
    store.objects.put(b"garbage")
    store.close()
    with open_store(store.root) as again:
        (again.tmp / "object-1-2-3").write_bytes(b"left by a killed process")
        assert gc(again).spared == 1
        assert gc(again, 0.0, dry_run=True).objects == 1
        collected = gc(again, 0.0)
        assert (collected.objects, collected.bytes, collected.leftovers) == (1, len(b"garbage"), 1)
        assert count_objects(again) == before
        assert verify(again) == ()


def test_collecting_spares_what_this_process_has_staged(store: Store) -> None:
    digest = store.objects.put(b"staged")
    gc(store, 0.0)
    with store.transaction() as tx:
        tx.append("note", {"objects": [digest]})
    assert store.objects.get(digest) == b"staged"


def test_a_damaged_tree_stops_collecting(store: Store, line: Commit) -> None:
    path = store.objects.path(resolve(store, "alpha")[1].source)
    path.chmod(0o644)
    path.write_bytes(b"no tree any more")
    before = count_objects(store)
    with pytest.raises(CorruptError):
        gc(store, 0.0)
    assert count_objects(store) == before
