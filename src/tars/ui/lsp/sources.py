"""Looks into the sources of modules: which functions a file defines, and where."""

import re
from pathlib import Path
from typing import Final

SOURCE_BYTES_MAX: Final = 1024 * 1024
_DEFINITION: Final = re.compile(
    r"^[ \t]*(?:(?:export|default|pub(?:\([^)\n]*\))?|async|unsafe|extern|const)[ \t]+)*"
    r"(?:def|class|fn|func(?:[ \t]*\([^)\n]*\))?|function\*?|const|let|var)[ \t]+(?:r#)?(?P<name>[^\W\d][\w$]*)",
    re.MULTILINE,
)


def read_source(path: Path) -> str | None:
    """The text of a source file; None where there is none, or where it is no text or too large to look into."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return None
        with open(path, "rb") as file:
            data = file.read(SOURCE_BYTES_MAX + 1)
        return data.decode("utf-8-sig") if len(data) <= SOURCE_BYTES_MAX else None
    except (OSError, UnicodeDecodeError, ValueError):
        return None


def functions(text: str) -> list[str]:
    """The names that a source defines at its top, functions and classes and the like, in their order."""
    found = (match for match in _DEFINITION.finditer(text) if match[0][:1] not in " \t")
    return list(dict.fromkeys(match["name"] for match in found))


def define(text: str, name: str) -> tuple[int, int] | None:
    """Line and character (UTF-16, both from 0) at which a source defines a name; its last part where it has several."""
    wanted = name.rpartition("::")[2].rpartition(".")[2]
    for match in _DEFINITION.finditer(text):
        if match["name"] == wanted:
            line = text.count("\n", 0, match.start("name"))
            start = text.rfind("\n", 0, match.start("name")) + 1
            before = text[start : match.start("name")]
            return line, len(before.encode("utf-16-le")) // 2
    return None
