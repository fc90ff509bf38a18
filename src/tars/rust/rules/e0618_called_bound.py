"""Asks of a type parameter that is called that it is a function: `work()` where nothing is asked of `F`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, children, enclosing_function, patch
from tars.rust.rules_support.names import mentions
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch

_FOUND = re.compile(r"expected function, found `(?:&(?:mut )?)?(\w+)`")


def _patches(site: Site) -> Iterator[Patch]:
    found, call = _FOUND.match(site.diagnostic.message), site.up("call_expression")
    function = enclosing_function(site.node)
    listed = function.child_by_field_name("type_parameters") if function is not None else None
    if found is None or call is None or function is None or listed is None:
        return
    declared = {name_of(site.file, one): one for one in children(listed, "type_parameter")}
    own = declared.get(found[1])
    if own is None or own.child_by_field_name("bounds") is not None:
        return
    holder = _parameter(site, function, found[1])
    arguments = call.child_by_field_name("arguments")
    given = children(arguments) if arguments is not None else []
    types = site.context.types([site.file.place(one) for one in given]) if given else ()
    if any(one is None or not parse_type(one).known for one in types):
        return
    taken = ", ".join(str(one) for one in types)
    mutable = holder is not None and any(one.type == "mutable_specifier" for one in holder.children)
    for number, gives in enumerate(dict.fromkeys(_given_back(site, function, call))):
        arrow = f" -> {gives}" if gives else ""
        trait = "FnMut" if mutable else "Fn"
        bound = f": {trait}({taken}){arrow}"
        sure = 0.75 - 0.15 * number
        yield patch(f"ask for a function: `{found[1]}{bound}`", sure, site.file.insert(own.end_byte, bound))


def _parameter(site: Site, function: Node, type_: str) -> Node | None:
    """The parameter of that type."""
    for one in parameters(function):
        written = one.child_by_field_name("type")
        if written is not None and site.file.text(written) == type_:
            return one
    return None


def _given_back(site: Site, function: Node, call: Node) -> Iterator[str]:
    """What the call may give, the likeliest first; empty where it is called for what it does."""
    returned = function.child_by_field_name("return_type")
    whole = site.file.text(returned) if returned is not None else ""
    parent = call.parent
    if parent is not None and parent.type == "expression_statement":
        yield ""
    if parent is not None and parent.type in ("if_expression", "while_expression", "unary_expression"):
        yield "bool"
    taken = [one for one in parameters(function) if one.type == "parameter"]
    listed = function.child_by_field_name("type_parameters")
    for one in children(listed, "type_parameter") if listed is not None else ():
        name = name_of(site.file, one)
        loose = not any(mentions(site.file, other, name) for other in taken)
        if loose and name != whole and whole and not re.search(rf"\b{name}\b", whole):
            yield name
    if whole:
        yield whole
        yield from (str(one) for one in parse_type(whole).arguments if one.known)


PLUGIN = Mend(
    codes=("E0618",),
    title="ask of a type parameter that is called that it is a function",
    cites=("docs:error_codes/E0618.html", "docs:book/ch13-01-closures.html"),
    examples=(
        Example(
            """
pub fn retry<F, T, E>(mut work: F, times: usize) -> Result<T, E> {
    let mut last = work();
    for _ in 0..times {
        if last.is_ok() {
            return last;
        }
        last = work();
    }
    last
}
""",
            """
pub fn retry<F: FnMut() -> Result<T, E>, T, E>(mut work: F, times: usize) -> Result<T, E> {
    let mut last = work();
    for _ in 0..times {
        if last.is_ok() {
            return last;
        }
        last = work();
    }
    last
}
""",
        ),
        Example(
            """
pub fn each<F>(all: &[u32], mut show: F) {
    for one in all {
        show(one);
    }
}
""",
            """
pub fn each<F: FnMut(&u32)>(all: &[u32], mut show: F) {
    for one in all {
        show(one);
    }
}
""",
        ),
    ),
    patches=_patches,
)
