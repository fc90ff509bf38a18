"""Parses the words of one command; a wrong word is answered with the nearest right one."""

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

from tars.core.errors import UsageError
from tars.core.near import close_matches

GLOBALS = ("--project", "--json", "--quiet", "--color", "--help", "-h")
"""The options that every command has."""
_NUMBER = r"-\d+(\.\d+)?$"
_CHOICE = r"(?s)invalid choice: '?(?P<given>[^']*?)'? \(choose from (?P<known>.*)\)"


class Parser(argparse.ArgumentParser):
    """One command's parser: long options, no abbreviations, and `UsageError` instead of an exit."""

    def __init__(self, verb: str) -> None:
        super().__init__(prog=f"tarscli {verb}".strip(), allow_abbrev=False, add_help=False)
        self.verb = verb
        self.examples: tuple[tuple[str, str], ...] = ()
        self.rows: tuple[tuple[str, str], ...] = ()
        """The actions of the command that have parsers of their own, each with its sentence."""

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """The arguments. Raises `UsageError` that names the wrong word and the nearest right one."""
        if "" in words:
            raise UsageError(f"an argument of `{self.prog}` is empty", hint="is a variable of the shell not set?")
        for word in words:
            if word == "--":
                break
            self._check_option(word)
        arguments, extra = self.parse_known_args(list(words))
        if extra:
            raise UsageError(f"`{extra[0]}` is one argument too many for `{self.prog}`", hint=self._see())
        return arguments

    def error(self, message: str) -> NoReturn:
        choice = re.search(_CHOICE, message)
        if choice:
            known = [word.strip(" '") for word in choice["known"].split(",")]
            near = close_matches(choice["given"], known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"
            place = message.partition(":")[0].removeprefix("argument ")
            raise UsageError(f"`{choice['given']}` is not a value of {place}", hint=hint)
        raise UsageError(message.removeprefix("argument "), hint=self._see())

    def _check_option(self, word: str) -> None:
        if not word.startswith("-") or word == "-" or re.match(_NUMBER, word):
            return
        name = word.partition("=")[0]
        known = self._option_string_actions
        if name in known:
            return
        near = close_matches(name, [option for option in known if option.startswith("--")], n=1)
        hint = f"did you mean `{near[0]}`?" if near else self._see()
        raise UsageError(f"`{self.prog}` has no option `{name}`", hint=hint)

    def _see(self) -> str:
        return f"`{self.prog} --help` shows its arguments and options"


def add_globals(parser: argparse.ArgumentParser) -> None:
    """The options that every command has, in a group of their own."""
    group = parser.add_argument_group("Options of every command")
    group.add_argument(
        "--project", metavar="DIR", help="the project's folder, instead of the one around the metascript"
    )
    group.add_argument("--json", action="store_true", help="print one JSON object on stdout instead of text")
    group.add_argument("--quiet", action="store_true", help="print data and errors only")
    group.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="when to colour (default: auto)"
    )
    group.add_argument("-h", "--help", action="store_true", help="print this page")


def count(text: str) -> int:
    """A whole number of at least 1, as an argument."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError(f"`{text}` is not a whole number between 1 and 1,000,000")
    return number


def names(text: str) -> tuple[str, ...]:
    """A list of names separated by commas, as an argument."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise argparse.ArgumentTypeError("names at least one name, several separated by commas")
    return found
