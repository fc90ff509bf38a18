"""Speaks HTTP to a model's server: one request, its answer line by line, within limits of place, size and time.

Nothing leaves this machine unless the endpoint allows it: other hosts are refused, redirects are not followed, and for
a loopback address the environment's proxies are not used; whom a connection really reached is looked at before anything
is sent. A key that a server says back is taken out of what it says, so that no message and no transcript holds it.
"""

import json
import socket
import ssl
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import UnavailableError, UsageError
from tars.core.extras import install_of
from tars.infer.engine import Endpoint
from tars.infer.errors import EngineError

if TYPE_CHECKING:
    import httpx

PASSING: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""The statuses after which the same question may succeed later."""
WAIT_SECONDS_MAX: Final = 60.0
COMPLAINT_CHARACTERS_MAX: Final = 300
KEY_CHARACTERS_MIN: Final = 4
"""Shorter ones are no secrets, and occur in any text."""
KEY_SHOWN: Final = b"(the key)"


class Wire(Prefab, frozen=True):
    """The way to one server. `base` is its URL without a slash at the end."""

    base: str
    endpoint: Endpoint
    local: bool

    def lines(self, method: str, path: str, body: Mapping[str, Any] | None, seconds_max: float) -> Generator[bytes]:
        """The answer's lines as they come, without their ends; closing the iterator ends the request.

        Raises `EngineError` where the server cannot be reached, answers with an error, breaks off, says more than
        `answer_bytes_max`, or is not done after `seconds_max`.
        """
        httpx = load_httpx()
        watch = _Watch(seconds_max, self.local)
        timeout = httpx.Timeout(seconds_max, connect=min(self.endpoint.connect_seconds_max, seconds_max))
        headers = {"Accept-Encoding": "identity"}
        if self.endpoint.key:
            headers["Authorization"] = f"Bearer {self.endpoint.key}"
        tls = _tls(trusting=not (self.local and self.base.startswith("http:")))
        try:
            with (
                watch,
                httpx.Client(timeout=timeout, trust_env=not self.local, follow_redirects=False, verify=tls) as client,
                client.stream(
                    method, self.base + path, json=body, headers=headers, extensions={"trace": watch.trace}
                ) as response,
            ):
                self._check(response)
                yield from self._split(response)
                if watch.expired:
                    # An answer without a length ends wherever its connection does, here by our own hand.
                    raise httpx.ReadTimeout("cut off")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failure(error, watch.expired, seconds_max) from error

    def _check(self, response: "httpx.Response") -> None:
        if response.status_code == 200:
            encoding = response.headers.get("content-encoding", "identity")
            if encoding != "identity":
                raise EngineError(
                    f"{self.base} answered in the encoding {encoding!r}, which was not asked for",
                    hint="is there a proxy before it?",
                )
            return
        said = bytearray()
        for part in response.iter_raw(4096):
            said += part
            if len(said) >= 8192:
                break
        status = response.status_code
        raise EngineError(
            f"{self.base} answered with status {status}: {complaint(self._without_key(bytes(said)))}",
            hint=_hint(status),
            passing=status in PASSING,
            status=status,
            wait_seconds=_wait(response.headers.get("retry-after", "")),
        )

    def _split(self, response: "httpx.Response") -> Iterator[bytes]:
        waiting = bytearray()
        total = 0
        for part in response.iter_raw(1 << 16):
            total += len(part)
            if total > self.endpoint.answer_bytes_max:
                raise EngineError(
                    f"{self.base} said more than {self.endpoint.answer_bytes_max} bytes and was cut off",
                    hint="ask for less, or another model",
                )
            waiting += part
            if b"\n" not in part:
                continue
            *whole, rest = waiting.split(b"\n")
            yield from (self._without_key(bytes(line)).rstrip(b"\r") for line in whole)
            waiting = bytearray(rest)
        if waiting:
            yield self._without_key(bytes(waiting))

    def _without_key(self, said: bytes) -> bytes:
        """Also where the key is written as JSON writes it."""
        key = self.endpoint.key.encode()
        if len(key) < KEY_CHARACTERS_MIN:
            return said
        return said.replace(key, KEY_SHOWN).replace(json.dumps(self.endpoint.key)[1:-1].encode(), KEY_SHOWN)

    def _failure(self, error: Exception, expired: bool, seconds_max: float) -> EngineError:
        httpx = load_httpx()
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return EngineError(
                f"{self.base} cannot be reached: {_reason(error)}", hint="is the server running?", passing=True
            )
        if expired or isinstance(error, httpx.TimeoutException):
            return EngineError(f"{self.base} had not answered within {seconds_max:.3g} s", hint="allow it more time")
        return EngineError(f"{self.base} broke off: {_reason(error)}", hint="see its log", passing=True)


def open_wire(endpoint: Endpoint, usual: str) -> Wire:
    """The way to an endpoint's server; `usual` is where the engine's servers are by default. Talks to nobody yet.

    Raises `UsageError` for what is no URL, and for one that leaves this machine where that is not allowed;
    `UnavailableError` where TARS's extra `model` is not installed.
    """
    httpx = load_httpx()
    text = (endpoint.url or usual).rstrip("/")
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise UsageError(f"{text!r} is no URL: {error}", hint=f"as {usual}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise UsageError(f"{text!r} is no URL of a server", hint=f"as {usual}")
    if url.userinfo:
        raise UsageError("the model's URL holds a user or a password", hint="give a key in TARS_MODEL_KEY instead")
    if not (endpoint.key.isascii() and endpoint.key.isprintable()):
        raise UsageError("the key for the model holds characters that no key has", hint="was it copied whole?")
    local = is_loopback(url.host)
    if not local and not endpoint.remote_allowed:
        raise UsageError(
            f"{url.host} is another machine, and nothing is sent to other machines unless you allow it",
            hint="use a server on 127.0.0.1, or allow remote models explicitly",
        )
    return Wire(text, endpoint, local)


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this machine: a loopback address, or `localhost` where it resolves to nothing else."""
    with suppress(ValueError):
        return ip_address(host.strip("[]")).is_loopback
    if host.lower().rstrip(".") != "localhost":
        return False
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(ip_address(str(address[4][0]).partition("%")[0]).is_loopback for address in found)


def read_json(line: bytes, base: str) -> dict[str, Any]:
    """A server's line as an object. Raises `EngineError` where it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise EngineError(f"{base} sent what is no JSON: {complaint(line)}", hint="is it the right server?") from error
    if not isinstance(found, dict):
        raise EngineError(f"{base} sent JSON that is no object: {complaint(line)}", hint="is it the right server?")
    return found


def complaint(said: bytes) -> str:
    """What a server said, fit to be shown: its own error message where it has the usual form."""
    text = said.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError, AttributeError, TypeError):
        error = json.loads(text)["error"]
        text = error if isinstance(error, str) else error["message"]
    text = " ".join("".join(one if one.isprintable() else " " for one in str(text)).split())
    return text[:COMPLAINT_CHARACTERS_MAX] or "nothing"


def load_httpx() -> Any:
    """The module `httpx`. Raises `UnavailableError` with the one command that installs it."""
    try:
        import httpx  # noqa: PLC0415  (an extra: only who uses a model needs it)
    except ImportError as error:
        raise UnavailableError("talking to a model needs the package httpx", hint=install_of("model")) from error
    return httpx


@cache
def _tls(*, trusting: bool) -> ssl.SSLContext:
    """What connections are secured with, made once: reading the authorities costs more than a question. Where nothing
    is to be secured it trusts nobody."""
    if not trusting:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context: ssl.SSLContext = load_httpx().create_ssl_context()
    return context


class _Watch:
    """Ends a request at its deadline, wherever it waits: the library's own limits are for single reads only."""

    def __init__(self, seconds_max: float, local: bool) -> None:
        self.expired = False
        self._local = local
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds_max, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> "_Watch":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Hears of the library's steps, and remembers the connection."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            reached = info["return_value"].get_extra_info("socket")
            self._sockets.append(reached)
            if self._local and event == "connection.connect_tcp.complete":
                _check_reached(reached)
            if self.expired:
                self._expire()

    def _expire(self) -> None:
        self.expired = True
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _check_reached(reached: socket.socket) -> None:
    """Raises `EngineError` where a connection to this machine ended at another one, as a name that is looked up again
    may have it; nothing has been sent yet."""
    address = str(reached.getpeername()[0]).partition("%")[0]
    if not ip_address(address).is_loopback:
        raise EngineError(
            f"the connection led to {address}, which is another machine; nothing was sent", hint="use 127.0.0.1"
        )


def _hint(status: int) -> str:
    if status in (401, 403):
        return "it asks for a key: see the option for it"
    if status == 404:
        return "is the model there, and the URL the right one?"
    return "see its log"


def _wait(told: str) -> float:
    with suppress(ValueError):
        return min(max(float(told), 0.0), WAIT_SECONDS_MAX)
    return 0.0


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
