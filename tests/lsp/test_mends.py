"""Mends that an editor offers: the wrong example of each finding that has one is right once it is applied."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the language server needs the extra `lsp`")

from client import Client, applied

from tars.lang.checks import EXAMPLE_FILES, find

HEALED = (
    "T0001", "T0002", "T0003", "T0004", "T0005", "T0007", "T0008", "T0009", "T0011", "T0013", "T0014", "T0015", "T0016",
    "T0017", "T0019", "T0020", "T0026", "T0027", "T0031", "T0032", "T0034", "T0035", "T0036", "T0037", "T0039", "T0040",
    "T0041", "T0042", "T0044", "T0046", "T0050", "T0052", "T0053", "T0054", "T0055", "T0059", "T0060", "T0065", "T0066",
    "T0067",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("mends")
    (folder / ".tars").mkdir()
    with Client(folder, creates=True) as client:
        yield client


def actions(client: Client, name: str, found: list[dict[str, Any]], **context: Any) -> list[dict[str, Any]]:
    place = found[0]["range"]
    document = {"uri": client.uri(name)}
    context = {"diagnostics": found, **context}
    answer: list[dict[str, Any]] = client.ask(
        "textDocument/codeAction", textDocument=document, range=place, context=context
    )
    return answer


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("code", HEALED)
def test_the_wrong_example_is_healed(client: Client, code: str) -> None:
    check = find(code)
    assert check is not None
    write(client.folder, {**EXAMPLE_FILES, **check.files})
    text, name = check.wrong + "\n", f"{code}.tars"
    found = client.open(name, text)
    assert [one["code"] for one in found] == [code]
    offered = actions(client, name, found)
    assert [one["isPreferred"] for one in offered].count(True) == 1
    assert client.replace(name, 2, applied(text, offered[0]["edit"]["changes"][client.uri(name)])) == []
    client.tell("textDocument/didClose", textDocument={"uri": client.uri(name)})


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (
            'python_module "a" {\n  output = "x.json"\n}\n',
            'python_module "a" {\n  source = ""\n  output = "x.json"\n}\n',
        ),
        ('python_module "a" { output = "x.json" }\n', 'python_module "a" { source = "" output = "x.json" }\n'),
        ('python_module "a" {}\n', 'python_module "a" {\n  source = ""\n}\n'),
        ('settings {\n  jobs = "4"\n}\n', "settings {\n  jobs = 4\n}\n"),
        ('variable "v" {\n  type = bool\n}\n', 'variable "v" {\n  default = false\n  type = bool\n}\n'),
        ('closure "c" {\n  timeout = "2 minutes"\n}\n', 'closure "c" {\n  timeout = "2m"\n}\n'),
    ],
)
def test_what_is_written(client: Client, text: str, mended: str) -> None:
    offered = actions(client, "one.tars", client.open("one.tars", text))
    assert applied(text, offered[0]["edit"]["changes"][client.uri("one.tars")]) == mended
    client.tell("textDocument/didClose", textDocument={"uri": client.uri("one.tars")})


def test_a_missing_source_is_made(client: Client) -> None:
    text = 'python_module "n" {\n  source = "agents/brand_new.py"\n}\n'
    offered = actions(client, "new.tars", client.open("new.tars", text))
    assert [one["title"] for one in offered] == ["create `agents/brand_new.py`"]
    made, filled = offered[0]["edit"]["documentChanges"]
    assert made == {
        "kind": "create", "uri": client.uri("agents/brand_new.py"), "options": {"ignoreIfExists": True},
    }  # fmt: skip
    assert "TARS" in filled["edits"][0]["newText"] or "sys" in filled["edits"][0]["newText"]
    outside = client.replace("new.tars", 2, text.replace("agents/", "../"))
    assert actions(client, "new.tars", outside) == []


def test_all_at_once(client: Client) -> None:
    text = 'pyhton_module "n" {\n  source = "agents/clean.py"\n}\nsettings {\n  jobs: 3\n  sandbox = "proces"\n}\n'
    found = client.open("all.tars", text)
    assert actions(client, "all.tars", found, only=["refactor"]) == []
    offered = actions(client, "all.tars", found, only=["source.fixAll"])
    assert [one["kind"] for one in offered] == ["source.fixAll"]
    mended = applied(text, offered[0]["edit"]["changes"][client.uri("all.tars")])
    # What a syntax error hides is found, and mended, the second time.
    found = client.replace("all.tars", 2, mended)
    if found:
        again = actions(client, "all.tars", found, only=["source.fixAll"])
        mended = applied(mended, again[0]["edit"]["changes"][client.uri("all.tars")])
    assert client.replace("all.tars", 3, mended) == []
