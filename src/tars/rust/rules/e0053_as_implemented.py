"""Lets a trait declare what its implementations have: a receiver, or a parameter's type."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Label, Patch

_RECEIVERS = ("self", "&self", "&mut self")
_USED = re.compile(r"`(&?(?:mut )?self)` used in impl")


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0185":
        yield from _received(site)
        return
    declared = _declared(site)
    if declared is None:
        return
    file = site.file_of(declared.place)
    # In a macro's text a parameter stands for each type that the trait is implemented for.
    written, text = file.text(declared.place), re.sub(r"\$\w+", "Self", site.text)
    alike = written in _RECEIVERS and text in _RECEIVERS
    if written == text or ("self" in (written[-4:], text[-4:]) and not alike):
        return
    others = [one for one in site.context.diagnostics if one.code == "E0053" and one != site.diagnostic]
    several = any(label.place == declared.place for one in others for note in one.notes for label in note.labels)
    # Several implementations are right rather than the one declaration.
    sure = 0.93 if several else 0.3
    yield patch(f"let the trait take `{text}`", sure, file.replace(declared.place, text))


def _declared(site: Site) -> Label | None:
    """What the trait has in the place of what is pointed at."""
    for note in site.diagnostic.notes:
        if note.message == "type in trait":
            return next((one for one in note.labels if one.place.path in site.context.files), None)
    return None


def _received(site: Site) -> Iterator[Patch]:
    """A method has a receiver, and its declaration has none."""
    used = next((one for label in site.labels() if (one := _USED.search(label.text))), None)
    label = site.label("trait method declared without")
    if used is None or label is None:
        return
    file = site.file_of(label.place)
    node = file.node_of(label.place, "function_signature_item", "function_item")
    listed = node.child_by_field_name("parameters") if node is not None else None
    if listed is not None:
        comma = ", " if listed.named_children else ""
        yield patch(f"let the trait take `{used[1]}` too", 0.6, file.insert(listed.start_byte + 1, used[1] + comma))


PLUGIN = Mend(
    codes=("E0053", "E0185"),
    title="let a trait declare what its implementations have",
    cites=("docs:error_codes/E0053.html", "docs:error_codes/E0185.html", "docs:reference/items/traits.html"),
    examples=(
        Example(
            """
pub trait Less: Sized {
    fn less(&self, by: Self) -> Option<Self>;
}
macro_rules! less {
    ($type:ty) => {
        impl Less for $type {
            fn less(&self, by: &$type) -> Option<$type> {
                <$type>::checked_sub(*self, *by)
            }
        }
    };
}
less!(u8);
less!(u16);
""",
            """
pub trait Less: Sized {
    fn less(&self, by: &Self) -> Option<Self>;
}
macro_rules! less {
    ($type:ty) => {
        impl Less for $type {
            fn less(&self, by: &$type) -> Option<$type> {
                <$type>::checked_sub(*self, *by)
            }
        }
    };
}
less!(u8);
less!(u16);
""",
        ),
        Example(
            """
pub trait Bytes {
    fn total(self) -> u8;
}
macro_rules! bytes {
    ($($type:ty)*) => {$(
        impl Bytes for $type {
            fn total(&self) -> u8 {
                (*self & 255) as u8
            }
        }
    )*};
}
bytes!(u16 u32);
""",
            """
pub trait Bytes {
    fn total(&self) -> u8;
}
macro_rules! bytes {
    ($($type:ty)*) => {$(
        impl Bytes for $type {
            fn total(&self) -> u8 {
                (*self & 255) as u8
            }
        }
    )*};
}
bytes!(u16 u32);
""",
        ),
        Example(
            """
pub trait Shift: Sized {
    fn shift(by: u32) -> Option<Self>;
}
macro_rules! shift {
    ($type:ty, $method:ident) => {
        impl Shift for $type {
            fn shift(&self, by: u32) -> Option<$type> {
                <$type>::$method(*self, by)
            }
        }
    };
}
shift!(u8, checked_shr);
""",
            """
pub trait Shift: Sized {
    fn shift(&self, by: u32) -> Option<Self>;
}
macro_rules! shift {
    ($type:ty, $method:ident) => {
        impl Shift for $type {
            fn shift(&self, by: u32) -> Option<$type> {
                <$type>::$method(*self, by)
            }
        }
    };
}
shift!(u8, checked_shr);
""",
        ),
    ),
    patches=_patches,
)
