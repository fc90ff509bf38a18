"""A source's files as they are when an evolution of it is opened: what may change as a text, the rest as a copy."""

import py_compile
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from blake3 import blake3

from tars.core.errors import UsageError
from tars.core.values import Digest
from tars.evolve.jail.values import Tree
from tars.evolve.sources.declarations import declared_in_file
from tars.evolve.sources.files import as_text
from tars.evolve.sources.languages import SUFFIXES
from tars.evolve.sources.module_files import SourceFiles
from tars.store.beneath import read_beneath
from tars.store.durable import told

AS_MODULES: Final = b'{"type": "module"}'
_MODULE: Final = re.compile(rb"^[ \t]*(?:import|export)\b", re.M)


class Snapshot:
    """Read once, and no link is followed. `digests` are those of the files that do not change, by absolute path; `tree`
    is where candidates read them, and None where the target is one file that imports no other one."""

    def __init__(self, project: Path, target: str, found: SourceFiles, folder: Path) -> None:
        self.found = found
        self.texts: dict[str, str] = {}
        self.digests: dict[str, Digest] = {}
        self.tree: Tree | None = None
        self.python_texts: list[str] = []
        rest: dict[str, bytes] = {}
        for path in found.paths:
            read = read_beneath(project, path)
            if read is None:
                raise UsageError(f"`{path}` is gone", hint="put it back")
            text = _text(path, read[0])
            if text is None and path == found.start:
                raise UsageError(f"`{path}` is not written in UTF-8", hint="save it as UTF-8")
            self.python_texts += [text] if path.endswith(".py") and text else []
            if text is not None and (_declares(text, path) or found.paths == (path,)):
                self.texts[path] = text
            else:
                rest[path] = read[0]
                self.digests[str(project / path)] = Digest(blake3(read[0]).hexdigest())
        self.text = self.texts[target] if tuple(self.texts) == (target,) else as_text(self.texts)
        """What may change, as the one text that candidates are."""
        if found.paths != (target,):
            self.tree = Tree(folder, found.start, found.base, found.module)
            with told(f"make {folder}"):
                folder.mkdir(parents=True)
            for path, content in rest.items():
                _write(folder / path, content)
            said = any(path.endswith("package.json") for path in found.paths)
            if (
                found.language == "javascript"
                and not said
                and _MODULE.search(self.text.encode() + b"".join(rest.values()))
            ):
                _write(folder / "package.json", AS_MODULES)

    @property
    def python_names(self) -> set[str]:
        """The names under which the source's own files are imported."""
        inner = len(self.found.base) + 1 if self.found.base else 0
        return {path[inner:].partition("/")[0].removesuffix(".py") for path in self.found.paths}


def _text(path: str, content: bytes) -> str | None:
    """Of a source; None for anything else, which is never changed."""
    if path[path.rfind(".") :] not in SUFFIXES or b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except ValueError:
        return None


def _declares(text: str, path: str) -> bool:
    found = declared_in_file(text, path, path)
    return bool(found.parameters or found.slots or found.regions or found.faults)


def _write(path: Path, content: bytes) -> None:
    with told(f"write {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if path.suffix == ".py":
        with suppress(py_compile.PyCompileError, OSError, ValueError):
            py_compile.compile(str(path), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
