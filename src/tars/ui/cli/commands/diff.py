"""Show what changed between two versions.

Sources and outputs are compared as text, metrics side by side. A and B are `v3` or `name@v3`; without B it is the
newest version. Text is in git's format, so it can be applied.
"""

import argparse
import json
import sys

from tars.core.errors import UsageError
from tars.core.near import close_matches
from tars.store import Store, open_store
from tars.store.difference import FileDifference, ModuleDifference, difference
from tars.store.versions import latest_number, resolve, states_at
from tars.ui.cli.console import Console, Style
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.printable import one_line, printable
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.times import plural, size_text

EXAMPLES = (
    ("tarscli diff v1 v2", "all modules that differ between versions 1 and 2"),
    ("tarscli diff v1", "from version 1 to the newest"),
    ("tarscli diff rank@v1 rank@v2", "one module"),
    ("tarscli diff v1 v2 --module rank", "the same"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="A", help="a version, such as `v3`, or a module's, such as `rank@v3`")
    parser.add_argument("after", nargs="?", metavar="B", help="the version to compare with; default: the newest")
    parser.add_argument("--module", metavar="NAME", help="only this module")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with open_store(known_project(arguments) / STATE) as store:
        before, name = _version(store, arguments.before)
        after, other = _version(store, arguments.after) if arguments.after else (latest_number(store), "")
        chosen = {given for given in (name, other, arguments.module) if given}
        if len(chosen) > 1:
            raise UsageError(
                f"{' and '.join(f'`{one}`' for one in sorted(chosen))} are different modules",
                hint="compare versions of one module, or whole versions (`v1 v2`)",
            )
        names = tuple(chosen)
        if arguments.module:
            _check_module(store, arguments.module, max(before, after))
        found = difference(store, before, after, names=names)
        console.answer({"before": before, "after": after, "modules": [json_value(one) for one in found]})
        for one in found:
            _write(_module_text(one, console), console)
        files = sum(len(one.files) for one in found)
        what = (
            f"{plural(len(found), 'module')} {'differs' if len(found) == 1 else 'differ'}, in {plural(files, 'file')}"
            if found
            else "nothing differs"
        )
        console.note(f"v{before} to v{after}: {what}")
        return 0


def _write(text: str, console: Console) -> None:
    """Elsewhere than on a terminal every byte as it is, whatever the encoding, so that the patch can be applied."""
    if sys.stdout.isatty():
        console.write(text)
    elif not console.json:
        sys.stdout.flush()
        sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "surrogateescape"))


def _version(store: Store, word: str) -> tuple[int, str]:
    """The version's number, and the module's name where the word names one."""
    if "@" in word:
        number, state = resolve(store, word)
        return number, state.name
    if word == "latest":
        return latest_number(store), ""
    digits = word.removeprefix("v")
    if not digits.isdecimal() or len(digits) > 12:
        raise UsageError(f"`{word}` is not a version", hint="use `v3`, `latest`, or `name@v3`; see `tarscli versions`")
    return int(digits), ""


def _check_module(store: Store, name: str, number: int) -> None:
    known = states_at(store, number)
    if name not in known:
        near = close_matches(name, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(list(known)[:10])}"
        raise UsageError(f"no version holds a module `{name}`", hint=hint)


def _module_text(one: ModuleDifference, console: Console) -> str:
    lines = [console.styled(f"module {one.name} {one.change}", "strong", out=True)]
    for title, values in (("metric", one.metrics), ("declaration", one.declaration)):
        for name, (old, new) in values.items():
            lines.append(f"  {title} {printable(name)}: {_value(old)} -> {_value(new)}")
    for file in one.files:
        lines += _file_lines(file, console)
    return "\n".join(lines)


def _file_lines(file: FileDifference, console: Console) -> list[str]:
    title = console.styled(f"{file.part} {one_line(file.path)} {file.change}", "strong", out=True)
    if not file.text:
        old, new = (size_text(leaf.size) if leaf else "nothing" for leaf in (file.before, file.after))
        return [f"{title}, without a text to show: {old} -> {new}"]
    text = printable(file.text) if sys.stdout.isatty() else file.text
    return [title, *(_styled(line, console) for line in text.removesuffix("\n").split("\n"))]


def _styled(line: str, console: Console) -> str:
    styles: dict[str, Style] = {"+++": "strong", "---": "strong", "@@": "place", "+": "added", "-": "removed"}
    for start, style in styles.items():
        if line.startswith(start):
            return console.styled(line, style, out=True)
    return line


def _value(value: object) -> str:
    text = "none" if value is None else json.dumps(json_value(value))
    return printable(text if len(text) <= 120 else text[:119] + "…")
