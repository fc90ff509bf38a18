"""Binds by `if let` what is unwrapped after it was asked whether it is there."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import free_name, uses
from tars.rust.values import Change, Example, Patch

_SUGGESTED = re.compile(r"(if let \w+\()<item>(\) = )(.+)", re.S)


def _patches(site: Site) -> Iterator[Patch]:
    for suggestion in site.diagnostic.suggestions:
        found = _SUGGESTED.fullmatch(suggestion.changes[0].text)
        head = suggestion.changes[0].place
        around = site.file.node_of(head, "if_expression")
        body = around.child_by_field_name("consequence") if around is not None else None
        if found is None or body is None or not body.start_byte <= site.place.start < body.end_byte:
            continue
        checked = found[3]
        calls = [one for one in site.file.walk("call_expression", within=body) if _unwraps(site, one, checked)]
        elsewhere = len(list(uses(site.file, body, checked))) > len(calls)
        shadows = checked.isidentifier() and not elsewhere
        name = checked if shadows else free_name(site.file, body, "value", "found")
        inner = [Change(site.file.place(one), name) for one in calls]
        for lent, sure in (("", 0.85), ("&", 0.6), ("&mut ", 0.5)):
            text = f"{found[1]}{name}{found[2]}{lent}{checked}"
            yield patch("bind what is there", sure, Change(head, text), *inner)
        if not _looked_into(calls):
            yield patch("bind what is there", 0.55, Change(head, f"{found[1]}{name}{found[2]}&{checked}"),
                        *(Change(one.place, f"*{name}") for one in inner))  # fmt: skip


def _looked_into(calls: list[Node]) -> bool:
    """Whether every one of the calls is followed by a method or a field."""
    return all(one.parent is not None and one.parent.type == "field_expression" for one in calls)


def _unwraps(site: Site, call: Node, checked: str) -> bool:
    function = call.child_by_field_name("function")
    if function is None or function.type != "field_expression":
        return False
    value, field = function.child_by_field_name("value"), function.child_by_field_name("field")
    return (
        value is not None
        and field is not None
        and site.file.text(value) == checked
        and site.file.text(field) in ("unwrap", "expect", "unwrap_err", "expect_err", "unwrap_unchecked")
    )


PLUGIN = Mend(
    codes=("clippy::unnecessary_unwrap",),
    title="bind what was asked for instead of unwrapping it",
    cites=("tool:clippy::unnecessary_unwrap", "docs:book/ch06-03-if-let.html"),
    examples=(
        Example(
            """
pub fn next(count: Option<u32>) -> u32 {
    if count.is_some() {
        count.unwrap() + 1
    } else {
        0
    }
}
""",
            """
pub fn next(count: Option<u32>) -> u32 {
    if let Some(count) = count {
        count + 1
    } else {
        0
    }
}
""",
        ),
    ),
    patches=_patches,
)
