"""Makes the elements of an iterator into what `collect` or `sum` asks for."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.conversions import conversions
from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.types import RustType, fits, is_number, parse_type
from tars.rust.values import Change, Example, Patch, Place

_WAYS_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    message = site.diagnostic.message
    found = re.match(r"a value of type `(.+?)` cannot be (built|made).* over elements of type `(.+)`", message)
    call = next((one for one in ancestors(site.node) if one.type == "call_expression"), None)
    method = call.child_by_field_name("function") if call else None
    if method is not None and method.type == "generic_function":
        method = method.child_by_field_name("function")
    value = method.child_by_field_name("value") if method else None
    if found is None or call is None or value is None or method is None or method.type != "field_expression":
        return
    target, element = parse_type(found[1]), parse_type(found[3])
    wanted = target if found[2] == "made" else _element(target)
    if wanted is None:
        return
    for text, reason, confidence in _adapted(element, wanted)[:_WAYS_MAX]:
        yield patch(reason, confidence, Change(Place(site.file.path, value.end_byte, value.end_byte), text))
    if element.head == "String" and wanted == RustType("&", (RustType("str"),)):
        yield from _borrowed(site, value)
    if found[2] == "built":
        yield from _declared(site, call, target, wanted, element)


def _borrowed(site: Site, value: Node) -> Iterator[Patch]:
    """`.map(|book| book.title)` where texts are to be borrowed: `.map(|book| book.title.as_str())`."""
    arguments = value.child_by_field_name("arguments") if value.type == "call_expression" else None
    closure = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    body = closure.child_by_field_name("body") if closure is not None and closure.type == "closure_expression" else None
    if body is not None and body.type == "field_expression":
        yield patch("borrow the texts", 0.7, site.file.insert(body.end_byte, ".as_str()"))


def _declared(site: Site, call: Node, target: RustType, wanted: RustType, element: RustType) -> Iterator[Patch]:
    """What the function says that it collects, where the call is its result."""
    function = enclosing_function(call)
    written = function.child_by_field_name("return_type") if function else None
    if written is None or target.head == "String" or not element.known:
        return
    if parse_type(site.file.text(written)) == target and str(wanted) in site.file.text(written):
        text = site.file.text(written).replace(str(wanted), str(element), 1)
        yield patch(f"return `{text}`", 0.35, site.file.replace(written, text))


def _element(target: RustType) -> RustType | None:
    """What the elements of a collection are; of a `String` its parts."""
    if target.head == "String":
        return RustType("String")
    if target.head in ("HashMap", "BTreeMap") and len(target.arguments) >= 2:
        return RustType("()", target.arguments[:2])
    return target.inner if target.arguments else None


def _adapted(element: RustType, wanted: RustType) -> list[tuple[str, str, float]]:
    found: list[tuple[str, str, float]] = []
    if element.head == "&" and fits(element.inner, wanted):
        if element.inner.is_copied:
            found.append((".copied()", "own the elements", 0.75))
        found.append((".cloned()", "own the elements", 0.7 if not element.inner.is_copied else 0.4))
    elif element.head == wanted.head == "()" and len(element.arguments) == len(wanted.arguments):
        names = (
            ["key", "value"] if len(element.arguments) == 2 else [f"part_{n}" for n, _ in enumerate(element.arguments)]
        )
        made = []
        for name, have, want in zip(names, element.arguments, wanted.arguments, strict=True):
            way = next(iter(conversions(have, want)), None)
            if way is None and not fits(have, want):
                return found
            made.append(way.applied(name) if way else name)
        found.append((f".map(|({', '.join(names)})| ({', '.join(made)}))", "own the parts", 0.6))
    elif is_number(element.peeled) and wanted.head == "String":
        found.append((".map(|one| one.to_string())", "make texts of them", 0.6))
    else:
        for way in conversions(element, wanted):
            if "?" not in way.template and "unwrap" not in way.template:
                found.append((f".map(|one| {way.applied('one')})", f"{way.reason}, each", way.confidence))
    return found


PLUGIN = Mend(
    codes=("E0277",),
    title="make the elements into what is collected",
    cites=("docs:std/iter/trait.FromIterator.html", "docs:std/iter/trait.Iterator.html"),
    examples=(
        Example(
            """
pub fn big(all: &[i32]) -> Vec<i32> {
    all.iter().filter(|one| **one > 9).collect()
}
""",
            """
pub fn big(all: &[i32]) -> Vec<i32> {
    all.iter().filter(|one| **one > 9).copied().collect()
}
""",
        ),
        Example(
            """
pub fn sum(all: &[i32]) -> i64 {
    all.iter().sum()
}
""",
            """
pub fn sum(all: &[i32]) -> i64 {
    all.iter().map(|one| i64::from(*one)).sum()
}
""",
        ),
    ),
    patches=_patches,
)
