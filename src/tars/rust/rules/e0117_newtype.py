"""Implements foreign traits for foreign types through a type of one's own around them."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_trait, implements, items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import NUMBERS, parse_type
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    impl = site.up("impl_item")
    type_ = impl.child_by_field_name("type") if impl else None
    if impl is None or type_ is None:
        return
    trait = parse_type(trait_of(site.file, impl)).head
    text = site.file.text(type_)
    bare = re.sub(r"^&\s*('\w+\s+)?(mut\s+)?", "", text).strip()
    if trait == "Drop" and declared_type_named(site, bare):
        yield patch(f"implement it for `{bare}` itself", 0.55, site.file.replace(type_, bare))
        return
    if trait == "Drop" and bare.startswith("dyn "):
        yield from _for_implementor(site, type_, bare.removeprefix("dyn ").strip())
        return
    if site.diagnostic.code == "E0120":
        return
    name = _name(bare, trait)
    generics = impl.child_by_field_name("type_parameters")
    arguments = site.file.text(generics) if generics else ""
    names = re.sub(r"\s*:[^,>]*", "", arguments)
    if any(name_of(file, node) == name for file, node in items(site.context, "struct_item", "enum_item")):
        return
    indent = site.file.indent(impl.start_byte)
    struct = f"struct {name}{names}({text});\n\n{indent}"
    body = impl.child_by_field_name("body")
    if body is not None and "self" in site.file.text(body).partition("{")[2].replace("&self", "").replace(
        "&mut self", ""
    ):
        changes = [
            site.file.replace(Place(site.file.path, hit + body.start_byte, hit + body.start_byte + 4), "self.0")
            for hit in _selves(site.file.text(body))
        ]
    else:
        changes = []
    yield patch(
        f"wrap it in a type of one's own, `{name}`", 0.45,
        site.file.insert(impl.start_byte, struct), site.file.replace(type_, f"{name}{names}"), *changes,
    )  # fmt: skip


def declared_type_named(site: Site, name: str) -> bool:
    """Whether the crate has a struct or enum of that name."""
    return next(items(site.context, "struct_item", "enum_item", name=parse_type(name).head), None) is not None


def _selves(text: str) -> list[int]:
    """Where the value itself is used in a body, in bytes; not as a parameter."""
    return [
        len(text[: hit.start()].encode())
        for hit in re.finditer(r"(?<![&\w(] )(?<!mut )(?<![&\w(])\bself\b(?!\s*[,):])", text)
    ]


def _name(text: str, trait: str) -> str:
    head = parse_type(text).head
    if head in NUMBERS or head in ("bool", "char", "str"):
        return {"bool": "Truth", "char": "Letter", "str": "Text"}.get(head, "Number")
    return f"My{head}" if re.fullmatch(r"[A-Z]\w+", head) else f"My{trait}"


def _for_implementor(site: Site, type_: Node, trait: str) -> Iterator[Patch]:
    """`Drop` for a trait object: for the one type that implements the trait."""
    if declared_trait(site.context, trait) is None:
        return
    named = [
        name_of(file, node) for file, node in items(site.context, "struct_item", "enum_item")
        if implements(site.context, name_of(file, node), trait)
    ]  # fmt: skip
    if len(named) == 1:
        yield patch(f"implement it for `{named[0]}`", 0.45, site.file.replace(type_, named[0]))
    elif not named:
        indent = site.file.indent(site.place.start)
        impl = site.up("impl_item")
        if impl is not None:
            struct = f"struct Holder<T: {trait}>(T);\n\n{indent}"
            keyword = impl.start_byte + len("impl")
            yield patch(
                "implement it for a type that holds one", 0.35, site.file.insert(impl.start_byte, struct),
                site.file.insert(keyword, f"<T: {trait}>"), site.file.replace(type_, "Holder<T>"),
            )  # fmt: skip


PLUGIN = Mend(
    codes=("E0117", "E0120", "E0210"),
    title="implement a foreign trait for a type of one's own",
    cites=("docs:book/ch20-02-advanced-traits.html", "docs:reference/items/implementations.html#orphan-rules"),
    examples=(
        Example(
            """
impl Drop for u32 {
    fn drop(&mut self) {
        println!("gone");
    }
}
""",
            """
struct Number(u32);

impl Drop for Number {
    fn drop(&mut self) {
        println!("gone");
    }
}
""",
        ),
        Example(
            """
pub struct Gate;
impl Drop for &mut Gate {
    fn drop(&mut self) {
        println!("shut");
    }
}
""",
            """
pub struct Gate;
impl Drop for Gate {
    fn drop(&mut self) {
        println!("shut");
    }
}
""",
        ),
        Example(
            """
pub struct Local;
impl<T> Extend<Local> for T {
    fn extend<I: IntoIterator<Item = Local>>(&mut self, all: I) {
        drop(all.into_iter().count());
    }
}
""",
            """
pub struct Local;
struct MyExtend<T>(T);

impl<T> Extend<Local> for MyExtend<T> {
    fn extend<I: IntoIterator<Item = Local>>(&mut self, all: I) {
        drop(all.into_iter().count());
    }
}
""",
        ),
    ),
    patches=_patches,
)
