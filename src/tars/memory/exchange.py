"""All of memory as JSON lines, there and back: beliefs, memories, folders and answers. What is no such line is refused,
with its reason, and then nothing is read."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.memory import journal
from tars.memory.recall import answers, memories
from tars.memory.recall.values import fault_of as fault_of_memory
from tars.memory.values import Bearing
from tars.store import Store

BELIEF_KEYS: Final = frozenset({"id", "statement", "confidence", "witness", "evidence", "time", "run", *Bearing})
MEMORY_KEYS: Final = frozenset({"id", "text", "metadata", "time"})
ANSWER_KEYS: Final = frozenset({"closure", "question", "answer", "cites", "time"})
FOLDER_MAX: Final = 4_096


def exported(store: Store, *, until: int | None = None, before: float | None = None) -> Iterator[dict[str, Json]]:
    """What is held now, after the entry `until`, or at the time `before` (seconds since 1970), as lines that
    `import_lines` takes: each thing that a witness said, then memories, folders and answers, oldest first."""
    yield from journal.exported(journal.beliefs_of(store, until=until, before=before))
    remembered = memories.remembered(store, until=until, before=before)
    for one in remembered.memories.values():
        yield {"memory": {"id": one.id, "text": one.text, "metadata": dict(one.metadata), "time": one.time}}
    for folder in remembered.folders:
        yield {"folder": folder}
    for kept in answers.answers(store, until=until, before=before):
        yield {"answer": kept.as_json()}


def fault_in(line: Mapping[str, Json]) -> str:
    """What is wrong with a line that `exported` might have made, in a few words; empty where nothing is."""
    if "id" in line:
        return _strange(line, BELIEF_KEYS) or journal.fault_of(line)
    if len(line) != 1:
        return "it must be a belief with an `id`, or one `memory`, `folder` or `answer`"
    ((kind, said),) = line.items()
    if kind == "memory" and isinstance(said, dict):
        return _strange(said, MEMORY_KEYS) or fault_of_memory(said)
    if kind == "answer" and isinstance(said, dict):
        return _strange(said, ANSWER_KEYS) or answers.fault_of(said)
    if kind == "folder" and isinstance(said, str):
        return _fault_of_folder(said)
    return "it is no belief, memory, folder or answer"


def import_lines(store: Store, lines: Iterable[Mapping[str, Json]]) -> None:
    """Writes what `exported` made in one transaction, all or none; the folders are read when they are indexed next.
    Raises `UsageError` where a line is none."""
    items: list[Json] = []
    with store.transaction() as transaction:
        for line in lines:
            fault = fault_in(line)
            if fault:
                raise UsageError(f"a line cannot be read: {fault}", hint="nothing was read")
            if "id" in line:
                transaction.append(journal.KIND, {"act": "believe", **line}, subject=str(line["id"]))
            elif "folder" in line:
                transaction.append(
                    memories.KIND, {"act": "read", "folder": line["folder"]}, subject=str(line["folder"])
                )
            elif isinstance(said := line.get("answer"), dict):
                transaction.append(answers.KIND, answers.body_of(said), subject=str(said["closure"]))
            else:
                items.append(line["memory"])
        for start in range(0, len(items), memories.ITEMS_MAX):
            part = items[start : start + memories.ITEMS_MAX]
            transaction.append(memories.KIND, {"act": "add", "items": part})


def _strange(said: Mapping[str, Json], keys: frozenset[str]) -> str:
    """A key that is misspelt would be left out without a word."""
    strange = next((key for key in said if key not in keys), None)
    return "" if strange is None else f"it has a key {strange[:40]!r}, which nothing reads"


def _fault_of_folder(folder: str) -> str:
    pure = PurePosixPath(folder)
    if not folder or len(folder) > FOLDER_MAX or not folder.isprintable():
        return f"its folder must be a path of 1 to {FOLDER_MAX:,} characters that can be printed"
    if pure.is_absolute() or ".." in pure.parts or PureWindowsPath(folder).anchor or "\\" in folder:
        return "its folder leaves the project"
    return ""
