"""Put the client library of a language into a project, so that its agents can talk to TARS.

An agent needs no library: it may read the files that TARS names in its environment. The client makes that one call for
each thing: `input`, `output`, `memory`, `belief`, `reflection`, `metric`, `progress`, `log`. It is a small source file
without dependencies, becomes a part of the project, and is held to its content like all other sources: nothing is
fetched, and agents run with it wherever TARS runs them.

Files that are there and differ are left as they are, unless --force is given. For Go, which finds packages by their
module, a go.mod is written where there is none.
"""

import argparse
import re
from pathlib import Path

from tars.core.clients import clients_folder
from tars.core.errors import TarsError, UsageError
from tars.core.near import close_matches
from tars.ui.cli.console import Console, table
from tars.ui.cli.printable import printable

EXAMPLES = (
    ("tarscli client python --out agents", "agents/tars_client.py, for the Python agents beside it"),
    ("tarscli client typescript --out agents", "for TypeScript and JavaScript, with its types"),
    ("tarscli client", "the languages, and how an agent takes its client in"),
)
_FILES = {
    "go": {"tarsclient/tarsclient.go": "go/tarsclient.go"},
    "python": {"tars_client.py": "python/tars_client.py"},
    "rust": {"tars_client/mod.rs": "rust/src/lib.rs", "tars_client/json.rs": "rust/src/json.rs"},
    "typescript": {
        "tars_client.mjs": "typescript/tars_client.mjs",
        "tars_client.d.mts": "typescript/tars_client.d.mts",
    },
}
"""What is written for each language, and from where."""
_USES = {
    "go": 'import tars "{package}"',
    "python": "import tars_client as tars",
    "rust": "mod tars_client;",
    "typescript": 'import * as tars from "./tars_client.mjs";',
}
_ALSO = {"javascript": "typescript", "js": "typescript", "ts": "typescript"}
_MODULE = re.compile(r'^module\s+"?([^\s"]+)', re.MULTILINE)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "language", nargs="?", metavar="LANGUAGE", help="python, typescript (or javascript), rust or go"
    )
    parser.add_argument("--out", default=".", metavar="FOLDER", help="where the agents are; default: this folder")
    parser.add_argument("--force", action="store_true", help="replace files that differ")


def run(arguments: argparse.Namespace, console: Console) -> int:
    if not arguments.language:
        uses = {name: use.format(package="MODULE/tarsclient") for name, use in _USES.items()}
        console.answer({"languages": uses})
        console.write(table(list(uses.items())))
        return 0
    language = _known(arguments.language)
    folder = Path(arguments.project or ".") / arguments.out
    wanted = {name: (clients_folder() / origin).read_bytes() for name, origin in _FILES[language].items()}
    use = _USES[language]
    if language == "go":
        home, made = _go_module(folder)
        wanted |= made
        inner = folder.resolve().relative_to(home[0]).as_posix()
        use = use.format(package="/".join(part for part in (home[1], inner, "tarsclient") if part != "."))
    told = write_files(folder, wanted, force=arguments.force)
    console.answer({"language": language, "folder": str(folder), "files": dict(told), "use": use})
    for name, what in sorted(told.items()):
        console.write(printable(f"{folder / name}{'' if what == 'written' else ' (the same)'}"))
    console.note(f"Take it into an agent with: {use}")
    return 0


def write_files(folder: Path, wanted: dict[str, bytes], *, force: bool) -> dict[str, str]:
    """Writes the files below the folder, which is made; for each of them whether it was `written` or is the `same`.

    Raises `TarsError` where one of them is there with another content and `force` is not given; then none is written.
    """
    told: dict[str, str] = {}
    try:
        for name, content in wanted.items():
            path = folder / name
            told[name] = "same" if path.is_file() and path.read_bytes() == content else "written"
            if told[name] == "written" and path.exists() and not force:
                hint = "name another folder with --out, or replace it with --force"
                raise TarsError(f"`{path}` is there and differs from this client; nothing was written", hint=hint)
        for name, content in wanted.items():
            if told[name] == "written":
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TarsError(f"`{error.filename}` cannot be written: {reason}", hint="name another folder") from error
    return told


def _known(language: str) -> str:
    language = _ALSO.get(language, language)
    if language in _FILES:
        return language
    near = close_matches(language, (*_FILES, *_ALSO), n=1)
    hint = f"did you mean `tarscli client {near[0]}`?" if near else "docs/guide/clients.md shows how to do without one"
    raise UsageError(f"there is no client for `{language}`; there are {', '.join(sorted(_FILES))}", hint=hint)


def _go_module(folder: Path) -> tuple[tuple[Path, str], dict[str, bytes]]:
    """The Go module that the folder is in, as its folder and name, and its go.mod where that is yet to be written."""
    resolved = folder.resolve()
    for home in (resolved, *resolved.parents):
        if (home / "go.mod").is_file():
            found = _MODULE.search((home / "go.mod").read_text(encoding="utf-8", errors="replace"))
            if found is None:
                raise TarsError(f"`{home / 'go.mod'}` names no module", hint="begin it with `module NAME`")
            return (home, found[1]), {}
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", resolved.name).strip("-.") or "agents"
    return (resolved, name), {"go.mod": f"module {name}\n\ngo 1.18\n".encode()}
