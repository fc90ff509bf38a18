"""The lines of a file that is being formatted, and how far each is indented."""

from ducktools.classbuilder.prefab import Prefab

from tars.lang.forms.stream import Kind, Token

INDENT = "  "


class Line(Prefab):
    """`brackets` are those on the line in their order; `equals` is the column of a `=` that may be aligned, or -1."""

    text: str
    brackets: list[str]
    equals: int
    leading: int = 0
    """How many closing brackets the line begins with."""
    indent: int = 0


def split(tokens: list[Token]) -> list[list[Token]]:
    """The tokens line by line, without the newlines."""
    lines: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind is Kind.NEWLINE:
            lines.append([])
        else:
            lines[-1].append(token)
    return lines


def is_blank(line: Line) -> bool:
    return not line.text


def indented(lines: list[Line]) -> None:
    """Set every line's indentation: a step more than the line on which the innermost open bracket is, and as deep as
    that line where it begins with what closes it."""
    opened: list[int] = []
    for number, line in enumerate(lines):
        if line.leading:
            line.indent = lines[opened[-line.leading]].indent
            del opened[-line.leading :]
        elif opened:
            line.indent = lines[opened[-1]].indent + 1
        for bracket in line.brackets[line.leading :]:
            if bracket in "([{":
                opened.append(number)
            else:
                opened.pop()


def written(lines: list[Line]) -> str:
    """The text of the lines; lines within a heredoc or a long comment keep their own indentation."""
    return "".join(f"{INDENT * line.indent}{line.text}\n" if line.text else "\n" for line in lines)
