"""Write the types of a metascript's data in its agents' languages, from the JSON Schemas that it names.

Types are named by `output_type` and `input_type`, else after the module (`rank` gives `RankOutput`) or the closure
(`ReviewAnswer`). What is unchanged is not written anew. quicktype makes the types: it is an npm package, which the
command names the installation of where it is missing.
"""

import argparse
import os
from pathlib import Path

from tars.core.errors import InputError, TarsError, UsageError
from tars.core.near import close_matches
from tars.core.values import Severity
from tars.lang.schema import language_named
from tars.lang.values import Metascript
from tars.ui.cli.commands.fmt import replace_file
from tars.ui.cli.console import Console
from tars.ui.cli.meaning import load_file
from tars.ui.cli.parser import names
from tars.ui.cli.printable import printable
from tars.ui.cli.project import find_metascript, project_of
from tars.ui.cli.times import plural
from tars.ui.stubs.render import TARGETS, file_name, render
from tars.ui.stubs.types import types_of

EXAMPLES = (
    ("tarscli stubs", "types for the languages of the modules, in the folder `types`"),
    ("tarscli stubs lab.tars --lang rust,go", "for these languages"),
    ("tarscli stubs --out agents/types --check", "write nothing; exit code 1 where a file is not up to date"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the metascript; default: the only one in the folder")
    parser.add_argument(
        "--lang", type=names, default=(), metavar="A,B", help=f"of {', '.join(TARGETS)}; default: those of the modules"
    )
    parser.add_argument("--out", default="types", metavar="DIR", help="the folder for the files; default: types")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a file would change")


def run(arguments: argparse.Namespace, console: Console) -> int:
    path = find_metascript(arguments.file, arguments)
    project = project_of(arguments, path)
    loaded = load_file(path.absolute(), project)
    if loaded.metascript is None:
        errors = [one for one in loaded.diagnostics if one.severity is Severity.ERROR]
        raise InputError(f"`{path}` has errors", errors, hint=f"`tarscli check {path}` shows them alone")
    languages = _languages(arguments.lang, loaded.metascript)
    types = types_of(loaded.metascript, project)
    if not types:
        raise TarsError(f"`{path}` names no schema, so there are no types", hint='give a module `output_schema = "…"`')
    results: list[dict[str, object]] = []
    folder = project / arguments.out
    for language in languages:
        target = TARGETS[language]
        file = folder / file_name(target, path.name)
        results.append(_write(file, render(target, types, path.name), language, check=arguments.check))
    console.answer({"files": results, "types": list(types)})
    changed = [result for result in results if result["changed"]]
    for result in changed:
        console.write(printable(os.path.relpath(str(result["path"]))))
    verb = "would change" if arguments.check else "written"
    console.note(f"{plural(len(types), 'type')} in {plural(len(results), 'file')}: {len(changed)} {verb}")
    return 1 if changed and arguments.check else 0


def _languages(asked: tuple[str, ...], metascript: Metascript) -> list[str]:
    """The languages to write, each once. Raises `UsageError` for one without stubs."""
    if not asked:
        used = {_as_stub(module.language) for module in metascript.modules}
        return [language for language in TARGETS if language in used] or ["typescript"]
    chosen = [_as_stub(language_named(name)) for name in asked]
    for name, language in zip(asked, chosen, strict=True):
        if language not in TARGETS:
            near = close_matches(language, TARGETS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(TARGETS)}"
            raise UsageError(f"there are no stubs for `{name}`", hint=hint)
    return list(dict.fromkeys(chosen))


def _as_stub(language: str) -> str:
    return "typescript" if language == "javascript" else language


def _write(file: Path, text: str, language: str, *, check: bool) -> dict[str, object]:
    try:
        before = file.read_text("utf-8") if file.is_file() else None
        if before != text and not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            if before is None:
                file.touch()
            replace_file(file, text)
    except (OSError, UnicodeDecodeError) as error:
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise TarsError(f"`{file}` cannot be written: {reason}", hint="name another folder: `--out`") from error
    return {"path": str(file), "language": language, "changed": before != text}
