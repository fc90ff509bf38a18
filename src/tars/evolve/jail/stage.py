"""The folder from which one jail's candidates read the files of their source: read-only for them, and outside of what
they may write to."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tars.evolve.jail.values import Tree
from tars.store.durable import told


class Stage:
    """The tree, and in it the texts of the candidate whose turn it is. One jail, and so one candidate at a time."""

    def __init__(self, tree: Tree, folder: Path) -> None:
        self.tree = tree
        self.folder = folder
        self._held: dict[str, str] = {}
        with told(f"copy the source into {folder}"):
            shutil.copytree(tree.folder, folder, copy_function=_link)

    def put(self, files: Mapping[str, str]) -> None:
        """Raises `StoreError` where the system refuses, as when the disk is full."""
        for path, text in files.items():
            if self._held.get(path) != text:
                self._held.pop(path, None)
                with told(f"write {self.folder / path}"):
                    (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                    (self.folder / path).write_bytes(text.encode("utf-8", "surrogatepass"))
                self._held[path] = text

    @property
    def request(self) -> dict[str, str]:
        """What the program in the jail is told of it."""
        base, start = self.folder / self.tree.base, self.folder / self.tree.start
        return {"base": str(base), "start": str(start), "module": self.tree.module}


def stage_of(tree: Tree | None, folder: Path) -> Stage | None:
    """The stage of the jail that works in `folder`."""
    return Stage(tree, folder.with_name(f"{folder.name}.files")) if tree is not None else None


def _link(source: str, target: str) -> str:
    """The files that never change are the same ones in every stage, where the file system can do that."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target
