"""Explain a code that a check printed, with a wrong and a right example."""

import argparse

from tars.core.errors import UsageError
from tars.core.near import close_matches
from tars.lang.checks import Check, codes, find
from tars.ui.cli.console import Console, table, terminal_width
from tars.ui.cli.printable import printable
from tars.ui.cli.storecodes import CODES
from tars.ui.cli.toolcodes import explain_tool_code

EXAMPLES = (
    ("tarscli explain T0031", "what the code means and how to mend it"),
    ("tarscli explain rust:E0277", "a compiler's code, in its own words"),
    ("tarscli explain", "all codes, one a line"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="such as T0031; default: list them all")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if not arguments.code:
        checks = [(one.code, one.title) for one in map(find, codes()) if one is not None]
        found = [*checks, *((code, title) for code, (title, _) in CODES.items())]
        console.answer({"codes": dict(found)})
        console.write(table(found, width=terminal_width()))
        return 0
    check = find(arguments.code)
    own = CODES.get(arguments.code.strip().upper())
    told = own or (explain_tool_code(arguments.code) if check is None else None)
    if told is not None:
        title, text = told
        console.answer({"code": arguments.code, "title": title, "explanation": text})
        console.write(
            f"{console.styled(printable(f'{arguments.code}: {title}'), 'strong', out=True)}\n\n{printable(text)}"
        )
        return 0
    if check is None:
        near = close_matches(arguments.code.strip().upper(), (*codes(), *CODES), n=1)
        hint = (
            f"did you mean `{near[0]}`? `tarscli explain` lists all codes" if near else "`tarscli explain` lists them"
        )
        raise UsageError(f"there is no code `{arguments.code}`", hint=hint)
    console.answer(
        {
            "code": check.code,
            "title": check.title,
            "explanation": check.explanation,
            "wrong": check.wrong,
            "right": check.right,
        }
    )
    console.write(_text(check, console))
    return 0


def _text(check: Check, console: Console) -> str:
    head = console.styled(f"{check.code}: {check.title}", "strong", out=True)
    parts = [head, check.explanation.strip()]
    parts += [f"Wrong:\n\n{_indented(printable(check.wrong))}", f"Right:\n\n{_indented(check.right)}"]
    return "\n\n".join(parts)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.strip("\n").split("\n"))
