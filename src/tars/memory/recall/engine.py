"""Where nearest vectors are looked for: in this process, or by an engine beyond this machine that a person named.

`TARS_RECALL_ENGINE=NAME@URL` names it; a project cannot, for vectors then leave the machine. Whatever an engine holds
is derived: the texts and their vectors stay in the index, and are given to it again when it has lost them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

from tars.core.errors import UsageError
from tars.core.plugins import Seam

if TYPE_CHECKING:
    from numpy import float32, int64
    from numpy.typing import NDArray

    from tars.memory.recall.index import Index

VARIABLE: Final = "TARS_RECALL_ENGINE"
KEY_VARIABLE: Final = "TARS_RECALL_KEY"


class VectorEngine(Protocol):
    """Looks for nearest vectors. Whether it finds all of them is its own affair; what it names is in the index."""

    def nearest(
        self, index: "Index", vector: "NDArray[float32]", count: int, among: "NDArray[int64] | None"
    ) -> "tuple[NDArray[int64], NDArray[float32]]":
        """The rows of the index, as it is now, whose vectors have the greatest cosine with `vector` (of length one),
        and the cosines, best first; only rows of `among` where it is given. Raises `UnavailableError` where the engine
        cannot be asked."""


class Opener(Protocol):
    """Makes the engine at a URL, which `key` opens where it is not empty. Raises `UsageError` for a URL that is none,
    `UnavailableError` where the extra that it needs is not installed."""

    def __call__(self, url: str, key: str) -> VectorEngine: ...


ENGINES: Final[Seam[Opener]] = Seam("vector engine", "tars.memory.recall.engines", "tars.vector_engines")


def chosen(environ: Mapping[str, str]) -> VectorEngine | None:
    """The engine that the environment names; None where it names none, which is the built-in one."""
    text = environ.get(VARIABLE, "")
    if not text:
        return None
    name, at, url = text.partition("@")
    if not at or not url:
        raise UsageError(
            f"{VARIABLE}={text!r} names no engine",
            hint="as qdrant@http://127.0.0.1:6333; unset it for the built-in one",
        )
    return ENGINES.load(name)(url, environ.get(KEY_VARIABLE, ""))
