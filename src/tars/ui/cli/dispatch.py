"""Finds the command that the words name, runs it, and turns every failure into a message and an exit code."""

import argparse
import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType, ModuleType

from tars import __version__
from tars.core.errors import InputError, TarsError, UsageError
from tars.core.near import close_matches
from tars.ui.cli import commands
from tars.ui.cli.console import Color, Console
from tars.ui.cli.manual import page
from tars.ui.cli.overview import overview, summary, verbs
from tars.ui.cli.parser import Parser, add_globals

DONE, FAILED, USAGE, UNAVAILABLE, BUG, INTERRUPTED = 0, 1, 2, 3, 70, 130
_WITH_VALUE = ("--project", "--color")


def dispatch(words: Sequence[str]) -> int:
    """Run the command that `words` name and return its exit code; nothing but `BrokenPipeError` is raised."""
    console = _console("tarscli", words)
    _end_on_termination()
    try:
        verb, rest = _split(words)
        if verb is None:
            return _without_command(rest, console)
        action, rest = _action(verb, rest)
        console = _console(f"{verb}-{action}" if action else verb, rest)
        parser = parser_of(verb, action)
        if _asks_help(rest):
            sys.stdout.write(page(parser) + "\n")
            return DONE
        arguments = parser.parse(rest)
        code: int = command_module(verb, action).run(arguments, console)
        return code
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        return _interrupted(console)
    except Exception as error:
        return _failed(error, words, console)


def command_module(verb: str, action: str = "") -> ModuleType:
    """The file of a command, or of one action of a command that has actions."""
    module = importlib.import_module(f"{commands.__name__}.{verb.replace('-', '_')}")
    return importlib.import_module(f"{module.ACTIONS.__name__}.{action.replace('-', '_')}") if action else module


def actions_of(verb: str) -> tuple[str, ...]:
    """The names of a command's actions that are files of their own; none of them is imported."""
    package = getattr(command_module(verb), "ACTIONS", None)
    return verbs(package) if package is not None else ()


def parser_of(verb: str, action: str = "") -> Parser:
    """The parser of one command or action, with the options that every command has."""
    module = command_module(verb, action)
    parser = Parser(f"{verb} {action}".strip())
    parser.description = (module.__doc__ or "").strip()
    parser.examples = module.EXAMPLES
    if not action and (names := actions_of(verb)):
        parser.rows = tuple((name, summary(name, module.ACTIONS)) for name in names)
    module.configure(parser)
    add_globals(parser)
    return parser


def _split(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The command's name and the words without it; options that every command has may come before it."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in _WITH_VALUE else 1
    if index >= len(words):
        return None, list(words)
    verb, rest = words[index], [*words[:index], *words[index + 1 :]]
    if verb == "help":
        asked = [word for word in rest if not word.startswith("-")]
        return (_known(asked[0]), [*asked[1:], "--help"]) if asked else (None, ["--help"])
    return _known(verb), rest


def _action(verb: str, rest: list[str]) -> tuple[str, list[str]]:
    """The action that the words name, and the words without it; none where the command has no actions."""
    known = actions_of(verb)
    index = 0
    while index < len(rest) and rest[index].startswith("-"):
        index += 2 if rest[index] in _WITH_VALUE else 1
    if not known or index >= len(rest):
        return "", rest
    action = rest[index]
    if action not in known:
        if getattr(command_module(verb), "TAKES_WORDS", False):
            return "", rest
        near = close_matches(action, known, n=1)
        hint = f"did you mean `tarscli {verb} {near[0]}`?" if near else f"`tarscli {verb} --help` lists its actions"
        raise UsageError(f"`{action}` is not an action of `tarscli {verb}`", hint=hint)
    return action, [*rest[:index], *rest[index + 1 :]]


def _known(verb: str) -> str:
    known = verbs()
    if verb in known:
        return verb
    if verb.endswith(".tars") or os.path.isfile(verb):
        raise UsageError(f"`{verb}` is not a command", hint=f"did you mean `tarscli run {verb}`?")
    near = close_matches(verb, known, n=1)
    hint = f"did you mean `tarscli {near[0]}`?" if near else "`tarscli --help` lists the commands"
    raise UsageError(f"`{verb}` is not a command of tarscli", hint=hint)


def _without_command(words: Sequence[str], console: Console) -> int:
    parser = Parser("")
    add_globals(parser)
    parser.add_argument("--version", action="store_true")
    arguments = parser.parse(words)
    if arguments.version:
        console.answer({"version": __version__})
        console.write(f"tarscli {__version__}")
        return DONE
    if arguments.help:
        console.answer({"commands": {verb: summary(verb) for verb in verbs()}})
        console.write(overview())
        return DONE
    sys.stderr.write(overview() + "\n")
    console.answer({"error": {"message": "no command was named", "causes": [], "hint": "`tarscli --help`"}})
    return USAGE


def _asks_help(words: Sequence[str]) -> bool:
    before = words[: words.index("--")] if "--" in words else words
    return "--help" in before or "-h" in before


def _console(command: str, words: Sequence[str]) -> Console:
    """A console as the words ask for it, found without a parser so that a wrong command line is shown in it too."""
    color: Color = "auto"
    for index, word in enumerate(words):
        value = word.partition("=")[2] if word.startswith("--color=") else "".join(words[index + 1 : index + 2])
        if word.split("=")[0] == "--color" and value in ("always", "never"):
            color = "always" if value == "always" else "never"
    return Console(command, json="--json" in words, quiet="--quiet" in words, color=color)


def _end_on_termination() -> None:
    """Make SIGTERM and SIGHUP end a command as Ctrl-C does, so that no child of it is left behind."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in heeded(("SIGTERM", "SIGHUP")):
        try:
            signal.signal(number, interrupt)
        except ValueError:
            return  # only the main thread may set handlers; elsewhere the caller decides


def heeded(names: tuple[str, ...] = ("SIGINT", "SIGTERM", "SIGHUP")) -> list[signal.Signals]:
    """The signals of these names that there are, but for those that whoever started this process has it ignore, as
    `nohup` does."""
    there = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return [number for number in there if signal.getsignal(number) is not signal.SIG_IGN]


def _interrupted(console: Console) -> int:
    with suppress(ValueError):  # as above
        for number in heeded():
            signal.signal(number, signal.SIG_IGN)  # what is left is to end, and no signal can make that quicker
    hint = "`tarscli run --resume` goes on from here" if console.command in ("run", "run-module") else ""
    console.error(InterruptedRunError("interrupted", hint=hint))
    return INTERRUPTED


class InterruptedRunError(TarsError):
    exit_code = INTERRUPTED


def _failed(error: Exception, words: Sequence[str], console: Console) -> int:
    sys.stdout.flush()
    if os.environ.get("TARS_DEBUG") == "1":
        import traceback  # noqa: PLC0415 - only for those who debug TARS itself

        traceback.print_exception(error)
    if isinstance(error, InputError):
        from tars.ui.cli.findings import show_input_error  # noqa: PLC0415 - loads the language's reports

        show_input_error(error, console)
        return error.exit_code
    if isinstance(error, TarsError):
        console.error(error)
        return error.exit_code
    if isinstance(error, argparse.ArgumentError):
        console.error(UsageError(str(error)))
        return USAGE
    world = _world_failure(error) or _unreadable_word(error, words)
    if world is not None:
        console.error(world)
        return world.exit_code
    from tars.ui.cli.crash import report_crash  # noqa: PLC0415 - loads traceback and platform, for bugs only

    report_crash(error, words, console)
    return BUG


def _unreadable_word(error: Exception, words: Sequence[str]) -> TarsError | None:
    """An argument that is not text in this system's encoding, where it came to be stored or looked up."""
    if isinstance(error, UnicodeEncodeError) and any(error.object in word for word in words):
        return UsageError(
            f"`{error.object[:80]}` is not valid text in this system's encoding", hint="check the argument"
        )
    return None


def _world_failure(error: Exception) -> TarsError | None:
    """A failure of the machine that no layer has turned into words: a full disk, a folder that may not be written."""
    if isinstance(error, MemoryError):
        return TarsError("there is not enough memory", hint="close other programs, or use `--jobs 1`")
    if not isinstance(error, OSError) or error.errno is None:
        return None
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return TarsError("the current folder no longer exists", hint="go to another one: `cd`")
    place = f"`{error.filename}`" if isinstance(error.filename, str) else "a file could not be read or written"
    hints = {
        errno.ENOSPC: "free some space on that disk; `tarscli gc --cache` deletes what can be made again",
        errno.EACCES: "check who owns it and whether you may write there",
        errno.EPERM: "check who owns it and whether you may write there",
        errno.EROFS: "the file system is read-only; copy the project to one that is not",
        errno.ENOENT: "check the path",
        errno.EMFILE: "raise the limit on open files (`ulimit -n`), or use fewer `--jobs`",
    }
    return TarsError(f"{place}: {(error.strerror or str(error)).lower()}", hint=hints.get(error.errno, ""))
