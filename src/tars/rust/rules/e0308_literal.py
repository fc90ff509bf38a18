"""Mends literals that are written in the form of another type: `0.0` for `0`, `1` for `true`, `"5"` for `5`."""

from collections.abc import Iterator

from tars.rust.rules_support.literals import rewritten
from tars.rust.rules_support.mend import Mend, Site, elements, patch
from tars.rust.rules_support.types import Mismatch, RustType, fits, is_float, is_integer, mismatch
from tars.rust.values import Change, Example, Patch, Place

_KINDS = ("integer_literal", "float_literal", "boolean_literal", "string_literal", "char_literal", "negative_literal")


def _patches(site: Site) -> Iterator[Patch]:
    types = mismatch(site.diagnostic)
    if types is None:
        return
    yield from _beside(site, types.found)
    kind = site.node.type
    if kind == "unary_expression" and site.text.startswith("-"):
        kind = "negative_literal"
    if kind not in _KINDS:
        yield from _within(site, types)
        return
    if site.text == "-1" and types.wanted.head == "Option":
        yield patch("there is none", 0.7, site.file.replace(site.place, "None"))
    written = rewritten(site.text, types.wanted)
    if written is not None:
        own = site.file.replace(site.place, written)
        others = [one for one in _others(site) if rewritten(site.file.text(one), types.wanted) is not None]
        if others:
            alike = (site.file.replace(one, str(rewritten(site.file.text(one), types.wanted))) for one in others)
            yield patch(f"write these as literals of `{types.wanted}`", 0.7, own, *alike)
        yield patch(f"write it as a literal of `{types.wanted}`", 0.7, own)
    if is_integer(types.wanted) and is_float(types.found):
        changes = [*_floats(site)]
        if changes and types.wanted.head == "{integer}":
            yield patch("write the others as floating-point numbers too", 0.6, *changes)


def _within(site: Site, types: Mismatch) -> Iterator[Patch]:
    """The one literal in an expression whose type differs from what is wanted only by that literal's: `Some(&'=')`."""
    leaves = list(_differences(types.wanted, types.found))
    literals = list(site.file.walk(*_KINDS, within=site.node))
    if len(leaves) != 1 or len(literals) != 1 or not literals[0].type.endswith("_literal"):
        return
    written = rewritten(site.file.text(literals[0]), leaves[0])
    if written is not None:
        change = site.file.replace(literals[0], written)
        yield patch(f"write the literal in it as one of `{leaves[0]}`", 0.65, change)


def _differences(wanted: RustType, found: RustType) -> Iterator[RustType]:
    """What is wanted where two types differ."""
    if wanted.head == found.head and len(wanted.arguments) == len(found.arguments) > 0:
        for one, other in zip(wanted.arguments, found.arguments, strict=True):
            yield from _differences(one, other)
    elif not fits(found, wanted):
        yield wanted


def _beside(site: Site, found: RustType) -> Iterator[Patch]:
    """The other end of a range, or the other operand, is a literal in the form of another type."""
    around = site.node.parent
    if around is None or around.type not in ("range_expression", "binary_expression"):
        return
    for one in around.named_children:
        text = (
            rewritten(site.file.text(one), found) if one.id != site.node.id and one.type.endswith("_literal") else None
        )
        if text is not None:
            yield patch(f"write the other as a literal of `{found}`", 0.65, site.file.replace(one, text))


def _others(site: Site) -> list[Place]:
    """The other elements of the array that are literals too."""
    return [one for one in elements(site.file, site.node) if one != site.place]


def _floats(site: Site) -> Iterator[Change]:
    """The integers that stand beside this number, made floating-point numbers."""
    around = site.up("field_initializer_list", "array_expression", "arguments", "binary_expression", "token_tree")
    for one in site.file.walk("integer_literal", within=around) if around else ():
        if site.file.text(one).isdigit():
            yield site.file.insert(one.end_byte, ".0")


PLUGIN = Mend(
    codes=("E0308",),
    title="write a literal in the form of the type that is wanted",
    cites=("docs:reference/tokens.html#literals", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
pub fn is_tag(text: &[u8]) -> bool {
    text.first() == Some(&'<')
}
""",
            """
pub fn is_tag(text: &[u8]) -> bool {
    text.first() == Some(&b'<')
}
""",
        ),
        Example(
            """
pub fn sum(all: &[u32]) -> u32 {
    let mut sum: u32 = 0.0;
    for one in all {
        sum += one;
    }
    sum
}
""",
            """
pub fn sum(all: &[u32]) -> u32 {
    let mut sum: u32 = 0;
    for one in all {
        sum += one;
    }
    sum
}
""",
        ),
        Example(
            """
pub const SIDES: [f64; 2] = [1, 2];
""",
            """
pub const SIDES: [f64; 2] = [1.0, 2.0];
""",
        ),
        Example(
            """
pub fn ready() -> bool {
    1
}
""",
            """
pub fn ready() -> bool {
    true
}
""",
        ),
    ),
    patches=_patches,
)
