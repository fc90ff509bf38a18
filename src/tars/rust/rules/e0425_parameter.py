"""Adds the parameter that a function uses and does not take, of the type that its use asks for."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.expected import callers, expected_type
from tars.rust.rules_support.items import name_of, parameters, trait_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.unknown import same_missing, unknown_at
from tars.rust.values import Change, Example, Patch

_OPEN = {"{integer}": "i32", "{float}": "f64", "&'static str": "&str"}


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    function = enclosing_function(site.node)
    if missing is None or function is None or missing.is_type or missing.is_call or not missing.here:
        return
    if not re.fullmatch(r"[a-z_]\w*", missing.name) or name_of(site.file, function) == "main":
        return
    impl = next((one for one in ancestors(function) if one.type == "impl_item"), None)
    if impl is not None and trait_of(site.file, impl):
        return
    told = (expected_type(site, place) for place in same_missing(site, missing.name))
    kind = next(filter(None, told), "") or _surplus(site, function)
    kind = _OPEN.get(kind, kind)
    if not kind or "{" in kind or kind == "Self":
        return
    own = [one for one in parameters(function) if one.type != "self_parameter"]
    calls = callers(site, function)
    exact = [given for given in calls if len(given) == len(own) + 1]
    sure = 0.66 if exact else 0.4 if not calls else 0.12
    for number, index in enumerate(_positions(exact, missing.name, len(own))):
        change = _inserted(site, function, index, f"{missing.name}: {kind}")
        if change is not None:
            yield patch(f"take `{missing.name}: {kind}`", sure - 0.15 * min(number, 2) if sure > 0.5 else sure, change)


def _surplus(site: Site, function: Node) -> str:
    """The type of the argument that calls give and the function does not take, where the compiler says it."""
    name = name_of(site.file, function)
    for one in site.context.diagnostics:
        if one.code != "E0061" or f"{name}" not in one.rendered:
            continue
        for label in one.labels:
            found = re.search(r"unexpected argument #\d+ of type `(.+)`", label.text)
            if found:
                return found[1]
    return ""


def _positions(exact: list[list[str]], name: str, count: int) -> list[int]:
    """Where calls have the argument: one that is called like the parameter, else last, or anywhere."""
    named = [given.index(text) for given in exact for text in (name, f"&{name}", f"&mut {name}") if text in given]
    return list(dict.fromkeys([*named, count, *(range(count) if exact else ())]))[:4]


def _inserted(site: Site, function: Node, index: int, text: str) -> Change | None:
    listed = function.child_by_field_name("parameters")
    every = parameters(function)
    own = [one for one in every if one.type != "self_parameter"]
    if listed is None:
        return None
    if index < len(own):
        return site.file.insert(own[index].start_byte, f"{text}, ")
    if every:
        return site.file.insert(every[-1].end_byte, f", {text}")
    return site.file.insert(listed.start_byte + 1, text)


PLUGIN = Mend(
    codes=("E0425",),
    title="take the parameter that is used",
    cites=("docs:error_codes/E0425.html", "docs:book/ch03-03-how-functions-work.html"),
    examples=(
        Example(
            """
pub struct Person {
    name: String,
    age: u32,
}
impl Person {
    pub fn new(name: String) -> Self {
        Person { name, age }
    }
}
pub fn ann() -> Person {
    Person::new(String::from("Ann"), 30)
}
""",
            """
pub struct Person {
    name: String,
    age: u32,
}
impl Person {
    pub fn new(name: String, age: u32) -> Self {
        Person { name, age }
    }
}
pub fn ann() -> Person {
    Person::new(String::from("Ann"), 30)
}
""",
        ),
        Example(
            """
pub fn sum(left: i64) -> i64 {
    left + right
}
""",
            """
pub fn sum(left: i64, right: i64) -> i64 {
    left + right
}
""",
        ),
    ),
    patches=_patches,
)
