"""Hands over a closure where one is asked for, or calls the method that takes the value itself."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch

_PLAIN = {
    "unwrap_or_else": "unwrap_or", "ok_or_else": "ok_or", "or_insert_with": "or_insert", "then": "then_some",
    "map_or_else": "map_or", "or_else": "or", "and_then": "and", "get_or_insert_with": "get_or_insert",
}  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    found = re.match(r"expected a `(?:Fn|FnMut|FnOnce)\((.*)\)` closure, found `(.+)`", site.diagnostic.message)
    if found is None or found[2].startswith(("{closure", "fn")):
        return
    call = next((one for one in ancestors(site.node) if one.type == "call_expression"), None)
    function = call.child_by_field_name("function") if call else None
    method = function.child_by_field_name("field") if function else None
    plain = _PLAIN.get(site.file.text(method)) if method else None
    if plain is not None and method is not None:
        literal = site.node.type.endswith("_literal") or site.node.type == "identifier"
        change = site.file.replace(method, plain)
        yield patch(f"`{plain}` takes the value itself", 0.65 if literal else 0.45, change)
    count = len([one for one in found[1].split(",") if one.strip()])
    holes = ", ".join("_" * count)
    yield patch("hand over a closure that gives it", 0.6, site.file.insert(site.place.start, f"|{holes}| "))


PLUGIN = Mend(
    codes=("E0277",),
    title="hand over a closure where one is asked for",
    cites=("docs:book/ch13-01-closures.html", "docs:std/ops/trait.FnOnce.html"),
    examples=(
        Example(
            """
pub fn read(text: &str) -> Result<i32, String> {
    text.parse().map_err(format!("no {text}"))
}
""",
            """
pub fn read(text: &str) -> Result<i32, String> {
    text.parse().map_err(|_| format!("no {text}"))
}
""",
        ),
        Example(
            """
pub fn or_five(n: Option<i32>) -> i32 {
    n.unwrap_or_else(5)
}
""",
            """
pub fn or_five(n: Option<i32>) -> i32 {
    n.unwrap_or(5)
}
""",
        ),
    ),
    patches=_patches,
)
