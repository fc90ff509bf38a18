"""Mends a lifetime that a bound is to be good for though its arguments do not have it: the item declares it."""

from collections.abc import Iterator

from tars.rust.rules_support.lifetimes import declare, fresh_lifetime, owner_of, renamed
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    file = site.file
    bound = next((one for one in ancestors(site.node) if one.type == "higher_ranked_trait_bound"), None)
    owner = owner_of(bound) if bound is not None else None
    type_ = bound.child_by_field_name("type") if bound is not None else None
    used = next((file.text(one) for one in file.walk("lifetime", within=site.node)), "")
    if bound is None or owner is None or type_ is None or not used:
        return
    loose = file.delete(Place(file.path, bound.start_byte, type_.start_byte))
    yield patch("let it live for ever", 0.4, loose, *renamed(file, type_, used, "'static"))
    name = (
        fresh_lifetime(file, bound) if used in (file.text(one) for one in file.walk("lifetime", within=owner)) else used
    )
    change = declare(file, owner, name)
    if change is not None:
        yield patch("declare the lifetime for the whole item", 0.7, change, loose, *renamed(file, type_, used, name))


PLUGIN = Mend(
    codes=("E0582",),
    title="declare a lifetime that no argument of a bound has",
    cites=("docs:error_codes/E0582.html", "docs:nomicon/hrtb.html"),
    examples=(
        Example(
            "pub fn call<F: for<'a> Fn(u8) -> &'a u8>(f: F) -> u8 {\n    *f(1)\n}\n",
            "pub fn call<F: Fn(u8) -> &'static u8>(f: F) -> u8 {\n    *f(1)\n}\n",
        ),
        Example(
            "pub fn call<F>(f: F) -> u8\nwhere\n    F: for<'a> Fn(u8) -> &'a u8,\n{\n    *f(1)\n}\n",
            "pub fn call<'b, F>(f: F) -> u8\nwhere\n    F: Fn(u8) -> &'b u8,\n{\n    *f(1)\n}\n",
        ),
    ),
    patches=_patches,
)
