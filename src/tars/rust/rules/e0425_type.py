"""Makes a type that is not found a parameter, the trait's associated type, or Rust's own of that meaning."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.expected import known_type
from tars.rust.rules_support.items import items, trait_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.names import mentions
from tars.rust.rules_support.unknown import unknown_at
from tars.rust.values import Change, Example, Patch

_MEANT = {
    "Integer": ("i32", "i64"), "Int": ("i32", "i64"), "int": ("i32",), "integer": ("i32",), "Long": ("i64",),
    "long": ("i64",), "short": ("i16",), "Uint": ("u32",), "uint": ("u32", "usize"), "unsigned": ("u32",),
    "byte": ("u8",), "Byte": ("u8",), "size_t": ("usize",), "Number": ("i32", "f64"), "number": ("i32", "f64"),
    "Float": ("f64", "f32"), "float": ("f64", "f32"), "Double": ("f64",), "double": ("f64",), "Boolean": ("bool",),
    "boolean": ("bool",), "Bool": ("bool",), "Char": ("char",), "character": ("char",), "Character": ("char",),
    "string": ("String", "&str"), "text": ("String",), "Str": ("str", "String"), "void": ("()",), "Void": ("()",),
    "None": ("()",), "Vector": ("Vec",), "vector": ("Vec",), "List": ("Vec",), "list": ("Vec",), "Array": ("Vec",),
    "vec": ("Vec",), "array": ("Vec",), "ArrayList": ("Vec",), "Map": ("std::collections::HashMap",),
    "Dict": ("std::collections::HashMap",), "dict": ("std::collections::HashMap",), "Optional": ("Option",),
    "Dictionary": ("std::collections::HashMap",), "Set": ("std::collections::HashSet",), "Maybe": ("Option",),
    "hashmap": ("std::collections::HashMap",), "option": ("Option",), "result": ("Result",), "Either": ("Result",),
}  # fmt: skip
"""Types of other languages, and Rust's words for them."""
_HOLDERS = (
    "function_item", "function_signature_item", "struct_item", "enum_item", "impl_item", "trait_item", "type_item",
    "union_item",
)  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    if missing is not None and missing.here and "tuple struct" in missing.kind:
        yield from _tuple(site, missing.name)
    if missing is None or missing.kind != "type" or not missing.here:
        return
    name = missing.name
    for number, wanted in enumerate(_MEANT.get(name, ())):
        yield patch(f"Rust says `{wanted}`", 0.62 - 0.2 * number, site.file.replace(site.place, wanted))
    yield from _associated(site, name)
    if re.fullmatch(r"[A-Z]\w?|[A-Z][A-Z]+", name):
        yield from _parameter(site)
    yield from _declared(site, name)


def _associated(site: Site, name: str) -> Iterator[Patch]:
    """`Item` in a trait, or an `impl` of one, that has such a type."""
    holder = site.up("impl_item", "trait_item")
    body = holder.child_by_field_name("body") if holder is not None else None
    for one in children(body, "type_item", "associated_type") if body is not None else ():
        own = one.child_by_field_name("name")
        if own is not None and site.file.text(own) == name:
            yield patch(f"`{name}` is the trait's own type", 0.74, site.file.insert(site.place.start, "Self::"))
            return


def _parameter(site: Site) -> Iterator[Patch]:
    """All the letters that are missing in this item become its generic parameters: in a method its own, or its
    type's where the `impl` itself names them."""
    around = [one for one in ancestors(site.node) if one.type in _HOLDERS]
    if not around:
        return
    holder = around[0]
    names = _missing_in(site, holder)
    change = _generic(site, holder, names)
    if change is not None:
        yield patch(f"take {', '.join(names)} as generic", 0.7, change)
    if (
        len(around) > 1
        and around[1].type in ("impl_item", "trait_item")
        and (outer := _generic(site, around[1], _missing_in(site, around[1])))
    ):
        yield patch(f"let the whole item take {', '.join(names)}", 0.3, outer)


def _missing_in(site: Site, holder: Node) -> list[str]:
    """The letters that the compiler misses in an item; of an `impl` or trait those in its head, if there are any."""
    body = holder.child_by_field_name("body")
    inner = body if holder.type in ("impl_item", "trait_item", "function_item") else None
    heads: list[str] = []
    bodies: list[str] = []
    for one in site.context.diagnostics:
        place = one.primary
        if one.code != site.diagnostic.code or place is None or place.path != site.file.path:
            continue
        name = site.file.text(place)
        if holder.start_byte <= place.start < holder.end_byte and re.fullmatch(r"[A-Z]\w?|[A-Z][A-Z]+", name):
            inside = inner is not None and inner.start_byte <= place.start
            (bodies if inside else heads).append(name)
    return list(dict.fromkeys([*heads, *bodies, site.text]))


def _generic(site: Site, holder: Node, names: list[str]) -> Change | None:
    listed = holder.child_by_field_name("type_parameters")
    if listed is not None:
        return site.file.insert(listed.end_byte - 1, f", {', '.join(names)}")
    head = holder.child_by_field_name("name")
    if holder.type == "impl_item":
        head = next((child for child in holder.children if child.type == "impl"), None)
    return site.file.insert(head.end_byte, f"<{', '.join(names)}>") if head is not None else None


def _tuple(site: Site, name: str) -> Iterator[Patch]:
    """A type that is nowhere but called with values of known types: a tuple struct of those."""
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call is not None else None
    listed = call.child_by_field_name("arguments") if call is not None else None
    item = site.file.statement(site.place)
    if function is None or listed is None or item is None or function.start_byte != site.place.start:
        return
    kinds = [known_type(site, one) for one in children(listed)]
    if not re.fullmatch(r"[A-Z][a-z]\w+", name) or not kinds or not all(kinds) or site.context.symbols.paths_of(name):
        return
    indent = site.file.indent(item.start_byte)
    text = f"struct {name}({', '.join(kinds)});\n{indent}"
    yield patch(f"declare `{name}`", 0.15, site.file.insert(item.start_byte, text))


def _declared(site: Site, name: str) -> Iterator[Patch]:
    """A type of which nothing is asked but its name: `impl Shape for Square {}` and no more."""
    if not re.fullmatch(r"[A-Z][a-z]\w+", name) or site.context.symbols.paths_of(name):
        return
    every = [
        (file, place) for _, file in sorted(site.context.files.items()) for place in mentions(file, file.root, name)
    ]
    heads = [
        (file.path, subject.start_byte)
        for file, impl in items(site.context, "impl_item")
        if (subject := impl.child_by_field_name("type")) is not None and file.text(subject) == name
    ]
    impl = site.up("impl_item")
    if impl is None or not all((file.path, place.start) in heads for file, place in every):
        return
    if b"self." in site.file.data[impl.start_byte : impl.end_byte]:
        return
    indent = site.file.indent(impl.start_byte)
    sure = 0.25 if trait_of(site.file, impl) else 0.2
    yield patch(f"declare `{name}`", sure, site.file.insert(impl.start_byte, f"struct {name};\n\n{indent}"))


PLUGIN = Mend(
    codes=("E0425", "E0412"),
    title="say which type is meant, or take it as a parameter",
    cites=(
        "docs:error_codes/E0412.html",
        "docs:book/ch10-01-syntax.html",
        "docs:book/ch03-02-data-types.html",
        "docs:reference/items/generics.html",
    ),
    examples=(
        Example(
            """
pub fn pair(one: T, other: U) -> (T, U) {
    (one, other)
}
""",
            """
pub fn pair<T, U>(one: T, other: U) -> (T, U) {
    (one, other)
}
""",
        ),
        Example(
            """
pub struct Kept<T>(pub T);
impl Kept<T> {
    pub fn take(self) -> T {
        self.0
    }
}
""",
            """
pub struct Kept<T>(pub T);
impl<T> Kept<T> {
    pub fn take(self) -> T {
        self.0
    }
}
""",
        ),
        Example(
            """
pub struct Down(pub u8);
impl Iterator for Down {
    type Item = u8;
    fn next(&mut self) -> Option<Item> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}
""",
            """
pub struct Down(pub u8);
impl Iterator for Down {
    type Item = u8;
    fn next(&mut self) -> Option<Self::Item> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}
""",
        ),
        Example(
            """
pub fn count(numbers: Vector<u8>) -> usize {
    numbers.len()
}
""",
            """
pub fn count(numbers: Vec<u8>) -> usize {
    numbers.len()
}
""",
        ),
        Example(
            """
impl Something {}
""",
            """
struct Something;

impl Something {}
""",
        ),
    ),
    patches=_patches,
)
