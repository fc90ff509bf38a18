"""A change of several files that was interrupted is put back as far as that goes, and then the project goes on."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import tars.store.rewrite as rewriting
from tars.store import Store, open_store
from tars.store.rewrite import PutBack, put_back, rewrite


def a_folder(project: Path, store: Store) -> None:
    (project / "x.txt").unlink()
    (project / "x.txt").mkdir()


def a_link(project: Path, store: Store) -> None:
    (project / "x.txt").unlink()
    (project / "x.txt").symlink_to("y.txt")


def a_pipe(project: Path, store: Store) -> None:
    (project / "x.txt").unlink()
    os.mkfifo(project / "x.txt")


def nothing_in_the_store(project: Path, store: Store) -> None:
    shutil.rmtree(store.root / "objects")
    (store.root / "objects").mkdir()


CASES: dict[str, tuple[Callable[[Path, Store], None], PutBack]] = {
    "a folder": (a_folder, PutBack((), ("x.txt",), ())),
    "a link": (a_link, PutBack((), ("x.txt",), ())),
    "a pipe": (a_pipe, PutBack((), ("x.txt",), ())),
    "nothing in the store": (nothing_in_the_store, PutBack((), (), ("x.txt",))),
}


@pytest.mark.skipif(os.name == "nt", reason="no links and pipes there for everybody")
@pytest.mark.parametrize(("meanwhile", "expected"), CASES.values(), ids=CASES.keys())
def test_what_stands_in_the_way_stays(
    meanwhile: Callable[[Path, Store], None], expected: PutBack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "xy":
        (tmp_path / f"{name}.txt").write_text(f"old {name}")
    before, after = ({f"{name}.txt": f"{age} {name}".encode() for name in "xy"} for age in ("old", "new"))
    with open_store(tmp_path / ".tars") as store:
        real = rewriting._replace

        def killed(*given: object) -> None:
            real(*given)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        monkeypatch.setattr(rewriting, "_replace", killed)
        monkeypatch.setattr(rewriting, "_put_back", lambda *_: None)  # as after a kill
        with pytest.raises(KeyboardInterrupt):
            rewrite(store, tmp_path, before, after, subject="both")
        monkeypatch.undo()
        assert (tmp_path / "x.txt").read_text() == "new x"
        meanwhile(tmp_path, store)
        assert put_back(store, tmp_path) == expected
        assert "x.txt" in expected.text
        assert put_back(store, tmp_path) == PutBack(), "and it has ended"
    assert (tmp_path / "y.txt").read_text() == "old y"
