"""Start the language server, which editors talk to on stdin and stdout.

It checks metascripts as they are typed, with the checks of `tarscli check`, completes what is half-typed, shows what
a word means, goes to definitions (into agents' sources too), renames, formats, and more. The guide to editors says how
to have VS Code, Neovim, Helix and Zed start it.
"""

import argparse
import sys

from tars.core.errors import UnavailableError, UsageError
from tars.core.extras import install_of
from tars.ui.cli.console import Console

EXAMPLES = (("tarscli lsp", "what an editor starts"),)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stdio", action="store_true", help="speak on stdin and stdout: the default, and the only way")


def run(arguments: argparse.Namespace, console: Console) -> int:
    try:
        from tars.ui.lsp.server import serve  # noqa: PLC0415 - an extra, and slow to load
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol", "attrs", "cattrs"):
            raise
        raise UnavailableError(
            "the language server needs pygls, which is not installed", hint=install_of("lsp")
        ) from None
    if arguments.json:
        raise UsageError("the language server speaks its own protocol: --json means nothing here", hint="leave it out")
    if sys.stdin.isatty():
        console.note("The language server waits for an editor on stdin; Ctrl-C ends it.")
    return serve()
