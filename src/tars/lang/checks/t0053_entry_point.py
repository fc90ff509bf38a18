"""T0053: the source has no such function."""

import re
from collections.abc import Iterator

from tars.core.near import close_matches
from tars.core.values import Diagnostic
from tars.lang.meaning.primitives import Wrong
from tars.lang.meaning.resolved import Resolved, finding, place_of

CODE = "T0053"
TITLE = "entry point not found"
EXPLANATION = """
`entry_point` names a function that the source does not define. The look at the source is a light one: where it cannot
be sure, as with names that are made by macros or imported with `*`, nothing is said.
"""
WRONG = """
python_module "clean" {
  source      = "agents/clean.py"
  entry_point = "rnu"
}
"""
RIGHT = """
python_module "clean" {
  source      = "agents/clean.py"
  entry_point = "run"
}
"""

_SOURCE_BYTES_MAX = 4 * 1024 * 1024

_DEFINITIONS = {
    "rust": r"\bfn\s+(?:r#)?(\w+)",
    "go": r"\bfunc\s+(?:\([^)]*\)\s*)?(\w+)",
    "javascript": r"\b(?:function\*?|const|let|var|class)\s+([\w$]+)",
    "typescript": r"\b(?:function\*?|const|let|var|class)\s+([\w$]+)",
    "python": r"(?m)^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=",
}

_SCRIPT_FUNCTIONS = (
    r"\b(?:function\*?|class)\s+([\w$]+)"
    r"|\b(?:const|let|var)\s+([\w$]+)[^=\n]{0,200}=\s*(?:async\b\s*)?"
    r"(?:function\b|\([^;\n]{0,200}?\)[^=;\n]{0,200}=>|[\w$]+\s*=>)"
)
_FUNCTIONS = {
    "javascript": _SCRIPT_FUNCTIONS,
    "typescript": _SCRIPT_FUNCTIONS,
    "python": r"(?m)^(?:async\s+def|def|class)\s+(\w+)",
}
"""What of the definitions can be called, where others are seen as well: the hint names no variables."""


def check(resolved: Resolved) -> Iterator[Diagnostic]:
    names: dict[tuple[str, str], tuple[frozenset[str], str]] = {}
    for part, module in resolved.modules:
        path = module.entry_file or module.source
        if not module.entry_point or module.pin or resolved.world.places.look(path) != "file":
            continue
        definitions = _DEFINITIONS.get(module.language)
        if definitions is None:
            continue
        key = (path, module.language)
        if key not in names:
            names[key] = _read(resolved, path, definitions)
        known, text = names[key]
        name = module.entry_point.rpartition("::")[2].partition(".")[0]
        if name in known or not text or _may_be_there(text, name, module.language):
            continue
        functions = _names(text, _FUNCTIONS.get(module.language, definitions))
        near = close_matches(name, functions, n=1)
        some = ", ".join(f"`{other}`" for other in sorted(functions)[:8])
        hint = f"did you mean `{near[0]}`?" if near else f"it has {some}" if some else "it defines no function"
        yield finding(CODE, place_of(part, "entry_point"), f"`{path}` has no function `{name}`", hint)


def _read(resolved: Resolved, path: str, definitions: str) -> tuple[frozenset[str], str]:
    try:
        text = resolved.world.places.read(path, _SOURCE_BYTES_MAX)
    except Wrong:
        return frozenset(), ""
    return _names(text, definitions), text


def _names(text: str, definitions: str) -> frozenset[str]:
    found = re.findall(definitions, text)
    return frozenset(name for names in found for name in ([names] if isinstance(names, str) else names) if name)


def _may_be_there(text: str, name: str, language: str) -> bool:
    """Whether the name might be defined in a way that the light look does not see."""
    if language in ("javascript", "typescript") and name == "default" and re.search(r"\bmodule\.exports\s*=", text):
        return True
    if language != "python":
        return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text) is not None
    import ast  # noqa: PLC0415 - slow to import, and most entry points are seen at once

    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            # Nested in `if` or `try` it is a name of the module; in another function it is not, but the look is light.
            names = [node.name]
        else:
            names = [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []
        if name in names or "*" in names or "__getattr__" in names:
            return True
    return "globals()" in text or "exec(" in text
