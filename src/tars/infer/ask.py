"""Asks a model for JSON: within a budget, with retries, and with one more try where the answer does not fit."""

import json
import os
import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Any, Final

from ducktools.classbuilder.prefab import Prefab, attribute, replace

from tars.core.errors import TarsError, UsageError
from tars.infer.budget import Budget, Purse
from tars.infer.engine import ENGINES, Chunk, Endpoint, Engine, Message, Prompt, Usage
from tars.infer.errors import AnswerError, EngineError
from tars.infer.structured import Answer, read_answer
from tars.infer.transcript import Recorder, Replayer

KEY_VARIABLE: Final = "TARS_MODEL_KEY"
TRIES_MAX: Final = 3
"""How often one question is put where the server fails in passing."""
PAUSE_SECONDS: Final = 0.5
SCHEMA_REFUSED: Final = frozenset({400, 415, 422, 501})
"""The statuses with which servers answer that cannot hold an answer to a schema."""
ANSWER_TOKENS_MAX: Final = 4096
CHARACTERS_A_TOKEN: Final = 4
"""What a token is taken to be where the engine does not count."""
FAILURES_MAX: Final = 3
"""After so many questions in a row that came to nothing no more are put: the model cannot do it."""
_SYSTEM: Final = (
    "You answer with one JSON value and nothing else: no explanation, no Markdown. It must fit this JSON Schema:\n"
)


class ModelChoice(Prefab, frozen=True):
    """Which model is asked, as a user names it: `ENGINE:MODEL`, or `ENGINE:MODEL@URL`."""

    engine: str
    model: str
    url: str = ""

    @classmethod
    def parse(cls, text: str) -> "ModelChoice":
        """Raises `UsageError` where the text does not have that form, or names no engine."""
        engine, colon, rest = text.partition(":")
        model, at, url = rest.rpartition("@http")
        model, url = (model, f"http{url}") if at else (rest, "")
        if not colon or not engine or not model.strip():
            raise UsageError(
                f"{text!r} names no model", hint="as ollama:qwen2.5-coder:7b or openai:NAME@http://127.0.0.1:8080/v1"
            )
        ENGINES.load(engine)
        return cls(engine, model, url)


class Asker(Prefab):
    """Puts questions to one model, the same question once. May be used from several threads at once.

    `notes` says of every question what came of it, for logs.
    """

    engine: Engine
    model: str
    purse: Purse
    temperature: float = 0.0
    answer_tokens_max: int = ANSWER_TOKENS_MAX
    pause: Callable[[float], None] = sleep
    notes: list[str] = attribute(default_factory=list)
    _failures: int = 0
    _known: dict[str, str] = attribute(default_factory=dict)

    def __call__(self, prompt: str, schema: Mapping[str, object], *, seed: int) -> str:
        """The model's answer as the text of JSON that fits the schema, canonical: keys sorted, no blanks.

        Raises `AnswerError` where neither the first nor a second answer fits, `EngineError` where the server fails,
        `OverBudgetError` where the budget is used up.
        """
        key = json.dumps([prompt, schema, seed], sort_keys=True)
        if key not in self._known:
            value = self.answer(prompt, schema, seed).value
            self._known[key] = json.dumps(value, sort_keys=True, separators=(",", ":"))
        return self._known[key]

    def answer(self, prompt: str, schema: Mapping[str, object], seed: int) -> Answer:
        """As calling it, with what had to be mended in the answer."""
        if self._failures >= FAILURES_MAX:
            raise EngineError(f"{self.model} failed {FAILURES_MAX} times in a row and is not asked again")
        messages = (Message("system", _SYSTEM + json.dumps(schema, sort_keys=True)), Message("user", prompt))
        question = Prompt(
            self.model, messages, self.answer_tokens_max, self.temperature, seed, schema=dict(schema)
        )  # fmt: skip
        try:
            found = self._fitting(question, schema)
        except TarsError as error:
            self._failures += 1
            self.notes.append(error.message)
            raise
        self._failures = 0
        self.notes.append(f"answered{': ' if found.mends else ''}{', '.join(found.mends)}")
        return found

    def _fitting(self, question: Prompt, schema: Mapping[str, object]) -> Answer:
        text, cut = self._said(question)
        try:
            return _whole(text, cut, schema)
        except AnswerError as error:
            again = f"That is not what was asked for: {error.message}. Answer again, with the JSON value alone."
            messages = (*question.messages, Message("assistant", text[:8000]), Message("user", again))
        text, cut = self._said(replace(question, messages=messages))
        return _whole(text, cut, schema)

    def _said(self, question: Prompt) -> tuple[str, bool]:
        """The whole text of an answer, and whether its length cut it off. A server that refuses the schema is asked
        without it; one that fails in passing is asked again after a pause."""
        jitter = random.Random(question.seed)
        tries = 0
        while True:
            tries += 1
            try:
                return self._once(question)
            except EngineError as error:
                if error.status in SCHEMA_REFUSED and question.schema is not None:
                    question = replace(question, schema=None)
                elif error.passing and tries < TRIES_MAX:
                    wait = error.wait_seconds or PAUSE_SECONDS * 2 ** (tries - 1) * (0.5 + jitter.random())
                    if not self.purse.wait(wait):
                        raise
                    self.pause(wait)
                else:
                    raise

    def _once(self, question: Prompt) -> tuple[str, bool]:
        left = self.purse.open_request()
        question = replace(question, seconds_max=min(question.seconds_max, left))
        started = self.purse.now()
        chunks: list[Chunk] = []
        try:
            with closing(_closable(self.engine.generate(question))) as answer:
                chunks.extend(answer)
        finally:
            self.purse.close_request(self.purse.now() - started, _cost(question, chunks))
        return "".join(one.text for one in chunks), any(one.cut for one in chunks)


def open_asker(
    choice: ModelChoice,
    *,
    remote_allowed: bool = False,
    budget: Budget = Budget(),  # noqa: B008  (frozen)
    record: Path | None = None,
    replay: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Asker:
    """What puts questions to the chosen model. Its server is asked at once whether it has the model, so that a mistake
    shows before any work is done; with `replay` nobody is asked at all, ever.

    The key, where the server wants one, is read from `TARS_MODEL_KEY`.

    Raises `UsageError` for a model that is not there and a URL that leaves this machine without leave, `EngineError`
    where the server cannot be asked, `UnavailableError` where the extra `model` of TARS is not installed.
    """
    if replay is not None:
        return Asker(Replayer(replay), choice.model, Purse(budget))
    endpoint = Endpoint(choice.url, environment.get(KEY_VARIABLE, ""), remote_allowed)
    engine = ENGINES.load(choice.engine)(endpoint)
    _check_offered(engine, choice.model)
    return Asker(Recorder(engine, record) if record else engine, choice.model, Purse(budget))


def _check_offered(engine: Engine, model: str) -> None:
    try:
        offers = [one.model for one in engine.offers()]
    except EngineError as error:
        if error.status in (404, 405, 501):
            return  # A server that does not list its models may still have this one.
        raise
    if offers and model not in offers and f"{model}:latest" not in offers:
        raise UsageError(f"the server has no model `{model}`", hint=f"it has {', '.join(sorted(offers)[:8])}")


def _whole(text: str, cut: bool, schema: Mapping[str, object]) -> Answer:
    try:
        return read_answer(text, schema)
    except AnswerError as error:
        if cut:
            raise AnswerError(f"the answer was cut off for its length; {error.reason}", error.place) from error
        raise


def _cost(question: Prompt, chunks: Iterable[Chunk]) -> Usage:
    """What the engine counted, else an estimate."""
    told = [one.usage for one in chunks if one.usage is not None]
    if told:
        return told[-1]
    asked = sum(len(one.text) for one in question.messages)
    return Usage(asked // CHARACTERS_A_TOKEN, sum(len(one.text) for one in chunks) // CHARACTERS_A_TOKEN)


def _closable(answer: Any) -> Any:
    """An iterator that can be closed, also where an engine gave a plain one."""
    return answer if hasattr(answer, "close") else (chunk for chunk in answer)
