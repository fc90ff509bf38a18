"""Shows values that have no `Display`: for debugging, as a path, or through an implementation of it."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import Found, declared_type, name_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.traits import after, debug_if_needed, display_impl
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    found = re.match(r"`(.+)` doesn't implement `(?:std::fmt::)?Display`", site.diagnostic.message)
    lacks_to_string = re.search(r"`to_string` exists for \w+ `(.+?)`, but", site.diagnostic.message)
    type_text = found[1] if found else lacks_to_string[1] if lacks_to_string else ""
    if not type_text:
        return
    given = parse_type(type_text).peeled
    own = declared_type(site.context, type_text)
    if given.head in ("Path", "PathBuf") and found:
        yield patch("show the path", 0.8, site.file.insert(site.place.end, ".display()"))
    derive: list[Change] = debug_if_needed(site.context, *own) if own else []
    hole = _debugging(site)
    if hole is not None and given.head != "()" and len(given.head) > 1:
        yield patch("show it as for debugging", 0.45 if own else 0.65, hole, *derive)
    if lacks_to_string and (call := site.up("call_expression")) is not None and not own:
        yield patch("show it as for debugging", 0.4, _formatted(site, call))
    if own is not None:
        yield from _implemented(own, derive)


def _debugging(site: Site) -> Change | None:
    """`{}` made `{:?}`, where it shows the value; also where the value's name stands in the braces."""
    label = next((one for one in site.labels() if "formatting parameter" in one.text), None)
    place = label.place if label is not None else site.place
    hole = re.fullmatch(r"\{(\w*)(?::([^}?]*))?\}", site.file_of(place).text(place))
    if hole is None:
        return None
    return site.file_of(place).replace(place, f"{{{hole[1]}:{hole[2] or ''}?}}")


def _formatted(site: Site, call: Node) -> Change:
    function = call.child_by_field_name("function")
    value = function.child_by_field_name("value") if function else None
    return site.file.replace(call, f'format!("{{:?}}", {site.file.text(value)})' if value else site.file.text(call))


def _implemented(own: Found, derive: list[Change]) -> Iterator[Patch]:
    file, node = own
    text = display_impl(file, node, debug=not derive)
    needs = derive if "{self:?}" in text else []
    yield patch(f"implement `Display` for `{name_of(file, node)}`", 0.4, after(file, node, text), *needs)


PLUGIN = Mend(
    codes=("E0277", "E0599"),
    title="show a value that has no `Display`",
    cites=("docs:std/fmt/trait.Debug.html", "docs:std/fmt/trait.Display.html"),
    examples=(
        Example(
            """
pub fn show(all: Vec<i32>) -> String {
    format!("all: {}", all)
}
""",
            """
pub fn show(all: Vec<i32>) -> String {
    format!("all: {:?}", all)
}
""",
        ),
        Example(
            """
pub struct Celsius(pub f64);
pub fn show(warmth: Celsius) -> String {
    warmth.to_string()
}
""",
            """
pub struct Celsius(pub f64);

impl std::fmt::Display for Celsius {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
pub fn show(warmth: Celsius) -> String {
    warmth.to_string()
}
""",
        ),
    ),
    patches=_patches,
)
