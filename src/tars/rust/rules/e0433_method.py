"""Calls a method with a dot where what stands before it is a variable: `letter::is_ascii()` → `letter.is_ascii()`."""

from collections.abc import Iterator

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0425":
        yield from _of_self(site)
        return
    path = site.node.parent
    name = path.child_by_field_name("name") if path is not None else None
    if path is None or path.type != "scoped_identifier" or name is None or name == site.node:
        return
    known = site.context.symbols.locals_at(site.place)
    if any(one.name == site.text and one.kind not in ("type", "lifetime") for one in known):
        marks = [one for one in path.children if one.type == "::"]
        called = path.parent is not None and path.parent.type in ("call_expression", "generic_function")
        change = site.file.replace(Place(site.file.path, marks[-1].start_byte, marks[-1].end_byte), ".")
        yield patch(f"`{site.text}` is a variable: its {'method' if called else 'field'} follows a dot", 0.85, change)


def _of_self(site: Site) -> Iterator[Patch]:
    """`self::len()` names a function of the module, where a method of `self` is meant."""
    path, function = site.up("scoped_identifier"), enclosing_function(site.node)
    before = path.child_by_field_name("path") if path is not None else None
    if path is None or before is None or site.file.text(before) != "self" or function is None:
        return
    own = parameters(function)
    marks = [one for one in path.children if one.type == "::"]
    if own and own[0].type == "self_parameter" and marks:
        change = site.file.replace(Place(site.file.path, marks[-1].start_byte, marks[-1].end_byte), ".")
        yield patch(f"`{site.text}` is of `self`, not of the module", 0.85, change)


PLUGIN = Mend(
    codes=("E0433", "E0425"),
    title="call a variable's method with a dot",
    cites=("docs:error_codes/E0433.html", "docs:reference/expressions/method-call-expr.html"),
    examples=(
        Example(
            """
pub struct Words(Vec<String>);
impl Words {
    fn len(&self) -> usize {
        self.0.len()
    }
    pub fn none(&self) -> bool {
        self::len() == 0
    }
}
""",
            """
pub struct Words(Vec<String>);
impl Words {
    fn len(&self) -> usize {
        self.0.len()
    }
    pub fn none(&self) -> bool {
        self.len() == 0
    }
}
""",
        ),
        Example(
            """
pub fn loud(text: &str) -> String {
    text.chars().map(|letter| letter::to_ascii_uppercase()).collect()
}
""",
            """
pub fn loud(text: &str) -> String {
    text.chars().map(|letter| letter.to_ascii_uppercase()).collect()
}
""",
        ),
        Example(
            """
pub fn since(times: &[std::time::Instant]) -> u128 {
    let mut all = 0;
    for time in times {
        all += time
            ::elapsed()
            .as_millis();
    }
    all
}
""",
            """
pub fn since(times: &[std::time::Instant]) -> u128 {
    let mut all = 0;
    for time in times {
        all += time
            .elapsed()
            .as_millis();
    }
    all
}
""",
        ),
    ),
    patches=_patches,
)
