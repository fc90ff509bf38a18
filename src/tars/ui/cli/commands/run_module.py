"""Run one module, on the stored outputs of the modules that it needs.

With --with-deps the modules that it needs run first where they have changed. The module runs even when nothing has
changed only with --force.
"""

import argparse

from ducktools.classbuilder.prefab import replace

from tars.ui.cli.commands.run import add_run_options, options_of, run_once
from tars.ui.cli.console import Console
from tars.ui.cli.project import find_metascript

EXAMPLES = (
    ("tarscli run-module report", "run the module `report` of the folder's only metascript"),
    ("tarscli run-module report --with-deps", "first run what it needs, where that has changed"),
    ("tarscli run-module rank --file pipeline.tars --force", "though nothing has changed"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the module's name, or its address (`go_module.rank`)")
    parser.add_argument("--file", metavar="FILE", help="the metascript; default: the only one in the folder")
    parser.add_argument("--with-deps", action="store_true", help="first run what it needs, where that has changed")
    add_run_options(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    path = find_metascript(arguments.file, arguments)
    options = replace(options_of(arguments, path), only=(arguments.name,), with_needs=arguments.with_deps)
    console.project = options.project
    return run_once(options, console, arguments.file or "", arguments.otel)
