"""Writes what is pushed right after a vector is made into `vec![…]`."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.statements import mentions, statements
from tars.rust.values import Example, Patch, Place

_WIDTH_MAX = 90


def _patches(site: Site) -> Iterator[Patch]:
    block = site.up("block")
    inside = [one for one in statements(block) if site.place.start <= one.start_byte < site.place.end] if block else []
    if len(inside) < 2 or inside[0].type != "let_declaration":
        return
    let = inside[0]
    pattern, value = let.child_by_field_name("pattern"), let.child_by_field_name("value")
    if pattern is None or value is None:
        return
    name = site.file.text(pattern)
    pushed = [_pushed(site, one, name) for one in inside[1:]]
    if any(one is None or mentions(site.file, one, name) for one in pushed):
        return
    texts = [site.file.text(one) for one in pushed if one is not None]
    indent = site.file.indent(let.start_byte)
    short = f"vec![{', '.join(texts)}]"
    long = f"vec![\n{indent}    " + f",\n{indent}    ".join(texts) + f",\n{indent}]"
    made = short if len(indent) + len(name) + len(short) <= _WIDTH_MAX else long
    kind = let.child_by_field_name("type")
    typed = f": {site.file.text(kind)}" if kind is not None else ""
    whole = Place(site.file.path, let.start_byte, inside[-1].end_byte)
    for mutable, sure in (("", 0.85), ("mut ", 0.8)):
        yield patch("write the elements where it is made", sure,
                    site.file.replace(whole, f"let {mutable}{name}{typed} = {made};"))  # fmt: skip


def _pushed(site: Site, statement: Node, name: str) -> Node | None:
    """What `name.push(…)` pushes; None where it is another statement."""
    call = children(statement)[0] if children(statement) else statement
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None or site.file.text(function) != f"{name}.push":
        return None
    given = children(arguments)
    return given[0] if len(given) == 1 else None


PLUGIN = Mend(
    codes=("clippy::vec_init_then_push",),
    title="write what is pushed into `vec![…]`",
    cites=("tool:clippy::vec_init_then_push", "docs:book/ch08-01-vectors.html"),
    examples=(
        Example(
            """
pub fn primes() -> Vec<u32> {
    let mut found = Vec::new();
    found.push(2);
    found.push(3);
    found.push(5);
    found
}
""",
            """
pub fn primes() -> Vec<u32> {
    let found = vec![2, 3, 5];
    found
}
""",
        ),
        Example(
            """
pub fn names(last: String) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    all.push(String::from("one"));
    all.push(last);
    all.sort();
    all
}
""",
            """
pub fn names(last: String) -> Vec<String> {
    let mut all: Vec<String> = vec![String::from("one"), last];
    all.sort();
    all
}
""",
        ),
    ),
    patches=_patches,
)
