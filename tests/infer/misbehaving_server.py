"""A model's server that does, for each first part of the path, one thing wrong; a program of its own.

`/<behaviour>/<name>/…` counts the requests of that name; `/count/<name>` tells them. What is sent to `/tell/<name>` is
what `/told/<name>` answers with. Prints its port, ends with its input.
"""

import json
import socketserver
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

ANSWER = '{"colour":"green","count":3}'
COUNTS: Counter[str] = Counter()
BODIES: dict[str, str] = {}
TOLD: dict[str, str] = {}


class Connection(socketserver.StreamRequestHandler):
    asked: dict[str, object]
    headers: dict[str, str]
    name: str

    def handle(self) -> None:
        request = self.rfile.readline().decode("latin-1").split()
        if len(request) < 2:
            return
        headers = {}
        while (line := self.rfile.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        body = self.rfile.read(length).decode() if length else ""
        behaviour, name, *rest = request[1].strip("/").split("/")
        if behaviour == "count":
            self.whole(200, json.dumps({"count": COUNTS[name], "body": BODIES.get(name, "")}))
            return
        if behaviour == "tell":
            TOLD[name] = body
            self.whole(200, "{}")
            return
        self.name = name
        if rest[-1] in ("tags", "models") and behaviour != "dead":
            models = {"models": [{"name": "small", "size": 7}]} if rest[-1] == "tags" else {"data": [{"id": "small"}]}
            self.whole(200, json.dumps(models))
            return
        COUNTS[name] += 1
        self.asked = json.loads(body or "{}")
        self.headers = headers
        BODIES[name] = json.dumps({"headers": headers, "body": self.asked})
        BEHAVIOURS[behaviour](self, COUNTS[name], rest[-1] == "completions")

    def send(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def whole(self, status: int, text: str, *headers: str) -> None:
        data = text.encode()
        head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}", "Connection: close", *headers]
        self.send("\r\n".join(head).encode() + b"\r\n\r\n" + data)

    def begin(self, *headers: str) -> None:
        """An answer without a length: it ends with the connection."""
        self.send("\r\n".join(["HTTP/1.1 200 OK", "Connection: close", *headers]).encode() + b"\r\n\r\n")

    def say(self, text: str, openai: bool, *, done: bool = True, reason: str = "stop") -> None:
        for start in range(0, len(text), 7):
            self.send(event(text[start : start + 7], openai))
        if done:
            self.send(last(openai, reason))


def event(text: str, openai: bool) -> bytes:
    if openai:
        return b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n"
    return json.dumps({"message": {"role": "assistant", "content": text}, "done": False}).encode() + b"\n"


def last(openai: bool, reason: str) -> bytes:
    if openai:
        end = {
            "choices": [{"delta": {}, "finish_reason": reason}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 5},
        }
        return b": a comment\r\ndata: " + json.dumps(end).encode() + b"\r\n\r\ndata: [DONE]\n\n"
    end = {"done": True, "done_reason": reason, "prompt_eval_count": 11, "eval_count": 5}
    return json.dumps(end).encode() + b"\n"


def says(*texts: str, reason: str = "stop") -> Callable[[Connection, int, bool], None]:
    """The nth text to the nth question, and the last one from then on."""

    def behave(connection: Connection, number: int, openai: bool) -> None:
        connection.begin()
        connection.say(texts[min(number, len(texts)) - 1], openai, reason=reason)

    return behave


def says_what_it_was_told(connection: Connection, number: int, openai: bool) -> None:
    says(TOLD[connection.name])(connection, number, openai)


def breaks_off(connection: Connection, number: int, openai: bool) -> None:
    connection.begin()
    connection.say(ANSWER[:10], openai, done=False)


def breaks_a_length(connection: Connection, number: int, openai: bool) -> None:
    connection.begin("Content-Length: 1000")
    connection.say(ANSWER[:10], openai, done=False)


def drips(connection: Connection, number: int, openai: bool) -> None:
    connection.begin()
    for _ in range(2000):
        connection.send(b" ")
        time.sleep(0.02)


def is_silent(connection: Connection, number: int, openai: bool) -> None:
    time.sleep(60)


def is_huge(connection: Connection, number: int, openai: bool) -> None:
    connection.begin()
    for _ in range(1600):
        connection.send(event("x" * 65536, openai))


def is_one_huge_line(connection: Connection, number: int, openai: bool) -> None:
    connection.begin()
    for _ in range(1600):
        connection.send(b"x" * 65536)


def fails(status: int, *headers: str, times: int = 10**9) -> Callable[[Connection, int, bool], None]:
    def behave(connection: Connection, number: int, openai: bool) -> None:
        if number <= times:
            connection.whole(status, '{"error": {"message": "the \\u001b[31mmodel fell over"}}', *headers)
        else:
            says(ANSWER)(connection, number, openai)

    return behave


def redirects(connection: Connection, number: int, openai: bool) -> None:
    """To an answer that is right, and not where it was asked for."""
    port = connection.server.server_address[1]
    connection.whole(308, "", f"Location: http://127.0.0.1:{port}/good/elsewhere/api/chat")


def complains_of_the_key(connection: Connection, number: int, openai: bool) -> None:
    connection.whole(401, json.dumps({"error": {"message": f"no such key: {connection.headers['authorization']}"}}))


def drips_headers(connection: Connection, number: int, openai: bool) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\n")
    for count in range(2000):
        connection.send(f"X-{count}: y\r\n".encode())
        time.sleep(0.02)


def hangs_in_the_middle(connection: Connection, number: int, openai: bool) -> None:
    connection.begin()
    connection.say(ANSWER[:10], openai, done=False)
    time.sleep(60)


def is_of_type(kind: str) -> Callable[[Connection, int, bool], None]:
    def behave(connection: Connection, number: int, openai: bool) -> None:
        connection.begin(f"Content-Type: {kind}")
        connection.say(ANSWER, openai)

    return behave


def lies_about_length(length: str) -> Callable[[Connection, int, bool], None]:
    def behave(connection: Connection, number: int, openai: bool) -> None:
        connection.begin(f"Content-Length: {length}")
        connection.say(ANSWER, openai)

    return behave


def refuses_schemas(connection: Connection, number: int, openai: bool) -> None:
    if connection.asked.keys() & {"format", "response_format"}:
        connection.whole(400, '{"error": "no such thing as a format"}')
    else:
        says(ANSWER)(connection, number, openai)


def complains(connection: Connection, number: int, openai: bool) -> None:
    connection.begin()
    connection.send(b'data: {"error": {"message": "out of memory"}}\n\n' if openai else b'{"error": "out of memory"}\n')


def sends(data: bytes) -> Callable[[Connection, int, bool], None]:
    def behave(connection: Connection, number: int, openai: bool) -> None:
        connection.send(data)

    return behave


def does_not_stream(connection: Connection, number: int, openai: bool) -> None:
    message = {"role": "assistant", "content": ANSWER}
    if openai:
        connection.whole(200, json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}, indent=1))
    else:
        connection.whole(200, json.dumps({"message": message, "done": True}))


OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
BEHAVIOURS: dict[str, Callable[[Connection, int, bool], None]] = {
    "good": says(ANSWER),
    "wrapped": says(f"<think>{{}} hm</think>Sure:\n```json\n{ANSWER[:-1]},}} // done\n```"),
    "second": says("I would rather not.", ANSWER),
    "misfit": says('{"colour":"green"}'),
    "long": says(ANSWER[:12], reason="length"),
    "garbage": sends(OK + b"\r\n\x00\xff\xfe garbage \x80\n\n"),
    "page": sends(OK + b"Content-Type: text/html\r\n\r\n<html>Welcome to the router</html>"),
    "list": sends(OK + b"\r\ndata: [1]\n\n"),
    "nothing": sends(OK + b"\r\n"),
    "closed": sends(b""),
    "nonsense": sends(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "chunked": sends(OK + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nnot a length"),
    "headers": sends(OK + b"X-Long: " + b"x" * 300_000 + b"\r\n\r\n"),
    "packed": sends(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00"),
    "away": sends(b"HTTP/1.1 307 Y\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    "half": breaks_off,
    "short": breaks_a_length,
    "drip": drips,
    "silent": is_silent,
    "huge": is_huge,
    "line": is_one_huge_line,
    "error500": fails(500),
    "once500": fails(500, times=1),
    "busy": fails(429, "Retry-After: 7", times=2),
    "error401": fails(401),
    "error404": fails(404),
    "schemaless": refuses_schemas,
    "complains": complains,
    "plain": does_not_stream,
    "dead": fails(503),
    "told": says_what_it_was_told,
    "elsewhere": redirects,
    "complaint": complains_of_the_key,
    "slow-headers": drips_headers,
    "hang": hangs_in_the_middle,
    "image": is_of_type("image/png"),
    "sixteen": is_of_type("application/json; charset=utf-16"),
    "less": lies_about_length("50"),
    "none": lies_about_length("0"),
    "minus": lies_about_length("-7"),
    "word": lies_about_length("many"),
    "immense": lies_about_length("9" * 30),
}


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what is tested."""


if __name__ == "__main__":
    with Server(("127.0.0.1", 0), Connection) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
