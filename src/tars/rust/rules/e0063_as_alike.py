"""Fills a field with what it is given elsewhere, by another expression of the struct or of one with such a field.

Where that names what there is not here, and one thing is declared here that nothing uses, it is that.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, enclosing_function, patch
from tars.rust.rules_support.scope import locals_before
from tars.rust.rules_support.signatures import uses
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_MISSING = re.compile(r"missing field `(\w+)` in initializer of `([^`]+)`")
_OFFERED_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    struct = site.up("struct_expression")
    said = _MISSING.match(site.diagnostic.message)
    body = struct.child_by_field_name("body") if struct is not None else None
    if struct is None or said is None or body is None:
        return
    texts = [one for one in _given(site, struct, said[1], said[2]) if one is not None]
    for number, text in enumerate(list(dict.fromkeys(texts))[:_OFFERED_MAX]):
        yield patch(
            f"give `{said[1]}` what it is given elsewhere", 0.6 - 0.12 * number, _added(site, body, said[1], text)
        )


def _given(site: Site, struct: Node, name: str, type_: str) -> Iterator[str | None]:
    """What the field is given elsewhere, as it may be written here: by the same struct first, the nearest first."""
    known = _known(site, struct)
    own = re.sub(r"<.*", "", type_).rpartition("::")[2]
    found: list[tuple[bool, int, SourceFile, Node]] = []
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for value, holder in _values(file, name):
            if path != site.file.path or holder.id != struct.id:
                away = abs(value.start_byte - struct.start_byte) if path == site.file.path else len(file.data)
                found.append((not _makes(file, holder, own), away, file, value))
    for _, _, file, value in sorted(found, key=lambda one: one[:2]):
        yield _here(site, struct, file, value, known)


def _values(file: SourceFile, name: str) -> Iterator[tuple[Node, Node]]:
    """What each struct expression of a file gives the field, with that expression."""
    for struct in file.walk("struct_expression"):
        body = struct.child_by_field_name("body")
        for one in children(body, "field_initializer") if body is not None else ():
            field, value = one.child_by_field_name("field"), one.child_by_field_name("value")
            if field is not None and value is not None and file.text(field) == name:
                yield value, struct


def _makes(file: SourceFile, struct: Node, name: str) -> bool:
    """Whether a struct expression makes a struct of that name."""
    written = struct.child_by_field_name("name")
    head = re.sub(r"::<.*|<.*", "", file.text(written) if written is not None else "").rpartition("::")[2]
    impl = next((one for one in ancestors(struct) if one.type == "impl_item"), None)
    return head == name or (head == "Self" and impl is not None and name_of(file, impl) == name)


def _known(site: Site, struct: Node) -> set[str]:
    """The variables and functions that may be named at the expression."""
    known = {one.name for one in locals_before(site.file, struct)}
    for file, function in items(site.context, "function_item", "const_item", "static_item"):
        if file.path == site.file.path and function.parent is not None and function.parent.type == "source_file":
            known.add(name_of(file, function))
    return known


def _here(site: Site, struct: Node, file: SourceFile, value: Node, known: set[str]) -> str | None:
    """The text of a value with the names that there are here; None where it names what there is not."""
    unknown = {name for one in _names(value) if (name := file.text(one)) not in known}
    text = file.text(value)
    if not unknown:
        return text
    function = enclosing_function(struct)
    free = [one for one in _declared(site, function, struct) if uses(site.file, function, one) == 1] if function else []
    if len(unknown) > 1 or len(free) != 1:
        return None
    return re.sub(rf"(?<![\w.]){unknown.pop()}\b", free[0], text)


def _names(value: Node) -> Iterator[Node]:
    """The variables and functions that a value names, without fields, methods and what modules hold."""
    stack = [value]
    while stack:
        node = stack.pop()
        if node.type in ("identifier", "self", "shorthand_field_identifier"):
            yield node
        elif node.type not in ("scoped_identifier", "macro_invocation", "type_arguments"):
            stack += [one for one in node.named_children if one.type != "field_identifier"]


def _declared(site: Site, function: Node, struct: Node) -> list[str]:
    """What a function declares: its variables, and functions within it."""
    inner = [name_of(site.file, one) for one in site.file.walk("function_item", within=function) if one != function]
    return [one.name for one in locals_before(site.file, struct) if one.name != "self"] + inner


def _added(site: Site, body: Node, name: str, text: str) -> Change:
    """The field before the others, laid out as they are."""
    given = children(body)
    written = name if text == name else f"{name}: {text}"
    if not given:
        return site.file.replace(body, f"{{ {written} }}")
    first = given[0]
    apart = site.file.line_start(first.start_byte) != site.file.line_start(body.start_byte)
    return site.file.insert(
        first.start_byte, f"{written},\n{site.file.indent(first.start_byte)}" if apart else f"{written}, "
    )


PLUGIN = Mend(
    codes=("E0063",),
    title="give a field what it is given elsewhere",
    cites=("docs:error_codes/E0063.html", "docs:reference/expressions/struct-expr.html"),
    examples=(
        Example(
            """
pub struct Merged {
    words: Vec<u64>,
    merge: fn(u64, u64) -> u64,
    size: usize,
}
pub fn union(one: &[u64], size: usize) -> Merged {
    fn or(w1: u64, w2: u64) -> u64 {
        w1 | w2
    }
    Merged {
        words: one.to_vec(),
        merge: or,
        size,
    }
}
pub fn intersection(one: &[u64], size: usize) -> Merged {
    fn and(w1: u64, w2: u64) -> u64 {
        w1 & w2
    }
    Merged {
        words: one.to_vec(),
        size,
    }
}
""",
            """
pub struct Merged {
    words: Vec<u64>,
    merge: fn(u64, u64) -> u64,
    size: usize,
}
pub fn union(one: &[u64], size: usize) -> Merged {
    fn or(w1: u64, w2: u64) -> u64 {
        w1 | w2
    }
    Merged {
        words: one.to_vec(),
        merge: or,
        size,
    }
}
pub fn intersection(one: &[u64], size: usize) -> Merged {
    fn and(w1: u64, w2: u64) -> u64 {
        w1 & w2
    }
    Merged {
        merge: and,
        words: one.to_vec(),
        size,
    }
}
""",
        ),
    ),
    patches=_patches,
)
