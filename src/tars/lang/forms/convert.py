"""Turns a metascript into plain data (JSON, YAML) and back, without loss of meaning; comments are not meaning.

The form, after the JSON syntax of HCL:

- A body is an object. An attribute is `name: value`; a block is `type: {label: {…}}`, one level for each label that
  the vocabulary gives the type, so `{"rust_module": {"a": {"source": "a.rs"}}}` and `{"settings": {"jobs": 2}}`.
  Where the vocabulary has an attribute of that name as well, an object is the block, and all else the attribute.
- Blocks of one type and the same labels, or whose order matters, are a list: `"rust_module": [{"a": {}}, {"a": {}}]`.
- A block that the vocabulary does not know, or with other labels, is marked: `{"$labels": ["x"], …}`.
- Numbers, booleans, null, lists and objects are themselves. A string is a template: `"${var.x}"` alone is the
  expression, `"a ${var.x}"` a template; a plain `${` is `$${`, a plain `%{` is `%%{`. Keys are plain text.
- `$schema` at the top is ignored.
"""

import re
from collections.abc import Sequence
from math import isfinite
from typing import Final

from tars.core.errors import InputError
from tars.core.values import Diagnostic, Json, Severity
from tars.lang.forms.format import format_text
from tars.lang.forms.templates import escaped, quoted, source, template, within_quotes
from tars.lang.schema import find_attribute, find_block
from tars.lang.syntax.parse import parse_template
from tars.lang.syntax.tokens import is_name
from tars.lang.syntax.tree import (
    Attribute,
    Block,
    Body,
    Expression,
    File,
    For,
    Interpolation,
    Literal,
    Object,
    Parenthesis,
    Template,
    Tuple,
    Unary,
)

LABELS: Final = "$labels"
DEPTH_MAX: Final = 100
_HALF: Final = re.compile("[\ud800-\udfff]")
"""One half of a pair that stands for a character in UTF-16: no text has it alone."""


def to_data(file: File) -> dict[str, Json]:
    """The file as plain data. Raises `InputError` when it has syntax errors, or an attribute twice in one body."""
    if file.diagnostics:
        raise InputError(
            f"{file.path} has syntax errors and was not converted", file.diagnostics, hint="mend them first"
        )
    return _body_data(file.text, file.path, file.body, "")


def from_data(data: Json) -> str:
    """The formatted metascript of such data. Raises `InputError` with one diagnostic (T0024) for each thing that is
    wrong in it; each message names the place by a JSON pointer."""
    reading = _Reading()
    if isinstance(data, dict):
        reading.body({key: value for key, value in data.items() if key != "$schema"}, "", "", 0)
    else:
        reading.wrong("", f"a metascript is an object, not {_named(data)}")
    if reading.wrongs:
        raise InputError("the data is not a metascript", reading.wrongs, hint="see `tarscli schema` for its form")
    try:
        return format_text("".join(reading.out))
    except InputError as error:  # what no value alone shows, such as a deep expression in a deep list
        found = tuple(Diagnostic("T0024", Severity.ERROR, each.message, hint=each.hint) for each in error.diagnostics)
        raise InputError("the data is not a metascript", found, hint="see `tarscli schema` for its form") from error


def _body_data(text: str, path: str, body: Body, block_type: str) -> dict[str, Json]:
    data: dict[str, Json] = {}
    blocks: dict[str, list[Block]] = {}
    for item in body.items:
        if isinstance(item, Block):
            data.setdefault(item.type, None)
            blocks.setdefault(item.type, []).append(item)
        elif item.name in data:
            message = f"`{item.name}` stands twice in one body, which data cannot express"
            found = Diagnostic("T0024", Severity.ERROR, message, hint="remove one of them")
            raise InputError(f"{path} was not converted", (found,), hint="mend it first")
        else:
            value = _value(text, item.value)
            data[item.name] = _expression(text, item.value) if _is_blocks(item.name, block_type, value) else value
    for type_, group in blocks.items():
        if any(isinstance(item, Attribute) and item.name == type_ for item in body.items):
            found = Diagnostic("T0024", Severity.ERROR, f"`{type_}` is an attribute and a block in one body")
            raise InputError(f"{path} was not converted", (found,), hint="rename one of them")
        data[type_] = _blocks_data(text, path, group, block_type)
    return data


def _blocks_data(text: str, path: str, blocks: list[Block], parent: str) -> Json:
    """The blocks of one type in one body."""
    known = find_block(blocks[0].type, parent)
    bodies = [_body_data(text, path, block.body, block.type) for block in blocks]
    labels = [[label.text for label in block.labels] for block in blocks]
    count = known.labels_min if known else -1
    if any(len(found) != count for found in labels) or (count and any(LABELS in found for found in labels)):
        marked: list[Json] = [{LABELS: list(found), **body} for found, body in zip(labels, bodies, strict=True)]
        return marked[0] if len(marked) == 1 else marked
    if count != 1 or len({found[0] for found in labels}) < len(labels):
        listed: list[Json] = [_nested(found, body) for found, body in zip(labels, bodies, strict=True)]
        return listed[0] if len(listed) == 1 else listed
    return {found[0]: body for found, body in zip(labels, bodies, strict=True)}


def _nested(labels: Sequence[str], body: dict[str, Json]) -> dict[str, Json]:
    for label in reversed(labels):
        body = {label: body}
    return body


def _value(text: str, node: Expression) -> Json:
    if isinstance(node, Literal):
        return escaped(node.value) if isinstance(node.value, str) else node.value
    if isinstance(node, Template) and not _is_one_expression(node):
        return template(text, node.parts, escaped)
    if isinstance(node, Tuple):
        return [_value(text, item) for item in node.items]
    if isinstance(node, Object):
        keys = [
            item.key.value for item in node.items if isinstance(item.key, Literal) and isinstance(item.key.value, str)
        ]
        if len(set(keys)) == len(node.items) and LABELS not in keys:
            return {key: _value(text, item.value) for key, item in zip(keys, node.items, strict=True)}
    if isinstance(node, Unary) and node.operator == "-" and isinstance(node.operand, Literal):
        number = node.operand.value
        if isinstance(number, int | float) and not isinstance(number, bool) and number:
            return -number
    return _expression(text, node)


def _is_one_expression(node: Template) -> bool:
    return len(node.parts) == 1 and isinstance(node.parts[0], Interpolation)


def _expression(text: str, node: Expression) -> str:
    """Any expression as a string that is one: `${…}`."""
    if isinstance(node, Template) and isinstance(part := node.parts[0], Interpolation) and len(node.parts) == 1:
        node = part.expression
    return f"${{{source(text, node)}}}"


def _is_blocks(name: str, parent: str, value: Json) -> bool:
    """Whether such data under a name is one or more blocks in the body of a `parent`, and not an attribute."""
    if find_block(name, parent) is None:
        return False
    if find_attribute(parent, name) is None:
        return isinstance(value, dict | list)
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(isinstance(item, dict) for item in items)


def _named(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else f"a {type(value).__name__}")


class _Reading:
    """Data being written as a metascript: `out` is its text so far, `wrongs` what is wrong with the data."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.wrongs: list[Diagnostic] = []

    def wrong(self, pointer: str, message: str, hint: str = "") -> None:
        place = f"at `{pointer or '/'}`: "
        self.wrongs.append(Diagnostic("T0024", Severity.ERROR, place + message, hint=hint))

    def body(self, data: dict[str, Json], block_type: str, pointer: str, depth: int) -> None:
        if depth > DEPTH_MAX:
            self.wrong(pointer, f"this is nested more than {DEPTH_MAX} levels deep")
            return
        for key, value in data.items():
            place = _below(pointer, key)
            if not isinstance(key, str) or not is_name(key):
                self.wrong(place, f"`{key}` is not a name", "names are letters, digits, `_` and `-`")
                continue
            known = find_block(key, block_type)
            if _is_marked(value):
                for number, item in enumerate(value if isinstance(value, list) else [value]):
                    assert isinstance(item, dict)
                    self._marked(key, item, _below(place, number) if isinstance(value, list) else place, depth)
            elif known is not None and _is_blocks(key, block_type, value):
                self._labelled(key, value, [], known.labels_min, place, depth)
            else:
                self.out.append(f"{key} = {self.value(value, place, 0)}\n")

    def _labelled(self, type_: str, value: Json, labels: list[str], missing: int, pointer: str, depth: int) -> None:
        """The blocks of a type in the form with one level for each label; `missing` labels are still to come."""
        if isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, list):
                    self.wrong(_below(pointer, number), "a block is an object, not a list")
                else:
                    self._labelled(type_, item, labels, missing, _below(pointer, number), depth)
        elif not isinstance(value, dict):
            what = "an object that maps labels to blocks" if missing else "an object"
            self.wrong(pointer, f"a `{type_}` block is {what}, not {_named(value)}")
        elif missing:
            for key, item in value.items():
                if isinstance(key, str):
                    self._labelled(type_, item, [*labels, key], missing - 1, _below(pointer, key), depth)
                else:
                    self.wrong(_below(pointer, key), "a label is text", "quote it")
        else:
            self._block(type_, labels, value, pointer, depth)

    def _marked(self, type_: str, value: dict[str, Json], pointer: str, depth: int) -> None:
        labels = value[LABELS]
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            self.wrong(_below(pointer, LABELS), "the labels of a block are a list of strings")
            return
        body = {key: item for key, item in value.items() if key != LABELS}
        self._block(type_, [str(label) for label in labels], body, pointer, depth)

    def _block(self, type_: str, labels: list[str], body: dict[str, Json], pointer: str, depth: int) -> None:
        gap = "\n" if self.out and not depth else ""
        self.out.append(gap + " ".join([type_, *(self._quoted(label, pointer) for label in labels), "{\n"]))
        self.body(body, type_, pointer, depth + 1)
        self.out.append("}\n")

    def value(self, value: Json, pointer: str, depth: int) -> str:
        if depth >= DEPTH_MAX and isinstance(value, list | dict):
            self.wrong(pointer, f"this is nested more than {DEPTH_MAX} levels deep")
        elif value is None:
            return "null"
        elif isinstance(value, bool):
            return "true" if value else "false"
        elif isinstance(value, int | float):
            if isfinite(value) and len(text := repr(value)) <= 1000:
                return text
            self.wrong(
                pointer, "there is no such number in a metascript", "write a finite number of less than 1000 digits"
            )
        elif isinstance(value, str):
            return self._string(value, pointer)
        elif isinstance(value, list):
            return (
                "[" + ", ".join(self.value(item, _below(pointer, n), depth + 1) for n, item in enumerate(value)) + "]"
            )
        elif isinstance(value, dict):
            items = [self._item(key, item, _below(pointer, key), depth + 1) for key, item in value.items()]
            return "{\n" + "".join(items) + "}" if items else "{}"
        else:
            self.wrong(pointer, f"{_named(value)} has no place in a metascript", "quote it")
        return "null"

    def _item(self, key: str, value: Json, pointer: str, depth: int) -> str:
        if not isinstance(key, str):
            self.wrong(pointer, "a key is text", "quote it")
            return ""
        if key == LABELS:
            self.wrong(pointer, f"`{LABELS}` marks a block, and this is a value")
        word = key if is_name(key) and key != "for" else self._quoted(key, pointer)
        return f"{word} = {self.value(value, pointer, depth)}\n"

    def _string(self, value: str, pointer: str) -> str:
        if self._is_broken(value, pointer):
            return "null"
        node, diagnostics = parse_template(value)
        for found in diagnostics:
            place = f" (character {found.span.start + 1})" if found.span else ""
            self.wrong(pointer, found.message + place, found.hint)
        if isinstance(node, Literal):
            return quoted(str(node.value))
        if not isinstance(node, Template):
            return "null"
        part = node.parts[0]
        if isinstance(part, Interpolation) and len(node.parts) == 1:
            written = value[part.expression[0] : part.expression[1]]
            is_bracketed = isinstance(part.expression, Parenthesis | Tuple | Object | For)
            return written if is_bracketed or "\n" not in written else f"(\n{written}\n)"
        return f'"{template(value, node.parts, within_quotes)}"'

    def _quoted(self, value: str, pointer: str) -> str:
        return '""' if self._is_broken(value, pointer) else quoted(value)

    def _is_broken(self, value: str, pointer: str) -> bool:
        half = _HALF.search(value)
        if half:
            self.wrong(pointer, f"U+{ord(half[0]):04X} is half of a character", "write the other half as well")
        return half is not None


def _is_marked(value: Json) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) and LABELS in item for item in value)
    return isinstance(value, dict) and LABELS in value


def _below(pointer: str, key: object) -> str:
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
