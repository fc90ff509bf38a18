"""Orders floating-point numbers, which have no total order of their own, by `total_cmp`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch

_BY = {"sort": "sort_by", "sort_unstable": "sort_unstable_by", "max": "max_by", "min": "min_by", "is_sorted": ""}
_KEYED = {"sort_by_key": "sort_by", "max_by_key": "max_by", "min_by_key": "min_by"}


def _patches(site: Site) -> Iterator[Patch]:
    found = re.search(r"`([^`]+): (?:std::cmp::)?Ord`", site.diagnostic.message)
    call = site.up("call_expression")
    arguments = call.child_by_field_name("arguments") if call else None
    if found is None or arguments is None or parse_type(found[1]).peeled.head not in ("f32", "f64", "{float}"):
        return
    method = site.text
    if method == "cmp":
        yield patch("compare as `total_cmp` does", 0.75, site.file.replace(site.place, "total_cmp"))
    elif _BY.get(method) and not arguments.named_children:
        name = site.file.replace(site.place, _BY[method])
        if "{float}" in found[1]:
            partly = site.file.replace(arguments, "(|a, b| a.partial_cmp(b).unwrap())")
            yield patch("order those that can be compared", 0.6, name, partly)
        yield patch("order as `total_cmp` does", 0.75, name, site.file.replace(arguments, "(|a, b| a.total_cmp(b))"))
    elif method in _KEYED and (key := _key(site, arguments)) is not None:
        one, value = key
        compared = " ".join(("|a, b|", _of(value, one, "a") + ".total_cmp(&" + _of(value, one, "b") + ")"))
        name = site.file.replace(site.place, _KEYED[method])
        yield patch("order as `total_cmp` does", 0.6, name, site.file.replace(arguments, f"({compared})"))


def _key(site: Site, arguments: Node) -> tuple[str, str] | None:
    """The parameter and the value of the closure that gives the key."""
    closure = next((one for one in arguments.named_children if one.type == "closure_expression"), None)
    given = closure.child_by_field_name("parameters") if closure else None
    body = closure.child_by_field_name("body") if closure else None
    if given is None or body is None or len(given.named_children) != 1 or given.named_children[0].type != "identifier":
        return None
    return site.file.text(given.named_children[0]), site.file.text(body)


def _of(value: str, parameter: str, name: str) -> str:
    return re.sub(rf"\b{re.escape(parameter)}\b", name, value)


PLUGIN = Mend(
    codes=("E0277",),
    title="order floating-point numbers by `total_cmp`",
    cites=("docs:std/primitive.f64.html#method.total_cmp", "docs:std/cmp/trait.Ord.html"),
    examples=(
        Example(
            """
pub fn rank(all: &mut Vec<f64>) {
    all.sort();
}
""",
            """
pub fn rank(all: &mut Vec<f64>) {
    all.sort_by(|a, b| a.total_cmp(b));
}
""",
        ),
    ),
    patches=_patches,
)
