"""Explains the codes of compilers and interpreters (`rust:E0277`, `python:ValueError`), from their own words."""

import builtins
import re
import subprocess

from tars.runner.building.tools import detect
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import Tool

EXPLAIN_SECONDS_MAX = 30
_RUST = re.compile(r"E\d{4}$", re.IGNORECASE)


def explain_tool_code(code: str) -> tuple[str, str] | None:
    """A title and an explanation for a code of a language's own tools, or None where it is none."""
    language, colon, name = code.strip().partition(":")
    if not colon and _RUST.match(code.strip()):
        language, name = "rust", code.strip()
    if not name or language.lower() not in TOOLCHAINS:
        return None
    language = language.lower()
    title = f"what {language}'s own tools call `{name}`"
    text = ""
    if language == "rust" and _RUST.match(name):
        text = _rustc(name.upper())
    elif language == "python":
        error = getattr(builtins, name, None)
        text = (error.__doc__ or "") if isinstance(error, type) and issubclass(error, BaseException) else ""
    where = "The message that came with it is the tool's own; `tarscli logs NAME` shows all that it wrote."
    return title, f"{text.strip()}\n\n{where}".strip()


def _rustc(code: str) -> str:
    found = detect(Tool("rustc"))
    if found is None:
        return ""
    try:
        done = subprocess.run(
            [found.path, "--explain", code],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=EXPLAIN_SECONDS_MAX,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
