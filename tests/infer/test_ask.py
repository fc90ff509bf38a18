"""Questions to a model: retries, one more try, budgets, and transcripts that replay byte for byte."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tars.core.errors import TarsError, UsageError
from tars.infer.ask import FAILURES_MAX, Asker, ModelChoice, open_asker
from tars.infer.budget import Budget, Purse
from tars.infer.engine import Chunk, Endpoint, Message, Offer, Prompt, Usage
from tars.infer.engines.ollama import connect
from tars.infer.errors import AnswerError, EngineError, OverBudgetError
from tars.infer.structured import read_answer
from tars.infer.transcript import Recorder, Replayer

from .conftest import Server

SCHEMA = {
    "type": "object",
    "properties": {"colour": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["colour", "count"],
    "additionalProperties": False,
}
CANONICAL = '{"colour":"green","count":3}'

PLENTY = Budget()


def asker(server: Server, behaviour: str, test: str, budget: Budget = PLENTY, engine: str = "ollama") -> Asker:
    url = server.url(behaviour, test)
    return open_asker(ModelChoice(engine, "small", url), budget=budget, environment={})


def paused(asking: Asker) -> list[float]:
    """The pauses that it would have made, instead of making them."""
    pauses: list[float] = []
    asking.pause = pauses.append
    return pauses


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("engine", ["ollama", "openai"])
@pytest.mark.parametrize("behaviour", ["good", "wrapped", "second", "plain"])
def test_the_answer_is_canonical_whatever_the_model_wrote(server: Server, behaviour: str, engine: str) -> None:
    asking = asker(server, behaviour, f"canonical-{behaviour}-{engine}", engine=engine)
    assert asking("Which?", SCHEMA, seed=1) == CANONICAL
    assert server.count(f"canonical-{behaviour}-{engine}") == (2 if behaviour == "second" else 1)
    assert asking.notes[-1].startswith("answered")


def test_the_same_question_is_put_once(server: Server) -> None:
    asking = asker(server, "good", "same")
    assert asking("Which?", SCHEMA, seed=1) == asking("Which?", SCHEMA, seed=1) == CANONICAL
    assert server.count("same") == 1
    asking("Which?", SCHEMA, seed=2)
    assert server.count("same") == 2


def test_one_more_try_is_told_what_was_wrong(server: Server) -> None:
    asking = asker(server, "second", "again")
    asking("Which?", SCHEMA, seed=1)
    roles = [one["role"] for one in server.body("again")["body"]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert "there is no JSON in the answer" in server.body("again")["body"]["messages"][-1]["content"]


def test_after_a_second_misfit_it_gives_up_with_the_place(server: Server) -> None:
    with pytest.raises(AnswerError, match='line 1, column 1, /: "count" is a required property'):
        asker(server, "misfit", "misfit")("Which?", SCHEMA, seed=1)
    assert server.count("misfit") == 2


def test_an_answer_cut_for_its_length_is_said_to_be_so(server: Server) -> None:
    with pytest.raises(AnswerError, match="cut off for its length"):
        asker(server, "long", "long")("Which?", SCHEMA, seed=1)


def test_what_fails_in_passing_is_asked_again_after_a_pause(server: Server) -> None:
    asking = asker(server, "once500", "once")
    pauses = paused(asking)
    assert asking("Which?", SCHEMA, seed=1) == CANONICAL
    assert server.count("once") == 2
    assert len(pauses) == 1
    assert 0.25 <= pauses[0] <= 0.75


def test_a_server_that_says_how_long_it_is_busy_is_believed(server: Server) -> None:
    asking = asker(server, "busy", "busy")
    pauses = paused(asking)
    assert asking("Which?", SCHEMA, seed=1) == CANONICAL
    assert pauses == [7.0, 7.0]


def test_what_fails_for_good_is_given_up(server: Server) -> None:
    asking = asker(server, "error500", "given-up")
    pauses = paused(asking)
    with pytest.raises(EngineError, match=r"status 500: the .*model fell over"):
        asking("Which?", SCHEMA, seed=1)
    assert server.count("given-up") == 3
    assert pauses == sorted(pauses)
    with pytest.raises(EngineError, match="status 401"):
        asker(server, "error401", "no-key")("Which?", SCHEMA, seed=1)
    assert server.count("no-key") == 1


@pytest.mark.parametrize("engine", ["ollama", "openai"])
def test_a_server_that_takes_no_schema_is_asked_without_one(server: Server, engine: str) -> None:
    asking = asker(server, "schemaless", f"schemaless-{engine}", engine=engine)
    assert asking("Which?", SCHEMA, seed=1) == CANONICAL
    assert server.count(f"schemaless-{engine}") == 2


def test_a_model_that_fails_again_and_again_is_not_asked_any_more(server: Server) -> None:
    asking = asker(server, "misfit", "hopeless")
    for _ in range(FAILURES_MAX):
        with pytest.raises(AnswerError):
            asking("Which?", SCHEMA, seed=1)
    asked = server.count("hopeless")
    with pytest.raises(EngineError, match="not asked again"):
        asking("Which?", SCHEMA, seed=1)
    assert server.count("hopeless") == asked


def test_the_budget_of_requests_counts_retries(server: Server) -> None:
    asking = asker(server, "error500", "requests", Budget(requests_max=2))
    paused(asking)
    with pytest.raises(OverBudgetError, match="2 of 2 requests"):
        asking("Which?", SCHEMA, seed=1)
    assert server.count("requests") == 2


def test_the_budget_of_tokens_is_what_the_server_counts(server: Server) -> None:
    asking = asker(server, "good", "tokens", Budget(tokens_max=30))
    asking("Which?", SCHEMA, seed=1)
    asking("Which?", SCHEMA, seed=2)
    assert asking.purse.tokens == 32
    with pytest.raises(OverBudgetError, match="32 of 30 tokens"):
        asking("Which?", SCHEMA, seed=3)


def test_the_budget_of_seconds_limits_each_request_too(server: Server) -> None:
    asking = asker(server, "drip", "seconds", Budget(seconds_max=0.3))
    with pytest.raises(EngineError, match=r"within 0\.3 s"):
        asking("Which?", SCHEMA, seed=1)
    with pytest.raises(OverBudgetError, match="seconds"):
        asking("Which?", SCHEMA, seed=1)


def test_a_pause_that_the_budget_does_not_allow_is_not_made(server: Server) -> None:
    """The server asks to be left alone for seven seconds, twice."""
    asking = asker(server, "busy", "no-time", Budget(seconds_max=9.0))
    pauses = paused(asking)
    with pytest.raises(EngineError, match="status 429"):
        asking("Which?", SCHEMA, seed=1)
    assert pauses == [7.0]
    assert 7.0 < asking.purse.seconds < 9.0


@pytest.mark.parametrize("engine", ["ollama", "openai"])
def test_a_key_that_comes_back_is_in_no_transcript(server: Server, tmp_path: Path, engine: str) -> None:
    file = tmp_path / "transcript.jsonl"
    choice = ModelChoice(engine, "small", server.url("complaint", f"echo-{engine}"))
    asking = open_asker(choice, record=file, environment={"TARS_MODEL_KEY": "sk-0123456789"})
    with pytest.raises(EngineError) as caught:
        asking("Which?", SCHEMA, seed=1)
    assert b"0123456789" not in file.read_bytes()
    assert "0123456789" not in "".join([caught.value.message, caught.value.hint, repr(asking), *asking.notes])


def test_a_schema_that_refers_elsewhere_fetches_nothing(server: Server) -> None:
    for reference in (server.url("good", "schema") + "/completions", "file:///etc/passwd"):
        with pytest.raises(UsageError, match="nothing is fetched"):
            read_answer("{}", {"$ref": reference})
    assert server.count("schema") == 0


def test_a_purse_ends_with_whatever_it_is_bound_to() -> None:
    """A question may take no longer than what is left of the work that it is put for."""
    purse, left = Purse(Budget(seconds_max=60.0), Clock()), [7.0]
    purse.end_with(lambda: left[0])
    assert purse.open_request() == 7.0
    assert not purse.wait(8.0)
    left[0] = 0.0
    with pytest.raises(OverBudgetError, match="no time left"):
        purse.open_request()
    assert purse.requests == 1


def test_a_purse_counts_the_same_from_many_threads() -> None:
    purse = Purse(Budget(requests_max=100), Clock())

    def spend() -> None:
        for _ in range(10):
            purse.open_request()
            purse.close_request(0.5, Usage(1, 2))

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (purse.requests, purse.tokens, purse.seconds) == (80, 240, 40.0)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("ollama:qwen2.5-coder:7b", ModelChoice("ollama", "qwen2.5-coder:7b")),
        ("openai:m@http://127.0.0.1:1/v1", ModelChoice("openai", "m", "http://127.0.0.1:1/v1")),
        ("openai:org/m@x@https://h/v1", ModelChoice("openai", "org/m@x", "https://h/v1")),
    ],
)
def test_a_model_is_named_with_its_engine(text: str, choice: ModelChoice) -> None:
    assert ModelChoice.parse(text) == choice


@pytest.mark.parametrize("text", ["", "ollama", "ollama:", ":m", "olama:m", "ollama: @http://x"])
def test_what_names_no_model_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        ModelChoice.parse(text)


def test_a_model_that_the_server_does_not_have_is_refused_at_once(server: Server) -> None:
    with pytest.raises(UsageError, match="has no model `big`") as caught:
        open_asker(ModelChoice("ollama", "big", server.url("good", "absent")), environment={})
    assert caught.value.hint == "it has small"
    assert server.count("absent") == 0
    with pytest.raises(EngineError, match="status 503"):
        open_asker(ModelChoice("ollama", "small", server.url("dead", "dead")), environment={})


def test_another_machine_needs_leave() -> None:
    with pytest.raises(UsageError, match="another machine"):
        open_asker(ModelChoice("openai", "m", "https://models.example/v1"), environment={})


def test_the_key_comes_from_the_environment(server: Server) -> None:
    choice = ModelChoice("openai", "small", server.url("good", "key"))
    open_asker(choice, environment={"TARS_MODEL_KEY": "k-1"})("Which?", SCHEMA, seed=1)
    assert server.body("key")["headers"]["authorization"] == "Bearer k-1"


def question(seed: int = 0) -> Prompt:
    return Prompt("small", (Message("user", "Which? é\r\n"),), 64, seed=seed, schema=SCHEMA)


@pytest.mark.parametrize("behaviour", ["good", "wrapped", "long", "half", "error500", "complains"])
def test_a_transcript_replays_every_piece_and_every_failure(server: Server, tmp_path: Path, behaviour: str) -> None:
    file = tmp_path / "kept" / "transcript.jsonl"
    endpoint = Endpoint(server.url(behaviour, f"record-{behaviour}"), key="sk-secret")
    recorded = said_by(Recorder(connect(endpoint), file))
    before = file.read_bytes()
    assert said_by(Replayer(file)) == recorded
    assert said_by(Replayer(file)) == recorded
    assert file.read_bytes() == before
    assert b"sk-secret" not in before


def said_by(engine: Recorder | Replayer) -> tuple[list[Chunk], str]:
    """The pieces of an answer, and the error it ended with."""
    chunks: list[Chunk] = []
    try:
        chunks.extend(engine.generate(question()))
    except EngineError as error:
        return chunks, f"{error.message}|{error.hint}|{error.passing}|{error.status}"
    return chunks, ""


def test_a_whole_conversation_is_replayed_without_a_server(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    choice = ModelChoice("ollama", "small", server.url("second", "conversation"))
    first = open_asker(choice, record=file, environment={})("Which?", SCHEMA, seed=5)
    elsewhere = ModelChoice("ollama", "small", "http://127.0.0.1:9")
    replaying = open_asker(elsewhere, replay=file, environment={})
    assert replaying("Which?", SCHEMA, seed=5) == first == CANONICAL
    assert server.count("conversation") == 2
    with pytest.raises(EngineError, match="does not hold this question"):
        replaying("Which?", SCHEMA, seed=6)
    assert replaying.engine.offers() == (Offer("small"),)


def test_the_same_question_gets_its_answers_in_their_order(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    recorder = Recorder(connect(Endpoint(server.url("second", "order"))), file)
    recorded = [said_by(recorder) for _ in range(2)]
    assert recorded[0] != recorded[1]
    replayer = Replayer(file)
    assert [said_by(replayer) for _ in range(3)] == [*recorded, recorded[1]]


def test_an_answer_that_nobody_heard_to_its_end_is_not_recorded(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    answer: Iterator[Chunk] = Recorder(connect(Endpoint(server.url("good", "unheard"))), file).generate(question())
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    assert not file.exists()


@pytest.mark.parametrize(
    "damage",
    [
        b"{", b"[]", b'{"asked": {"model": "m"}, "chunks": [[1, null, false]], "error": null}', b"[" * 9000,
        b'{"asked": {"model": "m"}, "chunks": [["a", ["1", 2], false]], "error": null}',
        b'{"asked": {"model": "m"}, "chunks": [], "error": {"message": "m", "evil": 1}}',
        b'{"asked": {"model": "m"}, "chunks": [], "error": {"message": "m"}}', b"\xff\xfe", b'{"asked": 7}',
    ],
)  # fmt: skip
def test_a_damaged_transcript_is_refused_with_its_line(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "transcript.jsonl"
    good = b'{"asked": {"model": "m"}, "chunks": [["a", [1, 2], false]], "error": null}'
    file.write_bytes(good + b"\n" + damage + b"\n")
    with pytest.raises(TarsError, match=r"transcript\.jsonl:2: the transcript is damaged"):
        Replayer(file)
    with pytest.raises(TarsError, match="cannot read the transcript"):
        Replayer(tmp_path / "none")
