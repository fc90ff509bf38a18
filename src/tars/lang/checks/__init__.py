"""Every finding of the language, one file each: its code, what it means, a wrong example and a right one.

A file is named `t<number>_<what>.py` and holds

    CODE: str           "T0031"
    TITLE: str          "unknown block", lower case, no full stop
    EXPLANATION: str    Markdown paragraphs: what is wrong, why it matters, how to mend it
    WRONG: str          a metascript that has exactly this finding and no other
    RIGHT: str          the same metascript, mended, without any finding
    FILES: Mapping[str, str | bytes]    (optional) other files that both examples need, by path
    check(...)          (where the finding is a pass of its own) the function that finds it

Both examples are run by the tests, in a project that also holds `EXAMPLE_FILES`. Codes up to T0029 are syntax, from
T0030 on they are meaning. Listing codes imports nothing; explaining one imports its file alone.
"""

import importlib
import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from ducktools.classbuilder.prefab import Prefab, attribute

EXAMPLE_FILES: Final[Mapping[str, str]] = {
    "agents/clean.py": 'def run(data):\n    """Copies."""\n    return data\n',
    "agents/count.rs": "pub fn count(text: &str) -> String {\n    text.len().to_string()\n}\n\nfn main() {}\n",
    "agents/serve.go": "package main\n\nfunc main() {}\n",
    "agents/draw.ts": "export function draw(data: unknown): unknown {\n  return data;\n}\n",
    "data/in.json": "{}\n",
}
"""Files that the examples of all checks may name."""


class Check(Prefab, frozen=True):
    """What one check file says of itself."""

    code: str
    title: str
    explanation: str
    wrong: str
    right: str
    files: Mapping[str, str | bytes] = attribute(default_factory=dict)


def codes() -> tuple[str, ...]:
    """All codes, sorted."""
    return tuple(sorted(_files()))


def find(code: str) -> Check | None:
    """The check of that code (in any case), or None."""
    name = _files().get(code.strip().upper())
    if name is None:
        return None
    file = importlib.import_module(f"{__name__}.{name}")
    return Check(
        file.CODE,
        file.TITLE,
        file.EXPLANATION.strip(),
        file.WRONG.strip("\n"),
        file.RIGHT.strip("\n"),
        getattr(file, "FILES", {}),
    )


def explain(code: str) -> str | None:
    """The longer text of a code with its two examples, as Markdown; None where there is no such code."""
    check = find(code)
    if check is None:
        return None
    return (
        f"# {check.code}: {check.title}\n\n{check.explanation}\n\n"
        f"Wrong:\n\n```hcl\n{check.wrong}\n```\n\nRight:\n\n```hcl\n{check.right}\n```\n"
    )


@cache
def _files() -> Mapping[str, str]:
    matches = (re.fullmatch(r"(t\d{4})_\w+\.py", name) for folder in __path__ for name in os.listdir(folder))
    return {match[1].upper(): match[0][:-3] for match in matches if match}
