"""What stands around a place in a text that may be half-typed: the blocks, the attribute, the string, the reference."""

import re
from typing import Final

from ducktools.classbuilder.prefab import Prefab
from ducktools.classbuilder.prefab import attribute as field

from tars.lang.syntax.recover import begins_line, column_at
from tars.lang.syntax.tokens import HEREDOC, MARK, NAME, NEWLINE, NUMBER, OPEN_COMMENT, QUOTE, SCAN, STRING
from tars.ui.lsp.documents import Document

_CHAIN: Final = re.compile(r"[^\W\d][\w-]*(?:\[[^\[\]\n]*\])?(?:\.[^\W\d][\w-]*(?:\[[^\[\]\n]*\])?)*\.?\Z")
_WORD: Final = re.compile(r"[\w-]*\Z")
_LINE_COMMENT: Final = re.compile(r"(?:#|//)[^\n]*\Z")
_FOR: Final = re.compile(r"\bfor[ \t]+([\w-]+)(?:[ \t]*,[ \t]*([\w-]+))?[ \t]+in\b")


class Frame(Prefab):
    """Something that is open: a block, an object (`{`), a list (`[`), a parenthesis or call (`(`), a template (`$`)."""

    kind: str
    type: str = ""
    labels: tuple[str, ...] = ()
    column: int = 0
    attribute: str = ""
    start: int = 0
    written: set[str] = field(default_factory=set)
    """Names of the attributes and blocks that stand in it before the place, or the keys of an object."""
    key: str = ""
    """Of an object: the key whose value begins or has begun; empty where a key may begin."""


class Cursor(Prefab):
    """Where a place is.

    `kind` is "statement" (a name may begin here), "label", "value", "string" or "nothing" (a comment, a heredoc).
    `blocks` are the blocks around it, outermost first; `attribute` the attribute whose value it is in. `word` is what
    is typed of the word, from `word_start` on; in a string that is all from its quote. `chain` are the words of the
    reference before it: `["var"]` after `var.`.
    """

    kind: str
    blocks: list[Frame]
    attribute: str = ""
    word: str = ""
    word_start: int = 0
    chain: list[str] = field(default_factory=list)
    inner: str = ""
    """The innermost bracket within the value: "[", "{", "(", "$" or nothing."""
    objects: list[Frame] = field(default_factory=list)
    """The objects within the value around the place, outermost first."""
    brackets: int = 0
    """How many brackets are open around the place within the value."""
    bound: list[str] = field(default_factory=list)
    """The names that `for` gives in this value before the place."""

    @property
    def is_key(self) -> bool:
        """Whether a key of an object may begin here."""
        return self.inner == "{" and bool(self.objects) and not self.objects[-1].key


def cursor_at(document: Document, offset: int) -> Cursor:
    """What stands around an offset. A piece that is damaged is read with those before it."""
    number = document.piece_at(offset)
    first = number
    while first > 0 and number - first < 8 and document.pieces[first - 1].diagnostics:
        first -= 1
    if first > 0 and document.starts[number] == offset and not document.pieces[number - 1].text.endswith("\n"):
        first = min(first, number - 1)
    base = document.starts[first]
    text = "".join([piece.text for piece in document.pieces[first : number + 1]])
    damaged = any(piece.diagnostics for piece in document.pieces[first : number + 1])
    scan = _Scan(text, offset - base, damaged)
    found = scan.read()
    found.word_start += base
    found.brackets = sum(frame.kind != "block" for frame in scan.frames)
    for frame in found.blocks:
        frame.start += base
    return found


class _Scan:
    def __init__(self, text: str, stop: int, damaged: bool) -> None:
        self.text = text
        self.stop = stop
        self.damaged = damaged
        self.frames: list[Frame] = []
        self.root = Frame("root")
        self.statement: list[tuple[int, str, int]] = []

    def read(self) -> Cursor:
        at = 1 if self.text.startswith("\ufeff") else 0
        while True:
            token = SCAN(self.text, at)
            assert token is not None
            kind = token.lastindex or 0
            start, end = token.span(kind)
            if start >= self.stop or (end >= self.stop and kind in (NAME, NUMBER)):
                if start > self.stop and self._in_comment(at):
                    return Cursor("nothing", self._blocks())
                return self._outside(start, kind)
            if kind in (STRING, QUOTE):
                inside = self._string(start)
                if inside < 0:
                    return self._in_string(start)
                self._take(STRING, self.text[start:inside], start)
                at = inside
                continue
            in_comment = kind == NEWLINE and self.stop <= end - token[NEWLINE].endswith("\n")
            if kind in (HEREDOC, OPEN_COMMENT) or in_comment:
                at = self._heredoc(token[HEREDOC], end) if kind == HEREDOC else self.stop + 1
                if at > self.stop:
                    return Cursor("nothing", self._blocks())
                continue
            at = end
            self._take(kind, token[kind], start)

    def _in_comment(self, at: int) -> bool:
        return bool(_LINE_COMMENT.search(self.text, at, self.stop)) or "/*" in self.text[at : self.stop]

    def _take(self, kind: int, word: str, start: int) -> None:
        top = self.frames[-1] if self.frames else self.root
        if top.kind == "{":
            self._step(top, kind, word)
        if kind == NEWLINE:
            if top.kind in ("root", "block"):
                self._end_statement(top)
        elif kind == MARK and word in "{[(":
            self._open(word, start)
        elif kind == MARK and word in "}])":
            if self.frames:
                self.frames.pop()
            if word == "}" and (not self.frames or self.frames[-1].kind == "block") and "=" not in self._words():
                self.statement = []
        else:
            if kind == NAME and not self.statement and self.damaged:
                self._settle(start)
            if kind == NAME and top.kind == "block" and "=" in self._words() and self._is_next(start):
                self._end_statement(top)  # a one-line block
            self.statement.append((kind, word, start))

    def _step(self, top: Frame, kind: int, word: str) -> None:
        """Follow the keys of an object."""
        if kind == NEWLINE or word == ",":
            top.key = ""
        elif word in ("=", ":") and not top.key and self.statement:
            top.key = self.statement[-1][1].strip('"')
            top.written.add(top.key)

    def _is_next(self, start: int) -> bool:
        """Whether the name begins another attribute of a one-line block."""
        return re.compile(r"[\w-]+[ \t]*=(?!=)").match(self.text, start) is not None

    def _settle(self, start: int) -> None:
        """Leave the blocks that the indentation of a statement says have ended, as the parser does."""
        while self.frames and begins_line(self.text, start) and column_at(self.text, start) <= self.frames[-1].column:
            self.frames.pop()

    def _words(self) -> list[str]:
        return [word for _, word, _ in self.statement]

    def _end_statement(self, top: Frame) -> None:
        if self.statement and self.statement[0][0] == NAME:
            top.written.add(self.statement[0][1])
        self.statement = []

    def _open(self, word: str, start: int) -> None:
        top = self.frames[-1] if self.frames else self.root
        words = self._words()
        if word == "{" and top.kind in ("root", "block") and words and "=" not in words:
            top.written.add(words[0])
            column = column_at(self.text, self.statement[0][2])
            labels = tuple([each.strip('"') for each in words[1:]])
            self.frames.append(Frame("block", words[0], labels, column, start=self.statement[0][2]))
            self.statement = []
        else:
            self.frames.append(Frame(word, attribute=self._attribute()))

    def _attribute(self) -> str:
        words = self._words()
        return words[0] if len(words) > 1 and words[1] == "=" else ""

    def _string(self, start: int) -> int:
        """The end of the string that begins at `start`; -1 where the place is in it."""
        at, depth = start + 1, 0
        text = self.text
        while at < len(text) and text[at] != "\n":
            if at >= self.stop:
                return -1
            if text[at] == "\\":
                at += 1
            elif text[at : at + 2] in ("${", "%{"):
                depth += 1
                at += 1
            elif depth and text[at] == "}":
                depth -= 1
            elif not depth and text[at] == '"':
                return at + 1
            at += 1
        return -1 if at >= self.stop else at

    def _heredoc(self, opener: str, end: int) -> int:
        marker = opener.strip().lstrip("<").removeprefix("-")
        closing = re.compile(rf"^[ \t]*{re.escape(marker)}[ \t\r]*$", re.MULTILINE).search(self.text, end)
        return closing.end() if closing else len(self.text) + 1

    def _blocks(self) -> list[Frame]:
        return [frame for frame in self.frames if frame.kind == "block"]

    def _in_string(self, start: int) -> Cursor:
        text = self.text[start + 1 : self.stop]
        opened = max(text.rfind("${"), text.rfind("%{"))
        attribute = self._value_of()
        if opened >= 0 and "}" not in text[opened:]:
            return self._expression(attribute, "$")
        words = self._words()
        if not attribute and words and "=" not in words and (not self.frames or self.frames[-1].kind == "block"):
            blocks = [*self._blocks(), Frame("block", words[0])]
            return Cursor("label", blocks, "", text, start + 1)
        return Cursor(
            "string", self._blocks(), attribute, text, start + 1, inner=self._inner(), objects=self._objects()
        )

    def _value_of(self) -> str:
        own = self._attribute() if not self.frames or self.frames[-1].kind == "block" else ""
        return own or next((frame.attribute for frame in reversed(self.frames) if frame.attribute), "")

    def _inner(self) -> str:
        return self.frames[-1].kind if self.frames and self.frames[-1].kind != "block" else ""

    def _objects(self) -> list[Frame]:
        return [frame for frame in self.frames if frame.kind == "{"]

    def _bound(self) -> list[str]:
        begin = self.statement[0][2] if self.statement else self.stop
        return [name for names in _FOR.findall(self.text, begin, self.stop) for name in names if name]

    def _expression(self, attribute: str, inner: str) -> Cursor:
        before = self.text[: self.stop]
        word = _WORD.search(before)
        chain = _CHAIN.search(before[max(0, len(before) - 300) :])
        assert word is not None
        steps = re.findall(r"[^\W\d][\w-]*", chain[0].rpartition(".")[0]) if chain and "." in chain[0] else []
        return Cursor(
            "value",
            self._blocks(),
            attribute,
            word[0],
            word.start(),
            steps,
            inner,
            self._objects(),
            bound=self._bound(),
        )

    def _is_ended(self) -> bool:
        """Whether the value before the place is whole: in a block of one line another attribute may begin then."""
        kind, word, start = self.statement[-1]
        end = start + len(word)
        return kind in (STRING, NUMBER, NAME) and self.text[end : end + 1] in (" ", "\t", "]", ")", "}")

    def _outside(self, start: int, kind: int) -> Cursor:
        words = self._words()
        top = self.frames[-1] if self.frames else self.root
        if top.kind == "block" and "=" in words and self._is_ended():
            self._end_statement(top)
            words = []
        if top.kind not in ("root", "block") or "=" in words:
            return self._expression(self._value_of(), self._inner())
        word = _WORD.search(self.text[: self.stop])
        assert word is not None
        if words:
            return Cursor("label", [*self._blocks(), Frame("block", words[0])], "", word[0], word.start())
        if self.damaged and self.frames:
            line = column_at(self.text, word.start())
            while self.frames and begins_line(self.text, word.start()) and line <= self.frames[-1].column and word[0]:
                self.frames.pop()
        return Cursor("statement", self._blocks(), "", word[0], word.start())
