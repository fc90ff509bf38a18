"""Texts as editors change them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tars.ui.lsp.documents import EDITS_MAX, UTF_8, UTF_16, UTF_32, Document, Edit

PLACES = st.tuples(st.integers(-1, 9), st.integers(-1, 12))
TEXTS = st.text(st.sampled_from('ab𝄞é\n\r{}="'), max_size=6)
EDITS = st.lists(
    st.tuples(PLACES, PLACES, TEXTS) | st.tuples(st.none(), st.none(), TEXTS), min_size=EDITS_MAX + 1, max_size=60
)


@settings(deadline=None, max_examples=40)
@given(TEXTS, EDITS, st.sampled_from((UTF_8, UTF_16, UTF_32)))
def test_many_edits_at_once_are_the_same_as_each_alone(text: str, edits: list[Edit], encoding: str) -> None:
    at_once, each = (Document(text, "a.tars", encoding, 1) for _ in range(2))
    at_once.apply(edits)
    for edit in edits:
        each.apply([edit])
    assert at_once.text == each.text
