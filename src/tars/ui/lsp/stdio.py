"""Reads messages from stdin in a thread of its own, whole ones, and hands them to the server's loop.

pygls's own reader crosses to another thread for every header line, and what is not JSON goes unanswered there.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO, Final

from lsprotocol import types
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer

MESSAGE_BYTES_MAX: Final = 256 * 1024 * 1024
"""A longer message is no editor's: the connection is ended."""
_HEADER_BYTES_MAX: Final = 8 * 1024
_LOG: Final = logging.getLogger("tars.lsp")
_PARSE_ERROR: Final = -32700
_INVALID: Final = -32602


def speak(server: LanguageServer, stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Answer what comes on `stdin` until it ends or the editor says so."""
    server.protocol.set_writer(StdoutWriter(stdout))
    try:
        asyncio.run(_speak(server, stdin))
    except (BrokenPipeError, SystemExit):
        pass
    finally:
        protocol_server: Any = server  # pygls types this not
        protocol_server.shutdown()


async def _speak(server: LanguageServer, stdin: BinaryIO) -> None:
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def read() -> None:
        try:
            for body in bodies(stdin):
                loop.call_soon_threadsafe(_deliver, server, body)
            loop.call_soon_threadsafe(ended.cancel)
        except RuntimeError:
            pass  # the loop has ended before its input

    threading.Thread(target=read, daemon=True).start()
    with suppress(asyncio.CancelledError):
        await ended


def bodies(stream: BinaryIO) -> Iterator[bytes]:
    """The bodies of the messages of a stream; lines that are no headers are passed over."""
    length = -1
    while line := stream.readline(_HEADER_BYTES_MAX):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            text = value.strip()
            length = int(text) if text.isdigit() and len(text) < 12 else -1
        elif not line.strip() and length >= 0:
            if length > MESSAGE_BYTES_MAX:
                _LOG.error("a message of %d bytes is too long; the connection is ended", length)
                return
            body = stream.read(length)
            if len(body) < length:
                return
            length = -1
            yield body


def _deliver(server: LanguageServer, body: bytes) -> None:
    protocol: Any = server.protocol
    try:
        message = json.loads(body, object_hook=protocol.structure_message)
    except Exception as error:  # what is not JSON, and all the ways in which cattrs tells of a wrong shape
        _refuse(protocol, body, error)
        return
    try:
        protocol.handle_message(message)
    except Exception as error:
        _refuse(protocol, body, error)


def _refuse(protocol: Any, body: bytes, error: Exception) -> None:
    """Answer what cannot be taken, by its number where it has one: whoever asked waits for it."""
    try:
        asked = json.loads(body)
        known = asked.get("id") if isinstance(asked, dict) else None
        number = known if isinstance(known, int | str) else None
        code, reason = _INVALID, f"this is no message of the protocol: {str(error)[:200]}"
    except (ValueError, RecursionError) as wrong:
        number, code, reason = None, _PARSE_ERROR, f"this is not JSON: {wrong}"
    _LOG.error("%s", reason)
    protocol._send_data(types.ResponseErrorMessage(id=number, error=types.ResponseError(code, reason)))
