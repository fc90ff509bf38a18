"""The server: keeps the desk in step with the editor, publishes findings, and hands requests to their features."""

import asyncio
import importlib
import json
import logging
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from tars import __version__
from tars.lang.forms.piecewise import lay_out
from tars.lang.syntax.pieces import Change
from tars.ui.lsp import features
from tars.ui.lsp.background import Encoded, Later, encoded
from tars.ui.lsp.convert import diagnostic
from tars.ui.lsp.desk import Desk, Sight, Snapshot, whole
from tars.ui.lsp.documents import UTF_16, Document, Edit, read_whole
from tars.ui.lsp.facts import Facts
from tars.ui.lsp.projects import Project
from tars.ui.lsp.stdio import speak

SHOWN_MAX: Final = 300
"""So many findings of a file are sent; an editor that is sent thousands at every edit is slow."""
QUIET_SECONDS: Final = 0.4
"""A large metascript is checked as a whole once nothing has been typed for so long."""
READ_SECONDS: Final = 0.02
"""How often is looked whether a document was read that has just been opened."""
SWITCH_SECONDS: Final = 0.0005
"""How long a check of the whole may go on before a request that waits gets its turn."""
_LOG_CHARACTERS_MAX: Final = 500


class Protocol(LanguageServerProtocol):
    """The protocol without pygls's own copies of the documents, which take time in proportion to the file."""

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._server.opened(params.text_document)  # type: ignore[attr-defined]

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.changed(params)  # type: ignore[attr-defined]

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.closed(params.text_document.uri)  # type: ignore[attr-defined]

    def _send_response(
        self, msg_id: int | str, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        if not isinstance(result, Encoded) or self.writer is None:
            super()._send_response(msg_id, result, error)
            return
        self._result_types.pop(msg_id, None)
        head = f'{{"jsonrpc":"2.0","id":{json.dumps(msg_id)},"result":'.encode("ascii")
        length = len(head) + len(result.body) + 1
        self.writer.write(b"Content-Length: %d\r\n\r\n%b%b}" % (length, head, result.body))


class Server(LanguageServer):
    def __init__(self) -> None:
        super().__init__("tars", __version__, protocol_cls=Protocol, max_workers=1)
        self.desk = Desk()
        self.facts = Facts()
        self._answers = ThreadPoolExecutor(1, "answers")
        """Beside the one thread that checks: more of them would only share one interpreter with whoever types."""
        self._waiting: dict[tuple[Path, str], asyncio.TimerHandle] = {}
        self._checking: set[tuple[Path, str]] = set()
        self._changed: dict[str, list[Change]] = {}
        """What was typed, by address, and not checked yet."""
        self._on(types.INITIALIZE, self._begin)
        self._on(types.TEXT_DOCUMENT_DID_SAVE, self._look_again)
        self._on(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._look_again)
        for name in feature_names():
            self._add(name)

    def _add(self, name: str) -> None:
        module = importlib.import_module(f"{features.__name__}.{name}")
        options = getattr(module, "OPTIONS", None)
        if getattr(module, "LATER", False):

            async def handle(params: Any) -> Encoded | None:
                return await self._later(module.answer(self, params))

            self.feature(module.METHOD, options)(handle)
        else:
            self._on(module.METHOD, lambda params: module.answer(self, params), options)

    def _on(self, method: str, run: Callable[[Any], Any], options: Any = None) -> None:
        def handle(params: Any) -> Any:  # pygls marks what it is given, which only a function lets be done to it
            return run(params)

        self.feature(method, options)(handle)

    async def _later(self, later: Later | None) -> Encoded | None:
        """An answer that another thread makes, once the document was read; an edit or a cancellation ends that."""
        if later is None:
            return None
        document, path = later.sight.document, later.sight.path
        while not document.read and later.sight.project.open.get(path) is document:
            await asyncio.sleep(READ_SECONDS)
        serial, cancelled = document.serial, False

        def is_wanted() -> bool:
            return document.serial == serial and not cancelled

        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._answers, encoded, later, document.still(), is_wanted)
        finally:
            cancelled = True

    def _begin(self, params: types.InitializeParams) -> None:
        encodings = params.capabilities.general.position_encodings if params.capabilities.general else None
        known = ("utf-8", "utf-16", "utf-32")
        self.desk.encoding = next((str(one.value if hasattr(one, "value") else one) for one in encodings or () if
                                   (one.value if hasattr(one, "value") else one) in known), UTF_16)  # fmt: skip
        document = params.capabilities.text_document
        item = document.completion.completion_item if document and document.completion else None
        self.desk.snippets = bool(item and item.snippet_support)
        workspace = params.capabilities.workspace
        known_edits = workspace.workspace_edit if workspace else None
        operations = known_edits.resource_operations if known_edits else None
        self.desk.creates = types.ResourceOperationKind.Create in (operations or ())

    def opened(self, item: types.TextDocumentItem) -> None:
        self._changed.pop(item.uri, None)
        sight = self.desk.open(item.uri, item.text, item.version)
        if sight is not None:
            self._check(sight, None)
            self.facts.refresh(sight.project, self._facts_changed)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        sight = self.desk.sight(params.text_document.uri)
        if sight is None:
            return
        made = sight.document.apply([_edit(change) for change in params.content_changes])
        sight.document.version = params.text_document.version
        if not self._changed:
            asyncio.get_running_loop().call_soon(self.check_changed)
        self._changed.setdefault(params.text_document.uri, []).extend(made)

    def check_changed(self) -> None:
        """Check what was typed: once for all edits that had arrived, where they come faster than they are checked."""
        waiting, self._changed = self._changed, {}
        for uri, made in waiting.items():
            if (sight := self.desk.sight(uri)) is not None:
                self._check(sight, made)

    def closed(self, uri: str) -> None:
        self._changed.pop(uri, None)
        sight = self.desk.close(uri)
        if sight is None:
            return
        empty = types.PublishDiagnosticsParams(uri, [])
        self.text_document_publish_diagnostics(empty)
        for path in {path for path in sight.project.open if sight.path in sight.project.reach(path)}:
            self._check(Sight(sight.project, path, sight.project.open[path]), None)

    def _look_again(self, params: Any) -> None:
        """Check everything that is open again: a file that it names may have come, gone or changed."""
        for project in list(self.desk.projects.values()):
            for path, document in list(project.open.items()):
                self._check(Sight(project, path, document), None)
            if project.open:
                self.facts.refresh(project, self._facts_changed)

    def _facts_changed(self) -> None:
        """What is known of the modules' versions and runs is another: have the editor ask for it again."""
        capabilities = self.client_capabilities.workspace
        if capabilities and capabilities.inlay_hint and capabilities.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)
        if capabilities and capabilities.code_lens and capabilities.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)

    def _check(self, sight: Sight, changes: list[Change] | None) -> None:
        stale, due = self.desk.check(sight, changes)
        self._publish(sight.project, stale)
        for root in due:
            self._check_later(sight.project, root, 0.0 if changes is None else QUIET_SECONDS)

    def _publish(self, project: Project, paths: set[str]) -> None:
        self.check_changed()  # What is told bears the number of what was typed last.
        for path in sorted(paths):
            document = project.document(path)
            found = self.desk.findings(project, path)
            if document is None:
                continue
            shown = [diagnostic(self.desk, project, document, one) for one in found[:SHOWN_MAX]]
            if len(found) > SHOWN_MAX:
                shown.insert(0, _more(len(found)))
            uri = self.desk.uri(project, path)
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, document.version))

    def _check_later(self, project: Project, path: str, seconds: float) -> None:
        key = (project.root, path)
        if (timer := self._waiting.pop(key, None)) is not None:
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._waiting[key] = loop.call_later(seconds, lambda: asyncio.ensure_future(self._check_whole(project, path)))

    async def _check_whole(self, project: Project, path: str) -> None:
        """Check a large metascript in another thread, while requests are answered."""
        key = (project.root, path)
        self._waiting.pop(key, None)
        if path not in project.open:
            return
        if key in self._checking:
            self._check_later(project, path, QUIET_SECONDS)
            return
        self._checking.add(key)
        try:
            for each in project.reach(path):
                if (document := project.open.get(each)) is not None and not document.exact:
                    await self._reread(project, each, document)
            snapshot: Snapshot = self.desk.snapshot(project, path)
            loaded = await asyncio.get_running_loop().run_in_executor(self.thread_pool, whole, snapshot)
        finally:
            self._checking.discard(key)
        stale = self.desk.accept(snapshot, loaded)
        if stale is None:
            if key not in self._waiting:
                self._check_later(project, path, QUIET_SECONDS)
        else:
            self._publish(project, stale)
            self._lay_out(project.open.get(path))

    def _lay_out(self, document: Document | None) -> None:
        """Format what is new in a large document in another thread: who saves it is not to wait for all of it."""
        if document is not None:
            serial = document.serial
            self.thread_pool.submit(lay_out, document.still().pieces, lambda: document.serial == serial)

    async def _reread(self, project: Project, path: str, document: Document) -> None:
        """Read a large document as a whole in another thread, and tell its syntax errors."""
        serial = document.serial
        loop = asyncio.get_running_loop()
        still = document.still()
        whole, index = await loop.run_in_executor(
            self.thread_pool, read_whole, still, lambda: document.serial != serial
        )
        document.settle(whole, index)
        if project.open.get(path) is document:
            self._publish(project, self.desk.reread(project, path))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Say what went wrong on stderr, which editors keep as the server's log; a refusal has been answered."""
        if isinstance(error, JsonRpcInvalidParams):
            return
        logging.getLogger("tars.lsp").error("%s", str(error)[:_LOG_CHARACTERS_MAX])


def _edit(change: types.TextDocumentContentChangeEvent) -> Edit:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return None, None, change.text
    start, end = change.range.start, change.range.end
    return (start.line, start.character), (end.line, end.character), change.text


def feature_names() -> tuple[str, ...]:
    """The names of all features: the files of the package, sorted."""
    found = (name for folder in features.__path__ for name in os.listdir(folder))
    return tuple(sorted(name[:-3] for name in found if name.endswith(".py") and not name.startswith("_")))


def serve() -> int:
    """Speak with the editor on stdin and stdout until it leaves; returns 0 if it has said so first, else 1."""
    logging.basicConfig(level=logging.CRITICAL, format="tarscli lsp: %(message).500s")
    logging.getLogger("tars.lsp").setLevel(logging.ERROR)
    sys.setswitchinterval(SWITCH_SECONDS)
    server = Server()
    # Streams of its own: pygls closes what it writes to, and the thread that reads may still wait when all ends.
    with os.fdopen(os.dup(1), "wb") as stdout:
        speak(server, os.fdopen(os.dup(0), "rb"), stdout)
    return 0 if server.protocol._shutdown else 1


def _more(count: int) -> types.Diagnostic:
    message = f"{count:,} findings; the first {SHOWN_MAX} are shown, `tarscli check` has all"
    start = types.Position(0, 0)
    return types.Diagnostic(types.Range(start, start), message, types.DiagnosticSeverity.Information, source="tars")
