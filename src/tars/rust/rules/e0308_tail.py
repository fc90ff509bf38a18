"""Gives a function the value that its body ends without: the variable it made, `Ok(())`, or the other truth value."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.types import UNIT, RustType, fits, mismatch, parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_NAMES_MAX = 3
_LOOPS = ("for_expression", "while_expression", "loop_expression")


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    if types is None or types.found != UNIT:
        return
    body = _body(site)
    if body is None:
        return
    ends = children(body)
    if ends and _is_bare_end(site.file, ends[-1], types.wanted):
        return
    changed = _changed_in_place(site, ends[-1]) if ends else None
    if changed is not None:
        yield patch(
            f"end with `{changed}`", 0.75, site.file.insert(ends[-1].end_byte, ";"), _append(site.file, body, changed)
        )
        return
    wanted, wrap = types.wanted, "{}"
    if wanted.head == "Result" and wanted.arguments:
        if wanted.inner == UNIT:
            yield patch("end with `Ok(())`", 0.8, _append(site.file, body, "Ok(())"))
            return
        wanted, wrap = wanted.inner, "Ok({})"
    elif wanted.head == "Option" and "return Some" in site.file.text(body):
        yield patch("end with `None`", 0.6, _append(site.file, body, "None"))
        return
    if wanted.head == "bool":
        given = set(re.findall(r"\breturn (true|false)\b", site.file.text(body)))
        if len(given) == 1:
            other = "false" if given == {"true"} else "true"
            yield patch(f"end with `{other}`", 0.6, _append(site.file, body, wrap.replace("{}", other)))
            return
    for number, name in enumerate(_made(site.file, body, wanted)[:_NAMES_MAX]):
        text = wrap.replace("{}", name)
        yield patch(f"end with `{text}`", 0.55 - 0.15 * number, _append(site.file, body, text))
        if types.wanted.head == "Option":
            yield patch(f"end with `Some({name})`", 0.4 - 0.1 * number, _append(site.file, body, f"Some({name})"))


def _changed_in_place(site: Site, last: Node) -> str | None:
    """The variable that the last call, which gives nothing, changes."""
    if last.type != "call_expression" or not any(
        "modifies its receiver" in note.message for note in site.diagnostic.notes
    ):
        return None
    function = last.child_by_field_name("function")
    value = function.child_by_field_name("value") if function else None
    return site.file.text(value) if value is not None and value.type == "identifier" else None


def _body(site: Site) -> Node | None:
    """The body of the function whose value is missing."""
    label = site.label("implicitly returns `()`")
    if label is not None:
        function = site.file_of(label.place).node_of(label.place, "function_item", "closure_expression")
        return function.child_by_field_name("body") if function else None
    node = site.node
    if node.type == "block" and node.parent is not None and node.parent.type == "function_item":
        return node
    last = node
    if node.parent is not None and node.parent.type == "expression_statement":
        last = node.parent
    block = last.parent
    if block is None or block.type != "block" or children(block)[-1:] != [last]:
        return None
    function = block.parent
    if function is None or function.type not in ("function_item", "closure_expression"):
        return None
    if node.type == "call_expression" and _changed_in_place(site, node):
        return block
    return block if node.type in (*_LOOPS, "if_expression", "macro_invocation", "match_expression") else None


def _is_bare_end(file: SourceFile, last: Node, wanted: RustType) -> bool:
    """Whether the last statement only has a semicolon too many, which the compiler itself proposes to remove."""
    if last.type != "expression_statement" or not file.text(last).endswith(";"):
        return False
    value = last.named_children[0] if last.named_children else last
    return value.type in ("binary_expression", "identifier", "integer_literal", "struct_expression")


def _made(file: SourceFile, body: Node, wanted: RustType) -> list[str]:
    """The variables of the body, those that it changes first, the latest first; none known to be of another type."""
    found: list[tuple[bool, int, str]] = []
    for number, let in enumerate(children(body, "let_declaration")):
        pattern, type_ = let.child_by_field_name("pattern"), let.child_by_field_name("type")
        if pattern is None or pattern.type != "identifier":
            continue
        if type_ is not None and not fits(parse_type(file.text(type_)), wanted):
            continue
        changed = any(child.type == "mutable_specifier" for child in let.children)
        found.append((changed, number, file.text(pattern)))
    found.sort(reverse=True)
    names = list(dict.fromkeys(name for _, _, name in found))
    function = body.parent
    if function is not None and return_type(file, function) == RustType("Self"):
        names.append("self" if "self" in file.text(function.child_by_field_name("parameters") or function) else "")
    return [name for name in names if name]


def _append(file: SourceFile, body: Node, text: str) -> Change:
    """`text` as the last line of the block, or behind what it holds where it stands on one line."""
    close = body.end_byte - 1
    inside = file.data[body.start_byte + 1 : close]
    if b"\n" not in inside:
        return file.insert(close, f"{text} " if inside.endswith(b" ") else f" {text} ")
    indent = file.indent(close)
    statements = children(body)
    step = file.indent(statements[-1].start_byte) if statements else indent + "    "
    return file.insert(file.line_start(close), f"{step}{text}\n")


PLUGIN = Mend(
    codes=("E0308",),
    title="end the function with the value that it made",
    cites=("docs:book/ch03-03-how-functions-work.html", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
pub fn sum(all: &[i32]) -> i32 {
    let mut sum = 0;
    for one in all {
        sum += one;
    }
}
""",
            """
pub fn sum(all: &[i32]) -> i32 {
    let mut sum = 0;
    for one in all {
        sum += one;
    }
    sum
}
""",
        ),
        Example(
            """
pub fn is_even_all(all: &[i32]) -> bool {
    for one in all {
        if one % 2 == 1 {
            return false;
        }
    }
}
""",
            """
pub fn is_even_all(all: &[i32]) -> bool {
    for one in all {
        if one % 2 == 1 {
            return false;
        }
    }
    true
}
""",
        ),
    ),
    patches=_patches,
)
