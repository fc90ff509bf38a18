"""The network of sentence models of the BERT family, computed with numpy alone.

Devlin et al., BERT (2019): layers of attention and of two linear maps, each added to its input and normalised. The last
states are averaged over a text's own tokens (Reimers and Gurevych, Sentence-BERT, 2019).
"""

import math
from typing import TYPE_CHECKING, Final

from tars.memory.recall.arrays import np

if TYPE_CHECKING:
    from numpy import float32, int64
    from numpy.typing import NDArray

    Array = NDArray[float32]

LAYERS: Final = 6
HEADS: Final = 12


def sentence_vectors(weights: "dict[str, Array]", ids: list[list[int]]) -> "Array":
    """Mean of the last layer's states over each text's own tokens, scaled to length one."""
    length = max(map(len, ids))
    tokens = np.zeros((len(ids), length), dtype=np.int64)
    mask = np.zeros((len(ids), length), dtype=np.float32)
    for row, one in enumerate(ids):
        tokens[row, : len(one)] = one
        mask[row, : len(one)] = 1.0
    states = _embedded(weights, tokens)
    away = ((1.0 - mask) * np.float32(-1e9))[:, None, None, :] if mask.min() < 1.0 else None
    for layer in range(LAYERS):
        states = _layer(weights, f"encoder.layer.{layer}.", states, away)
    pooled = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    result: Array = (pooled / np.linalg.norm(pooled, axis=1, keepdims=True)).astype(np.float32)
    return result


def _embedded(weights: "dict[str, Array]", tokens: "NDArray[int64]") -> "Array":
    words = weights["embeddings.word_embeddings.weight"][tokens]
    places = weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
    return _normal(
        weights, "embeddings.LayerNorm.", words + places + weights["embeddings.token_type_embeddings.weight"][0]
    )


def _layer(weights: "dict[str, Array]", name: str, states: "Array", away: "Array | None") -> "Array":
    count, length, width = states.shape
    size = width // HEADS

    def heads(part: str) -> "Array":
        made = _linear(weights, f"{name}attention.self.{part}.", states)
        return made.reshape(count, length, HEADS, size).transpose(0, 2, 1, 3)

    scores: Array = heads("query") @ heads("key").transpose(0, 1, 3, 2) * np.float32(1.0 / math.sqrt(size))
    if away is not None:
        scores += away
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    mixed: Array = (scores @ heads("value")).transpose(0, 2, 1, 3).reshape(count, length, width)
    states = _normal(
        weights,
        f"{name}attention.output.LayerNorm.",
        states + _linear(weights, f"{name}attention.output.dense.", mixed),
    )
    inner = _gelu(_linear(weights, f"{name}intermediate.dense.", states))
    return _normal(weights, f"{name}output.LayerNorm.", states + _linear(weights, f"{name}output.dense.", inner))


def _linear(weights: "dict[str, Array]", name: str, values: "Array") -> "Array":
    flat = values.reshape(-1, values.shape[-1])
    made: Array = flat @ weights[f"{name}weight"].T
    made += weights[f"{name}bias"]
    return made.reshape(*values.shape[:-1], made.shape[-1])


def _normal(weights: "dict[str, Array]", name: str, values: "Array") -> "Array":
    centred: Array = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt(
        np.einsum("...i,...i->...", centred, centred)[..., None] / np.float32(values.shape[-1]) + np.float32(1e-12)
    )
    centred /= spread
    centred *= weights[f"{name}weight"]
    centred += weights[f"{name}bias"]
    return centred


def _gelu(values: "Array") -> "Array":
    """x * (1 + erf(x / sqrt 2)) / 2, with erf by Abramowitz and Stegun 7.1.26, whose error is at most 1.5e-7."""
    away = np.abs(values) * np.float32(1.0 / math.sqrt(2.0))
    step = np.float32(1.0) / (np.float32(1.0) + np.float32(0.3275911) * away)
    series = step * np.float32(1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series += np.float32(factor)
        series *= step
    np.multiply(away, -away, out=away)
    np.exp(away, out=away)
    series *= away
    # erf of the absolute value is 1 - series; the half of a negative value is its mirror.
    half = values * np.float32(0.5)
    result: Array = half + np.abs(half) * (np.float32(1.0) - series)
    return result
