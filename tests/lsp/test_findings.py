"""Findings as one types: those of `tarscli check`, also where only what an edit touches is checked again."""

import random
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="the language server needs the extra `lsp`")

from client import Client

from tars.lang.syntax.pieces import WHOLE_CHARACTERS_MAX
from tars.ui.lsp.checking import Checked, check_whole, examine, recheck
from tars.ui.lsp.documents import UTF_16, Document
from tars.ui.lsp.projects import Project

Shown = list[tuple[int, str, str]]


def shown(document: Document, checked: Checked) -> Shown:
    found = [one for held in checked.found.get(document.path, {}).values() for one in held]
    return sorted((document.piece_start(one.spot.piece) + one.spot.start, one.diagnostic.code, one.diagnostic.message)
                  for one in found)  # fmt: skip


def blocks(count: int) -> str:
    out = ['variable "v" {\n  default = "data"\n}\n\nlocals {\n  folder = var.v\n}\n\n']
    for i in range(count):
        needs = f"  input  = python_module.m{i - 1}.output\n" if i % 4 else '  input  = "data/corpus.txt"\n'
        out.append(
            f'python_module "m{i}" {{\n  source = "agents/clean.py"\n{needs}  output = "output/{i}.json"\n}}\n\n'
        )
    out.append('belief_graph "g" {\n  belief "a" {\n    statement = "x"\n    supports  = ["b"]\n  }\n')
    out.append('  belief "b" {\n    statement = "y"\n  }\n}\n')
    return "".join(out)


MODULE = 'python_module "m2" {\n  source = "agents/clean.py"\n}\n'
TYPED = ("x", '"', "}", "{", "\n", "", "", "", "m1", "=", "  role = 3\n", MODULE,
         "settings {\n}\n", "other.python_module.clean.output", "local.folder", "var.w",
         'use_python_module = "m1@v1"\n')  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_what_an_edit_touches_is_all_that_it_touches(seed: int, project: Path) -> None:
    chance = random.Random(seed)
    home = Project(project, UTF_16)
    document = home.open["a.tars"] = Document(blocks(16), "a.tars", UTF_16, 1)
    checked = check_whole(home, "a.tars")
    assert shown(document, checked) == []
    compared = 0
    for _ in range(40):
        text = document.text
        start = chance.randrange(len(text))
        typed = chance.choice(TYPED)
        end = min(len(text), start + chance.randrange(12)) if not typed else start
        back = text[start:end]
        change = document.change(document.place(start), document.place(end), typed)
        if recheck(home, "a.tars", {"a.tars": change}, checked):
            compared += 1
            assert shown(document, checked) == shown(document, check_whole(home, "a.tars")), (start, end, typed)
        else:
            assert not document.is_balanced
            checked = check_whole(home, "a.tars")
        if chance.random() < 0.8:
            change = document.change(document.place(start), document.place(start + len(typed)), back)
            if recheck(home, "a.tars", {"a.tars": change}, checked):
                assert shown(document, checked) == shown(document, check_whole(home, "a.tars")), (start, back)
    assert compared > 20


def test_findings_come_and_go_with_their_mends(project: Path) -> None:
    text = (project / "lab.tars").read_text("utf-8")
    with Client(project) as client:
        assert client.open("lab.tars") == []
        found = client.replace("lab.tars", 2, text.replace("python_module.tokenizer", "python_module.tokeniser"))
        assert [one["code"] for one in found] == ["T0044"]
        assert "did you mean" in found[0]["message"]
        actions = client.ask("textDocument/codeAction", textDocument={"uri": client.uri("lab.tars")},
                             range=found[0]["range"], context={"diagnostics": found})  # fmt: skip
        edit = actions[0]["edit"]["changes"][client.uri("lab.tars")][0]
        client.change("lab.tars", 3, {"range": edit["range"], "text": edit["newText"]})
        assert client.findings("lab.tars", 3) == []
        found = client.replace(
            "lab.tars", 4, text.replace('  source = "agents/rank.rs"', '  source : "agents/rank.rs"')
        )
        actions = client.ask("textDocument/codeAction", textDocument={"uri": client.uri("lab.tars")},
                             range=found[0]["range"], context={"diagnostics": found})  # fmt: skip
        assert actions[0]["edit"]["changes"][client.uri("lab.tars")][0]["newText"].strip() == "="
        assert client.close() == 0


def test_a_name_in_an_include_is_mended_as_a_whole(project: Path) -> None:
    text = (project / "lab.tars").read_text("utf-8").replace("module.clean.", "module.cleen.")
    with Client(project) as client:
        (found,) = client.open("lab.tars", text)
        actions = client.ask("textDocument/codeAction", textDocument={"uri": client.uri("lab.tars")},
                             range=found["range"], context={"diagnostics": [found]})  # fmt: skip
        edit = actions[0]["edit"]["changes"][client.uri("lab.tars")][0]
        client.change("lab.tars", 2, {"range": edit["range"], "text": edit["newText"]})
        assert client.findings("lab.tars", 2) == []


def test_an_unsaved_include_counts(project: Path) -> None:
    with Client(project) as client:
        assert client.open("lab.tars") == []
        other = (project / "other.tars").read_text("utf-8").replace('"clean"', '"wash"')
        client.open("other.tars", other)
        client.settle()
        assert [one["code"] for one in client.diagnostics[client.uri("lab.tars")]] == ["T0044"]
        client.tell("textDocument/didClose", textDocument={"uri": client.uri("other.tars")})
        while client.diagnostics[client.uri("lab.tars")]:
            client.next()


def test_a_large_file_is_checked_whole_in_the_background(project: Path) -> None:
    with Client(project) as client:
        text = blocks(400)
        assert client.open("large.tars", text) == []
        line = text[: text.index('variable "v"')].count("\n")
        end = {"line": line, "character": len('variable "v')}
        client.change("large.tars", 2, {"range": {"start": end, "end": end}, "text": "w"})
        assert [one["code"] for one in client.findings("large.tars", 2)] == ["T0044"]


def test_places_in_the_encoding_that_was_agreed(project: Path) -> None:
    text = 'locals {\n  x = ["𝄞é", nothing]\n}\n'
    for encodings, column in (((), 14), (("utf-8",), 17)):
        with Client(project, encodings=encodings) as client:
            found = client.open("a.tars", text)
            assert found[0]["range"]["start"] == {"line": 1, "character": column}
            at = {"line": 1, "character": column}
            client.change("a.tars", 2, {"range": {"start": at, "end": at | {"character": column + 7}}, "text": "1"})
            assert client.findings("a.tars", 2) == []


def test_a_large_file_answers_while_it_is_read(project: Path) -> None:
    """Typing has its findings at once, whole answers wait for the reading."""
    text = blocks(3_000)
    assert len(text) > WHOLE_CHARACTERS_MAX
    line = text[: text.index('"m2000"')].count("\n")
    with Client(project) as client:
        item = {"uri": client.uri("large.tars"), "languageId": "tars", "version": 1, "text": text}
        client.tell("textDocument/didOpen", textDocument=item)
        brace = {"line": line, "character": len('python_module "m2000" ')}
        client.change("large.tars", 2, {"range": {"start": brace, "end": brace}, "text": ")"})
        assert [one["range"]["start"]["line"] for one in client.findings("large.tars", 2)][:1] == [line]
        after = brace | {"character": brace["character"] + 1}
        client.change("large.tars", 3, {"range": {"start": brace, "end": after}, "text": ""})
        assert client.findings("large.tars", 3) == []
        symbols = client.ask("textDocument/documentSymbol", textDocument={"uri": client.uri("large.tars")})
        names = [one["name"] for one in symbols]
        assert names.count("m2000") == 1
        assert names[-1] == "g"
        assert len(names) == 3_000 + 3


def test_a_brace_that_is_missing_among_thousands_is_told_at_once(project: Path) -> None:
    text = blocks(3_000)
    with Client(project) as client:
        assert client.open("large.tars", text) == []
        end = text[: text.index("}", text.index('"m1500"'))].count("\n")
        at = [{"line": end, "character": 0}, {"line": end, "character": 1}]
        client.change("large.tars", 2, {"range": {"start": at[0], "end": at[1]}, "text": ""})
        (found,) = client.findings("large.tars", 2)
        assert (found["code"], found["range"]["start"]["line"]) == ("T0001", end)
        document = {"textDocument": {"uri": client.uri("large.tars")}, "options": {"tabSize": 2, "insertSpaces": True}}
        assert client.ask("textDocument/formatting", **document) == []
        client.change("large.tars", 3, {"range": {"start": at[0], "end": at[0]}, "text": " }"})
        assert client.findings("large.tars", 3) == []
        (edit,) = client.ask("textDocument/formatting", **document)
        assert edit == {"range": {"start": at[0], "end": {"line": end + 1, "character": 0}}, "newText": "}\n"}
        client.change("large.tars", 3, {"range": edit["range"], "text": edit["newText"]})
        client.change("large.tars", 4, {"range": {"start": at[0], "end": at[0]}, "text": "/*"})
        assert {one["code"] for one in client.findings("large.tars", 4)} >= {"T0016"}
        client.settle()
        while [one["code"] for one in client.diagnostics[client.uri("large.tars")]] != shown_whole(client, text, end):
            client.next()


def shown_whole(client: Client, text: str, line: int) -> list[str]:
    """What a check of the whole finds where a comment is opened on that line."""
    lines = text.split("\n")
    lines[line] = f"/*{lines[line]}"
    found = examine(Project(client.folder, UTF_16), "large.tars", {"large.tars": "\n".join(lines)})
    return [one.code for one in found.diagnostics]
