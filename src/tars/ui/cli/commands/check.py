"""Find every mistake in metascripts without running anything.

Without FILES it checks all metascripts of the folder, with all that they include. Each finding has a code;
`tarscli explain CODE` says more. Exit code 1 where there is an error; warnings alone give 0.
"""

import argparse
import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from ducktools.classbuilder.prefab import replace

from tars import __version__
from tars.core.errors import UsageError
from tars.core.values import Diagnostic, Severity, Span
from tars.lang.report import to_json, to_sarif
from tars.lang.values import Loaded
from tars.store import open_store
from tars.ui.cli.commands.run import variables_of
from tars.ui.cli.console import Console
from tars.ui.cli.findings import show_findings
from tars.ui.cli.meaning import load_file
from tars.ui.cli.metatexts import chosen_files
from tars.ui.cli.project import STATE, project_of
from tars.ui.cli.times import plural

EXAMPLES = (
    ("tarscli check", "all metascripts of this folder"),
    ("tarscli check pipeline.tars --format json", "as one JSON object"),
    ("tarscli check --format sarif > a.sarif", "for code-scanning services"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", metavar="FILES", help="metascripts; default: all in the folder")
    parser.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="how findings are printed; default: text"
    )
    parser.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="the value of a variable; may be repeated"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.json and arguments.format == "sarif":
        raise UsageError("--json and --format sarif exclude each other", hint="leave one of them out")
    console.json = console.json or arguments.format == "json"
    variables = variables_of(arguments.var)
    found: dict[Diagnostic, None] = {}
    texts: dict[str, str] = {}
    files = chosen_files(arguments)
    for path in files:
        loaded = _load(path, arguments, variables)
        found |= dict.fromkeys(loaded.diagnostics)
        texts |= loaded.texts
    errors = sum(one.severity is Severity.ERROR for one in found)
    warnings = sum(one.severity is Severity.WARNING for one in found)
    diagnostics = tuple(found)
    console.answer(
        {
            "diagnostics": to_json(diagnostics, texts),
            "errors": errors,
            "warnings": warnings,
            "files": [str(file) for file in files],
        }
    )
    if arguments.format == "sarif":
        sys.stdout.write(json.dumps(to_sarif(diagnostics, texts, version=__version__)) + "\n")
    elif not console.json:
        show_findings(diagnostics, texts, console, out=True)
    console.note(f"Checked {plural(len(files), 'file')}: {plural(errors, 'error')}, {plural(warnings, 'warning')}")
    return 1 if errors else 0


def _load(path: Path, arguments: argparse.Namespace, variables: dict[str, str]) -> Loaded:
    project = project_of(arguments, path)
    state = project / STATE
    with open_store(state) if state.is_dir() else nullcontext() as store:
        loaded = load_file(path.absolute(), project, store, variables, check_pins=True)
    return loaded if project == Path.cwd() else _from_here(loaded, project)


def _from_here(loaded: Loaded, project: Path) -> Loaded:
    """With paths from the current folder instead of from the project, of which there may be several."""

    def path(of_project: str) -> str:
        try:
            return Path(os.path.relpath(project / of_project)).as_posix()
        except ValueError:  # on another drive of Windows
            return (project / of_project).as_posix()

    def moved(span: Span) -> Span:
        return replace(span, path=path(span.path))

    diagnostics = tuple(
        replace(
            one,
            span=one.span and moved(one.span),
            related=tuple(replace(each, span=moved(each.span)) for each in one.related),
            fix=tuple(replace(edit, span=moved(edit.span)) for edit in one.fix),
        )
        for one in loaded.diagnostics
    )
    return replace(loaded, diagnostics=diagnostics, texts={path(name): text for name, text in loaded.texts.items()})
