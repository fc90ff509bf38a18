"""The base protocol: JSON-RPC messages, each with its length before it. Pure: bytes in, messages out."""

import json
from typing import Any, Final

from tars.core.errors import TarsError

HEADER_BYTES_MAX: Final = 8192
BODY_BYTES_MAX: Final = 64 << 20

Message = dict[str, Any]


class LanguageServerError(TarsError):
    """The server cannot be spoken to: it ended, does not answer in time, refuses, or says what is no message.

    `code` is JSON-RPC's, 0 where the server gave none.
    """

    def __init__(self, message: str, *, hint: str = "", code: int = 0) -> None:
        super().__init__(message, hint=hint or "it can be done without: nothing rests on the language server")
        self.code = code


def frame(message: Message) -> bytes:
    """The message as it is sent."""
    body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode("utf-8", "replace")
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class Deframer:
    """Cuts what a server says into messages, as it comes."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._length: int | None = None

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete with this. Raises `LanguageServerError` for what can be none."""
        self._waiting += data
        found: list[Message] = []
        while True:
            if self._length is None and not self._read_header():
                return found
            assert self._length is not None
            if len(self._waiting) < self._length:
                return found
            body = bytes(self._waiting[: self._length])
            del self._waiting[: self._length]
            self._length = None
            found.append(_message(body))

    def _read_header(self) -> bool:
        """Takes the header off, where it has come whole."""
        end = self._waiting.find(b"\r\n\r\n")
        if end < 0:
            if len(self._waiting) > HEADER_BYTES_MAX:
                raise LanguageServerError(f"the server sent a header of more than {HEADER_BYTES_MAX} bytes")
            return False
        lines = bytes(self._waiting[:end]).decode("ascii", "replace").split("\r\n")
        del self._waiting[: end + 4]
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = fields.get("content-length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            raise LanguageServerError(f"the server sent a message of the length {length[:40]!r}")
        self._length = int(length)
        return True


def _message(body: bytes) -> Message:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise LanguageServerError(f"the server sent what is no JSON: {body[:80]!r}") from error
    if not isinstance(found, dict):
        raise LanguageServerError(f"the server sent what is no message: {body[:80]!r}")
    return found
