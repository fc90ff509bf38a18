"""The engines and their wire against real servers that misbehave, each in one way."""

import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tars.core.errors import UnavailableError, UsageError
from tars.infer.engine import ENGINES, Chunk, Endpoint, Engine, Message, Prompt, Usage
from tars.infer.errors import EngineError
from tars.infer.wire import _check_reached, complaint, is_loopback

from .conftest import Server

BUILT_IN = ("ollama", "openai")
SCHEMA: Mapping[str, Any] = {"type": "object", "properties": {"colour": {"type": "string"}}}
ANSWER = '{"colour":"green","count":3}'


def engine_at(server: Server, name: str, behaviour: str, test: str, **limits: Any) -> Engine:
    return ENGINES.load(name)(Endpoint(server.url(behaviour, f"{test}-{name}"), **limits))


def prompt(seconds_max: float = 20.0, schema: Mapping[str, Any] | None = SCHEMA) -> Prompt:
    messages = (Message("system", "Be brief."), Message("user", "Which colour?"))
    return Prompt("small", messages, 64, seed=7, stop=("END",), schema=schema, seconds_max=seconds_max)


def text_of(chunks: list[Chunk]) -> str:
    return "".join(one.text for one in chunks)


@pytest.mark.parametrize("name", BUILT_IN)
def test_an_answer_comes_in_pieces_with_its_cost(server: Server, name: str) -> None:
    engine = engine_at(server, name, "good", "pieces", key="secret-key")
    assert engine.name == name
    assert [one.model for one in engine.offers()] == ["small"]
    chunks = list(engine.generate(prompt()))
    assert text_of(chunks) == ANSWER
    assert len(chunks) > 3
    assert chunks[-1].usage == Usage(11, 5)
    sent = server.body(f"pieces-{name}")
    assert sent["headers"]["authorization"] == "Bearer secret-key"
    body = sent["body"]
    assert body["model"] == "small"
    assert [one["content"] for one in body["messages"]] == ["Be brief.", "Which colour?"]
    options = body["options"] if name == "ollama" else body
    assert (options["seed"], options["temperature"], options["stop"]) == (7, 0.0, ["END"])
    assert options["num_predict" if name == "ollama" else "max_tokens"] == 64
    given = body["format"] if name == "ollama" else body["response_format"]["json_schema"]["schema"]
    assert given == SCHEMA
    assert "secret-key" not in repr(Endpoint(key="secret-key"))


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_server_that_does_not_stream_is_understood(server: Server, name: str) -> None:
    assert text_of(list(engine_at(server, name, "plain", "plain").generate(prompt(schema=None)))) == ANSWER


@pytest.mark.parametrize("name", BUILT_IN)
def test_an_answer_cut_for_its_length_says_so(server: Server, name: str) -> None:
    assert any(one.cut for one in engine_at(server, name, "long", "long").generate(prompt()))


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize(
    ("behaviour", "said", "passing"),
    [
        ("garbage", "no JSON", False), ("page", "no JSON", False), ("nothing", "broke off", True),
        ("closed", "broke off", True), ("nonsense", "broke off", True), ("chunked", "broke off", True),
        ("headers", "broke off", True), ("packed", "encoding 'gzip'", False), ("away", "status 307", False),
        ("half", "broke off", True), ("short", "broke off", True), ("error500", "status 500", True),
        ("error401", "status 401", False), ("error404", "status 404", False), ("complains", "out of memory", False),
        ("list", "no ", False), ("elsewhere", "status 308", False), ("less", "", None), ("none", "broke off", True),
        ("minus", "broke off", True), ("word", "broke off", True), ("immense", "broke off", True),
    ],
)  # fmt: skip
def test_a_server_that_fails_is_an_error_that_says_how(
    server: Server, name: str, behaviour: str, said: str, passing: bool | None
) -> None:
    with pytest.raises(EngineError) as caught:
        list(engine_at(server, name, behaviour, f"fails-{behaviour}").generate(prompt()))
    assert said in caught.value.message
    assert passing is None or caught.value.passing is passing
    assert caught.value.hint
    assert caught.value.message.isprintable()
    assert server.count(f"fails-{behaviour}-{name}") == 1, "an engine asks once; who asks it may ask again"


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("behaviour", ["huge", "line"])
def test_an_answer_without_end_is_cut_off_while_it_comes(server: Server, name: str, behaviour: str) -> None:
    """The server would send 100 MB."""
    engine = engine_at(server, name, behaviour, behaviour, answer_bytes_max=300_000)
    taken: list[int] = []
    with pytest.raises(EngineError, match="more than 300000 bytes"):
        taken.extend(len(chunk.text) for chunk in engine.generate(prompt()))
    assert sum(taken) <= 300_000


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("behaviour", ["drip", "silent", "slow-headers", "hang"])
def test_a_server_that_is_too_slow_is_left_at_the_deadline(server: Server, name: str, behaviour: str) -> None:
    """The dripping one sends something every 20 ms, so that no single read takes long."""
    started = time.monotonic()
    with pytest.raises(EngineError, match=r"not answered within 0\.4 s"):
        list(engine_at(server, name, behaviour, behaviour).generate(prompt(seconds_max=0.4)))
    assert time.monotonic() - started < 20, "it would have taken 40 s and more"


@pytest.mark.parametrize("name", BUILT_IN)
def test_who_stops_listening_ends_the_request(server: Server, name: str) -> None:
    answer = engine_at(server, name, "good", "stops").generate(prompt())
    assert next(answer).text
    answer.close()  # type: ignore[attr-defined]
    assert list(answer) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_server_is_an_error_with_a_next_step(name: str) -> None:
    with pytest.raises(EngineError, match="cannot be reached") as caught:
        ENGINES.load(name)(Endpoint("http://127.0.0.1:9/v1")).offers()
    assert caught.value.hint == "is the server running?"


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/v1", "https://api.openai.com/v1", "http://10.0.0.1:11434",
        "http://[2001:db8::1]/", "http://127.0.0.1.example.com", "http://0.0.0.0:1", "http://2130706433/",
        "http://localhost.example.com", "http://169.254.169.254/latest", "http://0x7f.0.0.1/",
    ],
)  # fmt: skip
def test_nothing_is_sent_to_another_machine_unless_it_is_allowed(name: str, url: str) -> None:
    with pytest.raises(UsageError, match="another machine"):
        ENGINES.load(name)(Endpoint(url))
    assert ENGINES.load(name)(Endpoint(url, remote_allowed=True)).name == name


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1:11434", "http://", "http:///x", "hello", "http://[::1"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no URL"):
        ENGINES.load("ollama")(Endpoint(url))


def test_this_machine_is_told_from_others() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.8.7", "::1", "[::1]", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "192.168.0.1", "localhost.evil.example", "", "127.1.evil"))


def test_a_key_that_cannot_be_one_and_one_in_the_url_are_refused() -> None:
    for url in ("http://127.0.0.1@example.com/", "http://me:secret@127.0.0.1/"):
        with pytest.raises(UsageError, match="a user or a password") as caught:
            ENGINES.load("openai")(Endpoint(url, remote_allowed=True))
        assert "secret" not in caught.value.message + caught.value.hint
    with pytest.raises(UsageError, match="key"):
        ENGINES.load("openai")(Endpoint(key="half a\nkey"))


def test_proxies_of_the_environment_are_not_used_for_this_machine(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert text_of(list(engine_at(server, "ollama", "good", "proxies").generate(prompt()))) == ANSWER


def test_no_proxy_is_used_for_this_machine_whatever_the_environment_says(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy is there and would answer: what counts is that nobody asks it."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, server.url("good", "proxy"))
    monkeypatch.setenv("NO_PROXY", "example.com")
    for name in BUILT_IN:
        assert text_of(list(engine_at(server, name, "good", "direct").generate(prompt()))) == ANSWER
    assert server.count("proxy") == 0


def test_a_redirect_is_never_followed(server: Server) -> None:
    for name in BUILT_IN:
        with pytest.raises(EngineError, match="status 308"):
            list(engine_at(server, name, "elsewhere", "redirect").generate(prompt()))
    assert server.count("elsewhere") == 0


def test_a_connection_that_ends_at_another_machine_is_given_up_before_anything_is_sent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:  # connecting such a one sends nothing
        try:
            elsewhere.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no way to other ones")
        with pytest.raises(EngineError, match=r"192\.0\.2\.1, which is another machine"):
            _check_reached(elsewhere)


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("behaviour", ["image", "sixteen"])
def test_a_wrong_content_type_changes_nothing(server: Server, name: str, behaviour: str) -> None:
    """What counts is the text itself, which is read as JSON or refused."""
    assert text_of(list(engine_at(server, name, behaviour, behaviour).generate(prompt()))) == ANSWER


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_key_that_the_server_says_back_is_taken_out(server: Server, name: str) -> None:
    key = 'sk-"secret"\\1'
    with pytest.raises(EngineError, match=r"no such key: Bearer \(the key\)") as caught:
        list(engine_at(server, name, "complaint", "complaint", key=key).generate(prompt()))
    assert "secret" not in caught.value.message + caught.value.hint
    said = text_of(list(engine_at(server, name, "good", "no-echo", key=key).generate(prompt())))
    assert said == ANSWER


def test_what_a_server_says_is_fit_to_be_shown() -> None:
    assert complaint(b'{"error": {"message": "no\\u001b[31m way"}}') == "no [31m way"
    assert complaint(b'{"error": "plain"}') == "plain"
    assert complaint(b"") == "nothing"
    assert len(complaint(b"x" * 10_000)) == 300
    assert complaint(b'{"error": {"message": 7}}') == "7"


def test_without_the_extra_there_is_one_line_with_its_command(tmp_path: Path) -> None:
    """In a process of its own that has no httpx."""
    program = (
        "import sys; sys.modules['httpx'] = None\n"
        "from tars.core.errors import UnavailableError\n"
        "from tars.infer.engine import ENGINES, Endpoint\n"
        "try: ENGINES.load('ollama')(Endpoint())\n"
        "except UnavailableError as error: print(error.message, '|', error.hint)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        f"talking to a model needs the package httpx | {sys.executable} -m pip install 'tars-agents[model]'"
    )
    assert UnavailableError.exit_code == 3


def test_naming_engines_loads_no_client() -> None:
    program = "import sys; from tars.infer.engine import ENGINES; ENGINES.load('openai'); print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
