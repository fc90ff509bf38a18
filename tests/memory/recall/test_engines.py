"""Engines beyond this machine give what the built-in one does; the answer, its texts and its anchors stay here.

Qdrant's own client has a local mode that does what the server does in this process; it is used here. With
`TARS_TEST_QDRANT=URL` a real server is asked as well.
"""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tars.core.errors import UnavailableError, UsageError
from tars.memory.recall import engine
from tars.memory.recall.embedders import words
from tars.memory.recall.index import Index, open_index
from tars.memory.recall.memories import add, forget
from tars.memory.recall.search import ask
from tars.memory.recall.values import Condition, Mode, Question
from tars.store import open_store

qdrant_client = pytest.importorskip("qdrant_client", reason="needs the extra `qdrant`")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
]
SERVER = os.environ.get("TARS_TEST_QDRANT", "")
RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(params=["the client's local mode", *([SERVER] if SERVER else [])])
def qdrant(request: pytest.FixtureRequest) -> Iterator[Any]:
    from tars.memory.recall.engines.qdrant import Qdrant, opened  # noqa: PLC0415 - an extra

    engine = opened(SERVER, "") if request.param == SERVER else Qdrant(qdrant_client.QdrantClient(":memory:"), "local")
    yield engine
    engine.client.close()


@pytest.fixture
def index(tmp_path: Path, qdrant: Any) -> Iterator[Index]:
    with open_store(tmp_path / ".tars") as store:
        said = [{"id": f"m{n}", "text": f"castle {n} of king {n % 7}", "metadata": {"n": str(n)}} for n in range(700)]
        add(store, said)  # type: ignore[arg-type]  # JSON throughout
        with open_index(store, words.PLUGIN) as opened:
            yield opened


def both(index: Index, qdrant: Any, *conditions: Condition, text: str = "castle 5 of king 5") -> list[str]:
    """The ids found with the engine, which the built-in one finds as well."""
    found = []
    for which in (None, qdrant):
        index.engine = which
        passages = ask(index, Question(text, 5, conditions, mode=Mode.VECTORS)).passages
        found.append({one.id: round(one.similarity or 0.0, 3) for one in passages})
    assert sorted(found[0].values()) == pytest.approx(sorted(found[1].values()), abs=2e-3)
    return list(found[1])


def test_what_is_near_is_found_there_as_here(index: Index, qdrant: Any) -> None:
    assert both(index, qdrant)[0] == "m5"
    assert set(both(index, qdrant, Condition("n", "<=", "9"))) <= {f"m{n}" for n in range(10)}
    assert both(index, qdrant, Condition("n", "=", "none")) == []


def test_what_changes_here_changes_there(index: Index, qdrant: Any) -> None:
    both(index, qdrant)
    add(index.store, [{"id": "new", "text": "a drawbridge of oak"}])
    forget(index.store, ["m5", "m600"])
    index.catch_up()
    assert "m5" not in both(index, qdrant)
    assert both(index, qdrant, text="a drawbridge of oak")[0] == "new"
    forget(index.store, ["m3"])
    index.catch_up()
    assert "m3" not in both(index, qdrant, text="castle 3 of king 3")
    collection = qdrant.client.get_collections().collections[0].name
    assert qdrant.client.count(collection).count == 698


def test_a_server_that_lost_everything_is_given_it_again(index: Index, qdrant: Any) -> None:
    both(index, qdrant)
    qdrant.client.delete_collection(qdrant.client.get_collections().collections[0].name)
    assert both(index, qdrant)[0] == "m5"


def test_an_index_made_anew_takes_the_place_of_what_was_there(index: Index, qdrant: Any) -> None:
    both(index, qdrant)
    forget(index.store, [f"m{n}" for n in range(100, 700)])
    with open_index(index.store, words.PLUGIN, anew=True) as anew:
        assert both(anew, qdrant)[0] == "m5"
        collection = qdrant.client.get_collections().collections[0].name
        assert qdrant.client.count(collection).count == 100, "no orphans"


def test_projects_that_share_a_server_do_not_see_each_other(index: Index, qdrant: Any, tmp_path: Path) -> None:
    both(index, qdrant)
    with open_store(tmp_path / "other" / ".tars") as store:
        add(store, [{"id": "mine", "text": "castle 5 of king 5"}])
        with open_index(store, words.PLUGIN) as other:
            assert both(other, qdrant) == ["mine"]
    assert "mine" not in both(index, qdrant)


def test_a_server_that_is_not_there_is_told(
    tmp_path: Path, run_tarscli: RunTarscli, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".tars").mkdir()
    run_tarscli("memory", "add", "castle 5", folder=tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setitem(environment, engine.VARIABLE, f"qdrant@http://127.0.0.1:{port}")
    told = run_tarscli("memory", "ask", "castle", folder=tmp_path, code=3)
    assert f"the Qdrant server at http://127.0.0.1:{port} cannot be asked" in told.stderr
    assert engine.VARIABLE in told.stderr
    assert "castle 5" in run_tarscli("memory", "search", "castle", folder=tmp_path).stdout, "words need no vectors"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("qdrant", "", "names no engine"),
        ("qdrand@http://127.0.0.1:1", "", "no vector engine `qdrand`"),
        ("qdrant@ftp://x", "", "no address"),
        ("qdrant@http://", "", "no address"),
        ("qdrant@http://far.example:6333", "secret", "in the clear"),
    ],
)
def test_wrong_names_are_told(text: str, key: str, message: str) -> None:
    with pytest.raises((UsageError, UnavailableError), match=message):
        engine.chosen({engine.VARIABLE: text, engine.KEY_VARIABLE: key})
