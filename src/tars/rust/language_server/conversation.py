"""One conversation with a language server: a process in a sandbox, requests with deadlines, nothing left behind."""

import os
import select
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Any, Final, Literal

from tars.core.errors import UnavailableError
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import Sandbox
from tars.runner.values import Cell, Outcome
from tars.rust.language_server.frames import Deframer, LanguageServerError, Message, frame

MODIFIED: Final = -32801
"""The server's code for: ask again, something changed meanwhile."""
UNKNOWN: Final = -32601
_TRIES_MAX: Final = 5


class Conversation:
    """A server that runs. `told` hears of its notifications, in the server's order, from another thread.

    Close it, or use it as a context: the server and all that it started end with it.
    """

    def __init__(
        self, sandbox: Sandbox, cell: Cell, told: Callable[[str, Any], None], grace_seconds: float = 1.0
    ) -> None:
        """Starts the server. Raises `UnavailableError` on a system without named pipes."""
        if not hasattr(os, "mkfifo"):
            raise UnavailableError("language servers cannot be spoken to on this system", hint="use Linux or macOS")
        self.name = Path(cell.argv[0]).name
        self._told = told
        self._grace_seconds = grace_seconds
        self._answers: dict[int, Message] = {}
        self._changed = threading.Condition()
        self._ended = ""
        self._serial = 0
        self._deframer = Deframer()
        self._cancel = threading.Event()
        self._letters: SimpleQueue[bytes | None] = SimpleQueue()
        self._folder = Path(tempfile.mkdtemp(prefix="tars-language-server-"))
        pipe = self._folder / "input"
        os.mkfifo(pipe, 0o600)
        # Open for both, so that neither this nor the server's start waits for the other.
        self._pipe = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        self._runner = threading.Thread(target=self._run, args=(sandbox, cell, pipe), name="tars-server", daemon=True)
        self._writer = threading.Thread(target=self._write, name="tars-server-input", daemon=True)
        self._runner.start()
        self._writer.start()

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def request(self, method: str, parameters: Any, seconds_max: float) -> Any:
        """The server's result. Raises `LanguageServerError` where it refuses, has ended, or does not answer in time."""
        deadline = monotonic() + seconds_max
        for attempt in range(1, _TRIES_MAX + 1):
            answer = self._asked(method, parameters, deadline, seconds_max)
            error = answer.get("error")
            if not isinstance(error, Mapping):
                return answer.get("result")
            code = error.get("code")
            if code != MODIFIED or attempt == _TRIES_MAX:
                said = " ".join(str(error.get("message", "")).split())[:300]
                number = code if isinstance(code, int) else 0
                raise LanguageServerError(f"{self.name} refuses {method}: {said}", code=number)
        raise AssertionError("the last attempt returns or raises")

    def notify(self, method: str, parameters: Any) -> None:
        """Tells the server something. That it has ended is noticed by the next request."""
        self._letters.put(frame({"method": method, "params": parameters}))

    def close(self) -> None:
        """Asks the server to end, and makes it end where it does not."""
        if not self._ended:
            try:
                self._asked("shutdown", None, monotonic() + self._grace_seconds, self._grace_seconds)
                self.notify("exit", None)
                self._runner.join(self._grace_seconds)
            except LanguageServerError:
                pass
        self._cancel.set()
        self._runner.join()
        self._letters.put(None)
        self._writer.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _asked(self, method: str, parameters: Any, deadline: float, seconds_max: float) -> Message:
        with self._changed:
            self._serial += 1
            number = self._serial
        message: Message = {"id": number, "method": method}
        self._letters.put(frame(message if parameters is None else {**message, "params": parameters}))
        with self._changed:
            while number not in self._answers:
                if self._ended:
                    raise LanguageServerError(f"{self.name} has ended: {self._ended}")
                left = deadline - monotonic()
                if left <= 0:
                    self.notify("$/cancelRequest", {"id": number})
                    raise LanguageServerError(f"{self.name} has not answered {method} within {seconds_max:.3g} s")
                self._changed.wait(left)
            return self._answers.pop(number)

    def _run(self, sandbox: Sandbox, cell: Cell, pipe: Path) -> None:
        """In a thread of its own: the server from its start to its end."""
        reason = ""
        try:
            outcome = run_cell(
                sandbox, cell, stdin=pipe, watch=self._hear, cancel=self._cancel, grace_seconds=self._grace_seconds
            )
            reason = _end_of(outcome)
        except LanguageServerError as error:
            reason = error.message
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        with self._changed:
            self._ended = reason or "without a word"
            self._changed.notify_all()

    def _hear(self, output: Literal["stdout", "stderr"], data: bytes) -> None:
        if output == "stderr":
            return
        for message in self._deframer.feed(data):
            method = message.get("method")
            if isinstance(method, str) and "id" in message:
                self._letters.put(frame(_reply(message)))
            elif isinstance(method, str):
                self._told(method, message.get("params"))
            elif isinstance(message.get("id"), int):
                with self._changed:
                    self._answers[message["id"]] = message
                    self._changed.notify_all()

    def _write(self) -> None:
        """In a thread of its own, since the server may not read while it writes: what is to be sent, in its order."""
        try:
            while (letter := self._letters.get()) is not None:
                rest = memoryview(letter)
                while rest and not self._ended and not self._cancel.is_set():
                    if select.select([], [self._pipe], [], 0.1)[1]:
                        rest = rest[os.write(self._pipe, rest[:65536]) :]
        finally:
            os.close(self._pipe)


def _reply(message: Message) -> Message:
    """The answer to what the server asks: it has no settings, all else that it wants to be allowed it may do, which
    changes nothing."""
    method, number = message["method"], message["id"]
    if method == "workspace/configuration":
        items = message.get("params", {}).get("items", []) if isinstance(message.get("params"), dict) else []
        return {"id": number, "result": [None for _ in items]}
    if method in ("client/registerCapability", "client/unregisterCapability", "window/workDoneProgress/create"):
        return {"id": number, "result": None}
    if method == "workspace/applyEdit":
        return {"id": number, "result": {"applied": False}}
    return {"id": number, "error": {"code": UNKNOWN, "message": f"{method} is not known here"}}


def _end_of(outcome: Outcome) -> str:
    said = outcome.stderr.decode("utf-8", "replace").strip().splitlines()
    return outcome.detail or (said[-1][:300] if said else f"with the code {outcome.code}")
