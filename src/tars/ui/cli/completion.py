"""Answers the shell's completion requests: commands, options, module names, versions, runs and files."""

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from argcomplete.completers import DirectoriesCompleter, FilesCompleter
from argcomplete.finders import CompletionFinder

from tars.ui.cli.dispatch import actions_of, parser_of
from tars.ui.cli.overview import verbs
from tars.ui.cli.parser import add_globals

_BLOCK = re.compile(r"^\s*(?:\w+_module|agentic)\s+\"?([\w-]+)\"?\s*\{", re.MULTILINE)
_TEXT_BYTES_MAX = 1 << 20


def complete() -> int:
    """Answer the request in the environment, as argcomplete's shell code asks it. Only the command that is being
    typed is loaded."""
    line = os.environ.get("COMP_LINE", "")
    point = int(os.environ.get("COMP_POINT") or len(line))
    typed = [word for word in line[:point].split()[1:] if word in verbs()]
    root = argparse.ArgumentParser(prog="tarscli", allow_abbrev=False, add_help=False)
    add_globals(root)
    root.add_argument("--version", action="store_true")
    commands = root.add_subparsers(dest="command")
    for verb in verbs():
        if typed and verb == typed[0]:
            parser: argparse.ArgumentParser = parser_of(verb)
            if actions := actions_of(verb):
                parser = _with_actions(verb, actions, line[:point].split()[1:])
            else:
                _add_completers(parser, verb)
            commands._name_parser_map[verb] = parser
        else:
            commands._name_parser_map[verb] = argparse.ArgumentParser(add_help=False)
    commands.choices = commands._name_parser_map
    try:
        CompletionFinder()(root, always_complete_options=False)
    except Exception:
        return 1  # a shell that waits for words has no use for a message
    return 0


def _with_actions(verb: str, actions: Sequence[str], words: Sequence[str]) -> argparse.ArgumentParser:
    """A command's parser with its actions below it; only the action that is being typed is loaded."""
    parser = argparse.ArgumentParser(prog=f"tarscli {verb}", allow_abbrev=False, add_help=False)
    add_globals(parser)
    inner = parser.add_subparsers(dest="action_of_command")
    for action in actions:
        one = parser_of(verb, action) if action in words else argparse.ArgumentParser(add_help=False)
        if action in words:
            _add_completers(one, action)
        inner._name_parser_map[action] = one
    inner.choices = inner._name_parser_map
    return parser


def _add_completers(parser: argparse.ArgumentParser, verb: str) -> None:
    chosen = {
        "file": FilesCompleter(("tars", "json", "yaml", "yml")),
        "files": FilesCompleter(("tars",)),
        "project": DirectoriesCompleter(),
        "name": _modules,
        "module": _modules,
        "only": _module_list,
        "start_from": _module_list,
        "selector": _selectors,
        "before": _versions,
        "after": _versions,
        "run": _runs,
        "code": _codes,
        "lang": _templates,
        "sandbox": _sandboxes,
        "path": FilesCompleter(("rs", "toml")),
        "id": _patches,
    }
    if verb == "rollback":
        chosen["selector"] = _versions  # of the whole project as well
    if verb == "show":
        chosen["file"] = None  # a path in a version, which no file here may have
    for action in parser._actions:
        completer = chosen.get(action.dest)
        if completer is not None:
            action.completer = completer  # type: ignore[attr-defined]


def _modules(**given: object) -> list[str]:
    """Names of the modules in the folder's metascripts, read from the text: loading them would take too long."""
    names: dict[str, None] = {}
    folder = Path(getattr(given.get("parsed_args"), "project", None) or ".")
    for path in sorted(folder.glob("*.tars"))[:20]:
        if path.is_file():
            with open(path, encoding="utf-8", errors="replace") as file:
                names |= dict.fromkeys(_BLOCK.findall(file.read(_TEXT_BYTES_MAX)))
    return list(names)


def _module_list(prefix: str = "", **given: object) -> list[str]:
    """Module names after a comma as well."""
    before, comma, _ = prefix.rpartition(",")
    return [f"{before}{comma}{name}" for name in _modules(**given) if name not in before.split(",")]


def _versions(**given: object) -> list[str]:
    return [f"v{number}" for number in reversed(_numbers(given))] + _selectors(
        str(given.get("prefix", "")), parsed_args=given.get("parsed_args")
    )


def _selectors(prefix: str = "", **given: object) -> list[str]:
    name, at, _ = prefix.partition("@")
    if not at:
        return [f"{name}@latest" for name in _modules(**given)]
    return [f"{name}@latest", *(f"{name}@v{number}" for number in reversed(_numbers(given)))]


def _numbers(given: dict[str, object]) -> list[int]:
    from tars.store import open_store  # noqa: PLC0415 - only these completions read the store
    from tars.store.versions import versions  # noqa: PLC0415 - as above

    folder = _state_folder(given)
    if folder is None:
        return []
    with open_store(folder) as store:
        return [one.number for one in versions(store) if not one.pruned]


def _runs(**given: object) -> list[str]:
    from tars.store import open_store  # noqa: PLC0415 - only these completions read the store

    folder = _state_folder(given)
    if folder is None:
        return []
    with open_store(folder) as store:
        return [entry.run for entry in store.entries(kind="run-started", newest_first=True, limit=50)]


def _patches(**given: object) -> list[str]:
    from tars.rust.patches.review import kept_patches  # noqa: PLC0415 - only this completion reads patches
    from tars.store import open_store  # noqa: PLC0415 - as above

    folder = _state_folder(given)
    if folder is None:
        return []
    with open_store(folder) as store:
        return [one.short for one in kept_patches(store)][:50]


def _state_folder(given: dict[str, object]) -> Path | None:
    start = Path(getattr(given.get("parsed_args"), "project", None) or ".").absolute()
    return next((folder / ".tars" for folder in (start, *start.parents) if (folder / ".tars").is_dir()), None)


def _codes(**given: object) -> list[str]:
    from tars.lang.checks import codes  # noqa: PLC0415 - only this completion needs the language

    return list(codes())


def _templates(**given: object) -> list[str]:
    from tars.ui.cli.commands.new import names  # noqa: PLC0415 - only this completion needs them

    return list(names())


def _sandboxes(**given: object) -> list[str]:
    from tars.runner.sandbox import SANDBOXES  # noqa: PLC0415 - only this completion needs them

    return list(SANDBOXES.names())
