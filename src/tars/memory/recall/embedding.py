"""What turns texts into vectors whose nearness is nearness of meaning, and which embedder this machine can use."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from tars.core.plugins import Seam
from tars.core.values import Readiness

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into vectors. Equal texts give equal vectors, whatever they are embedded together with, up to the
    rounding of single precision."""

    @property
    def name(self) -> str:
        """With the version of the model in it: vectors of different names are never compared."""

    @property
    def knows_meaning(self) -> bool:
        """Whether texts of like meaning are near without sharing words. Every answer says which it is."""

    def readiness(self) -> Readiness:
        """Whether its parts are installed and whole, found without loading what is heavy."""

    def embed(self, texts: Sequence[str]) -> "NDArray[float32]":
        """float32[len(texts), DIMENSIONS], each row of length one or, for a text without words, zero. Raises
        `UnavailableError` where a part is missing, `CorruptError` where one is damaged."""


EMBEDDERS: Final[Seam[Embedder]] = Seam("embedder", "tars.memory.recall.embedders", "tars.embedders")
DIMENSIONS: Final = 384
"""Of every vector in an index: what the default model makes."""
DEFAULT: Final = "minilm"
FALLBACK: Final = "words"


def best_embedder() -> Embedder:
    """The default embedder where it is installed, else the one that needs nothing and knows words only."""
    default = EMBEDDERS.load(DEFAULT)
    return default if default.readiness().ready else EMBEDDERS.load(FALLBACK)
