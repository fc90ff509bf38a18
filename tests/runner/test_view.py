"""A view looks like the project, can be written without harm, and serves the next module only if it is untouched."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from tars.core.removal import remove_tree
from tars.runner.view import SETTLED_NS, View, Views, written


@pytest.fixture(params=[0o022, 0o077], ids=["usual mask", "private mask"])
def views(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Views]:
    before = os.umask(request.param)
    for name in ("data", "output"):
        (tmp_path / name).mkdir()
    (tmp_path / "output/old.txt").write_text("old")
    (tmp_path / "readme").write_text("read me")
    yield Views(str(tmp_path / ".tars/tmp"), str(tmp_path), ("data", "output", "readme"))
    os.umask(before)


def test_it_looks_like_the_project_but_its_output_folder_is_fresh(views: Views, tmp_path: Path) -> None:
    view = views.take(["output/deep/a.json"], ["output/old.txt"])
    folder = Path(view.folder)
    assert sorted(os.listdir(folder)) == ["data", "output", "readme"]
    assert (folder / "readme").read_text() == "read me"
    assert sorted(os.listdir(folder / "output")) == ["deep", "old.txt"]
    assert written(view) == []
    (folder / "output/new.txt").write_text("new")
    assert written(view) == ["output/new.txt"]
    assert views.give_back(view) == ["output/new.txt"]
    assert not folder.exists()
    assert (tmp_path / "output/old.txt").read_text() == "old"


def test_an_untouched_view_serves_again_without_the_last_modules_links(views: Views) -> None:
    first = views.take(["output/a"], ["output/old.txt"])
    assert views.give_back(first) == []
    second = views.take(["output/a"], [])
    assert second is first
    assert os.listdir(f"{second.folder}/output") == []
    other = views.take(["results/a"], [])
    assert other is not first


def test_a_folder_that_leads_to_an_output_is_never_a_link(views: Views) -> None:
    view = views.take(["data/out/a"], ["data", "data/out", "output"])
    assert os.listdir(f"{view.folder}/data") == ["out"]
    assert not os.path.islink(f"{view.folder}/data")
    assert os.path.islink(f"{view.folder}/output")


def test_what_the_module_wrote_last_is_left_out_and_all_else_is_there(views: Views, tmp_path: Path) -> None:
    for path in ("data/mine/deep/a", "data/mine/b", "data/other/c", "data/d"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    view = views.take([], [], ["readme", "data/mine/deep/a", "data/mine/b", "gone/e"])
    folder = Path(view.folder)
    assert sorted(os.listdir(folder)) == ["data", "output"]
    assert sorted(os.listdir(folder / "data")) == ["d", "other"]
    assert (folder / "data/other/c").read_text() == "data/other/c"
    assert written(view) == []
    (folder / "readme").write_text("new")
    (folder / "data/mine").mkdir()
    (folder / "data/mine/b").write_text("new")
    assert written(view) == ["data/mine/b", "readme"]
    assert views.give_back(view) == ["data/mine/b", "readme"]
    assert views.take([], []) is not view
    assert (tmp_path / "readme").read_text() == "read me"


def retarget(view: View) -> None:
    os.unlink(f"{view.folder}/data")
    os.symlink("/etc", f"{view.folder}/data")


TOUCHED: dict[str, Callable[[View], object]] = {
    "a file left": lambda view: Path(view.folder, "output/left").write_text("x"),
    "a folder left": lambda view: os.mkdir(f"{view.folder}/left"),
    "a link led astray": retarget,
    "a link removed": lambda view: os.unlink(f"{view.folder}/readme"),
    "a folder removed": lambda view: os.rmdir(f"{view.folder}/output"),
    "permissions taken": lambda view: os.chmod(f"{view.folder}/output", 0),
    "an entry that the module writes itself": lambda view: None,
}


@pytest.mark.parametrize("touch", TOUCHED.values(), ids=TOUCHED.keys())
def test_a_touched_view_is_not_used_again(views: Views, touch: Callable[[View], object]) -> None:
    own = touch is TOUCHED["an entry that the module writes itself"]
    view = views.take(["output/a", "readme"] if own else ["output/a"], [])
    touch(view)
    views.give_back(view)
    assert not os.path.exists(view.folder)
    again = views.take(["output/a"], [])
    assert again is not view
    assert os.readlink(f"{again.folder}/data") == f"{views.project}/data"
    assert Path(f"{again.folder}/readme").read_text() == "read me"


SETTLED_SECONDS = 1.5 * SETTLED_NS / 1e9


def settled(views: Views) -> View:
    """A view that has served until its folders need not be listed any more."""
    for _ in range(3):
        view = views.take(["output/a"], [])
        assert views.give_back(view) == []
        time.sleep(SETTLED_SECONDS)
    assert all(seen.settled for seen in view.seen.values())
    assert views.take(["output/a"], []) is view
    return view


@pytest.mark.parametrize("touch", [touch for name, touch in TOUCHED.items() if "itself" not in name])
def test_a_touched_view_is_known_also_where_its_folders_were_long_as_they_are(
    views: Views, touch: Callable[[View], object]
) -> None:
    view = settled(views)
    times = {folder: os.stat(f"{view.folder}/{folder}") for folder in ("", "output")}
    touch(view)
    for folder, status in times.items():
        if os.path.isdir(f"{view.folder}/{folder}"):  # a module may set these times, but not that of the change
            os.utime(f"{view.folder}/{folder}", ns=(status.st_atime_ns, status.st_mtime_ns))
    views.give_back(view)
    assert not os.path.exists(view.folder)


def test_what_a_settled_view_links_for_one_module_is_gone_for_the_next(views: Views) -> None:
    view = settled(views)
    assert views.give_back(view) == []
    assert views.take(["output/a"], ["output/old.txt"]) is view
    assert views.give_back(view) == []
    assert views.take(["output/a"], []) is view
    assert os.listdir(f"{view.folder}/output") == []


@pytest.mark.parametrize("seed", range(3))
def test_what_a_module_leaves_is_noticed_at_whatever_moment_it_is_written(views: Views, seed: int) -> None:
    """Also within the tick of the clock in which the folder was last changed or looked at."""
    random = Random(seed)
    for number in range(150):
        view = views.take(["output/a"], [])
        time.sleep(random.choice((0, 0, 0.0005, 0.002, 0.01, SETTLED_SECONDS)))
        if random.random() < 0.7:  # as a module whose output is moved away
            Path(view.folder, "output/a").write_text("a")
            os.unlink(f"{view.folder}/output/a")
        left = random.choice(("", "", "left", "output/left"))
        if left:
            Path(view.folder, left).write_text("left")
        assert views.give_back(view) == [left] * bool(left), number


def test_a_view_with_locked_folders_is_removed(views: Views) -> None:
    view = views.take(["output/a"], [])
    os.makedirs(f"{view.folder}/locked/deep")
    Path(view.folder, "locked/deep/file").write_text("x")
    os.chmod(f"{view.folder}/locked/deep", 0)
    os.chmod(f"{view.folder}/locked", 0)
    views.give_back(view)
    assert not os.path.exists(view.folder)


def test_the_output_folder_may_be_the_project_itself(views: Views) -> None:
    view = views.take(["a.json", "./."], [])
    assert sorted(os.listdir(view.folder)) == ["data", "output", "readme"]
    assert views.give_back(view) == []


def test_a_link_is_removed_and_never_followed(tmp_path: Path) -> None:
    """Neither one in a tree nor one in its place, as a stranger's `.tars/tmp` may have it."""
    (tmp_path / "mine/inner").mkdir(parents=True)
    (tmp_path / "mine/inner/file").write_text("mine")
    (tmp_path / "tree/sub").mkdir(parents=True)
    (tmp_path / "tree/sub/link").symlink_to(tmp_path / "mine")
    (tmp_path / "tree/sub").chmod(0o500)
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    for name in ("tree", "link", "nothing"):
        remove_tree(tmp_path / name)
    assert os.listdir(tmp_path) == ["mine"]
    assert (tmp_path / "mine/inner/file").read_text() == "mine"
