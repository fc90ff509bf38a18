"""Show a module as of a version, or the content of one of its files.

NAME@VERSION is `rank@v3`, `rank@latest`, or `rank@` and the first digits of a digest; NAME alone is the newest
version.
"""

import argparse
import base64
import json
import sys

from tars.core.errors import UsageError
from tars.store import Leaf, ModuleState, Store, open_store
from tars.store.versions import resolve
from tars.ui.cli.console import Console, table
from tars.ui.cli.display.eventlines import json_value
from tars.ui.cli.printable import decoded, one_line
from tars.ui.cli.project import STATE, known_project
from tars.ui.cli.times import size_text

EXAMPLES = (
    ("tarscli show rank@v3", "the files and metrics of `rank` as of version 3"),
    ("tarscli show rank", "the newest version"),
    ("tarscli show rank@v3 --file agents/rank.go", "one of its files, as it was"),
)
PARTS = ("source", "artifact", "outputs")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("selector", metavar="NAME@VERSION", help="the module and its version, such as `rank@v3`")
    parser.add_argument("--file", metavar="PATH", help="print this file of the version instead")


def run(arguments: argparse.Namespace, console: Console) -> int:
    with open_store(known_project(arguments) / STATE) as store:
        number, state = resolve(store, arguments.selector)
        files = files_of(store, state)
        if arguments.file:
            return _show_file(store, f"{state.name}@v{number}", files, arguments.file, console)
        console.answer({"version": number, **_body(state), "files": {part: _sizes(files[part]) for part in PARTS}})
        console.write(_text(number, state, files))
        return 0


def files_of(store: Store, state: ModuleState) -> dict[str, dict[str, Leaf]]:
    """The module's files by part (source, artifact, outputs), each by path."""
    digests = {part: getattr(state, part) for part in PARTS}
    return {part: dict(store.objects.tree(digest)) if digest else {} for part, digest in digests.items()}


def _show_file(store: Store, version: str, files: dict[str, dict[str, Leaf]], path: str, console: Console) -> int:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    found = [(part, files[part][path]) for part in PARTS if path in files[part]]
    if not found:
        known = [name for part in PARTS for name in files[part]]
        near = get_close_matches(path, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"its files: {', '.join(known[:10]) or 'none'}"
        raise UsageError(f"{version} has no file `{path}`", hint=hint)
    part, leaf = found[0]
    data = store.objects.get(leaf.digest)
    if console.json:
        try:
            content: dict[str, object] = {"text": data.decode()}
        except UnicodeDecodeError:
            content = {"base64": base64.b64encode(data).decode()}
        console.answer({"path": path, "part": part, "digest": leaf.digest, **content})
    elif sys.stdout.isatty():
        console.write(decoded(data).rstrip("\n"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    return 0


def _text(number: int, state: ModuleState, files: dict[str, dict[str, Leaf]]) -> str:
    lines = [f"{state.name}@v{number}  {state.language}  {state.address}"]
    for part in PARTS:
        if files[part]:
            rows = [("", one_line(path), size_text(leaf.size), leaf.digest[:12]) for path, leaf in files[part].items()]
            lines += ["", f"{part}  {getattr(state, part)[:12]}", table(rows)]
    if state.metrics:
        metrics = sorted(state.metrics.items())
        lines += [
            "",
            "metrics",
            table([("", one_line(name), json.dumps(json_value(value))) for name, value in metrics]),
        ]
    return "\n".join(lines)


def _body(state: ModuleState) -> dict[str, object]:
    body = json_value(state)
    assert isinstance(body, dict)
    return body


def _sizes(files: dict[str, Leaf]) -> dict[str, object]:
    return {
        path: {"digest": leaf.digest, "size": leaf.size, "executable": leaf.executable} for path, leaf in files.items()
    }
