"""Gives a method of a standard trait the types that the trait asks for, or the trait the type that the method takes."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import name_of, parameters, trait_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import RustType, fits, parse_type
from tars.rust.values import Change, Example, Patch

_OPERATORS = frozenset(
    {
        "Add", "Sub", "Mul", "Div", "Rem", "BitAnd", "BitOr", "BitXor", "Shl", "Shr", "AddAssign", "SubAssign",
        "MulAssign", "DivAssign", "PartialEq", "PartialOrd",
    }
)  # fmt: skip
_CALL = r"`(?:unsafe )?fn\((.*)\)(?: -> .*)?`"
_SIGNATURE = re.compile(rf"expected signature {_CALL}\s*found signature {_CALL}")


def _patches(site: Site) -> Iterator[Patch]:
    function, impl = site.up("function_item"), site.up("impl_item")
    note = next((one.message for one in site.diagnostic.notes if "expected signature" in one.message), "")
    found = _SIGNATURE.search(note)
    if function is None or impl is None or found is None:
        return
    wanted, given = (parse_type(f"({text},)").arguments for text in found.groups())
    own = parameters(function)
    if len(wanted) != len(given) or len(own) != len(given):
        return
    yield from _operator(site, impl, own, wanted, given)
    changes: list[Change] = []
    for parameter, type_, is_ in zip(own, wanted, given, strict=True):
        if not fits(type_, is_) or type_ != is_:
            change = _retyped(site, parameter, type_, name_of(site.file, impl))
            if change is None:
                return
            changes.append(change)
    if changes:
        yield patch("take what the trait asks for", 0.6, *changes)


def _operator(
    site: Site, impl: Node, own: list[Node], wanted: tuple[RustType, ...], given: tuple[RustType, ...]
) -> Iterator[Patch]:
    """`impl Add for T` whose method takes something else than `T`: `impl Add<Other> for T`."""
    trait = impl.child_by_field_name("trait")
    text = trait_of(site.file, impl)
    name = parse_type(text).head
    if trait is None or name not in _OPERATORS or len(own) != 2 or "<" in text or wanted[0] != given[0]:
        return
    type_ = own[1].child_by_field_name("type")
    other = given[1].inner if name.startswith("Partial") else given[1]
    if type_ is not None and not fits(wanted[1], given[1]) and other.known:
        written = site.file.text(type_).removeprefix("&") if name.startswith("Partial") else site.file.text(type_)
        yield patch(f"implement `{name}<{written}>`", 0.6, site.file.insert(trait.end_byte, f"<{written}>"))


def _retyped(site: Site, parameter: Node, type_: RustType, self_name: str) -> Change | None:
    if parameter.type == "self_parameter":
        for head, text in (("&", "&self"), ("&mut ", "&mut self")):
            if type_.head == head and type_.inner.head == self_name:
                return site.file.replace(parameter, text)
        return site.file.replace(parameter, "self") if type_.head == self_name else None
    written = parameter.child_by_field_name("type")
    return site.file.replace(written, str(type_)) if written is not None and type_.known else None


PLUGIN = Mend(
    codes=("E0053",),
    title="take the types that the trait asks for",
    cites=("docs:error_codes/E0053.html", "docs:book/ch20-02-advanced-traits.html"),
    examples=(
        Example(
            """
pub struct Minutes(pub i32);
impl std::ops::Sub for Minutes {
    type Output = i32;
    fn sub(&self, other: &Minutes) -> i32 {
        self.0 - other.0
    }
}
""",
            """
pub struct Minutes(pub i32);
impl std::ops::Sub for Minutes {
    type Output = i32;
    fn sub(self, other: Minutes) -> i32 {
        self.0 - other.0
    }
}
""",
        ),
        Example(
            """
pub struct Minutes(pub i32);
impl std::ops::Add for Minutes {
    type Output = Minutes;
    fn add(self, more: i32) -> Minutes {
        Minutes(self.0 + more)
    }
}
""",
            """
pub struct Minutes(pub i32);
impl std::ops::Add<i32> for Minutes {
    type Output = Minutes;
    fn add(self, more: i32) -> Minutes {
        Minutes(self.0 + more)
    }
}
""",
        ),
    ),
    patches=_patches,
)
