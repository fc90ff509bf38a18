"""A client of the language server for tests and the benchmark: a real process, spoken to on stdin and stdout."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any

SECONDS_MAX = 60


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    lines = text.splitlines(keepends=True)

    def offset(at: dict[str, int]) -> int:
        return sum(map(len, lines[: at["line"]])) + at["character"]

    for edit in sorted(edits, key=lambda one: -offset(one["range"]["start"])):
        text = text[: offset(edit["range"]["start"])] + edit["newText"] + text[offset(edit["range"]["end"]) :]
    return text


class Client:
    """One server process. Requests wait for their answer; notifications are kept in the order in which they came."""

    def __init__(
        self, folder: Path, *, encodings: tuple[str, ...] = (), snippets: bool = True, creates: bool = False
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tars.ui.cli", "lsp"],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.folder = folder
        self.messages: Queue[dict[str, Any]] = Queue()
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.versions: dict[str, int | None] = {}
        self.errors = b""
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()
        general = {"positionEncodings": list(encodings)} if encodings else {}
        item = {"completion": {"completionItem": {"snippetSupport": snippets}}}
        workspace = {"workspaceEdit": {"resourceOperations": ["create"]}} if creates else {}
        capabilities = {"general": general, "textDocument": item, "workspace": workspace}
        self.abilities = self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities=capabilities)
        self.tell("initialized")

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while line := stream.readline():
                if line == b"\r\n":
                    break
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not line:
                self.messages.put({"method": "gone"})
                return
            self.messages.put(self.parse(stream.read(length)))

    def parse(self, body: bytes) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(body)
        return message

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors += line

    def send(self, message: dict[str, Any]) -> None:
        self.send_raw(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def send_raw(self, body: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def tell(self, method: str, **params: Any) -> None:
        self.send({"method": method, "params": params})

    def ask_whole(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer, with `result` or `error`."""
        self._number += 1
        self.send({"id": self._number, "method": method, "params": params})
        while True:
            message = self.next()
            if message.get("id") == self._number and "method" not in message:
                return message

    def ask(self, method: str, **params: Any) -> Any:
        answer = self.ask_whole(method, **params)
        assert "error" not in answer, answer
        return answer.get("result")

    def next(self, seconds: float = SECONDS_MAX) -> dict[str, Any]:
        message = self.messages.get(timeout=seconds)
        if message.get("method") == "gone":
            self.messages.put(message)
            raise AssertionError(f"the server has gone: {self.errors.decode(errors='replace')}")
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.diagnostics[params["uri"]] = params["diagnostics"]
            self.versions[params["uri"]] = params.get("version")
        return message

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str | None = None) -> list[dict[str, Any]]:
        """Open a file, as it is or with another text; returns its findings."""
        text = (self.folder / name).read_text("utf-8") if text is None else text
        uri = self.uri(name)
        self.diagnostics.pop(uri, None)
        item = {"uri": uri, "languageId": "tars", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=item)
        return self.findings(name, 1)

    def change(self, name: str, version: int, *changes: dict[str, Any]) -> None:
        document = {"uri": self.uri(name), "version": version}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=list(changes))

    def replace(self, name: str, version: int, text: str) -> list[dict[str, Any]]:
        self.change(name, version, {"text": text})
        return self.findings(name, version)

    def findings(self, name: str, version: int) -> list[dict[str, Any]]:
        """The findings of a version of a file, once the server has sent them."""
        uri = self.uri(name)
        while uri not in self.diagnostics or self.versions.get(uri) != version:
            self.next()
        return self.diagnostics[uri]

    def settle(self) -> None:
        """Take in all messages that are there."""
        while True:
            try:
                self.next(0.05)
            except Empty:
                return

    def at(self, method: str, name: str, line: int, character: int, **more: Any) -> Any:
        position = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", textDocument={"uri": self.uri(name)}, position=position, **more)

    def close(self) -> int:
        """End the server as an editor does; returns its exit code."""
        self.ask("shutdown")
        self.tell("exit")
        return self.process.wait(SECONDS_MAX)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *unused: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    pass
