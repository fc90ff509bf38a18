"""Makes an item of an implementation of the kind, and of the type, that its trait declares."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.literals import rewritten
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.patterns import empty_value
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0326":
        yield from _typed(site)
        return
    label = site.label("item in trait")
    own = site.up("const_item", "associated_type", "type_item", "function_item")
    if label is None or own is None:
        return
    theirs = site.file_of(label.place).text(label.place)
    ours = site.file.text(own)
    name = (re.findall(r"`(\w+)`", site.diagnostic.message) or [""])[0]
    constant = re.match(rf"const\s+{name}\s*:\s*([^=;]+)", theirs)
    if theirs.startswith("type") and (given := re.match(rf"const\s+{name}\s*:\s*([^=;]+)", ours)):
        yield patch(
            "give the type that the trait asks for", 0.5, site.file.replace(own, f"type {name} = {given[1].strip()};")
        )
    elif constant is not None:
        type_ = constant[1].strip()
        value = _body_value(site, own) or empty_value(parse_type(type_))
        if value is not None:
            text = f"const {name}: {type_} = {value};"
            yield patch("give the constant that the trait asks for", 0.35, site.file.replace(own, text))
    declared = (
        re.sub(r"\s*=.*", ";", ours, flags=re.S) if not ours.startswith("fn") else ours.partition("{")[0].strip() + ";"
    )
    changed = site.file_of(label.place).replace(label.place, declared)
    yield patch("declare it in the trait as it is implemented", 0.3, changed)


def _body_value(site: Site, own: Node) -> str | None:
    """What a function that takes nothing gives, where it is one expression."""
    body = own.child_by_field_name("body") if own.type == "function_item" else None
    inner = body.named_children if body else []
    return site.file.text(inner[0]) if len(inner) == 1 and inner[0].type.endswith("_literal") else None


def _typed(site: Site) -> Iterator[Patch]:
    """A constant of another type than the trait declares."""
    theirs = site.noted("type in trait")
    own = site.up("const_item")
    value = own.child_by_field_name("value") if own else None
    if theirs is None or own is None or value is None:
        return
    wanted = site.file_of(theirs).text(theirs)
    literal = rewritten(site.file.text(value), parse_type(wanted))
    change = site.file.replace(site.place, wanted)
    if literal is not None:
        yield patch("give it the trait's type", 0.45, change, site.file.replace(value, literal))
    yield patch("give it the trait's type", 0.5, change)
    yield patch("declare in the trait what is implemented", 0.4, site.file_of(theirs).replace(theirs, site.text))


PLUGIN = Mend(
    codes=("E0323", "E0324", "E0325", "E0326"),
    title="implement an item as its trait declares it",
    cites=("docs:reference/items/associated-items.html", "docs:error_codes/E0326.html"),
    examples=(
        Example(
            """
pub trait Sized2 {
    type N;
}
pub struct Dog;
impl Sized2 for Dog {
    const N: u64 = 0;
}
""",
            """
pub trait Sized2 {
    type N;
}
pub struct Dog;
impl Sized2 for Dog {
    type N = u64;
}
""",
        ),
        Example(
            """
pub trait Legs {
    const N: u32;
}
pub struct Dog;
impl Legs for Dog {
    fn N() -> u32 {
        4
    }
}
""",
            """
pub trait Legs {
    const N: u32;
}
pub struct Dog;
impl Legs for Dog {
    const N: u32 = 4;
}
""",
        ),
        Example(
            """
pub trait Legs {
    const N: u32;
}
pub struct Dog;
impl Legs for Dog {
    type N = u8;
}
""",
            """
pub trait Legs {
    type N;
}
pub struct Dog;
impl Legs for Dog {
    type N = u8;
}
""",
        ),
        Example(
            """
pub trait Tame {
    const TAME: bool;
}
pub struct Dog;
impl Tame for Dog {
    const TAME: u32 = 1;
}
""",
            """
pub trait Tame {
    const TAME: bool;
}
pub struct Dog;
impl Tame for Dog {
    const TAME: bool = true;
}
""",
        ),
    ),
    patches=_patches,
)
