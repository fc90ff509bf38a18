"""Versions: one number line, states as of any number, differences, folders, pruning and collecting."""

import os
import shutil
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
from tars.store.rollback import plan_rollback
from tars.store.verify import verify
from tars.store.versions import append_version, latest_number, resolve, state_at, states_at, versions

Commit = Callable[..., int]
PutFiles = Callable[[Mapping[str, bytes]], Digest]


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
        (f"alpha@v{'9' * 5000}", "names no version of `alpha`", "v1, v3"),
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
    assert remove_pruned(store, output) == ()
    assert sorted(path.name for path in (output / "versions").iterdir()) == ["v3", "v4"]
    # v3 sees beta as v2 left it, so that state stays; of alpha as of v1 go the two trees, whose files beta has as well.
    assert gc(store, 0.0).objects == 2
    assert verify(store, output) == ()
    state = resolve(store, "beta@v3")[1]
    assert store.objects.adopt_tree(state.source)
    with pytest.raises(UsageError, match="v1 was pruned"):
        resolve(store, "alpha@v1")
    assert [known.number for known in versions(store) if known.pruned] == [1, 2]
    assert line("alpha", {"a.py": b"3"}) == 5


def test_what_was_pruned_is_said_to_be_so_however_it_is_named(
    store: Store, line: Commit, put_files: PutFiles, tmp_path: Path
) -> None:
    one, two = (put_files({"src/alpha.py": text}) for text in (b"one\n", b"two\n"))
    prune(store, 1)
    gc(store, 0.0)
    assert resolve(store, f"alpha@{two[:8]}")[0] == 3, "v4, which is kept, sees alpha as v3 made it"
    for ask in (
        lambda: resolve(store, f"alpha@{one[:8]}"),
        lambda: difference(store, 1, 4),
        lambda: difference(store, 4, 1),
        lambda: plan_rollback(store, tmp_path, "v1"),
        lambda: plan_rollback(store, tmp_path, f"alpha@{one[:8]}"),
    ):
        with pytest.raises(UsageError, match="version v1 was pruned"):
            ask()


def test_a_folder_that_cannot_be_removed_keeps_no_other(store: Store, line: Commit, tmp_path: Path) -> None:
    output = tmp_path / "output"
    materialise(store, output)
    shutil.rmtree(output / "versions" / "v1")
    (output / "versions" / "v1").write_bytes(b"no folder")
    prune(store, 2)
    (refusal,) = remove_pruned(store, output)
    assert "v1" in refusal.message
    assert sorted(path.name for path in (output / "versions").iterdir()) == ["v1", "v3", "v4"]


def test_several_processes_may_remove_the_same_folders(store: Store, line: Commit, tmp_path: Path) -> None:
    output = tmp_path / "output"
    for number in range(30):
        line("alpha", {f"{file}.py": b"%d" % number for file in range(20)})
    materialise(store, output)
    prune(store, 1)
    program = (
        "import sys; from pathlib import Path\n"
        "from tars.store import open_store; from tars.store.materialise import remove_pruned\n"
        "with open_store(Path(sys.argv[1])) as store:\n"
        "    print('ready', flush=True); sys.stdin.readline()\n"
        "    sys.stderr.write(' '.join(error.message for error in remove_pruned(store, Path(sys.argv[2]))))"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(store.root), str(output)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in both:
        assert process.stdout is not None
        process.stdout.readline()
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[1] for process in both] == ["", ""]
    assert [path.name for path in (output / "versions").iterdir()] == ["v34"]


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
