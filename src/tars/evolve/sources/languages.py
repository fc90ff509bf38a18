"""The grammars with which sources are read and changed, loaded where they are first needed."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from tars.core.errors import UnavailableError
from tars.core.extras import install_of

if TYPE_CHECKING:
    from tree_sitter import Parser

SUFFIXES: Final = {".py": "python", ".js": "javascript", ".mjs": "javascript", ".ts": "typescript",
                   ".rs": "rust"}  # fmt: skip
_GRAMMARS: Final = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "rust": ("tree_sitter_rust", "language"),
}
EXTRA: Final = install_of("evolve")


def language_of(file: str, otherwise: str) -> str:
    """Of a file by its ending; `otherwise` where it has none, as the file of a source that is one file only."""
    return SUFFIXES.get(file[file.rfind(".") :], otherwise) if "." in file else otherwise


@cache
def parser_of(language: str) -> "Parser":
    """Raises `UnavailableError` where the extra `evolve` is not installed."""
    from tree_sitter import Language, Parser  # compiled code, needed by evolutions only  # noqa: PLC0415

    module, function = _GRAMMARS[language]
    try:
        grammar = import_module(module)
    except ImportError as error:
        raise UnavailableError(f"to change {language} sources the extra `evolve` is needed", hint=EXTRA) from error
    return Parser(Language(getattr(grammar, function)()))


def fault_in(text: str, language: str) -> str:
    """What is wrong with the source as it is written, or nothing."""
    if language == "python":
        try:
            compile(text, "candidate.py", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return str(error) or type(error).__name__
        return ""
    try:
        return "it does not parse" if parser_of(language).parse(text.encode()).root_node.has_error else ""
    except UnavailableError:
        return ""
