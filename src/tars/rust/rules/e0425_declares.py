"""Declares what another language declares with a word of its own: `var (a, b) = pair;` → `let (a, b) = pair;`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_WORDS = ("var", "val", "auto", "local", "my")


def _patches(site: Site) -> Iterator[Patch]:
    call = site.node.parent
    if site.text not in _WORDS or call is None or call.type != "call_expression" or call.parent is None:
        return
    left = call.parent.child_by_field_name("left")
    if call.parent.type == "assignment_expression" and left is not None and left.id == call.id:
        yield patch("`let` declares variables", 0.85, site.file.replace(site.place, "let"))


PLUGIN = Mend(
    codes=("E0425",),
    title="declare variables with `let`",
    cites=("docs:book/ch03-01-variables-and-mutability.html", "docs:reference/statements.html#let-statements"),
    examples=(
        Example(
            """
pub fn sum(pair: (u8, u8)) -> u8 {
    var (one, two) = pair;
    one + two
}
""",
            """
pub fn sum(pair: (u8, u8)) -> u8 {
    let (one, two) = pair;
    one + two
}
""",
        ),
    ),
    patches=_patches,
)
