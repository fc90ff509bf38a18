"""The embedder that needs no model: hashed words and pieces of words. It knows spelling, not meaning."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import log1p
from typing import TYPE_CHECKING
from zlib import crc32

from tars.core.values import Readiness
from tars.memory.recall.embedding import DIMENSIONS, Embedder

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_WORD = re.compile(r"[^\W_]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORDS_MAX = 2_000
_PIECE = 4
_PIECE_WEIGHT = 0.35


class Words:
    """Feature hashing with signs (Weinberger et al., Feature Hashing for Large Scale Multitask Learning, 2009) of words
    and of their pieces of four characters, each weighted by the logarithm of how often it occurs."""

    name = "words-1"
    knows_meaning = False

    def readiness(self) -> Readiness:
        return Readiness(True, "hashed words; it knows spelling, not meaning")

    def embed(self, texts: Sequence[str]) -> "NDArray[float32]":
        from tars.memory.recall.arrays import np  # noqa: PLC0415  (an extra, and slow to load)

        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            words = _WORD.findall(_HUMPS.sub(" ", text))[:_WORDS_MAX]
            for word, count in Counter(word.lower() for word in words).items():
                weight = 1.0 + log1p(count - 1)
                for place, sign, share in _features(word):
                    vectors[row, place] += sign * share * weight
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        normalised: NDArray[float32] = vectors / np.maximum(lengths, 1e-12)
        return normalised


@lru_cache(maxsize=65_536)
def _features(word: str) -> tuple[tuple[int, float, float], ...]:
    """Where a word and its pieces fall, each with its sign and its share."""
    spelt = f"<{word}>"
    pieces = (
        [spelt[start : start + _PIECE] for start in range(max(len(spelt) - _PIECE + 1, 0))] if len(word) > 3 else []
    )
    share = _PIECE_WEIGHT / max(len(pieces), 1) ** 0.5
    return (_hashed(word, 1.0), *(_hashed(f"{piece}\0", share) for piece in pieces))


def _hashed(feature: str, share: float) -> tuple[int, float, float]:
    value = crc32(feature.encode("utf-8", "surrogatepass"))
    return value % DIMENSIONS, 1.0 if value & 0x8000_0000 else -1.0, share


PLUGIN: Embedder = Words()
