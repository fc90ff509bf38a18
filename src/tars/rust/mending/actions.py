r"""Tool actions and their text form, one line each: `::act v=1 tool=cargo_check path="src/lib.rs"`.

The form is strict: a text is either exactly what `print_action` writes, or it is refused with the place that is wrong.

    line    = "::act v=1 tool=" name *( " " name "=" value )
    name    = a-z *39( a-z / 0-9 / "_" )
    value   = "true" / "false" / integer / string
    integer = "0" / [ "-" ] 1-9 *( 0-9 ), in 64 bits
    string  = DQUOTE *( plain / "\\" / "\" DQUOTE / "\n" / "\r" / "\t" / "\u{" hexadecimal "}" ) DQUOTE
    plain   = any character but DQUOTE, "\", controls, line separators and surrogates
"""

import re
from collections.abc import Mapping
from typing import TypeAlias, cast

from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import TarsError

Value: TypeAlias = str | int | bool
PREFIX = "::act v=1 tool="
ARGUMENTS_MAX = 32
TEXT_MAX = 65_536
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_INTEGERS = range(-(2**63), 2**63)
_PLAIN = re.compile(r'[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+')
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t"}
_ESCAPED = {character: f"\\{letter}" for letter, character in _ESCAPES.items()}
_CODE = re.compile(r"u\{([1-9a-f][0-9a-f]{0,5}|0)\}")
_RESERVED = frozenset({"v", "tool"})


class ActionError(TarsError):
    """The text is no action; `at` is the character where it goes wrong."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(f"this is no action: {message} at character {at + 1}", hint="`tarscli rust schema action`")
        self.at = at


class Action(Prefab, frozen=True):
    """One use of a tool, with its arguments in their order."""

    tool: str
    arguments: tuple[tuple[str, Value], ...] = ()

    def to_json(self) -> dict[str, object]:
        """Its form in the schema `action`."""
        return {"tool": self.tool, "arguments": dict(self.arguments)}


def action_from(body: Mapping[str, object]) -> Action:
    """The action of that JSON, whose form the schema `action` has checked."""
    arguments = cast(Mapping[str, Value], body["arguments"])
    return Action(str(body["tool"]), tuple(arguments.items()))


def print_action(action: Action) -> str:
    """The action as one line, without a line break. Raises `ActionError` where it has no text form."""
    _check_name(action.tool, 0)
    if len(action.arguments) > ARGUMENTS_MAX:
        raise ActionError(f"it has more than {ARGUMENTS_MAX} arguments", 0)
    parts = [PREFIX + action.tool]
    seen: set[str] = set()
    for name, value in action.arguments:
        _check_name(name, 0)
        if name in seen or name in _RESERVED:
            raise ActionError(f"`{name}` is given twice" if name in seen else f"`{name}` is no argument's name", 0)
        seen.add(name)
        parts.append(f"{name}={_printed(value)}")
    return " ".join(parts)


def parse_action(text: str) -> Action:
    """The action that a line stands for. Raises `ActionError` where it is not exactly of the form."""
    if not text.startswith(PREFIX):
        common = next((i for i, (a, b) in enumerate(zip(text, PREFIX, strict=False)) if a != b), len(text))
        raise ActionError(f"it does not begin with `{PREFIX}`", min(common, len(PREFIX)))
    tool, at = _name(text, len(PREFIX))
    arguments: list[tuple[str, Value]] = []
    while at < len(text):
        if text[at] != " ":
            raise ActionError("a blank is missing", at)
        begin = at + 1
        name, at = _name(text, begin)
        if name in _RESERVED or any(name == other for other, _ in arguments):
            raise ActionError(f"`{name}` is given twice", begin)
        if text[at : at + 1] != "=":
            raise ActionError(f"`=` is missing after `{name}`", at)
        value, at = _value(text, at + 1)
        arguments.append((name, value))
        if len(arguments) > ARGUMENTS_MAX:
            raise ActionError(f"it has more than {ARGUMENTS_MAX} arguments", begin)
    return Action(tool, tuple(arguments))


def _check_name(name: str, at: int) -> None:
    if not _NAME.fullmatch(name):
        raise ActionError(f"`{name}` is no name", at)


def _name(text: str, at: int) -> tuple[str, int]:
    found = _NAME.match(text, at)
    if found is None:
        raise ActionError("a name is missing", at)
    return found[0], found.end()


def _value(text: str, at: int) -> tuple[Value, int]:
    if text.startswith('"', at):
        return _string(text, at)
    for word, value in (("true", True), ("false", False)):
        if text.startswith(word, at):
            return value, at + len(word)
    found = _INTEGER.match(text, at)
    if found is None:
        raise ActionError("a value is missing: a string in quotes, a whole number, `true` or `false`", at)
    if int(found[0]) not in _INTEGERS:
        raise ActionError("the number does not fit into 64 bits", at)
    return int(found[0]), found.end()


def _string(text: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    length, begin = 0, at
    at += 1
    while not text.startswith('"', at):
        if plain := _PLAIN.match(text, at):
            parts.append(plain[0])
            at = plain.end()
        elif text.startswith("\\", at):
            character, at = _escape(text, at + 1)
            parts.append(character)
        else:
            raise ActionError("the string does not end" if at >= len(text) else "a character must be escaped", at)
        length += len(parts[-1])
        if length > TEXT_MAX:
            raise ActionError(f"the string is longer than {TEXT_MAX} characters", begin)
    return "".join(parts), at + 1


def _escape(text: str, at: int) -> tuple[str, int]:
    if (letter := text[at : at + 1]) in _ESCAPES:
        return _ESCAPES[letter], at + 1
    code = _CODE.match(text, at)
    character = chr(int(code[1], 16)) if code and int(code[1], 16) < 0x110000 else ""
    if not code or not character or _quoted(character) != f"\\{code[0]}":
        raise ActionError("this escape is not one of the form", at - 1)
    return character, code.end()


def _printed(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value not in _INTEGERS:
            raise ActionError("the number does not fit into 64 bits", 0)
        return str(value)
    if len(value) > TEXT_MAX:
        raise ActionError(f"the string is longer than {TEXT_MAX} characters", 0)
    return f'"{"".join(_quoted(one) for one in value)}"'


def _quoted(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    return character if _PLAIN.fullmatch(character) else f"\\u{{{ord(character):x}}}"
