"""An index and the embedders that come and go: vectors of two are never compared, and every answer says so."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tars.memory.recall.embedders import words
from tars.memory.recall.index import Index, open_index
from tars.memory.recall.memories import add
from tars.memory.recall.search import ask
from tars.memory.recall.values import Mode, Question
from tars.store import open_store


class Turned(words.Words):
    """Another model: the same vectors, turned round, so that comparing it with hashed words finds nothing."""

    name = "turned-1"
    knows_meaning = True

    def embed(self, texts: Sequence[str]) -> Any:
        return -super().embed(texts)


def nearest(index: Index, text: str) -> list[str]:
    return [one.id for one in ask(index, Question(text, 1, mode=Mode.VECTORS)).passages]


def test_embedders_come_and_go(tmp_path: Path) -> None:
    with open_store(tmp_path / ".tars") as store:
        add(store, [{"id": f"m{number}", "text": f"word{number} of the castle"} for number in range(300)])
        with open_index(store, words.PLUGIN) as index:
            assert nearest(index, "word7") == ["m7"]
        told: list[tuple[int, int]] = []
        with open_index(store, Turned(), progress=lambda done, total: told.append((done, total))) as index:
            assert told == [(0, 300), (256, 300)]
            assert nearest(index, "word7") == ["m7"]
            assert ask(index, Question("word7")).knows_meaning
        with open_index(store, words.PLUGIN) as index:
            add(store, [{"id": "late", "text": "a latecomer arrives"}])
            index.catch_up()
            assert nearest(index, "word7") == []
            answer = ask(index, Question("latecomer"))
            assert [one.id for one in answer.passages] == ["late"]
            assert "turned-1" in answer.notice
            assert (answer.embedder, answer.knows_meaning) == ("", False)
        with open_index(store, Turned()) as index:
            assert nearest(index, "latecomer arrives") == ["late"]
            assert nearest(index, "word7") == ["m7"]


def test_another_process_sees_the_new_vectors(tmp_path: Path) -> None:
    with open_store(tmp_path / ".tars") as store:
        add(store, [{"id": "one", "text": "the moat is deep"}])
        with open_index(store, words.PLUGIN) as index, open_store(tmp_path / ".tars") as other:
            assert nearest(index, "moat") == ["one"]
            add(other, [{"id": "two", "text": "a drawbridge of oak"}])
            with open_index(other, words.PLUGIN):
                pass
            assert nearest(index, "drawbridge oak") == ["two"]
