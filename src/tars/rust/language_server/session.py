"""Questions to a language server about Rust files: types, definitions, references, and what it offers to change."""

import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from ducktools.classbuilder.prefab import Prefab

from tars.rust.language_server.conversation import Conversation
from tars.rust.language_server.places import Lines
from tars.rust.mending.context import Assist
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

ASSISTS_MAX: Final = 40
_CAPABILITIES: Final = {
    "general": {"positionEncodings": ["utf-8", "utf-16"]},
    "workspace": {"configuration": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {
        "hover": {"contentFormat": ["markdown"]},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "refactor.rewrite"]}}
        },
    },
    "experimental": {"serverStatusNotification": True},
}


class Patience(Prefab, frozen=True):
    """How long a server may take."""

    ready_seconds_max: float = 30.0
    first_seconds_max: float = 30.0
    """For the first question of a kind, which may make it read the standard library."""
    answer_seconds_max: float = 5.0
    grace_seconds: float = 1.0
    """To end, when it is asked to."""
    seconds_left: Callable[[], float] = lambda: math.inf
    """What is left of the time of whoever asks."""


class Session:
    """A conversation about the files of `folder`, as they were shown last. One thread at a time.

    `start` starts the server and is given what hears of its notifications; `options` are the server's own.
    """

    def __init__(
        self,
        folder: Path,
        start: Callable[[Callable[[str, Any], None]], Conversation],
        options: Mapping[str, Any],
        patience: Patience = Patience(),
    ) -> None:
        """Raises `LanguageServerError` where the server does not come up."""
        self._folder = folder
        self._patience = patience
        self._open: dict[str, SourceFile] = {}
        self._versions: dict[str, int] = {}
        self._quiescent = threading.Event()
        self._asked: set[str] = set()
        self._conversation = start(self._hear)
        try:
            self._introduce(options)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._conversation.close()

    def ready(self) -> bool:
        """Waits until the server has read the workspace, and says whether it has; one that does not tell is taken to be
        ready."""
        return not self._reports or self._quiescent.wait(self._in_time(self._patience.ready_seconds_max))

    def show(self, files: Mapping[str, SourceFile]) -> None:
        """From now on questions are about these files. Only what changed since is sent."""
        for path in self._open.keys() - files.keys():
            del self._open[path]
            self._conversation.notify("textDocument/didClose", {"textDocument": {"uri": self._uri(path)}})
        for path, file in files.items():
            known = self._open.get(path)
            if known is not None and known.data == file.data:
                continue
            self._open[path] = file
            self._versions[path] = self._versions.get(path, 0) + 1
            document: dict[str, Any] = {"uri": self._uri(path), "version": self._versions[path]}
            text = file.data.decode("utf-8", "replace")
            if known is not None:
                changes = {"textDocument": document, "contentChanges": [{"text": text}]}
                self._conversation.notify("textDocument/didChange", changes)
            else:
                opened = {**document, "languageId": "rust", "text": text}
                self._conversation.notify("textDocument/didOpen", {"textDocument": opened})

    def type_at(self, place: Place) -> str | None:
        """What the server shows of the expression or name at the place: its type, or its declaration; None where it
        knows nothing. Raises `LanguageServerError`."""
        asked = self._at(place)
        shown = self._open.get(place.path)
        text = shown.text(place) if shown else ""
        if shown and shown.node_of(place, "macro_invocation") is not None:
            # Of a range in a macro's tokens servers tell the type of what the macro becomes.
            if not text.isidentifier():
                return None
        elif self._takes_ranges and place.end > place.start:
            asked = {**asked, "position": self._range(place)}
        found = self._ask("textDocument/hover", asked)
        contents = found.get("contents") if isinstance(found, dict) else None
        value = contents.get("value") if isinstance(contents, dict) else contents
        return _declared(value) if isinstance(value, str) and value.strip() else None

    def definitions(self, place: Place) -> tuple[Place, ...]:
        """Where what is named at the place is defined; paths of other crates are absolute. Raises
        `LanguageServerError`."""
        return self._places(self._ask("textDocument/definition", self._at(place)))

    def references(self, place: Place) -> tuple[Place, ...]:
        """Where what is named at the place is used, its definition left out. Raises `LanguageServerError`."""
        asked = {**self._at(place), "context": {"includeDeclaration": False}}
        return self._places(self._ask("textDocument/references", asked))

    def assists(self, files: Mapping[str, SourceFile], place: Place) -> Sequence[Assist]:
        """What the server offers to do at the place, with the changes that it would make to these files. Raises
        `LanguageServerError`."""
        self.show(files)
        asked = {
            "textDocument": {"uri": self._uri(place.path)},
            "range": self._range(place),
            "context": {"diagnostics": []},
        }
        found = self._ask("textDocument/codeAction", asked)
        offered = found[:ASSISTS_MAX] if isinstance(found, list) else []
        return [assist for one in offered if (assist := self._assist(one)) is not None]

    def _introduce(self, options: Mapping[str, Any]) -> None:
        """What the server can is asked once: what its columns count, and whether it tells when it is ready."""
        root = self._folder.as_uri()
        asked = {
            "processId": os.getpid(), "rootUri": root, "capabilities": _CAPABILITIES, "initializationOptions": options,
            "workspaceFolders": [{"uri": root, "name": self._folder.name}],
        }  # fmt: skip
        said = _mapping(
            self._conversation.request("initialize", asked, self._in_time(self._patience.ready_seconds_max))
        )
        self._conversation.notify("initialized", {})
        capabilities = _mapping(said.get("capabilities"))
        self._units = "utf-8" if capabilities.get("positionEncoding") == "utf-8" else "utf-16"
        self._takes_ranges = _mapping(capabilities.get("experimental")).get("hoverRange") is True
        self._reports = _mapping(said.get("serverInfo")).get("name") == "rust-analyzer"

    def _hear(self, method: str, parameters: Any) -> None:
        if method == "experimental/serverStatus" and _mapping(parameters).get("quiescent"):
            self._quiescent.set()

    def _ask(self, method: str, asked: Any) -> Any:
        patience = self._patience
        seconds = patience.answer_seconds_max if method in self._asked else patience.first_seconds_max
        self._asked.add(method)
        return self._conversation.request(method, asked, self._in_time(seconds))

    def _in_time(self, seconds: float) -> float:
        return max(0.0, min(seconds, self._patience.seconds_left()))

    def _at(self, place: Place) -> dict[str, Any]:
        return {
            "textDocument": {"uri": self._uri(place.path)},
            "position": self._lines(place.path).position(place.start),
        }

    def _range(self, place: Place) -> dict[str, Any]:
        lines = self._lines(place.path)
        return {"start": lines.position(place.start), "end": lines.position(place.end)}

    def _uri(self, path: str) -> str:
        return "file://" + quote((self._folder / path).as_posix())

    def _path(self, uri: str) -> str:
        """The path of a file, as TARS names it. Raises `ValueError` for what is no file."""
        parts = urlsplit(uri)
        if parts.scheme != "file":
            raise ValueError(f"{uri} is no file")
        path = Path(unquote(parts.path))
        return path.relative_to(self._folder).as_posix() if path.is_relative_to(self._folder) else str(path)

    def _lines(self, path: str) -> Lines:
        """The file as the server knows it. Raises `ValueError` where it cannot be read."""
        shown = self._open.get(path)
        if shown is not None:
            return Lines(shown.data, self._units)
        try:
            return Lines((self._folder / path).read_bytes(), self._units)
        except OSError as error:
            raise ValueError(f"cannot read {path}") from error

    def _place(self, uri: Any, span: Any) -> Place:
        path = self._path(str(uri))
        lines = self._lines(path)
        return Place(path, lines.offset(span["start"]), lines.offset(span["end"]))

    def _places(self, found: Any) -> tuple[Place, ...]:
        """Locations, or links to them; those that lead nowhere are left out."""
        places: dict[Place, None] = {}
        for row in found if isinstance(found, list) else [found]:
            with suppress(ValueError, KeyError, TypeError):
                if "targetUri" in row:
                    places[self._place(row["targetUri"], row["targetSelectionRange"])] = None
                else:
                    places[self._place(row["uri"], row["range"])] = None
        return tuple(places)

    def _assist(self, row: Any) -> Assist | None:
        """An offer, or None where it would do anything else than change files that are shown."""
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            changes = tuple(self._changes(row["edit"]))
            if changes and all(one.place.path in self._open for one in changes):
                return Assist(str(row["title"]), str(row.get("kind") or ""), changes)
        return None

    def _changes(self, edit: Any) -> Iterator[Change]:
        documents = edit.get("documentChanges")
        if documents is None:
            documents = [{"textDocument": {"uri": uri}, "edits": edits} for uri, edits in edit["changes"].items()]
        for document in documents:
            if "kind" in document:
                raise ValueError("it makes, renames or deletes a file")
            for one in document["edits"]:
                yield Change(self._place(document["textDocument"]["uri"], one["range"]), str(one["newText"]))


def _declared(shown: str) -> str:
    """What a hover says before its documentation: the last of its fenced lines, all of it where nothing is fenced."""
    head = shown.partition("\n---\n")[0]
    code = [block.partition("\n")[2].strip() for block in head.split("```")[1::2]]
    return next((one for one in reversed(code) if one), head.strip())


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}
