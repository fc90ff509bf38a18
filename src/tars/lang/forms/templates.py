"""Writes strings, templates and expressions again: as the plain text that data holds, or quoted in a metascript."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from tars.lang.syntax.tokens import is_name
from tars.lang.syntax.tree import Expression, Interpolation, Part, TemplateIf

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED: Final = re.compile(r'[\\"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]')


def escaped(value: str) -> str:
    """The text as a template without any sequence."""
    return value.replace("${", "$${").replace("%{", "%%{")


def quoted(value: str) -> str:
    """The text as a string of the language."""
    return f'"{within_quotes(value)}"'


def within_quotes(value: str) -> str:
    return escaped(_ESCAPED.sub(lambda found: _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}", value))


def source(text: str, node: Expression) -> str:
    """The expression as it is written in `text`, so that more may follow: a heredoc's end stands alone on its line."""
    written = text[node[0] : node[1]]
    return f"{written}\n" if "<<" in written and is_name(written.rpartition("\n")[2].strip()) else written


def template(text: str, parts: Sequence[Part], literal: Callable[[str], str], after: str = "") -> str:
    """The source of a template with these parts of `text`, whose blanks are stripped and whose escapes are decoded.

    `literal` writes its plain texts; `after` is the mark (`$` or `%`) of the sequence that follows the template.
    """
    out: list[str] = []
    for index, part in enumerate(parts):
        if isinstance(part, str):
            mark = _mark(parts[index + 1]) if index + 1 < len(parts) else after
            # A `$` before `${` would make an escape of it, so the marks at the end are a sequence of their own.
            plain = part.rstrip("$%") if mark and part.endswith(mark) else part
            out.append(literal(plain))
            if plain != part:
                out.append(f'${{"{part[len(plain) :]}"}}')
        elif isinstance(part, Interpolation):
            out.append(f"${{{source(text, part.expression)}}}")
        elif isinstance(part, TemplateIf):
            out.append(f"%{{ if {source(text, part.condition)} }}{template(text, part.then, literal, '%')}")
            if part.otherwise:
                out.append(f"%{{ else }}{template(text, part.otherwise, literal, '%')}")
            out.append("%{ endif }")
        else:
            names = f"{part.key}, {part.value}" if part.key else part.value
            collection = source(text, part.collection)
            out.append(f"%{{ for {names} in {collection} }}{template(text, part.parts, literal, '%')}%{{ endfor }}")
    return "".join(out)


def _mark(part: Part) -> str:
    return "$" if isinstance(part, Interpolation) else "%"
