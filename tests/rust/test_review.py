"""Kept patches: applied whole or not at all, taken back byte for byte, also after `kill -9`, never through a link."""

import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from tars.core.errors import StoreError, TarsError, UsageError
from tars.rust.patches import review
from tars.rust.patches.patch import BoundPatch, StalePatchError, between, bind
from tars.rust.patches.review import Kept, Proof, Reason, State
from tars.rust.values import Anchor, Change, Place, Sha256
from tars.store import Store, open_store
from tars.store.lock import Lock
from tars.store.rewrite import PutBack, put_back

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
CRASHING = Path(__file__).with_name("crashing.py")
FILES = {"src/lib.rs": b"\xef\xbb\xbffn f() {\r\n}\r\n", "src/a.rs": b"// a\xff\n", "build.rs": b"fn main() {}\n"}
CHANGED = {**FILES, "src/lib.rs": FILES["src/lib.rs"] + b"fn g() {}\r\n", "src/a.rs": b"// b\xff\n"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path, data in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    return tmp_path


@pytest.fixture
def store(project: Path) -> Iterator[Store]:
    with open_store(project / ".tars") as opened:
        yield opened


def made(patch: BoundPatch, **more: object) -> Kept:
    return Kept(patch, "", (), Proof(builds=True), **more)  # type: ignore[arg-type]


def kept(store: Store, patch: BoundPatch | None = None) -> Kept:
    found = made(between(FILES, CHANGED) if patch is None else patch)
    review.keep(store, found)
    return review.find(store, found.id)


def contents(project: Path) -> dict[str, bytes]:
    names = [path for path in project.rglob("*") if path.is_file() and ".tars" not in path.parts]
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in names}


def test_a_patch_is_kept_with_all_that_is_known_of_it(store: Store) -> None:
    anchor = Anchor(Sha256("a" * 64), "docs:error_codes/E0382.html", 3, 9)
    reason = Reason("clone it", "rule:e0382_clone", 0.8, "E0382", "", (anchor,))
    proof = Proof(builds=True, errors_before=2, tests_passed=3, tests_failed=0, toolchain="rustc 1", edition="2021")
    one = Kept(between(FILES, CHANGED), "crates/x", (reason,), proof, "e1")
    review.keep(store, one)
    found = review.find(store, one.id[:8])
    assert (found.patch, found.root, found.reasons, found.proof) == (one.patch, one.root, one.reasons, one.proof)
    assert found.state is State.PROPOSED
    assert review.find(store, "e1") == found
    other = made(bind(FILES, [Change(Place("build.rs", 0, 2), "pub fn")]))
    review.keep(store, other)
    review.keep(store, other)
    assert [item.id for item in review.kept_patches(store)] == [other.id, one.id]


def test_apply_and_rollback_give_every_byte_and_permission(project: Path, store: Store) -> None:
    (project / "src/a.rs").chmod(0o750)
    patch = kept(store)
    review.apply(store, project, patch)
    assert contents(project) == CHANGED
    assert review.state_of(store, patch.id) is State.APPLIED
    with pytest.raises(UsageError, match="applied already"):
        review.apply(store, project, patch)
    assert review.rollback(store, project, patch) == ("src/a.rs", "src/lib.rs")
    assert contents(project) == FILES
    assert stat.S_IMODE((project / "src/a.rs").stat().st_mode) == 0o750
    assert review.state_of(store, patch.id) is State.ROLLED_BACK
    assert review.rollback(store, project, patch) == ()
    review.apply(store, project, patch)
    assert contents(project) == CHANGED
    assert not list((project / ".tars" / "tmp").glob("object-*"))


def test_a_file_that_the_user_changed_is_never_overwritten(project: Path, store: Store) -> None:
    patch = kept(store)
    (project / "src/lib.rs").write_bytes(b"mine")
    with pytest.raises(
        StalePatchError, match=r"`src/lib.rs` was changed since the patch was made; nothing was written"
    ):
        review.apply(store, project, patch)
    assert contents(project) == {**FILES, "src/lib.rs": b"mine"}
    (project / "src/lib.rs").unlink()
    with pytest.raises(StalePatchError, match="is gone"):
        review.apply(store, project, patch)
    (project / "src/lib.rs").write_bytes(FILES["src/lib.rs"])
    review.apply(store, project, patch)
    (project / "src/a.rs").write_bytes(b"mine")
    with pytest.raises(StalePatchError, match=r"`src/a.rs` was changed") as caught:
        review.rollback(store, project, patch)
    assert "--inverse" in caught.value.hint
    assert contents(project) == {**CHANGED, "src/a.rs": b"mine"}
    assert review.state_of(store, patch.id) is State.APPLIED


def test_a_file_that_changes_while_another_is_written_stays_too(project: Path, store: Store) -> None:
    """And what was written before it is taken back."""
    patch, written = kept(store), []

    def save(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name == "place_beneath" and "src/a.rs" in frame.f_locals.values():
            written.append((project / "src/lib.rs").write_bytes(b"mine"))

    sys.setprofile(save)
    try:
        with pytest.raises(StalePatchError, match=r"`src/lib.rs` was changed while the patch was being applied"):
            review.apply(store, project, patch)
    finally:
        sys.setprofile(None)
    assert written
    assert contents(project) == {**FILES, "src/lib.rs": b"mine"}
    assert review.state_of(store, patch.id) is State.PROPOSED


def test_a_rollback_names_the_patch_that_came_after(project: Path, store: Store) -> None:
    first = kept(store)
    review.apply(store, project, first)
    second = kept(store, bind(CHANGED, [Change(Place("src/a.rs", 0, 0), "// c\n")]))
    review.apply(store, project, second)
    with pytest.raises(StalePatchError) as caught:
        review.rollback(store, project, first)
    assert f"rust rollback {second.short}" in caught.value.hint
    review.rollback(store, project, second)
    review.rollback(store, project, first)
    assert contents(project) == FILES


@pytest.mark.parametrize("linked", ["src/lib.rs", "src"])
def test_links_are_not_followed(
    linked: str, project: Path, store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "it"
    shutil.move(project / linked, outside)
    (project / linked).symlink_to(outside)
    with pytest.raises(StoreError, match="symbolic link") as caught:
        review.apply(store, project, kept(store))
    assert str(outside) in caught.value.hint
    shutil.rmtree(project / "src") if linked != "src" else (project / "src").unlink()
    (project / "src").mkdir() if linked != "src" else shutil.move(outside, project / "src")
    assert contents(project).get("src/a.rs", FILES["src/a.rs"]) == FILES["src/a.rs"]


def test_a_new_file_is_not_written_behind_a_link(
    project: Path, store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (project / "src/deep").symlink_to(outside)
    patch = kept(store, between(FILES, {**FILES, "build.rs": b"//\n", "src/deep/new.rs": b""}))
    with pytest.raises(StoreError, match="link"):
        review.apply(store, project, patch)
    assert list(outside.iterdir()) == []
    assert contents(project) == FILES


def test_a_store_on_another_disk_keeps_bytes_and_permissions(tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not os.access(other, os.W_OK) or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here to put the store on")
    (tmp_path / "build.rs").write_bytes(FILES["build.rs"])
    (tmp_path / "build.rs").chmod(0o664)
    with tempfile.TemporaryDirectory(dir=other) as folder:
        (tmp_path / ".tars").symlink_to(folder)
        with open_store(tmp_path / ".tars") as store:
            patch = kept(store, bind({"build.rs": FILES["build.rs"]}, [Change(Place("build.rs", 0, 2), "pub fn")]))
            review.apply(store, tmp_path, patch)
            assert (tmp_path / "build.rs").read_bytes() == b"pub fn main() {}\n"
            assert stat.S_IMODE((tmp_path / "build.rs").stat().st_mode) == 0o664
            review.rollback(store, tmp_path, patch)
    assert (tmp_path / "build.rs").read_bytes() == FILES["build.rs"]
    assert stat.S_IMODE((tmp_path / "build.rs").stat().st_mode) == 0o664


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not hold for root")
def test_a_read_only_tree_is_left_alone(project: Path, store: Store) -> None:
    (project / "src").chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot write"):
            review.apply(store, project, kept(store))
    finally:
        (project / "src").chmod(0o700)
    assert contents(project) == FILES


def test_a_file_that_nobody_may_write_is_left_alone(project: Path, store: Store) -> None:
    """It could be replaced, as its folder may be written."""
    (project / "src/lib.rs").chmod(0o444)
    with pytest.raises(TarsError, match=r"`src/lib\.rs` is read-only; nothing"):
        review.apply(store, project, kept(store))
    assert contents(project) == FILES


def test_a_folder_in_the_way_takes_everything_back(project: Path, store: Store) -> None:
    patch = kept(store, between(FILES, {**CHANGED, "zz/new.rs": b"new"}))
    (project / "zz").write_bytes(b"a file where a folder is needed")
    with pytest.raises(StoreError):
        review.apply(store, project, patch)
    assert contents(project) == {**FILES, "zz": b"a file where a folder is needed"}
    assert review.state_of(store, patch.id) is State.PROPOSED


APPLYING = (
    "from pathlib import Path; from tars.rust.patches import review; from tars.store import open_store\n"
    "with open_store(Path('.tars')) as store: review.apply(store, Path(), review.find(store, sys.argv[1]))\n"
)


def test_what_the_user_changed_after_an_interruption_stays(
    project: Path, store: Store, kill_between_files: Callable[..., None]
) -> None:
    patch = kept(store)
    kill_between_files(APPLYING, patch.id, folder=project)
    assert contents(project) == {**FILES, "src/a.rs": CHANGED["src/a.rs"]}
    (project / "src/lib.rs").write_bytes(b"mine")
    back = put_back(store, project)
    assert back == PutBack(("src/a.rs",), ("src/lib.rs",))
    assert back.text.endswith("src/lib.rs: changed since, so left as it is")
    assert put_back(store, project) == PutBack()
    assert contents(project) == {**FILES, "src/lib.rs": b"mine"}
    assert review.state_of(store, patch.id) is State.PROPOSED


def test_a_run_after_a_killed_apply_sees_no_half_of_the_patch(
    project: Path, store: Store, kill_between_files: Callable[..., None], run_tarscli: RunTarscli
) -> None:
    (project / "main.tars").write_text(
        'agent_module "all" {\n  source = "all.sh"\n  language = "executable"\n  sandbox = ["none"]\n'
        '  input = ["src/a.rs", "src/lib.rs"]\n  output = "all.txt"\n}\n'
    )
    (project / "all.sh").write_text("#!/bin/sh\ncat src/a.rs src/lib.rs > $TARS_OUTPUT\n")
    (project / "all.sh").chmod(0o755)
    patch = kept(store)
    for act in ("apply", "apply again"):
        kill_between_files(APPLYING, patch.id, folder=project)
        assert contents(project)["src/a.rs"] == CHANGED["src/a.rs"], act
        said = run_tarscli("run", "main.tars", folder=project).stderr
        assert "src/a.rs: put back, since a change of files had been interrupted" in said
        assert (project / "all.txt").read_bytes() == FILES["src/a.rs"] + FILES["src/lib.rs"]
    assert review.state_of(store, patch.id) is State.PROPOSED
    review.apply(store, project, patch)
    run_tarscli("run", "main.tars", folder=project)
    assert (project / "all.txt").read_bytes() == CHANGED["src/a.rs"] + CHANGED["src/lib.rs"]


def test_of_two_processes_one_writes_and_the_other_refuses(project: Path, store: Store) -> None:
    patch = kept(store)
    with Lock(store.root / "locks" / "rewrite").exclusive(seconds_max=0) as had:
        assert had
        with pytest.raises(TarsError, match="another TARS is writing"):
            review.apply(store, project, patch)
    assert contents(project) == FILES
    program = (
        "import sys; from pathlib import Path; from tars.core.errors import TarsError\n"
        "from tars.rust.patches import review\n"
        "from tars.store import open_store\n"
        "with open_store(Path(sys.argv[1]) / '.tars') as store:\n"
        "    patch = review.find(store, sys.argv[2]); print('ready', flush=True); sys.stdin.readline()\n"
        "    try: review.apply(store, Path(sys.argv[1]), patch); print('applied')\n"
        "    except TarsError as error: print('refused:', error.message)\n"
    )
    argv = [sys.executable, "-c", program, str(project), patch.id]
    started = [subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    said = sorted(process.communicate("go\n", timeout=60)[0].split(":")[0].strip() for process in started)
    assert said == ["applied", "refused", "refused"]
    assert contents(project) == CHANGED


@pytest.mark.parametrize(
    ("given", "message"),
    [("abcd", "there is no patch `abcd`"), ("ab", "there is no patch `ab`"), ("e9", "there is no patch `e9`")],
)
def test_a_patch_that_is_not_there(given: str, message: str, store: Store) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        review.find(store, given)
    assert "tarscli rust fix" in caught.value.hint
    kept(store)
    with pytest.raises(UsageError, match=message) as caught:
        review.find(store, given)
    assert "tarscli rust review list" in caught.value.hint


def test_what_was_never_applied_is_not_taken_back(project: Path, store: Store) -> None:
    with pytest.raises(UsageError, match="never applied"):
        review.rollback(store, project, kept(store))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the crashes are of forked processes")
@pytest.mark.parametrize("act", ["apply", "rollback"])
def test_killed_at_every_write_and_at_random_moments(act: str) -> None:
    """In memory where there is such a folder: what a killed process leaves does not depend on the disk."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    seed = random.randrange(10**6)
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        done = subprocess.run(
            [sys.executable, CRASHING, folder, act, "15", str(seed)], capture_output=True, text=True, timeout=240,
            check=True,
        )  # fmt: skip
    *found, tried = done.stdout.splitlines()
    assert found == []
    assert int(tried.split()[0]) > 80
