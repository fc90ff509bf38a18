"""A language server that knows only words: a program of its own, written apart from the client that it tests.

`python small_language_server.py UNITS [BEHAVIOUR]`: UNITS is what its columns count (`utf-16`, `utf-8`), BEHAVIOUR what
it does wrong. It shows a word's first appearance as its definition and every other as a reference.
"""

import contextlib
import json
import re
import sys
import time
from pathlib import Path

units, behaviour = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
if behaviour == "escape":
    for place in sys.argv[3:]:
        with contextlib.suppress(OSError):
            Path(place).write_text("escaped")
texts: dict[str, str] = {}
modified = 3


def send(message: dict[str, object]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    raw = (
        f"Content-Length: {len(body)}\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n".encode()
        + body
    )
    # In pieces that end anywhere, as pipes have it.
    for start in range(0, len(raw), 37):
        sys.stdout.buffer.write(raw[start : start + 37])
        sys.stdout.buffer.flush()


def receive() -> dict[str, object]:
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    if not length:
        raise SystemExit(1)
    return json.loads(sys.stdin.buffer.read(length))


def column(line: str, index: int) -> int:
    return len(line[:index].encode("utf-16-le")) // 2 if units == "utf-16" else len(line[:index].encode())


def index(line: str, wanted: int) -> int:
    return next((at for at in range(len(line) + 1) if column(line, at) >= wanted), len(line))


def word_at(uri: str, position: dict[str, int]) -> str:
    line = texts[uri].split("\n")[position["line"]]
    at = index(line, position["character"])
    return next((one[0] for one in re.finditer(r"\w+", line) if one.start() <= at <= one.end()), "")


def appearances(word: str) -> list[dict[str, object]]:
    found = []
    for uri, text in texts.items():
        for number, line in enumerate(text.split("\n")):
            for one in re.finditer(rf"\b{re.escape(word)}\b", line):
                start, end = column(line, one.start()), column(line, one.end())
                span = {"start": {"line": number, "character": start}, "end": {"line": number, "character": end}}
                found.append({"uri": uri, "range": span})
    return found


def actions(uri: str, span: dict[str, dict[str, int]]) -> list[dict[str, object]]:
    edit = {"range": span, "newText": "mended"}
    start = {"range": {"start": span["start"], "end": span["start"]}, "newText": "/* é🙂 */"}
    document = {"uri": uri, "version": None}
    return [
        {"title": "Mend it", "kind": "quickfix", "edit": {"changes": {uri: [edit]}}},
        {
            "title": "Say it",
            "kind": "quickfix",
            "edit": {"documentChanges": [{"textDocument": document, "edits": [start]}]},
        },
        {"title": "Leave a hole", "kind": "quickfix", "edit": {"changes": {uri: [{**edit, "newText": "todo!()"}]}}},
        {"title": "Move it out", "kind": "refactor.extract", "edit": {"changes": {uri: [edit]}}},
        {
            "title": "A new file",
            "kind": "quickfix",
            "edit": {"documentChanges": [{"kind": "create", "uri": "file:///x"}]},
        },
        {"title": "Elsewhere", "kind": "quickfix", "edit": {"changes": {"file:///etc/passwd": [edit]}}},
        {"title": "Far away", "kind": "quickfix", "edit": {"changes": {"https://a.example/b.rs": [edit]}}},
        {"title": "A command", "command": "run.me"},
        {"title": "No edit"},
        {"title": "Bad", "kind": "quickfix", "edit": {"changes": {uri: [{"range": {"start": 7}, "newText": 3}]}}},
    ]


def answer(method: str, asked: dict[str, object]) -> object:
    global modified
    if method == "initialize":
        send({"id": "c1", "method": "workspace/configuration", "params": {"items": [{"section": "x"}, {}]}})
        configured = receive()
        assert configured == {"jsonrpc": "2.0", "id": "c1", "result": [None, None]}, configured
        send({"id": "c2", "method": "no/such", "params": None})
        assert receive()["error"]["code"] == -32601
        send({"method": "window/logMessage", "params": {"type": 3, "message": "hello"}})
        return {"capabilities": {"positionEncoding": units}, "serverInfo": {"name": "small", "version": "1"}}
    document = asked["textDocument"]["uri"]
    if method == "textDocument/hover":
        modified -= 1
        if behaviour == "modified" and modified > 0:
            raise LookupError
        word = word_at(document, asked["position"])
        return {
            "contents": {
                "kind": "markdown",
                "value": f"```rust\nmod m\n```\n\n```rust\nlet {word}: W\n```\n---\n```\nno\n```",
            }
        }
    if method == "textDocument/definition":
        return [
            {"targetUri": one["uri"], "targetSelectionRange": one["range"], "targetRange": one["range"]}
            for one in appearances(word_at(document, asked["position"]))[:1]
        ]
    if method == "textDocument/references":
        return appearances(word_at(document, asked["position"]))[1:]
    if method == "textDocument/codeAction":
        return actions(document, asked["range"])
    raise KeyError(method)


def misbehave(method: str) -> None:
    if behaviour == "silent" and method == "textDocument/hover":
        time.sleep(60)
    if behaviour == "dies" and method == "textDocument/hover":
        print("out of patience", file=sys.stderr)
        raise SystemExit(3)
    if behaviour == "garbage" and method == "textDocument/hover":
        sys.stdout.buffer.write(b"Content-Length: 5\r\n\r\nhello")
        sys.stdout.buffer.flush()
    if behaviour == "endless" and method == "textDocument/hover":
        sys.stdout.buffer.write(b"Content-Length: 99999999999\r\n\r\n")
        sys.stdout.buffer.flush()
    if behaviour == "flood" and method == "textDocument/hover":
        for number in range(3000):
            send({"method": "window/logMessage", "params": {"type": 4, "message": f"{number} " * 40}})
    if behaviour == "stuck" and method in ("shutdown", "exit"):
        time.sleep(60)
    if behaviour == "deaf" and method == "textDocument/didOpen":
        time.sleep(60)


def main() -> None:
    if behaviour == "absent":
        print("error: Unknown binary 'rust-analyzer'", file=sys.stderr)
        raise SystemExit(1)
    while True:
        message = receive()
        method, asked = message.get("method"), message.get("params")
        misbehave(method)
        if method == "exit":
            raise SystemExit(0)
        if method in ("textDocument/didOpen", "textDocument/didChange"):
            document = asked["textDocument"]
            changes = asked.get("contentChanges") or [document]
            texts[document["uri"]] = changes[-1]["text"]
        elif method == "textDocument/didClose":
            del texts[asked["textDocument"]["uri"]]
        elif "id" in message:
            try:
                result = None if method == "shutdown" else answer(method, asked)
                send({"id": message["id"], "result": result})
            except LookupError as error:
                code = -32801 if type(error) is LookupError else -32601
                send({"id": message["id"], "error": {"code": code, "message": f"cannot: {error}"}})


main()
