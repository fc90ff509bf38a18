"""Models of any server with OpenAI's chat completions: https://platform.openai.com/docs/api-reference/chat.

llama.cpp, vLLM, LM Studio, Ollama and many more offer it; of what differs between them nothing is relied upon.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any, Final

from tars.infer.engine import Chunk, Connect, Endpoint, Engine, Offer, Prompt, Usage
from tars.infer.errors import EngineError
from tars.infer.wire import Wire, complaint, open_wire, read_json

URL: Final = "http://127.0.0.1:8080/v1"
ASK_SECONDS_MAX: Final = 10.0


class OpenAi:
    name = "openai"

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def offers(self) -> tuple[Offer, ...]:
        with closing(self._wire.lines("GET", "/models", None, ASK_SECONDS_MAX)) as lines:
            found = read_json(b"\n".join(lines), self._wire.base).get("data")
        if not isinstance(found, list):
            raise EngineError(f"{self._wire.base} does not list models", hint="does the URL end in /v1?")
        return tuple(Offer(one["id"]) for one in found if isinstance(one, dict) and isinstance(one.get("id"), str))

    def load(self, model: str) -> None:
        """These servers load a model when it is first asked, or when they start: nothing is to be done."""

    def generate(self, prompt: Prompt) -> Iterator[Chunk]:
        body: dict[str, Any] = {
            "model": prompt.model,
            "messages": [{"role": one.role, "content": one.text} for one in prompt.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": prompt.tokens_max,
            "temperature": prompt.temperature,
            "seed": prompt.seed,
        }
        if prompt.stop:
            body["stop"] = list(prompt.stop)
        if prompt.schema is not None:
            schema = {"name": "answer", "schema": dict(prompt.schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        with closing(self._wire.lines("POST", "/chat/completions", body, prompt.seconds_max)) as lines:
            yield from self._chunks(lines)

    def _chunks(self, lines: Iterable[bytes]) -> Iterator[Chunk]:
        """The events of the stream; a server that does not stream sends one object on one or several lines."""
        whole: list[bytes] = []
        finished = False
        for line in lines:
            if line.startswith(b"data:"):
                event = line[5:].strip()
                if event == b"[DONE]":
                    return
                said = read_json(event, self._wire.base)
                chunk = self._chunk(said)
                finished = finished or _reason(said) is not None
                yield chunk
            elif line.strip() and not line.startswith((b":", b"event:", b"id:", b"retry:")):
                whole.append(line)
        if whole:
            yield self._chunk(read_json(b"\n".join(whole), self._wire.base))
        elif not finished:
            raise EngineError(
                f"{self._wire.base} broke off in the middle of its answer", hint="see its log", passing=True
            )

    def _chunk(self, said: dict[str, Any]) -> Chunk:
        if "error" in said:
            raise EngineError(f"{self._wire.base} gave up: {complaint(json.dumps(said).encode())}", hint="see its log")
        choice = _choice(said)
        message = choice.get("delta") if isinstance(choice.get("delta"), dict) else choice.get("message")
        text = message.get("content") if isinstance(message, dict) else None
        return Chunk(text if isinstance(text, str) else "", _usage(said), _reason(said) == "length")


def _choice(said: dict[str, Any]) -> dict[str, Any]:
    choices = said.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _reason(said: dict[str, Any]) -> object:
    return _choice(said).get("finish_reason")


def _usage(said: dict[str, Any]) -> Usage | None:
    usage = said.get("usage")
    if not isinstance(usage, dict):
        return None
    prompt, answer = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return Usage(prompt if isinstance(prompt, int) else 0, answer) if isinstance(answer, int) else None


def connect(endpoint: Endpoint) -> Engine:
    return OpenAi(open_wire(endpoint, URL))


PLUGIN: Connect = connect
