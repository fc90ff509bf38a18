"""The syntax tree of a metascript: HCL native syntax with the exact place of every node, errors included.

Nodes are named tuples because a tree of 10,000 blocks has a million of them. `start` and `end` are character
offsets into the text of the `File`; the text between nodes (blanks, comments) is kept by the file's tokens, so
nothing of the source is lost.
"""

from typing import NamedTuple, TypeAlias

from tars.core.values import Diagnostic


class Literal(NamedTuple):
    """A number, `true`, `false`, `null`, or a quoted string or heredoc without any template sequence."""

    start: int
    end: int
    value: str | int | float | bool | None


class Interpolation(NamedTuple):
    """`${ expression }` in a template; `strip_left` and `strip_right` are its `~` marks."""

    start: int
    end: int
    expression: "Expression"
    strip_left: bool
    strip_right: bool


class TemplateIf(NamedTuple):
    """`%{ if condition } … %{ else } … %{ endif }`."""

    start: int
    end: int
    condition: "Expression"
    then: tuple["Part", ...]
    otherwise: tuple["Part", ...]


class TemplateFor(NamedTuple):
    """`%{ for key, value in collection } … %{ endfor }`; `key` is empty where only the value is named."""

    start: int
    end: int
    key: str
    value: str
    collection: "Expression"
    parts: tuple["Part", ...]


class Template(NamedTuple):
    """A quoted string or heredoc with template sequences. String parts are decoded: escapes and `~` stripping done."""

    start: int
    end: int
    parts: tuple["Part", ...]


class Name(NamedTuple):
    """The first word of a reference: `var` in `var.threshold`."""

    start: int
    end: int
    name: str


class GetAttribute(NamedTuple):
    """`source.name`; `name_start` is where the name begins. `a.0` is the legacy spelling of an `Index`."""

    start: int
    end: int
    source: "Expression"
    name: str
    name_start: int


class Index(NamedTuple):
    """`source[key]`."""

    start: int
    end: int
    source: "Expression"
    key: "Expression"


class SplatItem(NamedTuple):
    """Inside `Splat.each`: the element at hand."""

    start: int
    end: int


class Splat(NamedTuple):
    """`source.*.rest` or, `full`, `source[*].rest`: `each` is what is done to every element, around a `SplatItem`."""

    start: int
    end: int
    source: "Expression"
    full: bool
    each: "Expression"


class Call(NamedTuple):
    """`name(arguments…)`; `expand` when the last argument is followed by `...`."""

    start: int
    end: int
    name: str
    arguments: tuple["Expression", ...]
    expand: bool


class Tuple(NamedTuple):
    start: int
    end: int
    items: tuple["Expression", ...]


class Item(NamedTuple):
    """One `key = value` of an object. A bare word as key is a `Literal` string."""

    start: int
    end: int
    key: "Expression"
    value: "Expression"


class Object(NamedTuple):
    start: int
    end: int
    items: tuple[Item, ...]


class For(NamedTuple):
    """`[for key, value in collection : result if condition]`, or with `result_key` an object; `group` is its `...`."""

    start: int
    end: int
    key: str
    value: str
    collection: "Expression"
    result_key: "Expression | None"
    result: "Expression"
    condition: "Expression | None"
    group: bool


class Unary(NamedTuple):
    start: int
    end: int
    operator: str
    operand: "Expression"


class Binary(NamedTuple):
    start: int
    end: int
    operator: str
    left: "Expression"
    right: "Expression"


class Conditional(NamedTuple):
    start: int
    end: int
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


class Parenthesis(NamedTuple):
    start: int
    end: int
    inner: "Expression"


class Damage(NamedTuple):
    """Where an expression should be and none could be read; a diagnostic says why."""

    start: int
    end: int


Expression: TypeAlias = (
    Literal | Template | Name | GetAttribute | Index | SplatItem | Splat | Call | Tuple | Object | For
    | Unary | Binary | Conditional | Parenthesis | Damage
)  # fmt: skip
Part: TypeAlias = str | Interpolation | TemplateIf | TemplateFor


class Label(NamedTuple):
    """A block's label, written bare or quoted."""

    start: int
    end: int
    text: str


class Attribute(NamedTuple):
    """`name = value`; the name is at `[start, start + len(name))`."""

    start: int
    end: int
    name: str
    value: Expression


class Block(NamedTuple):
    """`type "label" { body }`; type at `[start, start + len(type))`, the header ends at `header_end`."""

    start: int
    end: int
    type: str
    labels: tuple[Label, ...]
    header_end: int
    body: "Body"


class Body(NamedTuple):
    """Attributes and blocks in the order in which they are written."""

    start: int
    end: int
    items: tuple[Attribute | Block, ...]


class File(NamedTuple):
    """A parsed file. Parsing never fails: what could not be read is in `diagnostics`, the rest is in `body`."""

    path: str
    text: str
    body: Body
    diagnostics: tuple[Diagnostic, ...]
