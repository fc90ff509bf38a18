"""Says that what is handed over lives at least as long as what is returned, or that both live equally long.

Older compilers said this of any two loans; today's say it where a type's own bounds ask for it, and of the rest that a
lifetime may not live long enough, which other rules mend.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.lifetimes import bound, generics, renamed
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    function = site.up("function_item")
    returned = function.child_by_field_name("return_type") if function is not None else None
    listed = generics(function) if function is not None else None
    if function is None or returned is None or listed is None:
        return
    shorter = re.findall(r"'\w+", site.file.text(returned))
    labels = [one.place for one in site.labels() if one.place.end <= returned.start_byte]
    longer = [name for place in labels for name in re.findall(r"'\w+", site.file.text(place)) if name not in shorter]
    parameters = {_name(site, one): one for one in children(listed, "lifetime_parameter")}
    if not shorter or not longer or longer[0] not in parameters or shorter[0] not in parameters:
        return
    outlives = bound(site.file, site.file.place(parameters[longer[0]]), shorter[0])
    if outlives is not None:
        yield patch(f"ask for `{longer[0]}: {shorter[0]}`", 0.75, outlives)
    gone = delete_from_list(site.file, children(listed), parameters[longer[0]])
    inside = [
        one for one in renamed(site.file, function, *(longer[0], shorter[0])) if not _meets(one.place.start, listed)
    ]
    yield patch(f"take `{shorter[0]}` for both", 0.4, gone, *inside)


def _name(site: Site, parameter: Node) -> str:
    name = parameter.child_by_field_name("name")
    return site.file.text(name) if name is not None else ""


def _meets(at: int, listed: Node) -> bool:
    return listed.start_byte <= at < listed.end_byte


PLUGIN = Mend(
    codes=("E0623",),
    title="say which of two lifetimes is the longer one",
    cites=("docs:error_codes/E0623.html", "docs:reference/trait-bounds.html#lifetime-bounds"),
    examples=(
        Example(
            """
pub struct Pair<'a, 'b, T>(std::marker::PhantomData<(&'a (), &'b (), T)>)
where
    T: Convert<'a, 'b>;
pub trait Convert<'a, 'b>: Sized {
    fn cast(&'a self) -> &'b Self;
}
impl<'long: 'short, 'short, T> Convert<'long, 'short> for T {
    fn cast(&'long self) -> &'short T {
        self
    }
}
pub fn cast<'from, 'to, T>(_: Pair<'from, 'to, T>, one: &'from T) -> &'to T {
    one.cast()
}
""",
            """
pub struct Pair<'a, 'b, T>(std::marker::PhantomData<(&'a (), &'b (), T)>)
where
    T: Convert<'a, 'b>;
pub trait Convert<'a, 'b>: Sized {
    fn cast(&'a self) -> &'b Self;
}
impl<'long: 'short, 'short, T> Convert<'long, 'short> for T {
    fn cast(&'long self) -> &'short T {
        self
    }
}
pub fn cast<'from: 'to, 'to, T>(_: Pair<'from, 'to, T>, one: &'from T) -> &'to T {
    one.cast()
}
""",
        ),
        Example(
            """
pub struct Pair<'a, 'b, T>(std::marker::PhantomData<(&'a (), &'b (), T)>)
where
    T: Convert<'a, 'b>;
pub trait Convert<'a, 'b>: Sized {
    fn cast(&'a self) -> &'b Self;
}
impl<'long: 'short, 'short, T> Convert<'long, 'short> for T {
    fn cast(&'long self) -> &'short T {
        self
    }
}
pub fn cast<'from, 'to, T>(_: Pair<'from, 'to, T>, one: &'from T) -> &'to T {
    one.cast()
}
""",
            """
pub struct Pair<'a, 'b, T>(std::marker::PhantomData<(&'a (), &'b (), T)>)
where
    T: Convert<'a, 'b>;
pub trait Convert<'a, 'b>: Sized {
    fn cast(&'a self) -> &'b Self;
}
impl<'long: 'short, 'short, T> Convert<'long, 'short> for T {
    fn cast(&'long self) -> &'short T {
        self
    }
}
pub fn cast<'to, T>(_: Pair<'to, 'to, T>, one: &'to T) -> &'to T {
    one.cast()
}
""",
        ),
    ),
    patches=_patches,
)
