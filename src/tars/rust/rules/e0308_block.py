"""Takes away the semicolon that keeps a block from giving its value to the variable that is later used."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.methods import declared_value
from tars.rust.rules_support.types import UNIT, mismatch
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    units = "`()`" in site.diagnostic.message or (types is not None and UNIT in (types.wanted, types.found))
    around = site.up("call_expression", "binary_expression", "let_declaration", "return_expression") or site.node
    if not units:
        return
    for name in dict.fromkeys(site.file.text(one) for one in site.file.walk("identifier", within=around)):
        value = declared_value(site, name, site.place.start)
        semicolon = _last_semicolon(value) if value is not None else None
        if semicolon is not None:
            change = Change(Place(site.file.path, semicolon.start_byte, semicolon.end_byte), "")
            yield patch(f"let the block give `{name}` its value", 0.65, change)


def _last_semicolon(value: Node) -> Node | None:
    """The semicolon behind the last expression of a block that is no assignment."""
    inner = value.named_children if value.type in ("block", "unsafe_block") else []
    last = inner[-1] if inner else None
    if last is None or last.type != "expression_statement" or not last.named_children:
        return None
    kinds = ("assignment_expression", "compound_assignment_expr", "return_expression", "for_expression")
    if last.named_children[0].type in kinds or last.children[-1].type != ";":
        return None
    return last.children[-1]


PLUGIN = Mend(
    codes=("E0277", "E0308"),
    title="let a block give the variable its value",
    cites=("docs:reference/expressions/block-expr.html", "docs:book/ch03-03-how-functions-work.html"),
    examples=(
        Example(
            """
pub fn check() {
    let three = {
        let two = 2;
        two + 1;
    };
    assert_eq!(three, 3);
}
""",
            """
pub fn check() {
    let three = {
        let two = 2;
        two + 1
    };
    assert_eq!(three, 3);
}
""",
        ),
        Example(
            """
pub fn show() {
    let three = {
        let two = 2;
        two + 1;
    };
    println!("{}", three);
}
""",
            """
pub fn show() {
    let three = {
        let two = 2;
        two + 1
    };
    println!("{}", three);
}
""",
        ),
    ),
    patches=_patches,
)
