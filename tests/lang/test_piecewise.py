"""Formatting piece by piece gives what formatting the whole gives, also after edits."""

from collections.abc import Callable
from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tars.lang.forms.format import format_text
from tars.lang.forms.piecewise import in_its_place, unit_of, units
from tars.lang.syntax.pieces import PieceText

STATEMENTS = (
    'use_python_module = "a@v3"\n', "  x=1 # one\n", "longer   = [1,\n2]\n", "\n", "  \n\n", "# alone\n",
    "/* a\n b */\n", 'm "x" {a = 1  b = 2}\n', "n { c=1 }\n", "o {\n\n  d=1\n  ee = 2\n\n} # after {\n", "} ",
    "t = <<EOT\n  in\nEOT\n", "\r\n", "p {\r\n  q=1\r\n}\r\n", "e {} /* reaches\n over */\n",
)  # fmt: skip


def joined(text: PieceText) -> str:
    pieces = text.pieces
    found = [*units(pieces, range(len(pieces)))]
    assert [number for unit in found for number in unit] == [*range(len(pieces))]
    assert all(unit_of(pieces, number) == unit for unit in found for number in unit)
    return "".join(in_its_place(pieces, unit) for unit in found)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from(STATEMENTS), max_size=14),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.sampled_from((*STATEMENTS, "")))),
)
@example(["n { c=1 }\n", "\n", "\n", "n { c=1 }\n", "n { c=1 }\n"], [(0.4, 9, "")])
def test_the_units_are_the_whole(statements: list[str], edits: list[tuple[float, int, str]]) -> None:
    plain = "".join(statements)
    text = PieceText(plain)
    for where, length, typed in [(0.0, 0, ""), *edits]:
        start = int(where * len(plain))
        end = min(len(plain), start + length if not typed else start)
        plain = plain[:start] + typed + plain[end:]
        text.edit(start, end, typed)
        if not any(piece.diagnostics for piece in text.pieces):
            assert joined(text) == format_text(plain)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)
@given(chance=st.randoms(use_true_random=False))
def test_of_any_metascript(document: Callable[[Random], str], chance: Random) -> None:
    plain = document(chance)
    assert joined(PieceText(plain)) == format_text(plain)
