"""Changes of several rounds as one: whatever the rounds were, the hunks do to the first files what they did."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tars.rust.syntax.edits import Hunk, composed, joined, lines_changed, patched, trimmed
from tars.rust.values import Change, Place

TEXTS = st.text("ab\nü", max_size=5)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[str, list[list[tuple[int, int, str]]]]:
    """A text, and rounds of changes in parts of what there is then, counted in thousandths of its length."""
    cut = st.tuples(st.integers(0, 1000), st.integers(0, 300), TEXTS)
    return draw(st.text("abcdef\nüé", max_size=40)), draw(st.lists(st.lists(cut, min_size=1, max_size=4), max_size=4))


def apart(text: str, cuts: list[tuple[int, int, str]]) -> list[Change]:
    """The cuts as changes that do not overlap, at the borders of characters."""
    found, at = [], 0
    for start, length, new in sorted(cuts):
        low = max(len(text) * start // 1000, at)
        at = min(len(text), low + len(text) * length // 1000)
        before, old = text[:low].encode(), text[low:at].encode()
        found.append(Change(Place("a", len(before), len(before) + len(old)), new))
    return found[::-1]


@settings(max_examples=300, deadline=None)
@given(rounds())
def test_composed_hunks_do_what_the_rounds_did(case: tuple[str, list[list[tuple[int, int, str]]]]) -> None:
    text, all_cuts = case
    first = {"a": text.encode(), "b": b"other\n"}
    now, hunks = first, tuple[Hunk, ...]()
    for number, cuts in enumerate(all_cuts):
        changes = apart(now["a"].decode(), cuts)
        now = patched(now, changes)
        hunks = composed(hunks, ((change, number) for change in changes))
    assert patched(first, [hunk.change for hunk in hunks]) == now
    assert patched(first, [trimmed(hunk.change, first) for hunk in hunks]) == now
    assert frozenset[int]().union(*(hunk.patches for hunk in hunks)) <= set(range(len(all_cuts)))


def test_hunks_name_their_patches_and_stay_apart() -> None:
    first = {"a": b"fn a() { b(c) }"}
    one = composed((), [(Change(Place("a", 9, 10), "bee"), 0), (Change(Place("a", 11, 12), "&c"), 1)])
    two = composed(one, [(Change(Place("a", 13, 14), "mut "), 2)])
    assert [(hunk.change.text, sorted(hunk.patches)) for hunk in two] == [("bee", [0]), ("mut c", [1, 2])]
    assert patched(first, [hunk.change for hunk in two])["a"] == b"fn a() { bee(mut c) }"


def test_lines_changed_are_those_removed_and_those_added() -> None:
    old = b"a\nb\nc\nd\n"
    assert lines_changed({"x": old}, {"x": old}) == 0
    assert lines_changed({"x": old}, {"x": b"a\nB\nc\nd\n"}) == 2
    assert lines_changed({"x": old}, {"x": b"a\nb\nnew\nc\nd\n"}) == 1
    assert lines_changed({"x": old}, {"x": b"A\nb\nc\nD\n"}) == 4
    assert lines_changed({"x": old}, {"x": old, "y": b"1\n2\n"}) == 2
    assert lines_changed({"x": old}, {}) == 4


def test_hunks_are_joined_by_the_patches_that_they_share() -> None:
    hunks = [
        Hunk(Change(Place("a", start, start), ""), frozenset(patches))
        for start, patches in ((0, {1}), (1, {2}), (2, {3}), (3, {1, 3}), (4, {4}), (5, {2}))
    ]
    starts = [[one.change.place.start for one in group] for group in joined(hunks)]
    assert starts == [[0, 2, 3], [4], [1, 5]]
