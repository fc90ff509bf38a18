"""Moves a declaration to where its variable is used: out of an inner block, or up before its first use."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.scope import bindings
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, enclosing_function, patch
from tars.rust.rules_support.names import mentions
from tars.rust.rules_support.unknown import same_missing, unknown_at
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    function = enclosing_function(site.node)
    if missing is None or function is None or missing.is_type or not missing.here:
        return
    found = [
        one
        for one in site.file.walk("let_declaration", within=function)
        if (pattern := one.child_by_field_name("pattern")) is not None
        and missing.name in [site.file.text(name) for name in bindings(site.file, pattern)]
    ]
    for let in found:
        yield from _moved_up(site, let, missing.name)
    inner = [one for one in found if one.end_byte < site.place.start]
    for let in inner[-1:]:
        yield from _hoisted(site, let)
        yield from _moved_in(site, let)
    if len(inner) > 1:
        yield from _of_all_branches(site, inner, missing.name)


def _moved_up(site: Site, let: Node, name: str) -> Iterator[Patch]:
    """It is declared later in the same block."""
    block = let.parent
    use = _statement_in(site, block, same_missing(site, name)[0]) if block is not None else None
    if block is None or use is None or use.start_byte >= let.start_byte:
        return
    between = [
        site.file.text(bound)
        for one in children(block, "let_declaration")
        if use.start_byte <= one.start_byte < let.start_byte and (pattern := one.child_by_field_name("pattern"))
        for bound in bindings(site.file, pattern)
    ]
    if not any(mentions(site.file, let, one) for one in between):
        yield patch(f"declare `{name}` before it is used", 0.7, *_put_before(site, let, use))


def _hoisted(site: Site, let: Node) -> Iterator[Patch]:
    """It is declared in a block that ends before the use: the declaration stands before that block."""
    holder = _around_both(site, let)
    value = let.child_by_field_name("value")
    if holder is None or value is None:
        return
    bound = [
        site.file.text(name)
        for one in site.file.walk("let_declaration", "for_expression", "match_arm", "let_condition", within=holder)
        if one.start_byte < let.start_byte and (pattern := one.child_by_field_name("pattern"))
        for name in bindings(site.file, pattern)
    ]
    if not any(mentions(site.file, value, one) for one in bound):
        yield patch("declare it before the block that ends too early", 0.6, *_put_before(site, let, holder))


def _moved_in(site: Site, let: Node) -> Iterator[Patch]:
    """The statement that uses it moves into the block, where it follows it directly."""
    block = let.parent
    holder = _around_both(site, let)
    use = _statement_in(site, holder.parent, site.place) if holder is not None and holder.parent is not None else None
    if block is None or holder is None or use is None or block.type != "block":
        return
    if (
        use.type not in ("expression_statement", "macro_invocation", "call_expression")
        or use.prev_named_sibling != holder
    ):
        return
    text = site.file.text(use)
    last = children(block)[-1]
    indent = site.file.indent(last.start_byte)
    line = site.file.line_start(use.start_byte)
    blank = not site.file.data[line : use.start_byte].strip()
    gone = Change(Place(site.file.path, line - 1 if blank else use.start_byte, use.end_byte), "")
    semicolon = "" if text.endswith((";", "}")) else ";"
    moved = site.file.insert(last.end_byte, f"\n{indent}{text}{semicolon}")
    yield patch("use it within its block", 0.45, moved, gone)


def _of_all_branches(site: Site, lets: list[Node], name: str) -> Iterator[Patch]:
    """Every branch declares it: declared once before them, each only assigns."""
    holder = _around_both(site, lets[0])
    if holder is None or not all(holder.start_byte <= one.start_byte < holder.end_byte for one in lets):
        return
    changes = [site.file.insert(holder.start_byte, f"let {name};\n{site.file.indent(holder.start_byte)}")]
    for let in lets:
        pattern, value = let.child_by_field_name("pattern"), let.child_by_field_name("value")
        if pattern is None or value is None or pattern.type != "identifier":
            return
        changes.append(site.file.replace(let, f"{name} = {site.file.text(value)};"))
    yield patch("declare it once before the branches, which assign it", 0.66, *changes)


def _around_both(site: Site, let: Node) -> Node | None:
    """The statement that holds the declaration, in the block that holds the use too."""
    before: Node = let
    for one in ancestors(let):
        if one.type == "function_item":
            return None
        if one.type == "block" and one.start_byte <= site.place.start < one.end_byte:
            return before
        before = one
    return None


def _statement_in(site: Site, block: Node | None, place: Place) -> Node | None:
    """The statement of that block that holds the place."""
    for one in block.named_children if block is not None else ():
        if one.start_byte <= place.start < one.end_byte:
            return one
    return None


def _put_before(site: Site, let: Node, before: Node) -> list[Change]:
    start, end = site.file.line_start(let.start_byte), let.end_byte
    whole = (
        not site.file.data[start : let.start_byte].strip() and not site.file.data[end : site.file.line_end(end)].strip()
    )
    if whole:
        gone = Change(Place(site.file.path, start, min(site.file.line_end(end) + 1, len(site.file.data))), "")
    else:
        end += len(site.file.data[end:]) - len(site.file.data[end:].lstrip(b" "))
        gone = Change(Place(site.file.path, let.start_byte, end), "")
    line = f"{site.file.text(let)}\n{site.file.indent(before.start_byte)}"
    return [site.file.insert(before.start_byte, line), gone]


PLUGIN = Mend(
    codes=("E0425",),
    title="move the declaration to where it is used",
    cites=("docs:error_codes/E0425.html", "docs:reference/names/scopes.html"),
    examples=(
        Example(
            """
pub fn seven() -> i32 {
    {
        let x = 7;
        println!("{}", x);
    }
    x
}
""",
            """
pub fn seven() -> i32 {
    let x = 7;
    {
        println!("{}", x);
    }
    x
}
""",
        ),
        Example(
            """
pub fn seven() -> i32 {
    let y = x + 1;
    let x = 6;
    y
}
""",
            """
pub fn seven() -> i32 {
    let x = 6;
    let y = x + 1;
    y
}
""",
        ),
        Example(
            """
pub fn name(one: bool) -> &'static str {
    if one {
        let found = "one";
    } else {
        let found = "other";
    }
    found
}
""",
            """
pub fn name(one: bool) -> &'static str {
    let found;
    if one {
        found = "one";
    } else {
        found = "other";
    }
    found
}
""",
        ),
        Example(
            """
pub fn show() {
    {
        let inner = 1;
        println!("{inner}");
    }
    println!("{}", inner);
}
""",
            """
pub fn show() {
    {
        let inner = 1;
        println!("{inner}");
        println!("{}", inner);
    }
}
""",
        ),
    ),
    patches=_patches,
)
