"""Brings the bounds of an implementation and of what it implements together."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import Found, declared_type, name_of
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.rules_support.signatures import adopted, declaration_in_trait, signature_end
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    code = site.diagnostic.code
    if code == "E0276":
        yield from _method(site)
    elif code == "E0366":
        yield from _drop_for_all(site)
    elif code == "E0367":
        yield from _drop_bound(site)


def _method(site: Site) -> Iterator[Patch]:
    """A method that asks for more than its trait: for no more, or the trait for as much."""
    function = site.up("function_item")
    declared = declaration_in_trait(site.context, site.file, function) if function else None
    if function is None or declared is None:
        return
    change = adopted(site.file, function, declared)
    if change is not None:
        yield patch("ask for no more than the trait does", 0.55, change)
    where = next((one for one in function.children if one.type == "where_clause"), None)
    if where is not None:
        end = signature_end(declared[1])
        yield patch(
            "let the trait ask for it too", 0.45, declared[0].insert(end, f" {site.file.text(where).rstrip(', ')}")
        )
    else:
        other = adopted(declared[0], declared[1], (site.file, function))
        if other is not None:
            yield patch("let the trait ask for it too", 0.4, other)


def _drop_for_all(site: Site) -> Iterator[Patch]:
    """`Drop` for one `Foo<u32>`: for every `Foo<T>`."""
    impl = site.up("impl_item")
    type_ = impl.child_by_field_name("type") if impl else None
    found = declared_type(site.context, name_of(site.file, impl)) if impl else None
    if impl is None or type_ is None or found is None:
        return
    listed = found[1].child_by_field_name("type_parameters")
    if listed is None:
        return
    declared = re.sub(r"\s*=[^,>]*", "", found[0].text(listed))
    names = [re.split(r"[:=\s]", found[0].text(one).removeprefix("const ").strip())[0] for one in children(listed)]
    own = impl.child_by_field_name("type_parameters")
    keyword = (
        site.file.insert(impl.start_byte + len("impl"), declared) if own is None else site.file.replace(own, declared)
    )
    target = site.file.replace(type_, f"{name_of(site.file, impl)}<{', '.join(names)}>")
    yield patch("implement it for every one of them", 0.6, keyword, target)


def _drop_bound(site: Site) -> Iterator[Patch]:
    """`Drop` asks for a bound that the struct does not: the struct asks for it too, or neither does."""
    impl = site.up("impl_item")
    found = declared_type(site.context, name_of(site.file, impl)) if impl else None
    needs = re.search(r"requires `('?\w+): (.+?)` but", site.diagnostic.message)
    listed = found[1].child_by_field_name("type_parameters") if found else None
    if impl is None or found is None or listed is None or needs is None:
        return
    yield from _all_bounds(site, impl, found)
    parameter = next((one for one in children(listed) if re.match(rf"{needs[1]}\b", found[0].text(one))), None)
    if parameter is not None:
        declared = found[0].text(parameter)
        joined = " + " if ":" in declared else ": "
        end = parameter.start_byte + len(declared.partition("=")[0].rstrip().encode())
        yield patch(
            "let the type ask for it too",
            0.55,
            found[0].insert(end, f"{joined}{_written(site, needs[2])}"),
        )
    own = _holder(site)
    if own is not None:
        yield patch("ask for nothing that the type does not", 0.35, own)


def _all_bounds(site: Site, impl: Node, found: Found) -> Iterator[Patch]:
    """Everything that the implementation asks for in its `where`, asked for by the struct too."""
    file, node = found
    where = next((one for one in impl.children if one.type == "where_clause"), None)
    own = next((one for one in node.children if one.type == "where_clause"), None)
    body = node.child_by_field_name("body")
    if where is None or own is not None or body is None or body.type != "field_declaration_list":
        return
    predicates = ", ".join(site.file.text(one) for one in children(where))
    change = file.insert(body.start_byte, f"where {predicates} ")
    yield patch("let the type ask for all of it too", 0.6, change)


def _written(site: Site, bound: str) -> str:
    return site.text if site.text.endswith(bound.rpartition("::")[2]) else bound


def _holder(site: Site) -> Change | None:
    """The bound, left out."""
    bounds: Node | None = site.up("trait_bounds")
    given = children(bounds) if bounds else []
    own = next((one for one in given if one.start_byte <= site.place.start < one.end_byte), None)
    if bounds is None or own is None:
        return None
    return site.file.delete(bounds) if len(given) == 1 else delete_from_list(site.file, given, own)


PLUGIN = Mend(
    codes=("E0276", "E0366", "E0367"),
    title="ask for the same bounds on both sides",
    cites=("docs:error_codes/E0276.html", "docs:error_codes/E0367.html"),
    examples=(
        Example(
            """
pub trait Show {
    fn show<T>(one: T);
}
impl Show for u8 {
    fn show<T>(one: T)
    where
        T: Copy,
    {
        drop(one);
    }
}
""",
            """
pub trait Show {
    fn show<T>(one: T);
}
impl Show for u8 {
    fn show<T>(one: T) {
        drop(one);
    }
}
""",
        ),
        Example(
            """
pub struct Gate<T> {
    pub held: T,
}
impl Drop for Gate<u32> {
    fn drop(&mut self) {}
}
""",
            """
pub struct Gate<T> {
    pub held: T,
}
impl<T> Drop for Gate<T> {
    fn drop(&mut self) {}
}
""",
        ),
        Example(
            """
pub struct Gate<T> {
    pub held: T,
}
impl<T: Clone> Drop for Gate<T> {
    fn drop(&mut self) {}
}
""",
            """
pub struct Gate<T: Clone> {
    pub held: T,
}
impl<T: Clone> Drop for Gate<T> {
    fn drop(&mut self) {}
}
""",
        ),
    ),
    patches=_patches,
)
