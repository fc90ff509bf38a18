"""The server with clients that misbehave, texts that are none, and clients that other people have written."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="the language server needs the extra `lsp`")

from client import Client
from lsprotocol import types
from pygls.lsp.client import BaseLanguageClient

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_project_that_changes_its_place_or_goes_keeps_what_is_open(project: Path) -> None:
    """A run in the folder above makes that one the project; deleted, the text is still the editor's."""
    inner = project / "inner"
    inner.mkdir()
    (inner / "a.tars").write_text("locals {\n}\n")
    with Client(inner) as client:
        assert client.open("a.tars") == []
        (project / ".tars").mkdir()
        assert [one["code"] for one in client.replace("a.tars", 2, "locals {\n  x = nothing\n}\n")] == ["T0044"]
        shutil.rmtree(inner)
        assert [one["code"] for one in client.replace("a.tars", 3, "locals {\n  x = y\n}\n")] == ["T0044"]
        client.tell("textDocument/didClose", textDocument={"uri": client.uri("a.tars")})
        assert client.at("hover", "a.tars", 0, 1) is None
        assert client.close() == 0


def test_messages_that_are_none_are_answered_and_survived(project: Path) -> None:
    with Client(project) as client:
        for body in (
            b"{",
            b"[]",
            b"3",
            b'"x"',
            b"\xff\xfe",
            b'{"jsonrpc": "2.0", "id": 7, "method": 3}',
            b"[" * 50_000,
        ):
            client.send_raw(body)
        client.send({"id": 90, "method": "textDocument/hover", "params": {"nonsense": True}})
        client.send({"id": 91, "method": "tars/unheardOf", "params": {}})
        unknown = {"uri": "file:///none", "version": 2}
        client.tell("textDocument/didChange", textDocument=unknown, contentChanges=[])
        assert client.process.stdin is not None
        client.process.stdin.write(b"Content-Length: x\r\nrubbish\r\n\r\n")
        client.process.stdin.flush()
        assert client.open("lab.tars") == []
        for line, character in ((-1, 0), (0, -5), (10**6, 3), (3, 10**6)):
            message = client.ask_whole("textDocument/completion", textDocument={"uri": client.uri("lab.tars")},
                                       position={"line": line, "character": character})  # fmt: skip
            assert "result" in message or "error" in message
        for uri in ("untitled:Untitled-1", "http://x/y.tars", "file:///%00.tars", "file://", "\U0001d11e"):
            item = {"uri": uri, "languageId": "tars", "version": 1, "text": "x"}
            client.tell("textDocument/didOpen", textDocument=item)
            client.ask_whole("textDocument/hover", textDocument={"uri": uri}, position={"line": 0, "character": 0})
        assert client.replace("lab.tars", 2, "locals {\n") != []
        assert client.close() == 0


def test_texts_that_nobody_writes(project: Path) -> None:
    (project / "binary.tars").write_bytes(bytes(range(256)) * 40)
    with Client(project) as client:
        found = client.open("lab.tars", 'include {\n  path = "binary.tars"\n}\n')
        assert [one["code"] for one in found] == ["T0030"]
        for number, text in enumerate((
            "\0" * 100, "\ufeffx", "x" * 2_000_000,
            '"' * 5_000, "{" * 3_000, "a {\n" * 300, "\r\r\n\u2028", "/*" * 1_000,
            "locals { x = " + "[" * 2_000, "\U0001d11e" * 1_000 + " {", "<<EOT\n" * 50, "x = ${" * 200,
        ), 2):  # fmt: skip
            assert client.replace("lab.tars", number, text), text[:20]
            for method in ("completion", "hover", "definition"):
                client.at(method, "lab.tars", 0, min(len(text), 7))
            for method in ("foldingRange", "documentSymbol", "semanticTokens/full", "codeLens"):
                client.ask(f"textDocument/{method}", textDocument={"uri": client.uri("lab.tars")})
        assert client.close() == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_and_devices_are_not_waited_for(project: Path) -> None:
    for name in ("pipe.tars", "agents/pipe.py"):
        os.mkfifo(project / name)
    (project / "endless.tars").symlink_to("/dev/zero")
    text = 'include {\n  path = "pipe.tars"\n}\ninclude {\n  path = "endless.tars"\n}\n'
    module = 'python_module "a" {\n  source      = "agents/pipe.py"\n  entry_point = "run"\n}\n'
    with Client(project) as client:
        assert [one["code"] for one in client.open("lab.tars", text + module)] == ["T0064", "T0051"]
        for method in ("definition", "completion", "hover"):
            client.at(method, "lab.tars", 8, 18)
        client.at("references", "lab.tars", 6, 17, context={"includeDeclaration": True})
        assert client.close() == 0


def test_many_edits_at_once(project: Path) -> None:
    """Of many cursors in one message, and faster than they can be checked."""
    with Client(project) as client:
        client.open("lab.tars", "locals {\n}\n")
        at = {"line": 1, "character": 0}
        place = {"start": at, "end": at}
        client.change("lab.tars", 2, *({"range": place, "text": f"  a{i} = {i}\n"} for i in range(500)))
        assert client.findings("lab.tars", 2) == []
        for version in range(3, 203):
            client.change("lab.tars", version, {"range": place, "text": "  b = c\n" if version == 202 else "# x\n"})
        found = client.findings("lab.tars", 202)
        assert [one["code"] for one in found] == ["T0044"]
        document = {"uri": client.uri("lab.tars")}
        (symbols,) = client.ask("textDocument/documentSymbol", textDocument=document)
        assert len(symbols["children"]) == 501


def test_it_ends_with_its_client(project: Path) -> None:
    for ending in ("close", "exit"):
        with Client(project) as client:
            client.open("lab.tars")
            assert client.process.stdin is not None
            if ending == "exit":
                client.tell("exit")
            else:
                client.process.stdin.close()
            assert client.process.wait(30) == 1
            assert b"Traceback" not in client.errors


def test_without_pygls_one_line_says_how_to_get_it(project: Path, tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "pygls.py").write_text("raise ModuleNotFoundError(name='pygls')\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "hidden")}
    done = subprocess.run([sys.executable, "-m", "tars.ui.cli", "lsp"], cwd=project, capture_output=True, text=True,
                          env=environment, stdin=subprocess.DEVNULL)  # fmt: skip
    assert done.returncode == 3
    assert "pip install 'tars-agents[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_client_of_pygls(project: Path) -> None:
    async def talk() -> list[types.Diagnostic]:
        client = BaseLanguageClient("test", "1")
        got: asyncio.Future[list[types.Diagnostic]] = asyncio.get_running_loop().create_future()

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def take(params: types.PublishDiagnosticsParams) -> None:
            if not got.done():
                got.set_result(list(params.diagnostics))

        await client.start_io(sys.executable, "-m", "tars.ui.cli", "lsp")
        await client.initialize_async(types.InitializeParams(types.ClientCapabilities()))
        client.initialized(types.InitializedParams())
        uri = (project / "lab.tars").as_uri()
        client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "tars", 1, "settings {\n  jbs = 1\n}\n"))
        )
        found = await asyncio.wait_for(got, 60)
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()
        return found

    found = asyncio.run(talk())
    assert [one.code for one in found] == ["T0032"]
    assert found[0].range.start == types.Position(1, 2)


NEOVIM = """
local file, out = ...
vim.cmd("edit " .. vim.fn.fnameescape(file))
local command = { PYTHON, "-m", "tars.ui.cli", "lsp" }
local id = vim.lsp.start_client({ name = "tars", cmd = command, root_dir = vim.fn.fnamemodify(file, ":h") })
vim.lsp.buf_attach_client(0, id)
local function wait(what) assert(vim.wait(60000, what, 50), "no answer") end
local function ask(method, params)
  local answer = vim.lsp.buf_request_sync(0, "textDocument/" .. method, params, 60000)[id]
  assert(not answer.error, vim.inspect(answer))
  return answer.result
end
local function at(line, character)
  vim.api.nvim_win_set_cursor(0, { line, character })
  return vim.lsp.util.make_position_params()
end
wait(function() return #vim.diagnostic.get(0) > 0 end)
local found = vim.diagnostic.get(0)[1]
local there = vim.lsp.util.make_given_range_params({ 2, 2 }, { 2, 4 })
there.context = { diagnostics = {} }
vim.lsp.util.apply_workspace_edit(ask("codeAction", there)[1].edit, "utf-16")
wait(function() return #vim.diagnostic.get(0) == 0 end)
vim.api.nvim_buf_set_lines(0, 1, 2, false, { "  jobs =    2" })
local hover = ask("hover", at(2, 3)).contents.value:match("^[^:]*")
local offered = ask("completion", at(2, 3)).items[1].label
local form = ask("signatureHelp", at(5, 14)).signatures[1].label
local marks = #ask("documentHighlight", at(5, 2))
local fold = ask("foldingRange", { textDocument = vim.lsp.util.make_text_document_params() })[1].endLine
local new = at(5, 2)
new.newName = "y"
vim.lsp.util.apply_workspace_edit(ask("rename", new), "utf-16")
vim.lsp.util.apply_text_edits(ask("formatting", vim.lsp.util.make_formatting_params({})), 0, "utf-16")
local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\\n")
local numbers = { tostring(marks), tostring(fold) }
vim.fn.writefile({ found.code or "", tostring(found.lnum), hover, offered, form, numbers[1], numbers[2], text }, out)
vim.lsp.stop_client(id)
vim.cmd("qall!")
"""


@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not on this machine (apt-get install neovim)")
def test_neovim(project: Path) -> None:
    file, out, script = project / "set.tars", project / "out.txt", project / "script.lua"
    file.write_text('settings {\n  jbs = 2\n}\nlocals {\n  x = upper("𝄞")\n  z = local.x\n}\n')
    script.write_text(
        NEOVIM.replace(
            "local file, out = ...", f"local PYTHON, file, out = {sys.executable!r}, {str(file)!r}, {str(out)!r}"
        )
    )
    done = subprocess.run(["nvim", "--headless", "--clean", "-c", f"luafile {script}", "-c", "cquit"], cwd=project,
                          capture_output=True, text=True, timeout=200)  # fmt: skip
    assert out.is_file(), done.stderr
    *answers, text = out.read_text("utf-8").splitlines()
    assert answers == ["T0032", "1", "**jobs**", "jobs", "upper(string)", "2", "1"]
    wanted = 'settings {\n  jobs = 2\n}\nlocals {\n  y = upper("𝄞")\n  z = local.y\n}'
    assert text.replace("\0", "\n") == wanted
