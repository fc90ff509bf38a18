"""The engine seam: what runs models. The one seam with effects: an engine talks to a server, or computes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, Protocol

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.plugins import Seam


class Offer(Prefab, frozen=True):
    """A model that an engine can run. What the engine does not tell is empty or 0."""

    model: str
    kind: Literal["generate", "embed", "classify"] = "generate"
    format: str = ""
    device: str = ""
    precision: str = ""
    context_tokens_max: int = 0
    memory_bytes: int = 0


class Message(Prefab, frozen=True):
    role: Literal["system", "user", "assistant"]
    text: str


class Usage(Prefab, frozen=True):
    """What one answer cost, in tokens as the engine counts them."""

    prompt_tokens: int
    answer_tokens: int


class Prompt(Prefab, frozen=True):
    """What a model is asked. `schema` is the JSON Schema that the answer should fit; an engine passes it on where its
    server can use it, and nobody believes that it does (see `tars.infer.structured`)."""

    model: str
    messages: tuple[Message, ...]
    tokens_max: int
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    seconds_max: float = 120.0
    """How long the whole answer may take."""


class Chunk(Prefab, frozen=True):
    """A piece of an answer. The last one may carry what the answer cost and whether it was `cut` for its length."""

    text: str
    usage: Usage | None = None
    cut: bool = False


class Endpoint(Prefab, frozen=True):
    """Where an engine's server is, and what is asked of it at most. An empty `url` is the engine's usual one."""

    url: str = ""
    key: str = attribute(default="", repr=False)
    remote_allowed: bool = False
    """Whether anything may be sent to another machine. Without it only loopback addresses are spoken to."""
    connect_seconds_max: float = 5.0
    answer_bytes_max: int = 4 << 20
    """The answer's bytes on the wire; what is longer is cut off while it comes, and refused."""


class Engine(Protocol):
    @property
    def name(self) -> str: ...
    def offers(self) -> tuple[Offer, ...]:
        """The models that it can run now: data, so that choosing one is a pure function.

        Raises `EngineError` where it cannot be asked.
        """
        ...

    def load(self, model: str) -> None:
        """Makes the model ready, so that the first answer does not wait for it; the caller times it. Raises
        `EngineError`."""
        ...

    def generate(self, prompt: Prompt) -> Iterator[Chunk]:
        """The answer as it comes; closing the iterator stops the work. Raises `EngineError`, also in its middle."""
        ...


class Connect(Protocol):
    """What an engine's file holds as `PLUGIN`."""

    def __call__(self, endpoint: Endpoint) -> Engine:
        """The engine at that endpoint; talks to nobody yet.

        Raises `UsageError` for a URL that is none or leaves this machine without leave, `UnavailableError` where an
        extra of TARS is missing.
        """
        ...


ENGINES: Final[Seam[Connect]] = Seam("engine", "tars.infer.engines", "tars.engines")
