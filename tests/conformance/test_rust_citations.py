"""Every citation of every repair rule against this machine's toolchain: it resolves, and says something."""

import pytest

from tars.rust.anchors.library import Library, open_library
from tars.rust.mending.rule import RULES


@pytest.fixture(scope="module")
def library() -> Library:
    found = open_library()
    if found.sources.documentation is None:
        pytest.skip("the toolchain's documentation is not installed")
    return found


@pytest.mark.parametrize("name", RULES.names())
def test_what_a_rule_cites_is_there(name: str, library: Library) -> None:
    for citation in RULES.load(name).cites:
        passage = library.passage(citation)
        assert library.holds(passage.anchor)
        assert len(passage.text) > 20, f"{citation} says next to nothing: {passage.text!r}"
