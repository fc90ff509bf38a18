"""Gives a value where one is missing: to a `return`, or in the `else` of an `if`."""

from collections.abc import Iterator

from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, children, enclosing_function, patch
from tars.rust.rules_support.patterns import empty_value
from tars.rust.rules_support.types import UNIT, mismatch, parse_type
from tars.rust.values import Example, Patch

_OPEN = {"{integer}": "i32", "{float}": "f64"}


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0069":
        yield from _returned(site)
        return
    types = mismatch(site.diagnostic)
    label = next((one.text for one in site.diagnostic.labels if one.primary), "")
    text = "{integer}" if label.startswith("expected integer") else "{float}" if "floating" in label else ""
    wanted = types.wanted if types is not None and not text else parse_type(_OPEN.get(text, text or "_"))
    value = empty_value(wanted)
    if value is not None and site.node.type == "if_expression":
        sure = 0.4 if value in ("None", "()") else 0.2
        yield patch(f"give `{value}` otherwise", sure, site.file.insert(site.place.end, f" else {{ {value} }}"))


def _returned(site: Site) -> Iterator[Patch]:
    function = enclosing_function(site.node)
    returned = return_type(site.file, function)
    body = function.child_by_field_name("body") if function else None
    jump = site.up("return_expression")
    if returned is None or body is None or jump is None:
        return
    at = jump.start_byte + len("return")
    if returned.head == "Result" and returned.inner == UNIT:
        yield patch("return `Ok(())`", 0.75, site.file.insert(at, " Ok(())"))
        return
    last = children(body)[-1] if children(body) else None
    if last is not None and last.type in ("identifier", "self"):
        yield patch(f"return `{site.file.text(last)}`", 0.45, site.file.insert(at, f" {site.file.text(last)}"))
    value = empty_value(returned)
    if value is not None:
        sure = 0.6 if value == "None" else 0.2
        yield patch(f"return `{value}`", sure, site.file.insert(at, f" {value}"))


PLUGIN = Mend(
    codes=("E0069", "E0317"),
    title="give the value that is missing",
    cites=("docs:error_codes/E0069.html", "docs:error_codes/E0317.html"),
    examples=(
        Example(
            """
pub fn check(n: i32) -> Result<(), String> {
    if n == 0 {
        return;
    }
    Err(n.to_string())
}
""",
            """
pub fn check(n: i32) -> Result<(), String> {
    if n == 0 {
        return Ok(());
    }
    Err(n.to_string())
}
""",
        ),
        Example(
            """
pub fn half(n: i32) -> Option<i32> {
    let half: Option<i32> = if n % 2 == 0 {
        Some(n / 2)
    };
    half
}
""",
            """
pub fn half(n: i32) -> Option<i32> {
    let half: Option<i32> = if n % 2 == 0 {
        Some(n / 2)
    } else { None };
    half
}
""",
        ),
    ),
    patches=_patches,
)
