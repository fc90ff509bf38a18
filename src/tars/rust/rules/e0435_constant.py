"""Makes a length constant, or the array a `Vec`, where a variable is used as a constant."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.names import constant, mentions, replaced, written
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text
    local = next((one for one in site.context.symbols.locals_at(site.place) if one.name == name), None)
    array = site.up("array_expression")
    length = array.child_by_field_name("length") if array else None
    if array is not None and length is not None and _inside(site, length):
        before = Change(type(site.place)(site.file.path, array.start_byte, array.start_byte), "vec!")
        yield patch("make it a `Vec`, whose length may be a variable", 0.5, before)
    let = site.file.node_of(local.place, "let_declaration") if local is not None and local.kind == "let" else None
    value = let.child_by_field_name("value") if let else None
    if let is None or value is None or not _is_constant(site, value):
        return
    around = let.parent
    kind = let.child_by_field_name("type")
    told = site.file.text(kind) if kind is not None else "usize" if _is_length(site) else _type(site, value)
    called = constant(name)
    if around is None or not told or called in written(site.file, site.file.root):
        return
    declared = site.file.replace(let, f"const {called}: {told} = {site.file.text(value)};")
    places = [one for one in mentions(site.file, around, name) if one.start >= let.end_byte]
    yield patch(f"make `{name}` a constant", 0.62, declared, *replaced(site.file, places, called))


def _inside(site: Site, node: Node) -> bool:
    return node.start_byte <= site.place.start and site.place.end <= node.end_byte


def _is_length(site: Site) -> bool:
    for kind in ("array_expression", "array_type"):
        array = site.up(kind)
        length = array.child_by_field_name("length") if array else None
        if length is not None and _inside(site, length):
            return True
    return False


def _is_constant(site: Site, value: Node) -> bool:
    """Whether a value is made of literals, constants and operators alone."""
    if value.type.endswith("_literal"):
        return True
    names = [site.file.text(one) for one in site.file.walk("identifier", within=value)]
    allowed = ("binary_expression", "unary_expression", "parenthesized_expression", "identifier", "scoped_identifier")
    return value.type in allowed and all(name.isupper() for name in names)


def _type(site: Site, value: Node) -> str:
    told = site.context.types([site.file.place(value)])[0] or ""
    return {"{integer}": "i32", "{float}": "f64", "&'static str": "&str"}.get(told, told)


PLUGIN = Mend(
    codes=("E0435",),
    title="make the length constant or the array a `Vec`",
    cites=("docs:error_codes/E0435.html", "docs:reference/items/constant-items.html", "docs:std/vec/struct.Vec.html"),
    examples=(
        Example(
            """
pub fn zeros() -> usize {
    let size = 3;
    let all = [0u8; size];
    all.len() + size
}
""",
            """
pub fn zeros() -> usize {
    const SIZE: usize = 3;
    let all = [0u8; SIZE];
    all.len() + SIZE
}
""",
        ),
        Example(
            """
pub fn zeros(size: usize) -> usize {
    let all = [0u8; size];
    all.len()
}
""",
            """
pub fn zeros(size: usize) -> usize {
    let all = vec![0u8; size];
    all.len()
}
""",
        ),
    ),
    patches=_patches,
)
