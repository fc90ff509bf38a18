"""Mends data that must live for ever but does not: the signature promises less, or asks for more."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import items
from tars.rust.rules_support.lifetimes import in_scope, renamed, unnamed
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.values import Example, Patch

_MUST = re.compile(r"requires that `('\w+)` must outlive `'static`")


def _patches(site: Site) -> Iterator[Patch]:
    found = next((one for label in site.diagnostic.labels if (one := _MUST.search(label.text))), None)
    if found is None or site.node.type == "ERROR":
        return
    file, name = site.file, found[1]
    function = site.up("function_item") or enclosing_function(site.node)
    returned = function.child_by_field_name("return_type") if function is not None else None
    given = function.child_by_field_name("parameters") if function is not None else None
    if function is None or given is None:
        return
    if returned is not None and "'static" in file.text(returned):
        if name in in_scope(file, function):
            yield patch(f"promise `{name}` only", 0.75, *renamed(file, returned, "'static", name))
        elif len(list(unnamed(file, given))) == 1:
            less = _without_static(file.text(returned))
            yield patch("promise only what the argument's lifetime allows", 0.75, file.replace(returned, less))
    yield from _called(site)
    place = next((one.place for one in site.diagnostic.labels if "let's call the lifetime" in one.text), None)
    if place is not None and file.node_of(place, "self_parameter") is not None:
        return
    if place is not None and place.path == file.path and file.text(place) == "&":
        yield patch("ask for what lives for ever", 0.55, file.insert(place.end, "'static "))
    elif name in in_scope(file, function):
        yield patch("ask for what lives for ever", 0.35, *renamed(file, given, name, "'static"))


def _called(site: Site) -> Iterator[Patch]:
    """A function whose result is given on as what lives for ever: its signature says that it does."""
    for call in site.file.walk("call_expression", within=site.node):
        function = call.child_by_field_name("function")
        name = site.file.text(function).rpartition(".")[2].rpartition("::")[2] if function is not None else ""
        for file, one in items(site.context, "function_item", name=name):
            returned = one.child_by_field_name("return_type")
            open_ones = list(unnamed(file, returned)) if returned is not None else []
            if len(open_ones) == 1:
                change = file.insert(open_ones[0].start_byte + 1, "'static ")
                yield patch(f"what `{name}` returns lives for ever", 0.72, change)


def _without_static(text: str) -> str:
    return re.sub(r"&'static\s+", "&", text).replace("'static", "'_")


PLUGIN = Mend(
    codes=("", "E0521"),
    title="promise only lifetimes that the arguments have, or ask for `'static`",
    cites=(
        "docs:book/ch10-03-lifetime-syntax.html#the-static-lifetime",
        "docs:rust-by-example/scope/lifetime/static_lifetime.html",
    ),
    examples=(
        Example(
            "pub fn text<'a>(some: &'a Option<String>) -> &'static str {\n"
            '    match some {\n        Some(text) => text,\n        None => "",\n    }\n}\n',
            "pub fn text<'a>(some: &'a Option<String>) -> &'a str {\n"
            '    match some {\n        Some(text) => text,\n        None => "",\n    }\n}\n',
        ),
        Example(
            "pub struct One {\n    pub name: &'static str,\n}\n\npub fn make(name: &str) -> One {\n"
            "    One { name }\n}\n",
            "pub struct One {\n    pub name: &'static str,\n}\n\npub fn make(name: &'static str) -> One {\n"
            "    One { name }\n}\n",
        ),
        Example(
            "pub struct One<'a>(&'a str);\n\nfn keep(_: impl Fn() + 'static) {}\n\npub fn show<'a>(one: One<'a>) {\n"
            '    keep(move || println!("{}", one.0));\n}\n',
            "pub struct One<'a>(&'a str);\n\nfn keep(_: impl Fn() + 'static) {}\n\n"
            "pub fn show<'a>(one: One<'static>) {\n"
            '    keep(move || println!("{}", one.0));\n}\n',
        ),
    ),
    patches=_patches,
)
