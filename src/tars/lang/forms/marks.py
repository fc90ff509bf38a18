"""What the tree says of a file's tokens that the tokens alone do not: what a `[`, a `-` or a `:` is there for."""

from bisect import bisect_left

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.lang.forms.stream import COMMENTS, Kind, Token
from tars.lang.schema import canonical_name
from tars.lang.syntax.tree import Attribute, Block, Body, Call, File, Index, Item, Literal, Splat, Template, Unary


class Marks(Prefab):
    """Places in the text, by what is to be done there. `equals` maps the place of a `=` to that of its attribute."""

    tight: set[int] = attribute(default_factory=set)
    """No blank before: the brackets of calls and indices."""
    signs: set[int] = attribute(default_factory=set)
    """No blank after: unary operators."""
    apart: set[int] = attribute(default_factory=set)
    """A blank before, or it would belong to the number there: the second dot of `a.0 .1`."""
    equals: dict[int, int] = attribute(default_factory=dict)
    ends: dict[int, int] = attribute(default_factory=dict)
    """Where each attribute or item ends, by where it begins."""
    replace: dict[int, str] = attribute(default_factory=dict)
    wrap_before: set[int] = attribute(default_factory=set)
    wrap_after: set[int] = attribute(default_factory=set)
    break_before: set[int] = attribute(default_factory=set)
    break_after: set[int] = attribute(default_factory=set)


def marks(file: File, tokens: list[Token]) -> Marks:
    """The marks of a file without errors, whose tokens these are."""
    found = Marks()
    code = [token for token in tokens if token.kind is not Kind.NEWLINE and token.kind not in COMMENTS]
    starts = [token.start for token in code]

    def after(place: int) -> Token:
        return code[bisect_left(starts, place)]

    pending: list[tuple[object, str]] = [(file.body, "")]
    while pending:
        node, block_type = pending.pop()
        if isinstance(node, Attribute):
            _assignment(found, node, after(node.start + len(node.name)).start)
        elif isinstance(node, Item):
            separator = after(node.key[1])
            found.replace[separator.start] = "="
            _assignment(found, node, separator.start)
        elif isinstance(node, Index):
            opener = after(node.source[1])
            is_after_number = isinstance(node.source, Index | Literal) and file.text[node.source.end - 1].isdecimal()
            (found.apart if is_after_number and opener.text == "." else found.tight).add(opener.start)
        elif isinstance(node, Splat):
            opener = after(node.source[1])
            found.tight |= {opener.start, after(opener.start + 1).start}
        elif isinstance(node, Call):
            found.tight.add(next(token.start for token in code[bisect_left(starts, node.start) :] if token.text == "("))
        elif isinstance(node, Unary):
            found.signs.add(node.start)
        elif isinstance(node, Block):
            _block(found, node, file.text)
            block_type = node.type
        elif isinstance(node, Body):
            _names(found, node, block_type, file.text)
        elif isinstance(node, Template):
            continue
        if isinstance(node, tuple):
            pending.extend((child, block_type) for child in node if isinstance(child, tuple))
    return found


def _assignment(found: Marks, node: Attribute | Item, equals: int) -> None:
    found.equals[equals] = node.start
    found.ends[node.start] = node.end


def _block(found: Marks, node: Block, text: str) -> None:
    """Break a one-line block that holds several attributes, or one that takes several lines."""
    body = node.body
    first = body.items[0].start if body.items else body.end
    if not body.items or "\n" in text[body.start : first]:
        return
    if len(body.items) == 1 and "\n" not in text[body.start : body.end]:
        return
    found.break_after.add(body.start - 1)
    found.break_before.add(node.end - 1)
    found.break_before |= {item.start for item in body.items[1:]}


def _names(found: Marks, node: Body, block_type: str, text: str) -> None:
    """Turn the other spellings of a module's attributes into the canonical ones, unless that would double one."""
    names = [canonical_name(block_type, item.name) for item in node.items if isinstance(item, Attribute)]
    for item in node.items:
        if not isinstance(item, Attribute):
            continue
        name = canonical_name(block_type, item.name)
        if name == item.name or names.count(name) > 1:
            continue
        is_heredoc = text.startswith("<<", item.value[0])
        if item.name == "trait" and is_heredoc:
            continue
        found.replace[item.start] = name
        if item.name == "trait" and (isinstance(item.value, Template) or _is_text(item.value)):
            found.wrap_before.add(item.value[0])
            found.wrap_after.add(item.value[0])


def _is_text(value: object) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, str)
