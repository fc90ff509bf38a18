"""A fresh store, and modules' states to put into it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tars.core.values import Digest
from tars.store import Leaf, ModuleState, Store, open_store
from tars.store.versions import append_version

Commit = Callable[..., int]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / ".tars") as opened:
        yield opened


@pytest.fixture
def put_files(store: Store) -> Callable[[Mapping[str, bytes]], Digest]:
    """Stores files and returns their tree's digest."""

    def put(files: Mapping[str, bytes]) -> Digest:
        return store.objects.put_tree(
            {path: Leaf(store.objects.put(data), False, len(data)) for path, data in files.items()}
        )

    return put


@pytest.fixture
def commit(store: Store, put_files: Callable[[Mapping[str, bytes]], Digest]) -> Commit:
    """Makes a version in which the named module has these files as its source; returns its number."""

    def make(name: str, source: Mapping[str, bytes], outputs: Mapping[str, bytes] | None = None, **more: object) -> int:
        state = ModuleState(
            name=name,
            language="python",
            address=f"python_module.{name}",
            source=put_files(source),
            artifact=Digest(""),
            outputs=put_files(outputs or {}),
            metrics={"seconds": 1.5, **more},
        )
        with store.transaction() as tx:
            number = append_version(tx, [state], run=f"run-{store.head}", reason="run")
        return number()

    return make


@pytest.fixture
def line(commit: Commit) -> Commit:
    """Four versions: alpha changes in v1 and v3, beta in v2 and v4."""
    for name, text in (("alpha", b"one\n"), ("beta", b"one\n"), ("alpha", b"two\n"), ("beta", b"two\n")):
        commit(name, {f"src/{name}.py": text}, {f"output/{name}.json": b"{}" + text})
    return commit
