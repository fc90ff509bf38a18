"""Generated metascripts with every kind of expression, comment and newline, and a project in which to load some."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tars.lang.checks import EXAMPLE_FILES
from tars.lang.meaning.context import Around
from tars.lang.meaning.load import load
from tars.lang.values import Loaded, Metascript, Module

NAMES = ("a", "b_c", "source", "file", "x-y", "ünï", "traits", "trait", "input", "env", "output", "forest", "in")
TYPES = ("rust_module", "python_module", "agentic", "settings", "other", "locals")
BLANKS = ("", " ", " ", "  ", "\t", " /* c */ ", "/* {\n} */")
WIDE = ("", " ", "\n", "\n\n  ", " # }\n", " // ]\n", " /* ( */ ")
LINES = ("\n", "\n", "\n", "\n\n\n", " # last {\n", " // x\n", "\r\n", "\n  # alone\n", "\n/* a\n b */\n")
OPERATORS = ("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||")
LEAVES = ("1.5", "2e3", "7", "true", "false", "null", "var.x", "python_module.a.output", "local.b[0]", "x-y")
HEREDOCS = ("<<EOT\n a $${ \n  ${x}\nEOT", "<<-EOT\n    a\n      ${x ~}\n\n  b = {\n  EOT", "<<E\nE")
WORDS = ("1e3", "+.5", "0x1f", "017", "1_000", "yes", "null", "~", "2026-01-01", "12:30", "<<", "=", "-", "a: b", " #")
"""Texts that YAML takes for something else where they are not quoted."""
LABELS = ("", ' "a"', " b ", '"c" d', ' "e\\n" ')


def quoted(text: str) -> str:
    """The text as a string of the language."""
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    )
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'


def _text(chance: Random) -> str:
    if chance.random() < 0.2:
        return chance.choice(WORDS)
    return "".join(chance.choice("ab é{}$%#/'~\\\n\t\"=,\r\x85\u2028\ufeff") for _ in range(chance.randrange(6)))


def expression(chance: Random, depth: int = 0) -> str:
    """A valid expression."""
    if depth > 3 or chance.random() < 0.3:
        return chance.choice((*LEAVES, quoted(_text(chance))))

    def inner() -> str:
        return expression(chance, depth + 1)

    def wide() -> str:
        return chance.choice(WIDE)

    def listed() -> str:
        return ",".join(f"{wide()}{inner()}{wide()}" for _ in range(chance.randrange(4)))

    def items() -> str:
        keys = [chance.choice((*NAMES, quoted(_text(chance)), "(k)")) for _ in range(chance.randrange(4))]
        blank = chance.choice(BLANKS)
        comma = chance.choice((", ", ",", "\n", " # i\n", ",\n\n"))
        return comma.join(f"{key}{blank}{chance.choice('=:')}{blank}{inner()}" for key in keys)

    shape = chance.randrange(12)
    suffix = chance.choice((".a", "[0]", ".*.b", "[*].c[1]", ".0", ".0 .1", " . a", " [ 2 ] "))
    if shape == 11:
        return _template(chance, inner)
    return (
        lambda: f"[{listed()}]",
        lambda: f"{{{wide()}{items()}{wide()}}}",
        lambda: f"({wide()}{inner()}{wide()})",
        lambda: f"f{chance.choice(('', ' ', '::g'))}({listed()})",
        lambda: f"f({inner()}...)",
        lambda: f"[for k, v in {inner()}{wide()} : {inner()}{wide()} if {inner()}]",
        lambda: f"{{for v in {inner()} : {inner()} => {inner()}{chance.choice(('', '...'))}}}",
        lambda: f"({inner()}){suffix}",
        lambda: f"{inner()} {chance.choice(OPERATORS)} {chance.choice(BLANKS)}{inner()}",
        lambda: f"({inner()} ? {inner()} : {inner()})",
        lambda: f"{chance.choice('-!')}{chance.choice(BLANKS)}{inner()}",
    )[shape]()


def _template(chance: Random, inner: Callable[[], str]) -> str:
    def text() -> str:
        """A text that a sequence may follow: `$` and `%` at its end are escapes."""
        raw = _text(chance)
        plain = raw.rstrip("$%")
        return quoted(plain)[1:-1] + "".join(f"\\u{ord(mark):04x}" for mark in raw[len(plain) :])

    def body() -> str:
        return f"{text()}{chance.choice(('', ' '))}${{{inner()}}}{text()}" if chance.random() < 0.3 else text()

    sequence = chance.choice(
        (
            f"${{{inner()}}}",
            f"${{~ {inner()} ~}}",
            f"${{{chance.choice(HEREDOCS)}\n}}",
            f"%{{ if {inner()} }}{body()}%{{ else }}{body()}%{{ endif }}",
            f"%{{~ if {inner()} }}{body()}%{{~ endif }}",
            f"%{{ for x in {inner()} ~}} ${{x}}{body()} %{{~ endfor }}",
        )
    )
    return f'"{text()}{chance.choice(("", " "))}{sequence}{text()}"'


def _statement(chance: Random, depth: int) -> str:
    kind = chance.randrange(4)
    if kind < 2 or depth > 2:
        blank = chance.choice(BLANKS)
        is_heredoc = chance.random() < 0.1
        value = chance.choice(HEREDOCS) + "\n" if is_heredoc else expression(chance) + chance.choice(LINES)
        return f"{blank}{chance.choice(NAMES)}{chance.choice(BLANKS)}={chance.choice(BLANKS)}{value}"
    header = chance.choice(TYPES) + chance.choice(LABELS)
    if kind == 2:
        attributes = "".join(f" {chance.choice(NAMES)}={expression(chance, 2)} " for _ in range(chance.randrange(4)))
        return f"{header} {{{attributes}}}{chance.choice(LINES)}"
    return f"{header}{{{chance.choice(LINES)}{_body(chance, depth + 1)}{chance.choice(BLANKS)}}}{chance.choice(LINES)}"


def _body(chance: Random, depth: int) -> str:
    return "".join(_statement(chance, depth) for _ in range(chance.randrange(5)))


@pytest.fixture(scope="session")
def document() -> Callable[[Random], str]:
    """A valid metascript, an ugly one."""
    return lambda chance: chance.choice(("", "\ufeff", "# first\n", "\n\n")) + _body(chance, 0)


LANGUAGES = ("go", "javascript", "lua", "python", "rust", "typescript", "wasm")


class Project:
    """A folder with the files that examples name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in EXAMPLE_FILES.items():
            self.write(name, text)
        (root / "pack").mkdir()
        self.write("pack/main.py", "def go():\n    pass\n")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def load(self, text: str, path: str = "main.tars", **more: Any) -> Loaded:
        self.write(path, text)
        return load(self.root / path, project=self.root, languages=LANGUAGES, **{"around": Around({}), **more})

    def good(self, text: str, path: str = "main.tars", **more: Any) -> Metascript:
        loaded = self.load(text, path, **more)
        assert loaded.diagnostics == ()
        assert loaded.metascript is not None
        return loaded.metascript

    def module(self, text: str, address: str = "") -> Module:
        modules = self.good(text).modules
        return next(each for each in modules if each.address == address) if address else modules[-1]

    def codes(self, text: str, **more: Any) -> list[str]:
        loaded = self.load(text, **more)
        assert all(found.hint for found in loaded.diagnostics), loaded.diagnostics
        return [found.code for found in loaded.diagnostics]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
