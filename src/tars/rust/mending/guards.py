"""What no mend may do unless it is asked to: get green by doing less, by silencing, by `unsafe` or by giving up.

Every guard compares the files before and after on their syntax, so neither comments nor layout can deceive it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from ducktools.classbuilder.prefab import Prefab

from tars.rust.syntax.acts import Acts
from tars.rust.syntax.tokens import bare_words, differing, hides_code, swallows_lines, tokens_of, unclosed
from tars.rust.syntax.units import compared

Files: TypeAlias = Mapping[str, bytes]


class Violation(Prefab, frozen=True):
    """What a mend did that the guard of that name refuses."""

    guard: str
    message: str


class _Change(Prefab, frozen=True):
    """What the two states differ in: their tokens, and what those parts do that only one of them has."""

    lost: Counter[bytes]
    gained: Counter[bytes]
    before: Acts
    after: Acts

    def writes(self, words: set[bytes]) -> bool:
        """Whether it may have written one of these words: what could not be read before may only show now."""
        return not self.before.broken or not words.isdisjoint(self.gained)

    def fewer(self, kind: str) -> int:
        """By how much there are fewer acts of a kind, whatever their names."""
        return _sum(self.before, kind) - _sum(self.after, kind)


def violations(before: Files, after: Files, allow: frozenset[str] = frozenset()) -> tuple[Violation, ...]:
    """Every reason to refuse the mend from `before` to `after`; `allow` names guards that are lifted."""
    same = frozenset(path for path in before if _says_the_same(before[path], after.get(path, b"")))
    before = {path: data for path, data in before.items() if path not in same}
    after = {path: data for path, data in after.items() if path not in same}
    lost, gained = _differing(before, after)
    if not lost.keys() - _FREE and not gained.keys() & _SUSPICIOUS:
        return ()
    change = _Change(lost, gained, *compared(before, after))
    return tuple(
        Violation(name, message) for name, guard in GUARDS.items() if name not in allow for message in guard(change)
    )


def _unsafe(change: _Change) -> Iterator[str]:
    if change.gained[b"unsafe"]:
        yield "it adds `unsafe`"


def _placeholder(change: _Change) -> Iterator[str]:
    for name in ("todo!", "unimplemented!", "panic!", "unreachable!", "exit", "abort", "unreachable_unchecked"):
        if change.after.acts[("call", name)] > change.before.acts[("call", name)] and change.writes(
            {name.strip("!").encode()}
        ):
            yield f"it puts `{name}` in the place of code"
    word = next((word for word in _GIVING_UP if change.gained[word]), b"").decode()
    if word and change.after.broken:
        yield f"it puts `{word}!` in the place of code"
    if change.after.dummies > change.before.dummies:
        yield "it makes a default value the whole body of a function"


def _silence(change: _Change) -> Iterator[str]:
    for text in change.after.attributes - change.before.attributes:
        word = _word(text)
        replaced = _sum_words(change.after.attributes, word) <= _sum_words(change.before.attributes, word)
        if (
            word in _SILENCING
            and change.writes({b"#", *(tokens_of(text.encode()).keys() - _PUNCTUATION)})
            and not (replaced and _says_as_much(text, word, change.before.attributes))
        ):
            yield f"it adds `{text}`"
    for word in ("deny", "forbid"):
        if _sum_words(change.after.attributes, word) < _sum_words(change.before.attributes, word):
            yield f"it removes a `#![{word}]`"


def _tests(change: _Change) -> Iterator[str]:
    before, after = change.before, change.after
    if after.tests < before.tests:
        yield "it removes a test"
    missing = before.checks - after.checks
    if missing:
        kind, text = next(iter(missing))
        yield f"it removes or weakens an assertion: its {kind} `{text}`"
    if change.fewer("call") <= 0 and after.acts[("call", "assert!")] > before.acts[("call", "assert!")] and missing:
        yield "it puts a weaker assertion in the place of another"
    for line in before.examples - after.examples:
        if line not in ("```",) and not _is_respelt(line, after.examples - before.examples):
            yield f"it removes `{line}` from an example in the documentation"
            return


def _deletion(change: _Change) -> Iterator[str]:
    before, after = change.before, change.after
    if before.broken or after.broken:
        words = sum(count for token, count in change.lost.items() if _is_word(token))
        if words > sum(count for token, count in change.gained.items() if token not in _FILLING):
            yield f"it removes {_shown(change.lost)} and puts nothing in its place"
        return
    for kind, noun in _KINDS.items():
        if change.fewer(kind) > 0 and (lost := _lost_names(change, kind)):
            yield f"it removes {noun}{lost} and puts nothing in its place"
    names = sum((before.names - after.names).values()) - sum((after.names - before.names).values())
    literals = sum((after.literals - before.literals).values()) - sum((before.literals - after.literals).values())
    if names > 0 and literals > 0 and change.fewer("call") >= 0:
        yield "it puts a literal in the place of a name"
    if after.idle > before.idle:
        yield "it leaves code that never runs"
    unused = {name for name in after.loose - before.loose if after.names[name] + after.acts[("call", name)] == 0}
    if unused - {"main", ""} and not before.loose - after.loose:
        yield f"it moves code into `{min(unused)}`, which nobody calls"


Guard: TypeAlias = Callable[[_Change], Iterator[str]]

GUARDS: Final[Mapping[str, Guard]] = {
    "unsafe": _unsafe,
    "placeholder": _placeholder,
    "silence": _silence,
    "tests": _tests,
    "deletion": _deletion,
}
"""By the name with which each can be lifted."""

_KINDS = {
    "call": "a call",
    "assertion": "an assertion",
    "store": "a binding or an assignment",
    "statement": "a statement",
    "control": "a branch or a loop",
    "arm": "an arm of a match",
    "operator": "an operator",
    "closure": "a closure",
    "item": "an item",
    "break": "the end of a loop",
}
_ADAPTING = (
    "clone cloned copied to_owned to_string into as_ref as_mut as_deref as_deref_mut as_str as_slice as_bytes borrow"
    " borrow_mut deref iter into_iter iter_mut unwrap expect to_vec into_boxed_str Some Ok Err from by_ref"
)
_PURE_CALLS = frozenset(_ADAPTING.split())
"""Calls that only adapt a type: a mend may do without them."""
_PUNCTUATION = frozenset(rb", ; ( ) { } [ ] & * . : :: < > -> => ' | # ! = ?".split())
_QUOTES = frozenset((b'"', b"'"))
_FILLING = frozenset(b", ; ( ) { } [ ] : .".split())
"""What takes the place of no word."""
_RESERVED = frozenset(b"abstract become box do final macro override priv try typeof unsized virtual yield".split())
_FREE = _PUNCTUATION - {b"|", b"!", b"#"} | frozenset(b"mut pub ref crate dyn impl move".split()) | _RESERVED
_GIVING_UP = (b"todo", b"unimplemented", b"panic", b"unreachable")
_SUSPICIOUS = frozenset(
    {*_GIVING_UP, b"unsafe", b"#", b"exit", b"abort", b"loop", b"false", b"true", b"fn", b"macro_rules", b"default"}
    | {b"return", b"async", b"|", b"||", b"unreachable_unchecked", b"any", b"all", b"not", b"feature"}
)
_REVEALING = _SUSPICIOUS | {b"/"}
"""What a mend of quotes alone has nothing to do with; with a slash comments begin and end."""
_SILENCING = frozenset({"allow", "expect", "ignore", "cfg", "cfg_attr", "should_panic", "no_run", "warn"})
_NEVER = ("any()", "not(all())", "false")


def _differing(before: Files, after: Files) -> tuple[Counter[bytes], Counter[bytes]]:
    lost, gained = Counter[bytes](), Counter[bytes]()
    for path in before.keys() | after.keys():
        old, new = before.get(path, b""), after.get(path, b"")
        if old != new:
            less, more = differing(old, new)
            lost.update(less)
            gained.update(more)
    return lost - gained, gained - lost


def _says_the_same(before: bytes, after: bytes) -> bool:
    """Whether a mend of quotes says what was written before: without a partner to one of them texts are read as code
    and code as text, so that nothing else can be compared than the words, and how far texts reach."""
    if before == after or not (unclosed(before) or swallows_lines(before)):
        return before == after
    lost, gained = bare_words(before, after)
    if not unclosed(before) and (lost | gained).keys() - _QUOTES:
        return False
    fewer = sum(count for word, count in lost.items() if _is_word(word) and word not in _QUOTES)
    more = sum(count for word, count in gained.items() if _is_word(word) and word not in _QUOTES)
    return fewer <= more and not (lost | gained).keys() & _REVEALING and not hides_code(before, after)


def _lost_names(change: _Change, kind: str) -> str:
    """What of a kind is lost beyond what a mend may do without, for the message; empty where nothing is."""
    lost = {name: count for (one, name), count in (change.before.acts - change.after.acts).items() if one == kind}
    gained = sum(count for (one, _), count in (change.after.acts - change.before.acts).items() if one == kind)
    if kind == "call":
        lost = {name: count for name, count in lost.items() if name not in _PURE_CALLS}
    if kind == "operator":
        # Of an argument that is too much, what it adds up goes with it.
        gained += 2 * max(change.before.arguments - change.after.arguments, 0)
    if kind == "statement":
        gained += max(-change.fewer("arm"), 0)
    if sum(lost.values()) <= gained:
        return ""
    name = next(iter(lost))
    return f" `{name}`" if name else " "


def _sum(acts: Acts, kind: str) -> int:
    return sum(count for (one, _), count in acts.acts.items() if one == kind)


def _word(attribute: str) -> str:
    return attribute.lstrip("#!").strip("[]").partition("(")[0].partition("=")[0]


def _sum_words(attributes: Counter[str], word: str) -> int:
    return sum(count for text, count in attributes.items() if _word(text) == word)


def _says_as_much(text: str, word: str, before: Counter[str]) -> bool:
    """Whether an attribute that takes another's place holds under no fewer conditions, as far as its words tell."""
    if word in ("allow", "expect") or any(never in text for never in _NEVER):
        return word in ("allow", "expect")
    words = set(tokens_of(text.encode()))
    return any(_word(old) == word and set(tokens_of(old.encode())) - words <= _PUNCTUATION for old in before)


def _is_word(token: bytes) -> bool:
    return token not in _FREE and (token[:1].isalnum() or token[:1] in b"_\"'")


def _is_respelt(line: str, others: Counter[str]) -> bool:
    words = tokens_of(line.encode())
    return any(not words - tokens_of(other.encode()) for other in others)


def _shown(lost: Counter[bytes]) -> str:
    return "`" + next((token.decode("utf-8", "replace") for token in lost if _is_word(token)), "") + "`"
