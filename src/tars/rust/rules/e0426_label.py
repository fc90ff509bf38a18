"""Labels the loop that `break 'label` or `continue 'label` means."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch

_LOOPS = ("loop_expression", "while_expression", "for_expression")
_ENDS = ("function_item", "closure_expression", "async_block")


def _patches(site: Site) -> Iterator[Patch]:
    jump = site.up("break_expression", "continue_expression")
    if jump is None:
        return
    around: list[Node] = []
    for one in ancestors(jump):
        if one.type in _ENDS:
            break
        if one.type in _LOOPS or (one.type == "block" and jump.type == "break_expression" and _may_be_labelled(one)):
            around.append(one)
    labels = [child for one in around for child in one.children if child.type == "label"]
    if len(labels) == 1:
        named = site.file.text(labels[0])
        free = sum(site.file.text(one) == named for one in site.file.walk("label", within=around[-1])) == 1
        yield patch(f"leave the loop {named}", 0.75 if free else 0.5, site.file.replace(site.place, named))
    loops = [one for one in around if one.type in _LOOPS and not any(c.type == "label" for c in one.children)]
    for number, loop in enumerate(reversed(loops)):
        outer = "the outer loop" if len(loops) > 1 and number == 0 else "the loop"
        sure = 0.72 if number == 0 else 0.35 / number
        yield patch(f"label {outer} {site.text}", sure, site.file.insert(loop.start_byte, f"{site.text}: "))
    blocks = [one for one in around if one.type == "block"]
    if blocks and not loops:
        yield patch(f"label the block {site.text}", 0.5, site.file.insert(blocks[-1].start_byte, f"{site.text}: "))


def _may_be_labelled(block: Node) -> bool:
    """Whether the block stands for itself, and is no body of anything."""
    parent = block.parent
    return (
        parent is not None
        and parent.type in ("expression_statement", "block", "let_declaration")
        and not any(child.type == "label" for child in block.children)
    )


PLUGIN = Mend(
    codes=("E0426",),
    title="label the loop that is meant",
    cites=("docs:error_codes/E0426.html", "docs:reference/expressions/loop-expr.html#loop-labels"),
    examples=(
        Example(
            """
pub fn find(rows: &[Vec<i32>]) -> i32 {
    let mut found = 0;
    for row in rows {
        for cell in row {
            if *cell > 0 {
                found = *cell;
                break 'rows;
            }
        }
    }
    found
}
""",
            """
pub fn find(rows: &[Vec<i32>]) -> i32 {
    let mut found = 0;
    'rows: for row in rows {
        for cell in row {
            if *cell > 0 {
                found = *cell;
                break 'rows;
            }
        }
    }
    found
}
""",
        ),
        Example(
            """
pub fn first() -> i32 {
    let value = {
        if true {
            break 'found 1;
        }
        2
    };
    value
}
""",
            """
pub fn first() -> i32 {
    let value = 'found: {
        if true {
            break 'found 1;
        }
        2
    };
    value
}
""",
        ),
    ),
    patches=_patches,
)
