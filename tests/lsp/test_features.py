"""What an editor asks for, by a client that speaks to a real server: one server for all, as in an editor."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the language server needs the extra `lsp`")

from client import Client, applied

from conftest import FILES, write

TEXT = FILES["lab.tars"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("features")
    write(folder)
    with Client(folder) as client:
        assert client.open("lab.tars") == []
        yield client
        assert client.close() == 0
        assert client.errors == b""


def place(needle: str, more: int = 0, text: str = TEXT) -> tuple[int, int]:
    at = text.index(needle) + more
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)


def where(found: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [
        (one["uri"].rpartition("/")[2], one["range"]["start"]["line"], one["range"]["start"]["character"])
        for one in found
    ]


def labels(client: Client, needle: str, more: int = 0) -> list[str]:
    return [item["label"] for item in client.at("completion", "lab.tars", *place(needle, more))["items"]]


def typed(client: Client, text: str) -> list[str]:
    """The completions at the end of a text that stands in a file of its own."""
    client.open("typed.tars", text)
    line = text.count("\n")
    items = client.at("completion", "typed.tars", line, len(text.rpartition("\n")[2]))["items"]
    client.tell("textDocument/didClose", textDocument={"uri": client.uri("typed.tars")})
    return [item["label"] for item in items]


@pytest.mark.parametrize(
    ("needle", "more", "home"),
    [
        ("tokenizer.output", 2, ("lab.tars", *place('"tokenizer"', 1))),
        ("clean.output", 2, ("other.tars", 0, 15)),
        ("local.folder", 8, ("lab.tars", *place('folder = "output"'))),
        ("var.top", 5, ("lab.tars", *place('"top"', 1))),
        ("other.python_module", 1, ("other.tars", 0, 0)),
        ('"tokenize"', 3, ("tokenizer.py", 4, 4)),
        ("agents/rank.rs", 3, ("rank.rs", 0, 0)),
        ("./other.tars", 3, ("other.tars", 0, 0)),
    ],
)
def test_definition(client: Client, needle: str, more: int, home: tuple[str, int, int]) -> None:
    assert where(client.at("definition", "lab.tars", *place(needle, more))) == [home]


def test_references_and_rename_reach_over_files(client: Client) -> None:
    at = place("clean.output", 2)
    found = client.at("references", "lab.tars", *at, context={"includeDeclaration": True})
    assert where(found) == [("other.tars", 0, 15), ("lab.tars", *place("clean.output"))]
    edit = client.at("rename", "lab.tars", *at, newName="wash")
    assert {uri.rpartition("/")[2]: len(edits) for uri, edits in edit["changes"].items()} == {
        "other.tars": 1, "lab.tars": 1,
    }  # fmt: skip
    assert client.at("prepareRename", "lab.tars", *at)["start"]["character"] == place("clean.output")[1]
    assert client.at("prepareRename", "lab.tars", *place("source")) is None
    for name, message in (("1x", "a name is a letter"), ("a b", "a name is a letter")):
        position = {"line": at[0], "character": at[1]}
        document = {"uri": client.uri("lab.tars")}
        answer = client.ask_whole("textDocument/rename", textDocument=document, position=position, newName=name)
        assert message in answer["error"]["message"]
    position = dict(zip(("line", "character"), place('"rank"', 2), strict=True))
    answer = client.ask_whole("textDocument/rename", textDocument={"uri": client.uri("lab.tars")}, position=position,
                              newName="tokenizer")  # fmt: skip
    assert "already a module called `tokenizer`" in answer["error"]["message"]


def test_hover(client: Client) -> None:
    def shown(needle: str, more: int = 1) -> str:
        return str(client.at("hover", "lab.tars", *place(needle, more))["contents"]["value"])

    assert "What to start" in shown("entry_point")
    assert "default = 3" in shown("var.top", 5)
    assert "in `other.tars`" in shown("clean.output")
    assert "An agent module in that language" in shown("rust_module")
    assert client.at("hover", "lab.tars", 3, 0) is None


def test_completion_where_something_is_written(client: Client) -> None:
    assert labels(client, "tokenizer.output", 10)[0] == "output"
    assert labels(client, '"tokenize"', 2) == ["tokenize"]
    assert "agents/clean.py" in labels(client, "agents/rank", 7)
    assert "args" in labels(client, "args   =", 2)
    assert "source" not in labels(client, "args   =", 0)
    assert labels(client, "python_module.tokenizer", 14)[0] == "tokenizer"
    assert labels(client, "other.python_module.clean", 20) == ["clean"]


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("", {"python_module", "variable", "use_rust_module"}),
        ("pyth", {"python_module"}),
        ("python_module \"x\" {\n  ", {"source", "resources"}),
        ("python_module \"x\" {\n  so", {"source"}),
        ("python_module \"x\" {\n  resources {\n    me", {"memory"}),
        ("python_module \"x\" {\n  cache = ", {"true", "false"}),
        ("python_module \"x\" {\n  inject_as = \"", {"stdin", "env"}),
        ("python_module \"x\" {\n  sandbox = [\"process\", \"no", {"none"}),
        ("python_module \"x\" {\n  source = \"agents/t", {"agents/tokenizer.py"}),
        ("python_module \"x\" {\n  source = \"agents/tokenizer.py\"\n  entry_point = \"", {"helper", "tokenize"}),
        ("python_module \"x\" {\n  entry_point = \"agents/tokenizer.py:h", {"agents/tokenizer.py:helper"}),
        ("variable \"v\" {\n  default = 1\n}\nlocals {\n  y = 1\n  x = \"${var.", {"v"}),
        ("variable \"v\" {\n  type = ", {"string", "map"}),
        ("locals {\n  x = [for a in b : up", {"upper"}),
        ("agentic \"", {"python", "typescript"}),
        ("python_module \"m\" {\n  source = \"agents/clean.py\"\n}\nevolve \"", {"m"}),
        ("python_module \"m\" {\n  source = \"agents/clean.py\"\n}\nuse_python_module = \"", {"m@latest"}),
        ("belief_graph \"g\" {\n  belief \"b\" {\n    supports = [\"", {"b"}),
        ("include {\n  path = \"other.tars\"\n}\nlocals {\n  x = other.", {"python_module"}),
        ("include {\n  path = \"other.tars\"\n}\nlocals {\n  x = cle", {"other.python_module.clean.output"}),
        ("python_module \"m\" {\n}\nts_module \"n\" {\n  depends_on = [", {"python_module.m"}),
        ("python_module \"x\" {\n  output_schema = {\n    ", {"properties", "\"$ref\""}),
        ("python_module \"x\" {\n  output_schema = {\n    properties = {\n      a = { type = \"", {"integer"}),
        ("python_module \"x\" { source = \"agents/clean.py\" ca", {"cache"}),
        ("ts_module \"x\" {\n  runtime = \"", {"deno"}),
        ("go_module \"x\" {\n  goos = \"", {"linux"}),
        ("locals {\n  x = [for each in [1] : ea", {"each"}),
    ],
)  # fmt: skip
def test_completion_while_typing(client: Client, text: str, some: set[str]) -> None:
    assert some <= set(typed(client, text)), typed(client, text)


def test_what_fits_comes_first_and_names_of_ones_own_are_left_alone(client: Client) -> None:
    assert typed(client, 'rust_module "x" {\n  source = "agents/')[0] == "agents/rank.rs"
    assert typed(client, 'include {\n  path = "')[0] == "lab.tars"
    assert typed(client, 'python_module "x" {\n  env = {\n    ') == []
    assert typed(client, 'python_module "x" {\n  output_schema = {\n    properties = {\n      ') == []


def test_nothing_is_completed_in_comments(client: Client) -> None:
    for text in ("# pyth", "/* pyth", "locals {\n  x = 1 // va", "locals {\n  x = <<EOT\nva"):
        assert typed(client, text) == []


def test_symbols(client: Client) -> None:
    found = client.ask("textDocument/documentSymbol", textDocument={"uri": client.uri("lab.tars")})
    assert [(one["name"], one["detail"]) for one in found][1:4] == [
        ("top", "variable"), ("locals", "locals"), ("tokenizer", "python_module"),
    ]  # fmt: skip
    assert [inner["name"] for inner in found[-1]["children"]] == ["fast"]
    assert [one["name"] for one in client.ask("workspace/symbol", query="CLE")] == ["clean"]


def test_formatting(client: Client) -> None:
    text = 'locals {\na=1\n   bb   = 2\n}\n\n\n\npython_module "x" { file = "agents/clean.py" cache = true }\n'
    client.open("form.tars", text)
    options = {"tabSize": 2, "insertSpaces": True}
    document = {"uri": client.uri("form.tars")}
    whole = client.ask("textDocument/formatting", textDocument=document, options=options)
    wanted = (
        'locals {\n  a  = 1\n  bb = 2\n}\n\npython_module "x" {\n  source = "agents/clean.py"\n  cache  = true\n}\n'
    )
    assert applied(text, whole) == wanted
    first = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}
    part = client.ask("textDocument/rangeFormatting", textDocument=document, options=options, range=first)
    assert applied(text, part) == wanted[: wanted.index("}") + 1] + text[text.index("}") + 1 :]
    client.replace("form.tars", 2, text + "}")
    assert client.ask("textDocument/formatting", textDocument=document, options=options) == []


def test_the_same_name_is_highlighted(client: Client) -> None:
    found = client.at("documentHighlight", "lab.tars", *place("local.folder", 8))
    assert [(one["range"]["start"]["line"], one["kind"]) for one in found] == [
        (place('folder = "output"')[0], 3), (place("local.folder")[0], 2),
    ]  # fmt: skip
    assert client.at("documentHighlight", "lab.tars", 3, 0) == []


def test_paths_that_are_there_are_links(client: Client) -> None:
    found = client.ask("textDocument/documentLink", textDocument={"uri": client.uri("lab.tars")})
    assert [one["target"] for one in found] == [
        client.uri(name) for name in ("other.tars", "agents/tokenizer.py", "data/corpus.txt", "agents/rank.rs")
    ]
    first = found[0]["range"]
    assert (first["start"]["character"], first["end"]["character"]) == (10, 22)


def test_a_selection_grows_by_meaning(client: Client) -> None:
    line, character = place("tokens.json", 2)
    positions = [{"line": line, "character": character}]
    step = client.ask("textDocument/selectionRange", textDocument={"uri": client.uri("lab.tars")}, positions=positions)
    grown, lines = [], TEXT.splitlines(keepends=True)
    at: dict[str, Any] | None = step[0]
    while at is not None:
        start, end = (sum(map(len, lines[: one["line"]])) + one["character"] for one in at["range"].values())
        grown.append(TEXT[start:end])
        at = at.get("parent")
    assert grown[:4] == [
        "tokens", "${local.folder}/tokens.json", '"${local.folder}/tokens.json"',
        'output      = "${local.folder}/tokens.json"',
    ]  # fmt: skip
    assert grown[-2].startswith('python_module "tokenizer" {')
    assert grown[-1] == TEXT


@pytest.mark.parametrize(
    ("text", "label", "argument"),
    [
        ('substr("abc", ', "substr(string, start, length)", 1),
        ('join(",", [upper("x"), ', "join(separator, list, …)", 1),
        ('"${format("%s, ", ', "format(pattern, value, …)", 1),
        ('format("a", 1, 2, 3, ', "format(pattern, value, …)", 2),
        ('upper("a"', "upper(string)", 0),
        ("(1 + ", None, 0),
        ('"upper(', None, 0),
    ],
)
def test_the_form_of_a_function(client: Client, text: str, label: str | None, argument: int) -> None:
    client.open("form.tars", f"locals {{\n  a = {text}")
    found = client.at("signatureHelp", "form.tars", 1, len(f"  a = {text}"))
    client.tell("textDocument/didClose", textDocument={"uri": client.uri("form.tars")})
    assert (found["signatures"][0]["label"] if found else None) == label
    assert found is None or found["activeParameter"] == argument


@pytest.mark.parametrize(
    ("text", "typed", "line", "wanted"),
    [
        ('python_module "x" {\n\n}\n', "\n", 1, 'python_module "x" {\n  \n}\n'),
        ('python_module "x" {\n  args = [\n\n', "\n", 2, 'python_module "x" {\n  args = [\n    \n'),
        ('python_module "x" {\n  resources {\n    }\n', "\n", 2, 'python_module "x" {\n  resources {\n  }\n'),
        ("locals {\n  x = <<EOT\n\nEOT\n}\n", "\n", 2, "locals {\n  x = <<EOT\n\nEOT\n}\n"),
        ("locals {\na=1\n   bb=2\n}", "}", 3, "locals {\n  a  = 1\n  bb = 2\n}"),
    ],
)
def test_what_is_typed_is_indented(client: Client, text: str, typed: str, line: int, wanted: str) -> None:
    client.open("form.tars", text)
    character = len(text.split("\n")[line]) if typed == "}" else 0
    options = {"tabSize": 2, "insertSpaces": True}
    edits = client.at("onTypeFormatting", "form.tars", line, character, ch=typed, options=options)
    client.tell("textDocument/didClose", textDocument={"uri": client.uri("form.tars")})
    assert applied(text, edits) == wanted


def test_the_graph_of_modules_is_walked(client: Client) -> None:
    def names(method: str, item: dict[str, Any], end: str) -> list[tuple[str, int]]:
        calls = client.ask(f"callHierarchy/{method}Calls", item=item)
        return [(one[end]["name"], one["fromRanges"][0]["start"]["character"]) for one in calls]

    rank = client.at("prepareCallHierarchy", "lab.tars", *place('"rank"', 2))[0]
    uses = [place("tokenizer.output")[1], place("clean.output")[1]]
    assert names("outgoing", rank, "to") == [("tokenizer", uses[0]), ("clean", uses[1])]
    assert names("incoming", rank, "from") == []
    clean = client.at("prepareCallHierarchy", "lab.tars", *place("clean.output", 2))[0]
    assert clean["uri"] == client.uri("other.tars")
    assert names("incoming", clean, "from") == [("rank", uses[1])]
    assert client.at("prepareCallHierarchy", "lab.tars", *place("belief_graph")) is None


def test_folding_lenses_and_colours(client: Client) -> None:
    document = {"uri": client.uri("lab.tars")}
    folds = client.ask("textDocument/foldingRange", textDocument=document)
    assert {"startLine": 0, "endLine": 1, "kind": "region"} in folds
    lenses = client.ask("textDocument/codeLens", textDocument=document)
    assert [(one["command"]["title"], one["command"]["arguments"][1]) for one in lenses] == [
        ("run", "tokenizer"), ("run", "rank"),
    ]  # fmt: skip
    data = client.ask("textDocument/semanticTokens/full", textDocument=document)["data"]
    legend = client.abilities["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"]
    lines, line, character, words = TEXT.split("\n"), 0, 0, set()
    for place_ in range(0, len(data), 5):
        by, along, length, kind, _ = data[place_ : place_ + 5]
        line, character = line + by, along if by else character + along
        words.add((lines[line][character : character + length], legend[kind]))
    assert {("python_module", "keyword"), ('"rank"', "class"), ("source", "property"), ("var", "namespace"),
            ("3", "number"), ("top", "class")} <= words  # fmt: skip


def test_paths_follow_files_that_are_renamed(client: Client) -> None:
    def renamed(old: str, new: str) -> dict[str, list[tuple[int, str]]]:
        files = [{"oldUri": client.uri(old), "newUri": client.uri(new)}]
        edit = client.ask("workspace/willRenameFiles", files=files) or {"changes": {}}
        return {
            uri.rpartition("/")[2]: [(one["range"]["start"]["line"], one["newText"]) for one in edits]
            for uri, edits in edit["changes"].items()
        }

    line = place("agents/tokenizer.py")[0]
    assert renamed("agents/tokenizer.py", "agents/split.py") == {"lab.tars": [(line, "agents/split.py")]}
    assert renamed("other.tars", "more/other.tars") == {"lab.tars": [(1, "./more/other.tars")]}
    assert renamed("agents", "src") == {
        "lab.tars": [(line, "src/tokenizer.py"), (place("agents/rank.rs")[0], "src/rank.rs")],
        "other.tars": [(1, "src/clean.py")],
    }
    assert renamed("agents/tok", "agents/x") == {}
    assert renamed("agents/rank.rs", "../rank.rs") == {}


def test_what_the_store_knows_is_shown(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "one.tars").write_text('python_module "clean" {\n  source = "agents/clean.py"\n}\n')
    subprocess.run([sys.executable, "-m", "tars.ui.cli", "run", "one.tars", "--sandbox", "none"], cwd=tmp_path,
                   check=True, capture_output=True)  # fmt: skip
    with Client(tmp_path) as client:
        client.open("one.tars")
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
        hints: list[dict[str, Any]] = []
        for _ in range(200):
            hints = client.ask("textDocument/inlayHint", textDocument={"uri": client.uri("one.tars")}, range=whole)
            if hints:
                break
            client.settle()
        assert hints[0]["label"].startswith("v1 · ")
        lenses = client.ask("textDocument/codeLens", textDocument={"uri": client.uri("one.tars")})
        assert [one["command"]["title"] for one in lenses] == ["run", "1 version"]
