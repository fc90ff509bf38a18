"""Says what happens where a refutable pattern of a `let` or a `for` does not match."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import UNIT, parse_type
from tars.rust.values import Change, Example, Patch

_LOOPS = ("for_expression", "while_expression", "loop_expression")
_CLOSURES = ("function_item", "closure_expression", "async_block")


def _patches(site: Site) -> Iterator[Patch]:
    holder = site.up("let_declaration", "for_expression")
    if holder is None:
        return
    inner = re.fullmatch(r"(?:Some|Ok)\((.+)\)", site.text, re.S)
    value = holder.child_by_field_name("value")
    if value is None:
        return
    if holder.type == "for_expression":
        if inner:
            pattern = Change(site.place, inner[1])
            yield patch(
                "pass over what is not there", 0.6, pattern, site.file.insert(value.end_byte, ".into_iter().flatten()")
            )
        return
    function = next((one for one in ancestors(holder) if one.type in _CLOSURES), None)
    around = next((one.type for one in ancestors(holder) if one.type in (*_LOOPS, *_CLOSURES)), "")
    returned = return_type(site.file, function) or parse_type("_")
    matched = site.text.partition("(")[0]
    leave = {"Option": "return None", "()": "return", "bool": "return false"}.get(returned.head)
    leave = "continue" if around in _LOOPS else leave
    if leave is not None and holder.child_by_field_name("alternative") is None:
        sure = 0.6 if leave == "continue" else 0.5 if returned == UNIT else 0.45
        yield patch(f"`{leave}` where it does not match", sure, _end(site, value, f" else {{ {leave} }}"))
    if inner and (matched, returned.head) in (("Some", "Option"), ("Ok", "Result")):
        sure = 0.3 if around in _LOOPS else 0.6
        yield patch("pass what is missing on to the caller", sure, Change(site.place, inner[1]), _end(site, value, "?"))
    if inner:
        yield patch("stop where it does not match", 0.25, Change(site.place, inner[1]), _end(site, value, ".unwrap()"))


def _end(site: Site, value: Node, text: str) -> Change:
    return site.file.insert(value.end_byte, text)


PLUGIN = Mend(
    codes=("E0005",),
    title="say what happens where the pattern does not match",
    cites=("docs:error_codes/E0005.html", "docs:book/ch06-03-if-let.html"),
    examples=(
        Example(
            """
pub fn show(first: Option<&str>) {
    let Some(name) = first;
    println!("{name}");
}
""",
            """
pub fn show(first: Option<&str>) {
    let Some(name) = first else { return };
    println!("{name}");
}
""",
        ),
        Example(
            """
pub fn sum(all: Vec<Option<i32>>) -> i32 {
    let mut sum = 0;
    for Some(one) in all {
        sum += one;
    }
    sum
}
""",
            """
pub fn sum(all: Vec<Option<i32>>) -> i32 {
    let mut sum = 0;
    for one in all.into_iter().flatten() {
        sum += one;
    }
    sum
}
""",
        ),
    ),
    patches=_patches,
)
