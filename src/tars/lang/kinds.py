"""The shape of the table in `vocabulary.py`: block types, attribute types and the kinds of value they take."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """The kinds of value that an attribute takes; `KIND_TEXT` says each in words."""

    STRING = "string"
    BOOL = "bool"
    INTEGER = "integer"
    NUMBER = "number"
    CONFIDENCE = "confidence"
    STRINGS = "strings"
    MAP = "map"
    PATH = "path"
    PATHS = "paths"
    SOURCE = "source"
    ENTRY_POINT = "entry_point"
    DURATION = "duration"
    SIZE = "size"
    CHOICE = "choice"
    SANDBOXES = "sandboxes"
    LANGUAGE = "language"
    COMPILE = "compile"
    INPUTS = "inputs"
    ARGUMENTS = "arguments"
    SCHEMA = "schema"
    REFERENCES = "references"
    PINS = "pins"
    TYPE = "type"
    CONDITION = "condition"
    FILES = "files"
    COUNT_OR_BOOL = "count_or_bool"
    VALUE = "value"


KIND_TEXT: Final[Mapping[Kind, str]] = {
    Kind.STRING: "a string",
    Kind.BOOL: "true or false",
    Kind.INTEGER: "a whole number, 0 or more",
    Kind.NUMBER: "a number, 0 or more",
    Kind.CONFIDENCE: "a number between 0 and 1",
    Kind.STRINGS: "a string or a list of strings",
    Kind.MAP: "an object of strings",
    Kind.PATH: "a path",
    Kind.PATHS: "a path or a list of paths",
    Kind.SOURCE: "a path",
    Kind.ENTRY_POINT: "a string: `path:function`, a path, or a name",
    Kind.DURATION: 'a duration such as "30s", "5m" or "1h30m"',
    Kind.SIZE: 'a size such as "512MB" or "2GiB"',
    Kind.CHOICE: "one of the values below",
    Kind.SANDBOXES: "the name of a sandbox, or a list of them",
    Kind.LANGUAGE: "the name of a language",
    Kind.COMPILE: 'true, false or "docker"',
    Kind.INPUTS: "a path, a reference, a value, or a list of these",
    Kind.ARGUMENTS: "a list of strings, numbers and references",
    Kind.SCHEMA: "the path of a JSON Schema, or the schema as an object",
    Kind.REFERENCES: "a list of references to modules",
    Kind.PINS: 'a string `"name@version"`, or a list of them',
    Kind.TYPE: "a type: `string`, `number`, `bool`, `any`, `list(…)`, `set(…)`, `map(…)`, `tuple([…])`, `object({…})`",
    Kind.CONDITION: "an expression that is true or false",
    Kind.FILES: "a list of paths that may be read",
    Kind.COUNT_OR_BOOL: "a whole number, or true for one",
    Kind.VALUE: "any value",
}

KIND_EXAMPLE: Final[Mapping[Kind, str]] = {
    Kind.STRING: '"text"',
    Kind.BOOL: "true",
    Kind.INTEGER: "3",
    Kind.NUMBER: "0.5",
    Kind.CONFIDENCE: "0.8",
    Kind.STRINGS: '["one", "other"]',
    Kind.MAP: '{ NAME = "value" }',
    Kind.PATH: '"data/file.json"',
    Kind.PATHS: '"output/file.json"',
    Kind.SOURCE: '"agents/file.py"',
    Kind.ENTRY_POINT: '"agents/file.py:function"',
    Kind.DURATION: '"30s"',
    Kind.SIZE: '"512MB"',
    Kind.SANDBOXES: '["process", "none"]',
    Kind.LANGUAGE: '"python"',
    Kind.COMPILE: "true",
    Kind.INPUTS: '"data/file.json"',
    Kind.ARGUMENTS: '["--fast", 3]',
    Kind.SCHEMA: '"schemas/file.json"',
    Kind.REFERENCES: "[python_module.name]",
    Kind.PINS: '"name@v3"',
    Kind.TYPE: "number",
    Kind.CONDITION: "var.name > 0",
    Kind.FILES: '["data"]',
    Kind.COUNT_OR_BOOL: "1",
}
"""What a value of the kind looks like, for hints."""


class AttributeType(NamedTuple):
    """One attribute of a block type. `default` is what holds without it, in words; empty where that is "nothing"."""

    name: str
    kind: Kind
    doc: str
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = False


class BlockType(NamedTuple):
    """One type of block: its labels (the first `labels_min` of them are needed), attributes and nested blocks.

    `free` blocks take any attribute name. A block type that is not `many` stands at most once in its parent.
    `referable` ones can be named in a reference: `closure.review`.
    """

    name: str
    doc: str
    labels: tuple[str, ...] = ()
    labels_min: int = 0
    attributes: tuple[AttributeType, ...] = ()
    blocks: tuple["BlockType", ...] = ()
    free: bool = False
    many: bool = True
    referable: bool = False
    example: str = ""
