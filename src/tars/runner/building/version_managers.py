"""Sees through the shims of version managers (rustup, pyenv, asdf, volta, mise …) to the program that they start."""

import os
from pathlib import Path

ANSWER_SECONDS_MAX = 30.0

_BY_FOLDER = {
    ".pyenv": "pyenv", "pyenv": "pyenv", ".asdf": "asdf", "asdf": "asdf", "mise": "mise", ".nodenv": "nodenv",
    ".goenv": "goenv", ".rbenv": "rbenv", "rtx": "rtx",
}  # fmt: skip


def manager_of(path: str, name: str) -> str:
    """The program of the version manager whose shim `path` is, or `""` where it is no shim.

    `?` is a shim whose manager is not known: such a path is passed over.
    """
    folder, file = os.path.split(path)
    real = os.path.realpath(path)
    behind = os.path.basename(real).removesuffix(".exe")
    if behind in ("rustup", "rustup-init") and name != "rustup":
        return real
    beside = os.path.join(folder, "rustup.exe" if file.endswith(".exe") else "rustup")
    if name != "rustup" and os.path.exists(beside) and os.path.samefile(path, beside):
        return beside
    if behind in ("volta-shim", "volta"):
        return "volta"
    if behind in ("mise", "rtx"):
        return real
    if os.path.basename(folder) == "shims":
        above = os.path.basename(os.path.dirname(folder))
        inside = os.path.join(os.path.dirname(folder), "bin", _BY_FOLDER.get(above, ""))
        return inside if os.path.isfile(inside) else _BY_FOLDER.get(above, _named_in(path))
    return ""


def real_program(path: str, name: str, manager: str, project: Path | None) -> str | None:
    """The program that runs in the end when `path` is started; None where the manager has none to offer."""
    if not manager:
        real = os.path.realpath(path)
        # A program that serves many names (snap, busybox) looks at the name it was called by.
        return real if os.path.basename(real).startswith(name) else os.path.abspath(path)
    if manager == "?":
        return None
    import subprocess  # noqa: PLC0415 - only where a shim is met for the first time

    try:
        done = subprocess.run(
            (manager, "which", name),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ANSWER_SECONDS_MAX,
            check=False,
            cwd=project,
            # Rustup would fetch a toolchain that is not there.
            env={**os.environ, "RUSTUP_AUTO_INSTALL": "0"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    answer = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode or not os.path.isfile(answer) or _is_strange(manager, answer):
        return None
    return os.path.realpath(answer)


def _is_strange(manager: str, answer: str) -> bool:
    """Whether the project chose a toolchain by a path, and not one of those that the user has installed: a stranger's
    project could bring its own, and then to ask its version would run it."""
    if not os.path.basename(manager).startswith("rustup") or os.environ.get("RUSTUP_TOOLCHAIN"):
        return False
    installed = os.path.join(os.environ.get("RUSTUP_HOME") or os.path.expanduser("~/.rustup"), "toolchains")
    ways = (
        (os.path.abspath(answer), os.path.abspath(installed)),
        (os.path.realpath(answer), os.path.realpath(installed)),
    )
    return not any(one.startswith(folder + os.sep) for one, folder in ways)


def _named_in(path: str) -> str:
    try:
        with open(path, "rb") as file:
            head = file.read(2048)
    except OSError:
        return "?"
    return next((manager for manager in set(_BY_FOLDER.values()) if f"{manager} exec".encode() in head), "?")
