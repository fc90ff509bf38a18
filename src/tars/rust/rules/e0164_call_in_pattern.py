"""Mends calls, and constants that depend on parameters, in patterns: compares, or names the variant that is meant."""

from collections.abc import Iterator

from tars.rust.rules_support.items import fields, items, name_of, variant_pattern, variants
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.patterns import arms, pattern_of
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    arm, match = site.up("match_arm"), site.up("match_expression")
    pattern = arm.child_by_field_name("pattern") if arm else None
    if site.diagnostic.code in ("E0158", "E0533"):
        yield from _compared(site)
        yield from _with_fields(site)
        return
    call = site.up("tuple_struct_pattern")
    if match is None or pattern is None or call is None:
        return
    text = site.file.text(call)
    if pattern_of(site.file, arm) == text if arm else False:
        guard = site.file.text(pattern)[len(text) :].strip().removeprefix("if ").strip()
        joined = f"value if value == {text}" + (f" && {guard}" if guard else "")
        yield patch("compare with what the call gives, in a guard", 0.5, site.file.replace(pattern, joined))
    owner = text.partition("(")[0].rpartition("::")[0]
    given = {pattern_of(site.file, one) for one in arms(match)}
    for file, enum in items(site.context, "enum_item", name=owner.rpartition("::")[2]) if owner else ():
        for variant in variants(enum):
            name = variant_pattern(file, variant, path=f"{owner}::")
            if name not in given:
                yield patch(f"match `{name}`", 0.3, site.file.replace(call, name))
                return


def _with_fields(site: Site) -> Iterator[Patch]:
    """A struct variant that is made like a tuple: with its fields' names."""
    call = site.up("call_expression")
    arguments = call.child_by_field_name("arguments") if call else None
    owner, _, name = site.text.rpartition("::")
    for file, enum in items(site.context, "enum_item", name=owner.rpartition("::")[2]) if owner else ():
        for variant in variants(enum):
            parts = fields(file, variant)
            given = children(arguments) if arguments else []
            if name_of(file, variant) == name and call is not None and len(parts) == len(given) > 0:
                inner = ", ".join(
                    f"{field}: {site.file.text(one)}" for (field, _), one in zip(parts, given, strict=True)
                )
                yield patch("name its fields", 0.7, site.file.replace(call, f"{site.text} {{ {inner} }}"))


def _compared(site: Site) -> Iterator[Patch]:
    """A constant that depends on a parameter, or a function: compared with."""
    arm = site.up("match_arm")
    pattern = arm.child_by_field_name("pattern") if arm else None
    text = site.text
    if site.diagnostic.code == "E0533":
        owner, _, name = text.rpartition("::")
        methods = [one for one in site.context.symbols.methods_of(owner) if one.name == name]
        taken = bool(methods) and "self" in methods[0].signature
        text = f"{owner}.{name}()" if taken else f"{text}()"
    if arm is not None and pattern is not None and pattern_of(site.file, arm) == site.text:
        rest = site.file.text(pattern)[len(site.text) :].strip().removeprefix("if ").strip()
        guard = f"value if value == {text}" + (f" && {rest}" if rest else "")
        yield patch("compare with it in a guard", 0.55, site.file.replace(pattern, guard))
        return
    condition = site.up("let_condition")
    value = condition.child_by_field_name("value") if condition else None
    if condition is not None and value is not None:
        compared = f"{site.file.text(value)} == {text}"
        yield patch("compare with it", 0.55, site.file.replace(condition, compared))


PLUGIN = Mend(
    codes=("E0158", "E0164", "E0532", "E0533"),
    title="compare with the result of a call in a guard",
    cites=("docs:error_codes/E0164.html", "docs:reference/patterns.html"),
    examples=(
        Example(
            """
pub trait Letter {
    const IS: char;
}
pub fn same<L: Letter>(one: char) -> bool {
    match one {
        L::IS => true,
        _ => false,
    }
}
""",
            """
pub trait Letter {
    const IS: char;
}
pub fn same<L: Letter>(one: char) -> bool {
    match one {
        value if value == L::IS => true,
        _ => false,
    }
}
""",
        ),
        Example(
            """
pub struct Dog;
impl Dog {
    fn legs() -> u8 {
        4
    }
}
pub fn walks(n: u8) -> bool {
    if let Dog::legs = n {
        return true;
    }
    false
}
""",
            """
pub struct Dog;
impl Dog {
    fn legs() -> u8 {
        4
    }
}
pub fn walks(n: u8) -> bool {
    if n == Dog::legs() {
        return true;
    }
    false
}
""",
        ),
        Example(
            """
pub enum Lamp {
    On,
    Off,
}
impl Lamp {
    pub fn start() -> Lamp {
        Lamp::Off
    }
}
pub fn bright(lamp: Lamp) -> bool {
    match lamp {
        Lamp::start() => true,
        _ => false,
    }
}
""",
            """
pub enum Lamp {
    On,
    Off,
}
impl Lamp {
    pub fn start() -> Lamp {
        Lamp::Off
    }
}
pub fn bright(lamp: Lamp) -> bool {
    match lamp {
        Lamp::On => true,
        _ => false,
    }
}
""",
        ),
        Example(
            """
fn most() -> i32 {
    9
}
pub fn is_most(n: i32) -> bool {
    match n {
        most() => true,
        _ => false,
    }
}
""",
            """
fn most() -> i32 {
    9
}
pub fn is_most(n: i32) -> bool {
    match n {
        value if value == most() => true,
        _ => false,
    }
}
""",
        ),
    ),
    patches=_patches,
)
