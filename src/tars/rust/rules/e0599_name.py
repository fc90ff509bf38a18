"""Calls a method by the name that Rust has for it, or by the nearest name that the type has."""

from collections.abc import Iterator

from tars.core.near import close_matches
from tars.rust.rules_support.items import declared_trait, items, name_of, trait_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.methods import MissingMethod, missing_method
from tars.rust.rules_support.types import ITERATORS, RustType
from tars.rust.values import Example, Patch

_NAMES = {
    "length": ("len", "count"), "size": ("len", "count"), "count": ("len",), "len": ("count",),
    "add": ("push", "insert"),
    "append": ("push", "push_str"), "push_back": ("push",), "put": ("insert", "push"), "set": ("insert",),
    "toString": ("to_string",), "to_str": ("to_string",), "string": ("to_string",), "str": ("to_string", "as_str"),
    "toUpperCase": ("to_uppercase",), "to_upper": ("to_uppercase", "to_ascii_uppercase"), "upper": ("to_uppercase",),
    "toLowerCase": ("to_lowercase",), "to_lower": ("to_lowercase", "to_ascii_lowercase"), "lower": ("to_lowercase",),
    "strip": ("trim",), "lstrip": ("trim_start",), "rstrip": ("trim_end",), "indexOf": ("find",), "index_of": ("find",),
    "index": ("find", "position"), "startsWith": ("starts_with",), "endsWith": ("ends_with",),
    "contains": ("contains_key",), "has": ("contains", "contains_key"), "includes": ("contains",),
    "containsKey": ("contains_key",), "has_key": ("contains_key",), "head": ("first",), "front": ("first",),
    "tail": ("last",), "back": ("last",), "each": ("for_each",), "forEach": ("for_each",), "isEmpty": ("is_empty",),
    "empty": ("is_empty", "clear"), "removeAt": ("remove",), "delete": ("remove",), "erase": ("remove",),
    "concat": ("chain", "extend"), "reversed": ("rev",), "reverse": ("rev",), "split_by": ("split",),
    "to_vec": ("collect",), "toList": ("collect",), "to_list": ("collect", "to_vec"), "push_all": ("extend",),
    "is_alpha": ("is_alphabetic",), "is_digit": ("is_ascii_digit",), "isdigit": ("is_ascii_digit",),
    "is_space": ("is_whitespace",), "replaceAll": ("replace",), "substr": ("get",), "slice": ("get",),
    "unwrap_or_none": ("ok",), "or_else_get": ("unwrap_or_else",), "orElse": ("unwrap_or",), "get_or": ("unwrap_or",),
    "flatten_map": ("flat_map",), "where": ("filter",), "select": ("map",), "foldl": ("fold",), "inject": ("fold",),
    "pop_front": ("remove",), "power": ("pow", "powi"), "pow": ("powi", "powf"), "maximum": ("max",),
    "minimum": ("min",), "floor_div": ("div_euclid",), "modulo": ("rem_euclid",), "absolute": ("abs",),
    "MAXIMUM": ("MAX",), "MINIMUM": ("MIN",), "create": ("new",), "empty_list": ("new",), "init": ("new",),
}  # fmt: skip
"""What other languages, and habit, call it, and what Rust does."""
_ITERATOR_METHODS = frozenset(
    {"count", "for_each", "fold", "filter", "map", "flat_map", "chain", "rev", "position", "last", "collect"}
)
_NAMES_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    missing = missing_method(site)
    if missing is None or site.text != missing.name:
        return
    if any("but not in scope" in one.message for one in site.diagnostic.suggestions):
        # The very name is there, and only its trait has to be brought in.
        return
    known = _known(site, missing)
    choices = [name for name in _NAMES.get(missing.name, ()) if not known or name in known]
    for number, name in enumerate(choices[:_NAMES_MAX]):
        yield patch(f"it is called `{name}`", 0.6 - 0.15 * number, site.file.replace(site.place, name))
    for name in close_matches(missing.name, sorted(known), n=2):
        if name not in choices:
            yield patch(f"the nearest name is `{name}`", 0.5, site.file.replace(site.place, name))
    if missing.type.head == "HashMap" and missing.name == "get_or_default" and missing.call is not None:
        yield patch("the value, or an empty one", 0.4, site.file.replace(site.place, "get"),
                    site.file.insert(missing.call.end_byte, ".copied().unwrap_or_default()"))  # fmt: skip


def _known(site: Site, missing: MissingMethod) -> set[str]:
    """The names of what the type has: its own, those of the crate's traits, those of iterators."""
    bare = missing.type.peeled
    known = {one.name for one in site.context.symbols.methods_of(str(missing.type))}
    for text in (bare.head, bare.inner.head):
        known |= _of_trait(site, text.removeprefix("dyn ").partition(" ")[0].partition("<")[0])
    known |= _of_impls(site, bare)
    if bare.head in ITERATORS:
        known |= _ITERATOR_METHODS
    return known - {missing.name}


def _of_trait(site: Site, name: str) -> set[str]:
    found = declared_trait(site.context, name) if name else None
    if found is None:
        return set()
    kinds = ("function_signature_item", "function_item", "const_item")
    return {name_of(found[0], one) for one in found[0].walk(*kinds, within=found[1])}


def _of_impls(site: Site, type_: RustType) -> set[str]:
    names: set[str] = set()
    for file, impl in items(site.context, "impl_item", name=type_.head):
        body = impl.child_by_field_name("body")
        members = children(body) if body else []
        names |= {name_of(file, one) for one in members if one.type in ("function_item", "const_item")}
        if trait := trait_of(file, impl):
            names |= _of_trait(site, trait)
    return names


PLUGIN = Mend(
    codes=("E0599",),
    title="call a method by the name that it has",
    cites=("docs:error_codes/E0599.html", "docs:reference/expressions/method-call-expr.html"),
    examples=(
        Example(
            "pub fn size(all: &[u8]) -> usize {\n    all.length()\n}\n",
            "pub fn size(all: &[u8]) -> usize {\n    all.len()\n}\n",
        ),
        Example(
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub fn total(all: &[Box<dyn Shape>]) -> f64 {
    all.iter().map(|one| one.aera()).sum()
}
""",
            """
pub trait Shape {
    fn area(&self) -> f64;
}
pub fn total(all: &[Box<dyn Shape>]) -> f64 {
    all.iter().map(|one| one.area()).sum()
}
""",
        ),
    ),
    patches=_patches,
)
