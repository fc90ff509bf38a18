"""Print the code that teaches a shell to complete tarscli.

It completes commands, options, module names, versions, runs and files. bash: add `eval "$(tarscli completion bash)"`
to ~/.bashrc. zsh: the same with zsh, in ~/.zshrc. fish: `tarscli completion fish >
~/.config/fish/completions/tarscli.fish`. PowerShell: add `tarscli completion powershell | Out-String |
Invoke-Expression` to $PROFILE.
"""

import argparse

from tars.ui.cli.console import Console

EXAMPLES = (
    ('eval "$(tarscli completion bash)"', "complete in this bash from now on"),
    ("tarscli completion fish", "print the code for fish"),
)
SHELLS = ("bash", "zsh", "fish", "powershell")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh, fish or powershell")


def run(arguments: argparse.Namespace, console: Console) -> int:
    from argcomplete.shell_integration import shellcode  # noqa: PLC0415 - slow to load, and only this command needs it

    code = shellcode(["tarscli"], shell=arguments.shell).strip("\n")
    if arguments.shell == "zsh":
        # `compdef` is there only once zsh's own completion has been loaded.
        code = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }\n" + code.removeprefix(
            "#compdef tarscli\n"
        )
    console.answer({"shell": arguments.shell, "code": code})
    console.write(code)
    return 0
