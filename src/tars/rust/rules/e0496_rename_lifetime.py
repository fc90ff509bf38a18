"""Mends a lifetime whose name is taken, by the item around it or by the language: it gets another name."""

from collections.abc import Iterator

from tars.rust.rules_support.lifetimes import declare, declared, fresh_lifetime, owner_of, renamed
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    owner = owner_of(site.node)
    if owner is None or not site.text.startswith("'"):
        return
    name = fresh_lifetime(site.file, owner)
    changes = renamed(site.file, owner, site.text, name)
    if site.text == "'_" and name not in declared(site.file, owner) and not _is_declared_here(site):
        change = declare(site.file, owner, name)
        changes = [*changes, change] if change is not None else []
    if changes:
        yield patch(f"call it `{name}`", 0.85, *changes)


def _is_declared_here(site: Site) -> bool:
    return site.up("type_parameters") is not None


PLUGIN = Mend(
    codes=("E0496", "E0262", "E0637"),
    title="give a lifetime a name that is free",
    cites=("docs:error_codes/E0496.html", "docs:error_codes/E0262.html"),
    examples=(
        Example(
            "pub struct One<'a>(&'a u8);\n\nimpl<'a> One<'a> {\n    pub fn get<'a>(x: &'a u8) -> &'a u8 {\n"
            "        x\n    }\n}\n",
            "pub struct One<'a>(&'a u8);\n\nimpl<'a> One<'a> {\n    pub fn get<'b>(x: &'b u8) -> &'b u8 {\n"
            "        x\n    }\n}\n",
        ),
        Example(
            "pub fn get<'static>(x: &'static u8) -> &'static u8 {\n    x\n}\n",
            "pub fn get<'a>(x: &'a u8) -> &'a u8 {\n    x\n}\n",
        ),
        Example(
            "pub fn get<'_>(x: &'_ u8) -> &'_ u8 {\n    x\n}\n",
            "pub fn get<'a>(x: &'a u8) -> &'a u8 {\n    x\n}\n",
        ),
    ),
    patches=_patches,
)
