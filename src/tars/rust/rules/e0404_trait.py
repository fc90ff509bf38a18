"""Settles a type where a trait is asked for: the two changed places, a trait alias, or the type itself."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.imports import imported, imports_of_all
from tars.rust.rules_support.items import Found, declared_trait, fields, items, name_of
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.rules_support.names import mentions
from tars.rust.rules_support.paths import through_scope
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    written = re.sub(r"<.*", "", site.text)
    name = written.rpartition("::")[2]
    impl = site.up("impl_item")
    alias = next(items(site.context, "type_item", name=name), None)
    if alias is not None:
        yield from _alias(site, alias)
        return
    if "derive macro" in site.diagnostic.message:
        if every := imports_of_all(site):
            yield patch("import all that is missing here", 0.8, *every)
        for path in site.context.symbols.paths_of(name, site.place)[:2]:
            if short := through_scope(site.context, path, site.place):
                yield patch(f"`{short}` is meant", 0.78, site.file.replace(site.place, short))
            yield patch(f"import the trait `{path}`", 0.76, imported(site.file, path, site.place))
    else:
        yield from _namesake(site, name)
    if impl is not None:
        yield from _swapped(site, impl)
    yield from _concrete(site, name)
    yield from _marker(site, name)


def _namesake(site: Site, name: str) -> Iterator[Patch]:
    """`impl Error for Error`: the trait that the compiler would import, which cannot be done beside a type of its name:
    through its module where that is in scope, or whole."""
    texts = [change.text for one in site.diagnostic.suggestions for change in one.changes]
    paths = [found[1] for text in texts if (found := re.search(rf"use ((?:\w+::)+{name});", text))]
    for path in sorted(dict.fromkeys(paths), key=lambda path: not path.startswith("std::"))[:1]:
        if short := through_scope(site.context, path, site.place):
            yield patch(f"`{short}` is meant", 0.72, site.file.replace(site.place, short))
        yield patch(f"`{path}` is meant", 0.66, site.file.replace(site.place, path))


def _alias(site: Site, alias: Found) -> Iterator[Patch]:
    """What the alias stands for may be written as bounds; or the alias becomes a trait that is all of them."""
    file, node = alias
    target = node.child_by_field_name("type")
    text = re.sub(r"^(dyn|impl)\s+", "", file.text(target)) if target is not None else ""
    if not text or "'" in text.split("+")[-1]:
        return
    name = name_of(file, node)
    public = next((file.text(one) + " " for one in children(node, "visibility_modifier")), "")
    new = f"{public}trait {name}: {text} {{}}\n{file.indent(node.start_byte)}impl<T: {text}> {name} for T {{}}"
    used = len(mentions(site.file, site.file.root, name)) - 1
    yield patch(f"make `{name}` a trait for all that is {text}", 0.55 if used > 0 else 0.3, file.replace(node, new))
    yield patch(f"write {text} for `{name}`", 0.5, site.file.replace(site.place, text))


def _swapped(site: Site, impl: Node) -> Iterator[Patch]:
    """`impl Type for Trait` the wrong way round."""
    subject, trait = impl.child_by_field_name("type"), impl.child_by_field_name("trait")
    if subject is None or trait is None or site.place != site.file.place(trait):
        return
    text = site.file.text(subject)
    known = declared_trait(site.context, text) is not None
    known = known or any(path.startswith("std::") for path in site.context.symbols.paths_of(text)[:1])
    if known:
        changes = (site.file.replace(trait, text), site.file.replace(subject, site.file.text(trait)))
        yield patch("put the trait before `for` and the type behind it", 0.7, *changes)


def _concrete(site: Site, name: str) -> Iterator[Patch]:
    """`T: Type`, `dyn Type` and `impl Type` are the type itself."""
    abstract = site.up("dynamic_type", "abstract_type")
    if abstract is not None and site.file.text(abstract).split()[-1] == site.text:
        yield patch(f"`{name}` is a type, no trait", 0.66, site.file.replace(abstract, site.text))
        return
    parameter, function = site.up("type_parameter"), site.up("function_item")
    listed = parameter.parent if parameter else None
    generic = parameter.child_by_field_name("name") if parameter else None
    if parameter is None or function is None or listed is None or generic is None:
        return
    if function.child_by_field_name("type_parameters") != listed:
        return
    own = site.file.text(generic)
    places = [one for one in mentions(site.file, function, own) if one.start >= listed.end_byte]
    gone = (
        site.file.delete(listed)
        if len(children(listed)) == 1
        else delete_from_list(site.file, children(listed), parameter)
    )
    yield patch(f"take `{name}` itself", 0.5, gone, *(site.file.replace(one, site.text) for one in places))


def _marker(site: Site, name: str) -> Iterator[Patch]:
    """A struct without fields that is used as a trait alone is meant to be one: `struct Shape;` → `trait Shape {}`."""
    found = next(items(site.context, "struct_item", name=name), None)
    if found is None or fields(*found) or found[1].child_by_field_name("type_parameters") is not None:
        return
    file, node = found
    places = [
        (one, place) for path in sorted(site.context.files) for one in [site.context.files[path]]
        for place in mentions(one, one.root, name)
        if not (one.path == file.path and node.start_byte <= place.start < node.end_byte)
    ]  # fmt: skip
    if not all(_as_trait(one, one.node_at(place)) for one, place in places):
        return
    implementations = [
        (other, impl) for other, impl in items(site.context, "impl_item")
        if (trait := impl.child_by_field_name("trait")) is not None and other.text(trait) == name
    ]  # fmt: skip
    declared = [
        _signature(other, one) for other, impl in implementations for one in other.walk("function_item", within=impl)
    ]
    public = next((file.text(one) + " " for one in children(node, "visibility_modifier")), "")
    inner = "".join(f"\n    {text}" for text in dict.fromkeys(declared))
    text = f"{public}trait {name} {{{inner}{chr(10) if inner else ''}}}"
    yield patch(f"make `{name}` the trait that it is used as", 0.4, file.replace(node, text))


def _as_trait(file: SourceFile, node: Node) -> bool:
    """Whether a name stands where only a trait can."""
    parent = node.parent
    if parent is None:
        return False
    trait = parent.child_by_field_name("trait")
    return parent.type in ("trait_bounds", "bounded_type", "dynamic_type", "abstract_type") or (
        trait is not None and trait.id == node.id
    )


def _signature(file: SourceFile, function: Node) -> str:
    body = function.child_by_field_name("body")
    end = body.start_byte if body is not None else function.end_byte
    return file.data[function.start_byte : end].decode("utf-8", "replace").rstrip() + ";"


PLUGIN = Mend(
    codes=("E0404",),
    title="settle a type where a trait is asked for",
    cites=("docs:error_codes/E0404.html", "docs:reference/trait-bounds.html", "docs:reference/items/traits.html"),
    examples=(
        Example(
            """
use std::error;
#[derive(Debug)]
pub struct Error;
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}
impl Error for Error {}
""",
            """
use std::error;
#[derive(Debug)]
pub struct Error;
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no")
    }
}
impl error::Error for Error {}
""",
        ),
        Example(
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub struct Square(pub f64);
impl Square for Shape {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}
""",
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub struct Square(pub f64);
impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}
""",
        ),
        Example(
            """
pub fn number<T: Hash>(_of: T) -> u64 {
    1
}
""",
            """
use std::hash::Hash;

pub fn number<T: Hash>(_of: T) -> u64 {
    1
}
""",
        ),
        Example(
            """
pub struct Square(pub f64);
pub fn area<T: Square>(shape: T) -> f64 {
    shape.0 * shape.0
}
""",
            """
pub struct Square(pub f64);
pub fn area(shape: Square) -> f64 {
    shape.0 * shape.0
}
""",
        ),
        Example(
            """
pub struct Shape;
pub struct Square;
impl Shape for Square {}
pub fn area<T: Shape>(_shape: T) {}
""",
            """
pub trait Shape {}
pub struct Square;
impl Shape for Square {}
pub fn area<T: Shape>(_shape: T) {}
""",
        ),
        Example(
            """
pub type Words = dyn Iterator<Item = String>;
pub fn count<T: Words>(words: T) -> usize {
    words.count()
}
""",
            """
pub trait Words: Iterator<Item = String> {}
impl<T: Iterator<Item = String>> Words for T {}
pub fn count<T: Words>(words: T) -> usize {
    words.count()
}
""",
        ),
    ),
    patches=_patches,
)
