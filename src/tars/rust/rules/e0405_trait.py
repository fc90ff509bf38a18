"""Finds the trait that is not in scope: in another module, by its spelling, or in what its implementations have."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.imports import imported, imports_of_all
from tars.rust.rules_support.items import items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.paths import namesakes, through_scope, whole_path
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text.rpartition("::")[2]
    symbols = site.context.symbols
    place = Place(site.file.path, site.place.end - len(name.encode()), site.place.end)
    whole = whole_path(site.node)
    if site.file.text(whole) != name:
        yield from _in_module(site, site.file.text(whole).replace(" ", ""), name, place)
        return
    every = imports_of_all(site)
    if every:
        yield patch("import all that is missing here", 0.76, *every)
    for number, path in enumerate(symbols.paths_of(name, site.place)[:4]):
        if "::" in path and path.rpartition("::")[2] == name:
            if short := through_scope(site.context, path, site.place):
                yield patch(f"`{short}` is meant", 0.74 - 0.1 * number, site.file.replace(site.place, short))
            change = imported(site.file, path, site.place)
            yield patch(f"import `{path}`", 0.72 - 0.1 * number, change)
    for path, alias in namesakes(site.context, name, site.place):
        yield patch(f"import `{path}` as `{alias}`", 0.7, site.file.insert_use(f"{path} as {alias}", site.place))
    own = [name_of(file, node) for file, node in items(site.context, "trait_item")]
    known = [one for one in symbols.names_like(name, site.place) if one[:1].isupper()]
    for wanted in dict.fromkeys([*nearest(name, own), *known][:3]):
        yield patch(f"`{wanted}` is meant", 0.6, site.file.replace(site.place, wanted))
    yield from _declared(site, name)


def _in_module(site: Site, written: str, name: str, place: Place) -> Iterator[Patch]:
    """A module that has no such trait: one that is spelt alike in it, or where the trait really is."""
    symbols = site.context.symbols
    for wanted in nearest(name, symbols.names_in(written.removesuffix(f"::{name}"), site.place))[:2]:
        yield patch(f"`{wanted}` is meant", 0.66, site.file.replace(place, wanted))
    for number, path in enumerate(symbols.paths_of(name, site.place)[:2]):
        yield patch(f"`{path}` is meant", 0.6 - 0.1 * number, site.file.replace(whole_path(site.node), path))


def _declared(site: Site, name: str) -> Iterator[Patch]:
    """Where nothing is called so, the trait is what its implementations in this file have in common."""
    found = [
        impl
        for file, impl in items(site.context, "impl_item")
        if file.path == site.file.path and trait_of(file, impl) == name
    ]
    impl = site.up("impl_item")
    if impl is None or "::" in name or not found or found[0].start_byte != impl.start_byte:
        return
    members = [_members(site.file, one) for one in found]
    common = [text for text in members[0] if all(text in other for other in members)]
    if any(impl.child_by_field_name("type_parameters") is not None for impl in found) or len(common) < len(members[0]):
        return
    indent = site.file.indent(impl.start_byte)
    inner = "".join(f"\n{indent}    {text}" for text in common)
    text = f"trait {name} {{{inner}\n{indent}}}" if inner else f"trait {name} {{}}"
    reason = f"declare `{name}` with what its implementation has" if common else f"declare `{name}`"
    yield patch(reason, 0.3 if common else 0.2, site.file.insert(impl.start_byte, f"{text}\n\n{indent}"))


def _members(file: SourceFile, impl: Node) -> list[str]:
    body = impl.child_by_field_name("body")
    found = []
    for one in children(body) if body is not None else ():
        end = one.child_by_field_name("body") or one.child_by_field_name("value")
        stop = end.start_byte if end is not None else one.end_byte
        if one.type == "type_item":
            name = one.child_by_field_name("name")
            found.append(f"type {file.text(name) if name else ''};")
        elif one.type in ("function_item", "const_item"):
            text = " ".join(file.data[one.start_byte : stop].decode("utf-8", "replace").split())
            found.append(text.rstrip(" =;") + ";")
    return found


PLUGIN = Mend(
    codes=("E0405",),
    title="find the trait that is not in scope",
    cites=("docs:error_codes/E0405.html", "docs:reference/items/traits.html"),
    examples=(
        Example(
            """
pub struct Word(pub String);
impl Display for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
""",
            """
use std::fmt::Display;

pub struct Word(pub String);
impl Display for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
""",
        ),
        Example(
            """
use std::fmt;
pub fn show<T: fmt::Dislpay>(one: T) -> String {
    one.to_string()
}
""",
            """
use std::fmt;
pub fn show<T: fmt::Display>(one: T) -> String {
    one.to_string()
}
""",
        ),
        Example(
            """
pub struct Square(pub f64);
impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}
""",
            """
pub struct Square(pub f64);
trait Shape {
    fn area(&self) -> f64;
}

impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}
""",
        ),
    ),
    patches=_patches,
)
