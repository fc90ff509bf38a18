"""What differs between two versions: per module, per file with a text diff, and the metrics side by side."""

import os
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from typing import TYPE_CHECKING, Literal, TypeAlias

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Digest, Json
from tars.store.values import Leaf, ModuleState, Tree
from tars.store.versions import kept_version, states_at

if TYPE_CHECKING:
    from tars.store.store import Store

TEXT_BYTES_MAX = 1 << 20
"""Files above this size are compared by their digests only."""

Part: TypeAlias = Literal["source", "artifact", "outputs"]
Change: TypeAlias = Literal["added", "removed", "changed"]
_PARTS: tuple[Part, ...] = ("source", "artifact", "outputs")


class FileDifference(Prefab, frozen=True):
    """One file that differs. `text` is a patch in git's format; empty where a side is binary or large, and for what was
    built."""

    part: Part
    path: str
    change: Change
    before: Leaf | None
    after: Leaf | None
    text: str = ""


class ModuleDifference(Prefab, frozen=True):
    """One module that differs. `metrics` and `declaration` map each name whose value differs to both values."""

    name: str
    change: Change
    files: tuple[FileDifference, ...] = ()
    metrics: Mapping[str, tuple[Json, Json]] = attribute(default_factory=dict)
    declaration: Mapping[str, tuple[Json, Json]] = attribute(default_factory=dict)


def difference(store: "Store", before: int, after: int, *, names: tuple[str, ...] = ()) -> tuple[ModuleDifference, ...]:
    """What differs in version `after` from version `before`, by module name; of all modules, or those named.

    Raises `UsageError` where there is no such version, or it was pruned.
    """
    kept_version(store, before)
    kept_version(store, after)
    old, new = states_at(store, before), states_at(store, after)
    wanted = sorted(name for name in {*old, *new} if not names or name in names)
    pairs = ((name, old.get(name), new.get(name)) for name in wanted)
    return tuple(_module(store, name, a, b) for name, a, b in pairs if a != b)


def _module(store: "Store", name: str, before: ModuleState | None, after: ModuleState | None) -> ModuleDifference:
    change: Change = "added" if before is None else "removed" if after is None else "changed"
    files = [
        file for part in _PARTS for file in _files(store, part, _tree(store, before, part), _tree(store, after, part))
    ]
    metrics = _values(before.metrics if before else {}, after.metrics if after else {})
    declaration = _values(before.declaration if before else {}, after.declaration if after else {})
    return ModuleDifference(name, change, tuple(files), metrics, declaration)


def _tree(store: "Store", state: ModuleState | None, part: Part) -> Tree:
    if state is None:
        return {}
    digest: Digest = getattr(state, part)
    return store.objects.tree(digest) if digest else {}


def _files(store: "Store", part: Part, before: Tree, after: Tree) -> Iterator[FileDifference]:
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        change: Change = "added" if old is None else "removed" if new is None else "changed"
        yield FileDifference(part, path, change, old, new, "" if part == "artifact" else _text(store, path, old, new))


def _text(store: "Store", path: str, before: Leaf | None, after: Leaf | None) -> str:
    old, new = _lines(store, before), _lines(store, after)
    if old is None or new is None:
        return ""
    end = "\t" if " " in path else ""  # As git does, so that nobody takes what follows a blank for a date.
    origin = _quoted(f"a/{path}") + end if before else "/dev/null"
    target = _quoted(f"b/{path}") + end if after else "/dev/null"
    lines = unified_diff(old, new, origin, target)
    body = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return "".join((*_header(path, before, after), *body))


def _header(path: str, before: Leaf | None, after: Leaf | None) -> Iterator[str]:
    yield f"diff --git {_quoted(f'a/{path}')} {_quoted(f'b/{path}')}\n"
    if before is None or after is None:
        yield f"new file mode {_mode(after)}\n" if before is None else f"deleted file mode {_mode(before)}\n"
    elif before.executable != after.executable:
        yield f"old mode {_mode(before)}\nnew mode {_mode(after)}\n"


def _mode(leaf: Leaf | None) -> str:
    return "100755" if leaf is not None and leaf.executable else "100644"


def _quoted(path: str) -> str:
    """The path as git writes it: in quotes where a byte of it would end the name or the line."""
    unsafe = [letter in '"\\\x7f' or letter < " " or "\ud800" <= letter <= "\udfff" for letter in path]
    if not any(unsafe):
        return path
    octal = (
        "".join(f"\\{byte:03o}" for byte in os.fsencode(letter)) if wrong else letter
        for letter, wrong in zip(path, unsafe, strict=True)
    )
    return f'"{"".join(octal)}"'


def _lines(store: "Store", leaf: Leaf | None) -> list[str] | None:
    """The file's lines with their ends; None where it is not text to be shown."""
    if leaf is None:
        return []
    if leaf.size > TEXT_BYTES_MAX:
        return None
    data = store.objects.get(leaf.digest)
    if b"\0" in data:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return [f"{line}\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rsplit("\n", 1)[-1]) else [])


def _values(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, tuple[Json, Json]]:
    names = sorted({*before, *after})
    return {
        name: (before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name) or (name in before) != (name in after)
    }
