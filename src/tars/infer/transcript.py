"""Recorded conversations with models: what was asked and every piece of what came, replayed byte for byte.

A file of JSON lines, one an exchange: `{"asked": …, "chunks": [[text, usage, cut], …], "error": null}`. It holds the
prompts as they were sent, the project's code among them, and no key.
"""

import json
import os
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tars.core.errors import TarsError
from tars.core.values import as_dict
from tars.infer.engine import Chunk, Engine, Offer, Prompt, Usage
from tars.infer.errors import EngineError


class Recorder:
    """An engine that passes everything on to another one, and appends what was said to a file."""

    def __init__(self, engine: Engine, file: Path) -> None:
        self.name = engine.name
        self._engine = engine
        self._file = file
        self._lock = threading.Lock()

    def offers(self) -> tuple[Offer, ...]:
        return self._engine.offers()

    def load(self, model: str) -> None:
        self._engine.load(model)

    def generate(self, prompt: Prompt) -> Iterator[Chunk]:
        """As the engine's; the exchange is written when it has ended, also by an error. One that the caller closes
        before its end is not written."""
        chunks: list[Chunk] = []
        try:
            for chunk in self._engine.generate(prompt):
                chunks.append(chunk)
                yield chunk
        except EngineError as error:
            self._append(prompt, chunks, error)
            raise
        self._append(prompt, chunks, None)

    def _append(self, prompt: Prompt, chunks: list[Chunk], failure: EngineError | None) -> None:
        line = json.dumps(
            {
                "asked": question_of(prompt),
                "chunks": [[one.text, _usage_row(one.usage), one.cut] for one in chunks],
                "error": _error_row(failure),
            },
            sort_keys=True,
        )
        try:
            with self._lock:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                try:
                    os.write(descriptor, line.encode() + b"\n")
                finally:
                    os.close(descriptor)
        except OSError as error:
            raise TarsError(f"cannot write the transcript {self._file}: {error.strerror}") from error


class Replayer:
    """An engine that answers from a file, and talks to nobody. The same question gets its recorded answers in their
    order, the last of them again and again."""

    def __init__(self, file: Path) -> None:
        """Raises `TarsError` where the file cannot be read or a line of it is damaged."""
        self.name = "replay"
        self._file = file
        self._answers: dict[str, deque[Mapping[str, Any]]] = defaultdict(deque)
        self._models: dict[str, None] = {}
        for number, line in enumerate(_lines(file), 1):
            row = _row(line, f"{file}:{number}")
            self._models[row["asked"]["model"]] = None
            self._answers[_key(row["asked"])].append(row)

    def offers(self) -> tuple[Offer, ...]:
        return tuple(Offer(model) for model in self._models)

    def load(self, model: str) -> None:
        """Nothing is to be done."""

    def generate(self, prompt: Prompt) -> Iterator[Chunk]:
        """The recorded answer, in the pieces it came in. Raises `EngineError` for a question that was not recorded."""
        answers = self._answers.get(_key(question_of(prompt)))
        if not answers:
            raise EngineError(
                f"{self._file} does not hold this question to {prompt.model}", hint="record it with the model itself"
            )
        row = answers.popleft() if len(answers) > 1 else answers[0]
        for text, usage, cut in row["chunks"]:
            yield Chunk(text, Usage(*usage) if usage else None, cut)
        if row["error"] is not None:
            raise EngineError(**row["error"])


def question_of(prompt: Prompt) -> dict[str, Any]:
    """All of a prompt that its answer depends on."""
    raw = as_dict(prompt)
    del raw["seconds_max"]
    return raw


def _key(asked: Mapping[str, Any]) -> str:
    return json.dumps(asked, sort_keys=True)


def _usage_row(usage: Usage | None) -> list[int] | None:
    return [usage.prompt_tokens, usage.answer_tokens] if usage else None


def _error_row(error: EngineError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {"message": error.message, "hint": error.hint, "passing": error.passing, "status": error.status}


def _lines(file: Path) -> list[bytes]:
    try:
        return [line for line in file.read_bytes().split(b"\n") if line.strip()]
    except OSError as error:
        raise TarsError(f"cannot read the transcript {file}: {error.strerror}", hint="record one first") from error


def _row(line: bytes, where: str) -> dict[str, Any]:
    try:
        row: dict[str, Any] = json.loads(line)
        for text, usage, _ in row["chunks"]:
            assert isinstance(text, str)
            assert usage is None or [type(count) for count in usage] == [int, int]
        assert all(type(cut) is bool for _, _, cut in row["chunks"])
        assert isinstance(row["asked"]["model"], str)
        assert row["error"] is None or _is_error(row["error"])
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError) as error:
        raise TarsError(f"{where}: the transcript is damaged there", hint="record it anew") from error
    return row


def _is_error(row: Mapping[str, Any]) -> bool:
    kinds = {"message": str, "hint": str, "passing": bool, "status": int}
    return row.keys() == kinds.keys() and all(type(row[name]) is kind for name, kind in kinds.items())
