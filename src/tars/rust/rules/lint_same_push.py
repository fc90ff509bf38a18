"""Grows a vector at once where a loop pushes the same value again and again."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.statements import statements
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    loop = site.up("for_expression")
    body = loop.child_by_field_name("body") if loop is not None else None
    count = loop.child_by_field_name("value") if loop is not None else None
    inside = statements(body) if body is not None else []
    if loop is None or count is None or count.type != "range_expression" or len(inside) != 1:
        return
    low, _, high = site.file.text(count).partition("..")
    times = high if low == "0" else f"({high} - {low})"
    if not low or not high or high.startswith("="):
        return
    call = children(inside[0])[0] if inside[0].type == "expression_statement" else inside[0]
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    given = children(arguments) if arguments is not None else []
    if function is None or len(given) != 1 or not (name := site.file.text(function)).endswith(".push"):
        return
    name = name.removesuffix(".push")
    value = site.file.text(given[0])
    yield patch("grow it at once", 0.85, site.file.replace(loop, f"{name}.resize({name}.len() + {times}, {value});"))


PLUGIN = Mend(
    codes=("clippy::same_item_push",),
    title="grow the vector at once",
    cites=("tool:clippy::same_item_push", "docs:std/vec/struct.Vec.html#method.resize"),
    examples=(
        Example(
            """
pub fn padded(width: usize) -> Vec<u8> {
    let mut row = vec![1];
    for _ in 0..width {
        row.push(0);
    }
    row
}
""",
            """
pub fn padded(width: usize) -> Vec<u8> {
    let mut row = vec![1];
    row.resize(row.len() + width, 0);
    row
}
""",
        ),
    ),
    patches=_patches,
)
