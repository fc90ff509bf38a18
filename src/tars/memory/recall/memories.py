"""Memories in the journal: what is written when something is added or forgotten, and how it is read back.

The journal is the truth: an entry of the kind `memory` adds texts, forgets them, or says that a folder was read. The
index that questions are put to is derived from it and from the folders.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.memory.recall.values import Memory, fault_of
from tars.store import Entry, Store

KIND: Final = "memory"
ITEMS_MAX: Final = 1_000
"""How many memories one entry holds at most."""


class Change(Prefab, frozen=True):
    """What one entry says: memories that were added, ids that were forgotten, a folder that was read or left."""

    entry: int
    added: tuple[Memory, ...] = ()
    forgotten: tuple[str, ...] = ()
    folder: str | None = None
    is_left: bool = False
    time: float = 0.0


class Remembered(Prefab):
    """All that the journal says at one moment: the memories that are not forgotten, and the folders to be read."""

    memories: dict[str, Memory] = attribute(default_factory=dict)
    folders: dict[str, None] = attribute(default_factory=dict)
    entry: int = 0

    def apply(self, change: Change) -> None:
        for memory in change.added:
            self.memories.pop(memory.id, None)
            self.memories[memory.id] = memory
        for id in change.forgotten:
            self.memories.pop(id, None)
        if change.folder is not None:
            if change.is_left:
                self.folders.pop(change.folder, None)
            else:
                self.folders[change.folder] = None
        self.entry = change.entry


class Batch(NamedTuple):
    """What several entries come to: memories by id, ids that are gone, and folders with whether they are to be read.
    `entry` is the last of them, 0 where there is none."""

    memories: dict[str, Memory]
    gone: list[str]
    folders: dict[str, bool]
    entry: int


def id_of(text: str, metadata: Mapping[str, str]) -> str:
    """The name of a memory that was given none: saying the same again is the same memory."""
    spelt = "\0".join([text, *(f"{key}\0{metadata[key]}" for key in sorted(metadata))])
    return f"m-{blake3(spelt.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def add(store: Store, items: Iterable[Mapping[str, Json]]) -> tuple[str, ...]:
    """Writes memories, all or none, and returns their ids; durable when this returns.

    An item has `text` and may have `id`, `metadata` and `time`; one whose id is known takes the place of the old one.
    Raises `UsageError` where one is no memory.
    """
    said = [_item(item) for item in items]
    for number, one in enumerate(said, 1):
        fault = fault_of(one)
        if fault:
            which = f" number {number}" if len(said) > 1 else ""
            raise UsageError(f"memory{which} is no memory: {fault}", hint="nothing was added")
    with store.transaction() as transaction:
        for start in range(0, len(said), ITEMS_MAX):
            part: list[Json] = [dict(one) for one in said[start : start + ITEMS_MAX]]
            transaction.append(KIND, {"act": "add", "items": part})
    return tuple(str(one["id"]) for one in said)


def forget(store: Store, ids: Sequence[str], *, why: str = "", policy: Mapping[str, Json] | None = None) -> None:
    """Writes that memories are not to be recalled any more; the journal keeps that they were. Raises `UsageError` for
    an id that is not known."""
    known = remembered(store).memories
    for id in ids:
        if id not in known:
            raise UsageError(f"there is no memory `{id}`", hint="`tarscli memory ask` shows the ids of what it finds")
    with store.transaction() as transaction:
        body: dict[str, Json] = {"act": "forget", "ids": list(ids), "why": why}
        if policy is not None:
            body["policy"] = dict(policy)
        transaction.append(KIND, body)


def note_folder(store: Store, folder: str, figures: Mapping[str, Json], *, leave: bool = False) -> None:
    """Writes that a folder (relative to the project) was read, and what changed in it, or that it is left."""
    with store.transaction() as transaction:
        transaction.append(KIND, {"act": "leave" if leave else "read", "folder": folder, **figures}, subject=folder)


def remembered(store: Store, *, until: int | None = None, before: float | None = None) -> Remembered:
    """What the journal says, up to and with the entry `until`, or the last one before a time (seconds since 1970)."""
    result = Remembered()
    for change in changes(store):
        if (until is not None and change.entry > until) or (before is not None and change.time > before):
            break
        result.apply(change)
    return result


def changes(store: Store, after: int = 0) -> Iterator[Change]:
    """What the entries above the number `after` say, in their order; what is no memory is left out."""
    for entry in store.entries(kind=KIND, after=after):
        yield replace(_change(entry), time=entry.time)


def next_changes(store: Store, after: int, size: int) -> Batch:
    """What the next entries come to, up to about so many memories."""
    said, entry = Remembered(), 0
    gone: list[str] = []
    folders: dict[str, bool] = {}
    for change in changes(store, after):
        said.apply(change)
        gone += change.forgotten
        if change.folder is not None:
            folders[change.folder] = not change.is_left
        entry = change.entry
        if len(said.memories) >= size:
            break
    return Batch(said.memories, gone, folders, entry)


def _change(entry: Entry) -> Change:
    body = entry.body
    match body.get("act"):
        case "add":
            items = body.get("items")
            given = (
                [item for item in items if isinstance(item, dict) and not fault_of(item)]
                if isinstance(items, list)
                else []
            )
            return Change(entry.number, added=tuple(_memory(item, entry.time) for item in given))
        case "forget":
            ids = body.get("ids")
            return Change(entry.number, forgotten=tuple(map(str, ids)) if isinstance(ids, list) else ())
        case "read" | "leave":
            return Change(entry.number, folder=str(body.get("folder", "")), is_left=body["act"] == "leave")
        case _:
            return Change(entry.number)


def _item(given: Mapping[str, Json]) -> dict[str, Json]:
    text, metadata = given.get("text"), given.get("metadata") or {}
    item: dict[str, Json] = {"id": given.get("id"), "text": text, "metadata": metadata}
    if not given.get("id") and isinstance(text, str) and isinstance(metadata, dict):
        item["id"] = id_of(text, {str(key): str(value) for key, value in metadata.items()})
    if given.get("time") is not None:
        item["time"] = given["time"]
    return item


def _memory(item: Mapping[str, Json], time: float) -> Memory:
    metadata = item.get("metadata")
    said = item.get("time", time)
    return Memory(
        str(item["id"]), str(item["text"]),
        {key: str(value) for key, value in metadata.items()} if isinstance(metadata, dict) else {},
        float(said) if isinstance(said, int | float) else time,
    )  # fmt: skip
