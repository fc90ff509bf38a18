"""An edit that parses only the pieces that it touches gives what parsing the whole text gives."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tars.core.values import Diagnostic
from tars.lang.syntax.parse import parse
from tars.lang.syntax.pieces import PieceText, UnreadPiece
from tars.lang.syntax.reread import reread
from tars.lang.syntax.tree import Attribute, Block, Expression

BLOCKS = (
    'python_module "a" {\n  source = "a.py"\n  output = ["x.json"]\n}\n\n',
    '# before\nrust_module "b" {\n  source = "b.rs" // beside\n  resources {\n    cpu = 2\n  }\n}\n',
    'locals {\n  x = "${var.a}/b"\n  text = <<EOT\n  inner {\n  EOT\n}\n',
    'use_python_module = "a@v3"\n',
    'agentic typescript { file = "x.ts" role = "r" }\n',
    'variable "ü𝄞" {\n  default = { a = 1, b = [2, 3] }\n}\n\n\n',
    '/* over\n two lines */\nsettings {\n  jobs = 2\n}\n',
    'output "o" {\n  value = var.x ? 1 : 2\n} /* after\n it */\n',
)  # fmt: skip
TYPED = ("x", " ", "\n", "=", "{", "}", '"', "[", "(", "#", "/*", "*/", "<<EOT\n", "${", ",", "\ufeff",
         'go_module "n" {\n}\n', "  role = 1\n", "é", "}\n", "a b c")  # fmt: skip
Node = Attribute | Block | Expression


def moved(value: object, by: int) -> object:
    """A tree with all its offsets moved, as plain tuples."""
    if isinstance(value, tuple):
        fields = [moved(item, by) for item in value]
        if hasattr(value, "_fields"):
            for place, name in enumerate(value._fields):
                if name in ("start", "end", "name_start", "header_end") and isinstance(value[place], int):
                    fields[place] = value[place] + by
        return (type(value).__name__, *fields)
    return value


def shown(found: Diagnostic, by: int) -> tuple[object, ...]:
    assert found.span is not None
    return (found.span.start + by, found.span.end + by, found.code, found.message)


def full(text: str) -> tuple[object, object]:
    file = parse(text, "<text>")
    return [moved(item, 0) for item in file.body.items], sorted(shown(one, 0) for one in file.diagnostics)


def in_pieces(text: PieceText) -> tuple[object, object]:
    items, found = [], []
    for piece, start in zip(text.pieces, text.starts, strict=False):
        items += [moved(item, start - piece.origin) for item in piece.items]
        found += [shown(one, start - piece.origin) for one in piece.diagnostics]
    return items, sorted(found)


EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(TYPED) | st.just("")), max_size=8)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=12), EDITS)
def test_incremental_is_full(blocks: list[str], edits: list[tuple[float, int, str]]) -> None:
    plain = "".join(blocks)
    text = PieceText(plain)
    assert in_pieces(text) == full(plain)
    for where, length, typed in edits:
        start = int(where * len(plain))
        end = min(len(plain), start + length if not typed else start)
        plain = plain[:start] + typed + plain[end:]
        change = text.edit(start, end, typed)
        assert text.text == plain
        assert all(any(piece is kept for kept in text.pieces) for piece in change.added)
        assert in_pieces(text) == full(plain)


def test_an_edit_keeps_the_other_pieces() -> None:
    plain = "".join(BLOCKS * 50)
    text = PieceText(plain)
    before = list(text.pieces)
    at = plain.index("b.rs", len(plain) // 2)
    change = text.edit(at, at, "x")
    assert len(change.removed) == len(change.added) == 1
    assert sum(one is not other for one, other in zip(before, text.pieces, strict=True)) == 1
    assert in_pieces(text) == full(plain[:at] + "x" + plain[at:])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=12), EDITS, st.integers(0, 40), st.lists(st.booleans()))
def test_a_long_text_is_full_once_it_was_read_again(
    blocks: list[str], edits: list[tuple[float, int, str]], whole_max: int, settled: list[bool]
) -> None:
    """Also where it was edited while it was read again: then the next reading makes it so."""
    plain = "".join(blocks)
    text = PieceText(plain, whole_max=whole_max)
    begun = reread(list(text.pieces), text.path)
    for number, (where, length, typed) in enumerate(edits):
        start = int(where * len(plain))
        end = min(len(plain), start + length if not typed else start)
        plain = plain[:start] + typed + plain[end:]
        change = text.edit(start, end, typed)
        assert text.text == plain
        assert all(any(piece is kept for kept in text.pieces) for piece in change.added)
        if text.exact:
            assert in_pieces(text) == full(plain)
        if number < len(settled) and settled[number]:
            text.take(begun)
            assert text.text == plain
            begun = reread(list(text.pieces), text.path)
    text.take(begun)
    assert text.text == plain
    since = text.take(reread(list(text.pieces), text.path))
    assert since == ((), ())
    assert text.exact
    assert in_pieces(text) == full(plain)


def test_a_long_text_is_not_read_where_nobody_looks() -> None:
    plain = "".join(BLOCKS * 2_000)
    text = PieceText(plain)
    assert not text.exact
    at = plain.index("b.rs", len(plain) // 2)
    text.edit(at, at, "x")
    read = [piece for piece in text.pieces if not isinstance(piece, UnreadPiece) or piece.is_read]
    assert len(read) < 10
    text.take(reread(list(text.pieces), text.path))
    assert in_pieces(text) == full(plain[:at] + "x" + plain[at:])
