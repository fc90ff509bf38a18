"""Where a quote is missing, wrong or too many: the lines whose quotes do not pair, and the changes that pair them."""

import re
from collections.abc import Iterator
from itertools import pairwise

from ducktools.classbuilder.prefab import Prefab

from tars.rust.rules_support.tokens import tokens_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

_LINE = re.compile(
    rb"""(?P<comment>//.*) | (?P<raw>r\#+".*?"\#+ | r"[^"]*") | (?P<text>b?"(?:\\.|[^"\\])*")
    | (?P<char>b?'(?:\\.[^']*|[^\\'\x80-\xff]|[\xc0-\xff][\x80-\xbf]+)') | (?P<lone>"|(?<=\bb)'|'(?![A-Za-z_])) | .""",
    re.VERBOSE,
)
_LETTER = rb"\\(?:u\{\w*\}|x\w\w|.)|[^\\'\x80-\xff]|[\xc0-\xff][\x80-\xbf]+"
_ENDS = re.compile(rb"[)\]};,]|\s(?:=>|\{|[=!<>]=|&&|\|\|)|\.\w+\(|$")
_STARTS = re.compile(rb"[(\[{,=&>]\s*|\breturn\s+|^\s*|\s")
_PLACEHOLDER = re.compile(rb"\{(?::[^}]*)?\}")
_LINES_BACK_MAX = 400
_EDGES_MAX = 40


class Odd(Prefab, frozen=True):
    """A line on which one double or single quote has no partner, at the byte `at`."""

    start: int
    end: int
    at: int
    quote: bytes


def odd_lines(file: SourceFile, until: int, most: int = 3) -> list[Odd]:
    """Such lines up to the one of byte `until`, the nearest first; a string of several lines has two."""
    found: list[Odd] = []
    at = file.line_start(until)
    for _ in range(_LINES_BACK_MAX):
        end = file.line_end(at)
        lone = [one for one in _LINE.finditer(file.data, at, end) if one.lastgroup == "lone"]
        doubles = [one for one in lone if one.group() == b'"']
        for one in doubles[:1] or lone[:1]:
            found.append(Odd(at, end, one.start(), one.group()))
        if at == 0 or len(found) >= most:
            break
        at = file.line_start(at - 1)
    return found


def pairings(file: SourceFile, odd: Odd) -> Iterator[tuple[Change, str, float]]:
    """Changes after which the quotes of a line pair, with what they do and how likely that is what was meant."""
    quote = odd.quote.decode()
    other = b"'" if odd.quote == b'"' else b'"'
    line = file.data[odd.start : odd.end]
    opens = _at_an_edge(line, odd.at - odd.start, after=False)
    closes = _at_an_edge(line, odd.at - odd.start, after=True) and not opens
    for at in _closings(file, odd):
        likely = 0.4 if file.data[at - 1 : at] == other else 0.3 if closes else 0.85
        yield file.insert(at, quote), f"close the text with the missing `{quote}`", likely
    for at in _openings(file, odd):
        likely = 0.4 if file.data[at : at + 1] == other else 0.2 if opens else 0.8
        yield file.insert(at, quote), f"open the text with the missing `{quote}`", likely
    yield from _between(file, odd) if quote == '"' else ()
    yield from _quoted_quotes(file, odd)
    for found in re.finditer(rb'\bextern\s+"\w[\w-]*(?=\s)', line):
        yield file.insert(odd.start + found.end(), quote), f"close the text with the missing `{quote}`", 0.9
    yield from _exchanged(file, odd, other)
    yield file.delete(Place(file.path, odd.at, odd.at + 1)), f"remove the stray `{quote}`", 0.4


def _between(file: SourceFile, odd: Odd) -> Iterator[tuple[Change, str, float]]:
    """The quote that is missing among several texts of one line: behind an odd number of quotes it closes, behind an
    even number it opens."""
    edges = [odd.start - 1]
    for one in _LINE.finditer(file.data, odd.start, odd.end):
        if one.lastgroup == "text":
            edges += [file.data.index(b'"', one.start()), one.end() - 1]
        elif one.group() == b'"':
            edges.append(one.start())
    edges.append(odd.end)
    for number, (before, after) in enumerate(pairwise(edges[:_EDGES_MAX])):
        gap = file.data[before + 1 : after]
        for found in (_ENDS if number % 2 else _STARTS).finditer(gap):
            at = before + 1 + (found.start() if number % 2 else found.end())
            does = "close" if number % 2 else "open"
            yield file.insert(at, '"'), f'{does} the text with the missing `"`', 0.7


def _quoted_quotes(file: SourceFile, odd: Odd) -> Iterator[tuple[Change, str, float]]:
    """A character that is a double quote, of which one single quote is missing: `'"`."""
    line = file.data[odd.start : odd.end]
    for found in re.finditer(rb"'\\?\"(?!')", line):
        yield file.insert(odd.start + found.end(), "'"), "close the character with the missing `'`", 0.92
    for found in re.finditer(rb"(?<!['\\])\\?\"'", line):
        yield file.insert(odd.start + found.start(), "'"), "open the character with the missing `'`", 0.7


def _exchanged(file: SourceFile, odd: Odd, other: bytes) -> Iterator[tuple[Change, str, float]]:
    """One kind of quote written for the other."""
    quote = odd.quote.decode()
    line = file.data[odd.start : odd.end]
    for found in re.finditer(re.escape(other), line):
        at = odd.start + found.start()
        outer = _at_an_edge(line, found.start(), after=at > odd.at)
        likely = 0.3 if abs(at - odd.at) == 2 else 0.9 if outer else 0.3
        yield file.replace(Place(file.path, at, at + 1), quote), f"write `{quote}` for `{other.decode()}`", likely
        if abs(at - odd.at) == 2:
            place = Place(file.path, odd.at, odd.at + 1)
            yield file.replace(place, other.decode()), f"write `{other.decode()}` for `{quote}`", 0.7
    outer = _at_an_edge(line, odd.at - odd.start, after=True)
    place = Place(file.path, odd.at, odd.at + 1)
    yield file.replace(place, other.decode()), f"write `{other.decode()}` for `{quote}`", 0.6 if outer else 0.5
    for found in re.finditer(rb'[&<,]\s*(")\w+[\s>,:]', line) if odd.quote == b'"' else ():
        place = Place(file.path, odd.start + found.start(1), odd.start + found.end(1))
        yield file.replace(place, "'"), "write the lifetime with a single quote", 0.75


def _at_an_edge(line: bytes, at: int, *, after: bool) -> bool:
    """Whether a quote stands where texts usually end (`after`) or begin."""
    if after:
        return re.match(rb"\s*([)\]};,.]|=>|$)", line[at + 1 :]) is not None
    return re.search(rb"([(\[{,=&>]\s*|^\s*)$", line[:at]) is not None


def _closings(file: SourceFile, odd: Odd) -> Iterator[int]:
    """Where a text that the lone quote opens may end: the last places first, as few texts hold code."""
    rest = file.data[odd.at + 1 : odd.end]
    if odd.quote == b"'":
        letter = re.match(_LETTER, rest)
        if letter:
            yield odd.at + 1 + letter.end()
        return
    for found in reversed(list(_ENDS.finditer(rest))):
        yield odd.at + 1 + found.start()


def _openings(file: SourceFile, odd: Odd) -> Iterator[int]:
    """Where a text that the lone quote closes may begin."""
    before = file.data[odd.start : odd.at]
    if odd.quote == b"'":
        letter = re.search(rb"(?:" + _LETTER + rb")$", before)
        if letter:
            yield odd.start + letter.start()
        return
    for found in _STARTS.finditer(before):
        yield odd.start + found.end()


def plausible(line: bytes) -> float:
    """A factor for how well the texts of a line fit their surroundings: as many values as placeholders, and no text
    that ends or begins in the middle of a word."""
    factor = 1.0
    for found in _LINE.finditer(line):
        if found.lastgroup != "text":
            continue
        before, after = line[: found.start()], line[found.end() :]
        if re.search(rb"[\w)]$", before) or re.match(rb"[\w{]|\s*&[^&]", after):
            factor *= 0.3
        if _closes_first(found.group()):
            factor *= 0.4
        if re.search(rb"\b(print|println|eprint|eprintln|format|panic)!\s*\(\s*$", before):
            wanted, given = len(_PLACEHOLDER.findall(found.group())), _values(after)
            factor *= 1.2 if wanted == given else 1.0 if after.rstrip().endswith(b",") else 0.5
    if re.search(rb"\b(print|println|eprint|eprintln|format|panic)!\s*\(\s*[^\s\")]", line):
        factor *= 0.3
    return factor


def _closes_first(text: bytes) -> bool:
    """Whether a text closes a parenthesis that it did not open, as code between two texts does."""
    depth = 0
    for letter in text:
        depth += (letter in b"(") - (letter in b")")
        if depth < 0:
            return True
    return False


def _values(after: bytes) -> int:
    """How many values follow a format text within its parentheses."""
    depth, count = 0, 0
    for letter in after:
        sign = bytes((letter,))
        if sign in b"([{":
            depth += 1
        elif sign in b")]}":
            depth -= 1
            if depth < 0:
                break
        elif sign == b"," and depth == 0:
            count += 1
    return count


def lifetimes_as_letters(file: SourceFile, at: int) -> Iterator[tuple[Change, str, float]]:
    """The quotes missing behind single letters of the line of a byte: `'a` is a lifetime, `'a'` a character."""
    start = file.line_start(at)
    for found in re.finditer(rb"'\w(?![\w'])", file.data[start : file.line_end(at)]):
        yield file.insert(start + found.end(), "'"), "close the character with the missing `'`", 0.8


def lone_letters(file: SourceFile, at: int) -> Iterator[tuple[Change, str, float]]:
    """What of the line of a byte can have been a character of which one quote is missing: `'\\n`, `'(`, `\\n'`. What
    `'\\'` was, is that of a quote or of a backslash."""
    start = file.line_start(at)
    line = file.data[start : file.line_end(at)]
    for found in re.finditer(rb"(?<![\\'])'\\'(?!')", line):
        yield file.insert(start + found.end(), "'"), "close the character with the missing `'`", 0.85
        yield file.insert(start + found.end() - 1, "\\"), "write `\\\\` for `\\`", 0.6
    for found in re.finditer(rb"(?<![\\'])'(?:\\(?:u\{\w*\}|x\w\w|[nrt0\\\"])|[^\w\s'\\])(?!')", line):
        yield file.insert(start + found.end(), "'"), "close the character with the missing `'`", 0.8
    for found in re.finditer(rb"(?<!['\\])\\(?:u\{\w*\}|x\w\w|[nrt0])'", line):
        yield file.insert(start + found.start(), "'"), "open the character with the missing `'`", 0.75


def swallowing(file: SourceFile, most: int = 3) -> list[Odd]:
    """The first texts of several lines that seem to hold code, by how their lines end, or that end before a word: each
    may have lost a quote on the line where it begins."""
    found: list[Odd] = []
    for token in tokens_of(file):
        if token.kind != "text" or not token.text.startswith((b'"', b'b"')) or b"\n" not in token.text:
            continue
        holds = any(line.rstrip()[-1:] in (b";", b"{", b"}") for line in token.text.splitlines()[:-1])
        if holds or re.match(rb"[\w\\{]", file.data[token.end : token.end + 1]):
            at = token.start + token.text.index(b'"')
            found.append(Odd(file.line_start(at), file.line_end(at), at, b'"'))
        if len(found) == most:
            break
    return found


def line_after(file: SourceFile, odd: Odd, change: Change) -> bytes:
    """The odd line with the change made."""
    start, end = change.place.start, change.place.end
    return file.data[odd.start : start] + change.text.encode() + file.data[end : odd.end]
