"""Regular expressions in time linear in the text: no pattern, however nested, can make a metascript hang.

Patterns are parsed by Python's own parser and run as a Pike machine (Russ Cox, "Regular Expression Matching: the
Virtual Machine Approach", 2009): all threads advance through the text together, the preferred ones first. What cannot
be matched so, references back and looking around, is refused, as in RE2.
"""

import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final, NamedTuple

from tars.lang.meaning.primitives import Wrong

PROGRAM_MAX: Final = 5_000
"""The most instructions of one pattern; `(a{100}){100}` has more."""

Test = Callable[[str], bool]
Assertion = Callable[[str, int], bool]
Slots = tuple[int, ...]


class Instruction(NamedTuple):
    """`kind` is "test", "split", "save", "assert" or "match"; `next` and `other` are where to go on."""

    kind: str
    next: int = 0
    other: int = 0
    test: Test | None = None
    assertion: Assertion | None = None
    slot: int = 0


class Program(NamedTuple):
    instructions: tuple[Instruction, ...]
    groups: int
    names: dict[str, int]


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Program:
    """The program of a pattern. Raises `Wrong` for one that is not valid, or that cannot be matched in linear time."""
    if len(pattern) > 2_000:
        raise Wrong("the pattern has more than 2,000 characters", code="T0049")
    try:
        with warnings.catch_warnings():
            # What a later Python may read in another way, such as `[[a]`, is read as this one does.
            warnings.simplefilter("ignore")
            parsed = _parser.parse(pattern)
        made: list[Instruction] = [Instruction("save", 1, slot=0)]
        _emit(parsed, parsed.state.flags, made)
    except (re.error, ValueError, OverflowError) as error:
        raise Wrong(f"the pattern is not valid: {error}") from None
    except RecursionError:
        raise Wrong("the pattern is nested too deeply", code="T0049") from None
    made.append(Instruction("save", len(made) + 1, slot=1))
    made.append(Instruction("match"))
    return Program(tuple(made), parsed.state.groups, dict(parsed.state.groupdict))


def search(program: Program, text: str, start: int, spend: Callable[[int], None]) -> Slots | None:
    """The leftmost match from `start` on as starts and ends of its groups (-1 where one did not take part)."""
    empty = (-1,) * (2 * program.groups)
    threads: list[tuple[int, Slots]] = []
    best: Slots | None = None
    for place in range(start, len(text) + 1):
        if best is None:
            threads = _follow(program, [*threads, (0, empty)], text, place)
        else:
            threads = _follow(program, threads, text, place)
        spend(len(threads))
        moved: list[tuple[int, Slots]] = []
        for at, slots in threads:
            instruction = program.instructions[at]
            if instruction.kind == "match":
                best = slots
                break
            if place < len(text) and instruction.test is not None and instruction.test(text[place]):
                moved.append((instruction.next, slots))
        threads = moved
        if best is not None and not threads:
            break
    return best


def _follow(program: Program, threads: list[tuple[int, Slots]], text: str, place: int) -> list[tuple[int, Slots]]:
    """Every thread at an instruction that reads a character or ends, each place once, in order of preference."""
    seen: set[int] = set()
    found: list[tuple[int, Slots]] = []
    waiting = threads[::-1]
    while waiting:
        at, slots = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        kind, onward, other, _, assertion, slot = program.instructions[at]
        if kind == "split":
            waiting.append((other, slots))
            waiting.append((onward, slots))
        elif kind == "save":
            waiting.append((onward, (*slots[:slot], place, *slots[slot + 1 :])))
        elif kind == "assert":
            if assertion is not None and assertion(text, place):
                waiting.append((onward, slots))
        else:
            found.append((at, slots))
    return found


def _emit(parsed: Any, flags: int, made: list[Instruction]) -> None:
    for operator, argument in parsed:
        name = str(operator)
        if len(made) > PROGRAM_MAX:
            raise Wrong("the pattern is too large", code="T0049")
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            made.append(Instruction("test", len(made) + 1, test=_test(name, argument, flags)))
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            _emit_repeat(argument, name == "MAX_REPEAT", flags, made)
        elif name == "SUBPATTERN":
            _emit_group(argument, flags, made)
        elif name == "BRANCH":
            _emit_branch(argument[1], flags, made)
        elif name == "AT":
            made.append(Instruction("assert", len(made) + 1, assertion=_assertion(str(argument), flags)))
        else:
            raise Wrong("references back, looking around and atomic groups cannot be matched in linear time")


def _emit_repeat(argument: Any, greedy: bool, flags: int, made: list[Instruction]) -> None:
    least, most, inner = argument
    if int(least) > PROGRAM_MAX or (most != _parser.MAXREPEAT and int(most) > PROGRAM_MAX):
        raise Wrong("the pattern is too large", code="T0049")
    for _ in range(int(least)):
        before = len(made)
        _emit(inner, flags, made)
        if len(made) == before:
            return
    if most == _parser.MAXREPEAT:
        split = len(made)
        made.append(Instruction("split"))
        _emit(inner, flags, made)
        made.append(Instruction("split", split, split))
        made[split] = _fork(split + 1, len(made), greedy)
        return
    splits = []
    for _ in range(int(most) - int(least)):
        splits.append(len(made))
        made.append(Instruction("split"))
        _emit(inner, flags, made)
    for split in splits:
        made[split] = _fork(split + 1, len(made), greedy)


def _fork(body: int, after: int, greedy: bool) -> Instruction:
    return Instruction("split", body, after) if greedy else Instruction("split", after, body)


def _emit_group(argument: Any, flags: int, made: list[Instruction]) -> None:
    group, added, removed, inner = argument
    if group is not None:
        made.append(Instruction("save", len(made) + 1, slot=2 * group))
    _emit(inner, (flags | added) & ~removed, made)
    if group is not None:
        made.append(Instruction("save", len(made) + 1, slot=2 * group + 1))


def _emit_branch(choices: Any, flags: int, made: list[Instruction]) -> None:
    ends = []
    for place, choice in enumerate(choices):
        split = len(made)
        if place < len(choices) - 1:
            made.append(Instruction("split"))
        _emit(choice, flags, made)
        if place < len(choices) - 1:
            ends.append(len(made))
            made.append(Instruction("split"))
            made[split] = Instruction("split", split + 1, len(made))
    for end in ends:
        made[end] = Instruction("split", len(made), len(made))


_CATEGORIES: Final = {
    "CATEGORY_DIGIT": r"\d", "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_SPACE": r"\s", "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w", "CATEGORY_NOT_WORD": r"\W",
}  # fmt: skip


def _test(name: str, argument: Any, flags: int) -> Test:
    if name == "ANY":
        return (lambda _: True) if flags & re.DOTALL else (lambda character: character != "\n")
    items = argument if name == "IN" else [(name, argument)]
    source = "".join(_one(str(operator), value) for operator, value in items if str(operator) != "NEGATE")
    negated = name == "NOT_LITERAL" or str(items[0][0]) == "NEGATE"
    match = re.compile(f"[{'^' if negated else ''}{source}]", flags & (re.IGNORECASE | re.ASCII)).match
    return lambda character: match(character) is not None


def _one(name: str, value: Any) -> str:
    if name == "RANGE":
        return f"\\U{value[0]:08x}-\\U{value[1]:08x}"
    return _CATEGORIES[str(value)] if name == "CATEGORY" else f"\\U{value:08x}"


def _assertion(name: str, flags: int) -> Assertion:
    pattern = {
        "AT_BEGINNING": "^", "AT_BEGINNING_STRING": r"\A", "AT_END": "$", "AT_END_STRING": r"\Z",
        "AT_BOUNDARY": r"\b", "AT_NON_BOUNDARY": r"\B",
    }[name]  # fmt: skip
    match = re.compile(pattern, flags & (re.MULTILINE | re.ASCII)).match
    return lambda text, place: match(text, place) is not None
