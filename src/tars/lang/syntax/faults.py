"""Syntax errors as they are found: collected in the `Source` that is parsed, or raised to the statement at hand."""

from re import Match

from tars.core.values import Diagnostic, Edit, Related, Severity, Span


class Source:
    """The text being parsed and the errors found in it so far."""

    __slots__ = ("balanced", "diagnostics", "path", "text", "weight")

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.diagnostics: list[Diagnostic] = []
        self.balanced = True
        self.weight = 0
        """How many nodes of the expression at hand may lie above each other: an upper bound of its height."""

    def report(self, fault: "FaultError") -> None:
        """Keep the error, unless its place already has one: the first says what is wrong, others follow from it."""
        place = fault.start
        if any(known.span is not None and known.span.start == place for known in self.diagnostics[-3:]):
            return
        span = Span(self.path, fault.start, fault.end)
        related = tuple(Related(Span(self.path, start, end), message) for start, end, message in fault.related)
        fix = tuple(Edit(Span(self.path, start, end), text) for start, end, text in fault.fix)
        self.diagnostics.append(Diagnostic(fault.code, Severity.ERROR, fault.message, span, fault.hint, related, fix))


class FaultError(Exception):
    """An error after which the statement at hand cannot be read on. It never leaves the parser.

    `related` holds (start, end, message), `fix` holds (start, end, text to put there).
    """

    def __init__(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        hint: str,
        *,
        related: tuple[tuple[int, int, str], ...] = (),
        fix: tuple[tuple[int, int, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint
        self.related = related
        self.fix = fix


def describe(text: str, start: int, end: int) -> str:
    """How a message names what stands at a place: the word itself, or what it is."""
    word = text[start:end]
    if not word:
        return "the end of the file"
    if word[0] == "\n" or word[0] == "#" or word.startswith("//"):
        return "the end of the line"
    if not word.isprintable():
        return f"the character U+{ord(word[0]):04X}"
    return f"`{word}`" if len(word) <= 40 else f"`{word[:37]}…`"


def unclosed(source: Source, opener: int, closer: str, previous: int, token: Match[str]) -> FaultError:
    """The error for a bracket at `opener` that should close after `previous`, where `token` stands instead."""
    text = source.text
    start, end = token.span(token.lastindex or 0)
    opened = text[opener]
    related = ((opener, opener + 1, f"`{opened}` opened here"),)
    line_ends = text.find("\n", previous, start)
    if line_ends != -1 or start == len(text):
        place = closing_place(text, previous, start)
        fix = ((place, place, closer),)
        message = f"`{opened}` is never closed"
        return FaultError("T0003", message, place, place, f"write `{closer}` here", related=related, fix=fix)
    message = f"expected `{closer}`, found {describe(text, start, end)}"
    return FaultError("T0003", message, start, end, f"close the `{opened}` with `{closer}` first", related=related)


def closing_place(text: str, previous: int, following: int) -> int:
    """Where a closer is missing between two places: on an empty line between them, else at the first."""
    line_end = text.find("\n", previous, following)
    while line_end != -1:
        following_end = text.find("\n", line_end + 1, following)
        if following_end == -1:
            return previous
        if not text[line_end + 1 : following_end].strip():
            return following_end
        line_end = following_end
    return previous
