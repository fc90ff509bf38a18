"""The manual page of a command, from its parser: the same text whatever Python's version."""

import argparse
from collections.abc import Iterator

from tars.ui.cli.overview import columns, filled, page_width
from tars.ui.cli.parser import GLOBALS, Parser


def page(parser: Parser) -> str:
    """The manual page of one command, as wide as the terminal and at most 100 characters."""
    width = page_width()
    parts = [f"Usage: {usage(parser)}", *paragraphs(parser, width)]
    if parser.rows:
        parts.append("Actions:\n" + columns(list(parser.rows), width, term_width=14))
    for title, chosen in sections(parser):
        parts.append(f"{title}:\n" + columns([(term(action), description(action)) for action in chosen], width))
    if parser.examples:
        parts.append("Examples:\n" + columns(list(parser.examples), width, term_width=40))
    return "\n\n".join(parts)


def usage(parser: Parser) -> str:
    """One line: the command, its arguments, and where options go."""
    words = [_positional(action) for action in actions(parser) if not action.option_strings]
    return " ".join([parser.prog, *words, "[OPTIONS]"])


def paragraphs(parser: Parser, width: int = 0) -> list[str]:
    """The description in paragraphs, broken into lines where a width is given."""
    texts = [" ".join(part.split()) for part in (parser.description or "").split("\n\n") if part.strip()]
    return [filled(text, width) for text in texts] if width else texts


def sections(parser: Parser) -> list[tuple[str, list[argparse.Action]]]:
    """The arguments and options under their titles; empty sections are left out."""
    own = [action for action in actions(parser) if not is_global(action)]
    found = [
        ("Arguments", [action for action in own if not action.option_strings]),
        ("Options", [action for action in own if action.option_strings]),
        ("Options of every command", [action for action in actions(parser) if is_global(action)]),
    ]
    return [(title, chosen) for title, chosen in found if chosen]


def actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if action.help != argparse.SUPPRESS:
            yield action


def term(action: argparse.Action) -> str:
    """How an argument is written: `FILE`, or `--jobs N`."""
    if not action.option_strings:
        return _positional(action)
    value = f" {_metavar(action)}" if action.nargs != 0 else ""
    return ", ".join(action.option_strings) + value


def description(action: argparse.Action) -> str:
    return action.help or ""


def is_global(action: argparse.Action) -> bool:
    return any(option in GLOBALS for option in action.option_strings)


def _metavar(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    if action.choices is not None:
        return "|".join(str(choice) for choice in action.choices)
    return action.dest.upper()


def _positional(action: argparse.Action) -> str:
    name = _metavar(action)
    if action.nargs == "*":
        return f"[{name} …]"
    if action.nargs == "+":
        return f"{name} …"
    return f"[{name}]" if action.nargs == "?" else name
