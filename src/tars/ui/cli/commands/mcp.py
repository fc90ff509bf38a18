"""Start a server of the Model Context Protocol on stdin and stdout: an assistant recalls and believes in this project.

Its tools are `recall`, `remember`, `believe`, `beliefs` and `contradictions`, which do what `tarscli memory ask`, `add`
and so on do, with your permissions and in this project only. Passages are handed on as data, and the client is told so.
"""

import argparse
import sys

from tars import __version__
from tars.core.errors import UnavailableError, UsageError
from tars.core.extras import install_of
from tars.ui.cli.console import Console
from tars.ui.cli.project import known_project

EXAMPLES = (("tarscli mcp --project . --by assistant", "what an MCP client starts"),)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--by", default="mcp", metavar="WITNESS", help="who believes what the client says; default: mcp"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.json:
        raise UsageError("the server speaks its own protocol: --json means nothing here", hint="leave it out")
    project = known_project(arguments)
    try:
        from mcp.server import MCPServer  # noqa: PLC0415 - an extra, and slow to load
        from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415 - as above
    except ImportError as error:
        raise UnavailableError(
            "the MCP server needs mcp, which is not installed", hint=install_of("mcp", "recall", "memory")
        ) from error
    from tars.ui.mcp.memory import INSTRUCTIONS, tools  # noqa: PLC0415 - loads numpy

    server = MCPServer("tars", version=__version__, instructions=INSTRUCTIONS, log_level="ERROR")
    for tool in tools(project, arguments.by, ToolError):
        server.add_tool(tool)
    if sys.stdin.isatty():
        console.note("The server waits for an MCP client on stdin; Ctrl-C ends it.")
    server.run("stdio")
    return 0
