"""Mends calls with too few or too many arguments: from what the call has in scope, or at the function itself."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import calls_of, parameters
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.rules_support.patterns import empty_value
from tars.rust.rules_support.scope import Local, locals_before
from tars.rust.rules_support.signatures import add_parameters, uses
from tars.rust.rules_support.types import fits, parse_type
from tars.rust.values import Change, Example, Patch, Place

_CHOICES_MAX = 3
_OPEN = {"{integer}": "i32", "{float}": "f64"}


def _patches(site: Site) -> Iterator[Patch]:
    call = site.up("call_expression")
    arguments = call.child_by_field_name("arguments") if call else None
    if call is None or arguments is None:
        return
    given = children(arguments)
    surplus = [label for label in site.labels() if "unexpected argument" in label.text]
    missing = [
        found
        for label in site.labels()
        if (found := re.search(r"argument #(\d+) of type `(.+)` is missing", label.text))
    ]
    function = _function(site)
    if site.diagnostic.code == "E0057":
        yield from _of_closure(site, arguments, given)
    if surplus:
        yield from _take_it(site, function, [label.text for label in surplus])
        if len(surplus) == 1:
            item = next((one for one in given if site.file.place(one) == surplus[0].place), None)
            if item is not None:
                yield patch("hand over only what the function takes", 0.5, delete_from_list(site.file, given, item))
    elif len(missing) == 1:
        yield from _without_self(site, missing[0][1], function)
        yield from _hand_over(site, arguments, given, int(missing[0][1]) - 1, missing[0][2], function)
    elif missing:
        yield from _all_empty(site, arguments, given, [(int(one[1]) - 1, one[2]) for one in missing])


def _of_closure(site: Site, arguments: Node, given: list[Node]) -> Iterator[Patch]:
    """A closure called with too little: with what another call hands over, where one argument is missing."""
    call = arguments.parent
    name = call.child_by_field_name("function") if call else None
    counts = [int(word) for word in site.diagnostic.message.split() if word.isdigit()]
    if name is None or len(counts) != 2 or counts[0] != counts[1] + 1:
        return
    choices = [local.name for local in locals_before(site.file, arguments) if local.name != site.file.text(name)]
    for _, other in calls_of(site.context, site.file.text(name)):
        listed = other.child_by_field_name("arguments")
        handed = children(listed) if listed else []
        if len(handed) >= counts[0] and other.start_byte != arguments.start_byte:
            choices.append(site.file.text(handed[counts[1]]))
    for number, text in enumerate(dict.fromkeys(choices[:_CHOICES_MAX])):
        yield patch(f"hand over `{text}`", 0.3 - 0.05 * number, _insert(site, arguments, given, counts[1], text))


def _function(site: Site) -> Node | None:
    """The called function, where the crate has it in the same file."""
    place = site.noted("defined here")
    if place is None or place.path != site.file.path:
        return None
    return site.file.node_of(place, "function_item")


def _without_self(site: Site, index: str, function: Node | None) -> Iterator[Patch]:
    """A function that takes `self`, does not use it, and is called by its path."""
    own = parameters(function) if function else []
    body = function.child_by_field_name("body") if function else None
    if function is None or body is None or index != "1" or not own or own[0].type != "self_parameter":
        return
    if uses(site.file, body, "self") == 0:
        yield patch("take no `self`, which nothing uses", 0.6, delete_from_list(site.file, own, own[0]))


def _take_it(site: Site, function: Node | None, said: list[str]) -> Iterator[Patch]:
    """Every call hands over one more: the function lacks a parameter, often one that its body already names."""
    found = re.search(r"argument #(\d+) of type `(.+)`", said[0]) if len(said) == 1 else None
    if function is None or found is None:
        return
    index, type_ = int(found[1]) - 1, _OPEN.get(found[2], found[2])
    body = function.child_by_field_name("body")
    unknown = [
        one.message.split("`")[1]
        for one in site.context.diagnostics
        if one.code == "E0425" and one.primary is not None and body is not None
        and body.start_byte <= one.primary.start < body.end_byte and one.primary.path == site.file.path
    ]  # fmt: skip
    own = [one for one in parameters(function) if one.type == "parameter"]
    if "{" in type_ or index > len(own) or not unknown:
        return
    text = f"{unknown[0]}: {type_}"
    if index < len(own):
        change: Change | None = site.file.insert(own[index].start_byte, f"{text}, ")
    else:
        change = add_parameters(site.file, function, [text])
    if change is not None:
        yield patch(f"take `{unknown[0]}`, which every call hands over", 0.75, change)


def _hand_over(
    site: Site, arguments: Node, given: list[Node], index: int, type_: str, function: Node | None
) -> Iterator[Patch]:
    """A variable in scope: one called as the parameter is, else one of its type."""
    own = [one for one in parameters(function) if one.type == "parameter"] if function else []
    pattern = own[index].child_by_field_name("pattern") if index < len(own) else None
    wanted = site.file.text(pattern).removeprefix("mut ") if pattern else ""
    handed = [site.file.text(one).lstrip("&*") for one in given]
    choices: list[tuple[float, str]] = []
    for local in locals_before(site.file, arguments):
        choices += _choice(local, wanted, type_, handed)
    for confidence, text in sorted(choices, key=lambda one: -one[0])[:_CHOICES_MAX]:
        yield patch(f"hand over `{text}`", confidence, _insert(site, arguments, given, index, text))
    empty = empty_value(parse_type(type_))
    if empty is not None and not choices:
        yield patch(f"hand over `{empty}`", 0.12, _insert(site, arguments, given, index, empty))


def _choice(local: Local, wanted: str, type_: str, handed: list[str]) -> list[tuple[float, str]]:
    needed = parse_type(type_)
    text = local.name
    if local.type and needed.head in ("&", "&mut ") and fits(parse_type(local.type), needed.inner):
        text = f"{needed.head}{local.name}"
    elif local.type and not fits(parse_type(local.type), needed):
        return []
    if local.name == wanted:
        return [(0.65, text)]
    if local.name in handed:
        return []
    return [(0.4 if local.type else 0.25, text)]


def _insert(site: Site, arguments: Node, given: list[Node], index: int, text: str) -> Change:
    if index < len(given):
        return site.file.insert(given[index].start_byte, f"{text}, ")
    if given:
        return site.file.insert(given[-1].end_byte, f", {text}")
    return site.file.insert(arguments.start_byte + 1, text)


def _all_empty(site: Site, arguments: Node, given: list[Node], missing: list[tuple[int, str]]) -> Iterator[Patch]:
    """Several are missing: the variables that are called as the parameters are."""
    function = _function(site)
    own = [one for one in parameters(function) if one.type == "parameter"] if function else []
    known = {local.name for local in locals_before(site.file, arguments)}
    names = [site.file.text(one.child_by_field_name("pattern") or one) for one in own]
    texts = [site.file.text(one) for one in given]
    sure = 0.6
    for index, type_ in missing:
        text = names[index] if index < len(names) and names[index] in known else empty_value(parse_type(type_))
        if text is None:
            return
        sure = sure if index < len(names) and text == names[index] else 0.1
        texts.insert(index, text)
    place = Place(site.file.path, arguments.start_byte, arguments.end_byte)
    yield patch("hand over all that the function takes", sure, site.file.replace(place, f"({', '.join(texts)})"))


PLUGIN = Mend(
    codes=("E0057", "E0061"),
    title="hand over as many arguments as the function takes",
    cites=("docs:error_codes/E0061.html", "docs:book/ch03-03-how-functions-work.html"),
    examples=(
        Example(
            """
pub fn twice() -> (i32, i32) {
    let double = |n: i32| n * 2;
    (double(4), double())
}
""",
            """
pub fn twice() -> (i32, i32) {
    let double = |n: i32| n * 2;
    (double(4), double(4))
}
""",
        ),
        Example(
            """
fn area(wide: u32, high: u32) -> u32 {
    wide * high
}
pub fn wall(wide: u32, high: u32) -> u32 {
    area(wide)
}
""",
            """
fn area(wide: u32, high: u32) -> u32 {
    wide * high
}
pub fn wall(wide: u32, high: u32) -> u32 {
    area(wide, high)
}
""",
        ),
        Example(
            """
fn area(wide: u32) -> u32 {
    wide * high
}
pub fn wall() -> u32 {
    area(3, 4u32)
}
""",
            """
fn area(wide: u32, high: u32) -> u32 {
    wide * high
}
pub fn wall() -> u32 {
    area(3, 4u32)
}
""",
        ),
    ),
    patches=_patches,
)
