"""Tells two implementations apart that are for the same type: one of them is for loans of it."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.lifetimes import declared
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch

_MISSING = re.compile(r"the trait bound `(\w+): (?:\w+::)*(\w+)` is not satisfied")


def _patches(site: Site) -> Iterator[Patch]:
    for label in site.diagnostic.labels:
        if label.place.path not in site.context.files:
            continue
        file = site.file_of(label.place)
        impl = file.node_of(label.place, "impl_item")
        type_ = impl.child_by_field_name("type") if impl is not None else None
        if impl is not None and type_ is not None:
            for name in _without(site):
                yield patch(f"implement it for `{name}`, which has none", 0.8, file.replace(type_, name))
            for what, sure, change in _otherwise(file, impl, type_):
                yield patch(f"implement it for `{what}`", sure + 0.05 * label.primary, change)


def _without(site: Site) -> list[str]:
    """The types that are said not to implement the trait."""
    trait = site.words[0].partition("<")[0] if site.words else ""
    told = (_MISSING.match(one.message) for one in site.context.diagnostics if one.code == "E0277")
    return list(dict.fromkeys(one[1] for one in told if one is not None and one[2] == trait))


def _otherwise(file: SourceFile, impl: Node, type_: Node) -> Iterator[tuple[str, float, Change]]:
    """Types of which the implementation may be meant to be, with how likely each is."""
    text = file.text(type_)
    lent = re.fullmatch(r"&\s*+('\w+\s++)?+(?!mut\b)(.+)", text, re.S)
    if lent is not None:
        written = f"&{lent[1] or ''}mut {lent[2]}"
        yield written, 0.6, file.replace(type_, written)
        return
    lifetimes = [one for one in declared(file, impl) if one not in re.findall(r"'\w+", text)]
    if lifetimes:
        # A lifetime that is declared and nowhere named was that of the loan.
        yield f"&{lifetimes[0]} {text}", 0.7, file.insert(type_.start_byte, f"&{lifetimes[0]} ")
    elif not text.startswith("&"):
        yield f"&{text}", 0.25, file.insert(type_.start_byte, "&")


PLUGIN = Mend(
    codes=("E0119",),
    title="implement a trait for loans where it is implemented for the type",
    cites=("docs:error_codes/E0119.html", "docs:reference/items/implementations.html"),
    examples=(
        Example(
            """
pub trait Amount {
    fn small(self) -> bool;
}
impl Amount for f64 {
    fn small(self) -> bool {
        self < 1.0
    }
}
impl Amount for f64 {
    fn small(self) -> bool {
        self < 1.0
    }
}
pub fn all(one: f32, two: f64) -> bool {
    one.small() && two.small() && Amount::small(1.5f32)
}
""",
            """
pub trait Amount {
    fn small(self) -> bool;
}
impl Amount for f64 {
    fn small(self) -> bool {
        self < 1.0
    }
}
impl Amount for f32 {
    fn small(self) -> bool {
        self < 1.0
    }
}
pub fn all(one: f32, two: f64) -> bool {
    one.small() && two.small() && Amount::small(1.5f32)
}
""",
        ),
        Example(
            """
pub trait Stays {
    fn at(&self) -> usize;
}
impl<'a, T> Stays for &'a T {
    fn at(&self) -> usize {
        *self as *const T as usize
    }
}
impl<'a, T> Stays for &'a T {
    fn at(&self) -> usize {
        &**self as *const T as usize
    }
}
""",
            """
pub trait Stays {
    fn at(&self) -> usize;
}
impl<'a, T> Stays for &'a T {
    fn at(&self) -> usize {
        *self as *const T as usize
    }
}
impl<'a, T> Stays for &'a mut T {
    fn at(&self) -> usize {
        &**self as *const T as usize
    }
}
""",
        ),
        Example(
            """
pub trait Stays {}
impl<T> Stays for Vec<T> {}
impl<'a, T> Stays for T {}
""",
            """
pub trait Stays {}
impl<T> Stays for Vec<T> {}
impl<'a, T> Stays for &'a T {}
""",
        ),
    ),
    patches=_patches,
)
