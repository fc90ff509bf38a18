"""Mends mismatched types where the found value can be converted into what is wanted."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.conversions import Conversion, before_shift, conversions
from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import RustType, fits, is_number, mismatch
from tars.rust.values import Change, Example, Patch

_WAYS_MAX = 5
_LITERALS = ("integer_literal", "float_literal")
_HOLDERS = ("Option", "Result", "Box", "Rc", "Arc", "Cell", "RefCell", "Mutex")
_STATEMENTS = ("expression_statement", "for_expression", "while_expression", "let_declaration")


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    node = site.node
    if types is None or (node.start_byte, node.end_byte) != (site.place.start, site.place.end):
        return
    if node.type == "array_expression" and types.wanted.head == "Vec" and types.found.head == "[;]":
        text = "Vec::new()" if not node.named_children else f"vec!{site.text}"
        yield patch("make a `Vec` of them", 0.75, site.file.replace(node, text))
    if node.type in _LITERALS and types.wanted.head not in _HOLDERS:
        return
    if node.type in _STATEMENTS or "pattern" in node.type or node.type.endswith("_type"):
        return
    if any(label.text.startswith("this expression has type") for label in site.diagnostic.labels):
        return
    if (inner := _without_loans(node)) is not None and types.wanted.head == "&mut ":
        yield patch("borrow it mutably", 0.6, site.file.replace(node, f"&mut {site.file.text(inner)}"))
    asked = _passes_on(site, node)
    ways = [
        way
        for way in conversions(types.found, types.wanted)
        if "?" not in way.template or fits_at(way, asked, types.found)
    ]
    for way in ways[:_WAYS_MAX]:
        changes = [_changed(site, way, one) for one in _alike(node, way)]
        shifted = before_shift(way, site.file, node) if is_number(types.found) else None
        if shifted is not None:
            yield patch(f"{way.reason}, before it is shifted", min(way.confidence + 0.1, 0.9), shifted)
        yield patch(way.reason, way.confidence, *changes)


def fits_at(way: Conversion, returned: RustType | None, found: RustType) -> bool:
    """Whether `?` may stand in a function that returns this."""
    if returned is None:
        return False
    wanted = found.head if found.head in ("Option", "Result") else "Result"
    if returned.head != wanted:
        return False
    errors = (found.arguments[-1:], returned.arguments[-1:])
    return wanted == "Option" or not all(errors) or fits(*(one[0] for one in errors)) or "Box" in str(errors[1][0])


def _changed(site: Site, way: Conversion, node: Node) -> Change:
    """The change of the expression; of a field's shorthand its name stays."""
    change = way.change(site.file, node)
    kinds = {node.type, node.parent.type if node.parent is not None else ""}
    if "shorthand_field_initializer" in kinds or "shorthand_field_identifier" in kinds:
        return site.file.replace(node, f"{site.file.text(node)}: {change.text}")
    return change


def _passes_on(site: Site, node: Node) -> RustType | None:
    around = next((one for one in ancestors(node) if one.type in ("function_item", "closure_expression")), None)
    return return_type(site.file, around)


def _without_loans(node: Node) -> Node | None:
    """The value of `&value`."""
    if node.type != "reference_expression" or any(child.type == "mutable_specifier" for child in node.children):
        return None
    return node.child_by_field_name("value")


def _alike(node: Node, way: Conversion) -> list[Node]:
    """The node, and, in an array, the other elements of its kind, which have the same fault."""
    around = node.parent
    if around is None or around.type != "array_expression":
        return [node]
    if node.type.endswith("_literal"):
        return [one for one in around.named_children if one.type == node.type]
    maker = way.text_before.encode()
    if not maker.endswith(b"("):
        return [node]
    return [one for one in around.named_children if one.id == node.id or not (one.text or b"").startswith(maker)]


PLUGIN = Mend(
    codes=("E0308",),
    title="convert the value into the type that is wanted",
    cites=("docs:error_codes/E0308.html", "docs:std/convert/trait.From.html"),
    examples=(
        Example(
            """
pub fn doubled(all: &[i32]) -> Vec<i32> {
    all.iter().map(|one| one * 2)
}
""",
            """
pub fn doubled(all: &[i32]) -> Vec<i32> {
    all.iter().map(|one| one * 2).collect()
}
""",
        ),
        Example(
            """
pub fn count(words: &[String]) -> u8 {
    let wide: u32 = words.len() as u32;
    wide + 1
}
""",
            """
pub fn count(words: &[String]) -> u8 {
    let wide: u32 = words.len() as u32;
    (wide + 1) as u8
}
""",
        ),
        Example(
            """
pub fn largest(all: &[i32]) -> Option<i32> {
    let most: &i32 = all.iter().max();
    Some(*most)
}
""",
            """
pub fn largest(all: &[i32]) -> Option<i32> {
    let most: &i32 = all.iter().max()?;
    Some(*most)
}
""",
        ),
    ),
    patches=_patches,
)
