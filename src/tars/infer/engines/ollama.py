"""Models of an Ollama server: https://github.com/ollama/ollama/blob/main/docs/api.md."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

from tars.infer.engine import Chunk, Connect, Endpoint, Engine, Offer, Prompt, Usage
from tars.infer.errors import EngineError
from tars.infer.wire import Wire, open_wire, read_json

URL: Final = "http://127.0.0.1:11434"
ASK_SECONDS_MAX: Final = 10.0
LOAD_SECONDS_MAX: Final = 600.0


class Ollama:
    name = "ollama"

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def offers(self) -> tuple[Offer, ...]:
        found = self._object("GET", "/api/tags", None, ASK_SECONDS_MAX).get("models")
        if not isinstance(found, list):
            raise EngineError(f"{self._wire.base} does not list models", hint="is it an Ollama server?")
        return tuple(_offer(one) for one in found if isinstance(one, dict) and isinstance(one.get("name"), str))

    def load(self, model: str) -> None:
        self._object("POST", "/api/generate", {"model": model, "stream": False}, LOAD_SECONDS_MAX)

    def generate(self, prompt: Prompt) -> Iterator[Chunk]:
        body: dict[str, Any] = {
            "model": prompt.model,
            "messages": [{"role": one.role, "content": one.text} for one in prompt.messages],
            "stream": True,
            "options": {
                "num_predict": prompt.tokens_max,
                "temperature": prompt.temperature,
                "seed": prompt.seed,
                "stop": list(prompt.stop),
            },
        }
        if prompt.schema is not None:
            body["format"] = dict(prompt.schema)
        done = False
        with closing(self._wire.lines("POST", "/api/chat", body, prompt.seconds_max)) as lines:
            for line in lines:
                if not line.strip():
                    continue
                said = read_json(line, self._wire.base)
                if "error" in said:
                    raise EngineError(f"{self._wire.base} gave up: {str(said['error'])[:300]}", hint="see its log")
                done = said.get("done") is True
                yield Chunk(_text(said), _usage(said) if done else None, said.get("done_reason") == "length")
                if done:
                    return
        raise EngineError(f"{self._wire.base} broke off in the middle of its answer", hint="see its log", passing=True)

    def _object(self, method: str, path: str, body: dict[str, Any] | None, seconds_max: float) -> dict[str, Any]:
        with closing(self._wire.lines(method, path, body, seconds_max)) as lines:
            return read_json(b"\n".join(lines), self._wire.base)


def _offer(raw: dict[str, Any]) -> Offer:
    details = raw.get("details")
    details = details if isinstance(details, dict) else {}
    size = raw.get("size")
    return Offer(
        model=raw["name"],
        format=str(details.get("format") or ""),
        precision=str(details.get("quantization_level") or ""),
        memory_bytes=size if isinstance(size, int) else 0,
    )


def _text(said: dict[str, Any]) -> str:
    message = said.get("message")
    text = message.get("content") if isinstance(message, dict) else None
    return text if isinstance(text, str) else ""


def _usage(said: dict[str, Any]) -> Usage | None:
    prompt, answer = said.get("prompt_eval_count"), said.get("eval_count")
    return Usage(prompt if isinstance(prompt, int) else 0, answer) if isinstance(answer, int) else None


def connect(endpoint: Endpoint) -> Engine:
    return Ollama(open_wire(endpoint, URL))


PLUGIN: Connect = connect
