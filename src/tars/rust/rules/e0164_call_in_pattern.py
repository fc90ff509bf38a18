"""Mends function calls in patterns: compares in a guard, or names the variant that is meant."""

from collections.abc import Iterator

from tars.rust.rules_support.items import items, variant_pattern, variants
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.patterns import arms, pattern_of
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    arm, match = site.up("match_arm"), site.up("match_expression")
    pattern = arm.child_by_field_name("pattern") if arm else None
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


PLUGIN = Mend(
    codes=("E0164", "E0532"),
    title="compare with the result of a call in a guard",
    cites=("docs:error_codes/E0164.html", "docs:reference/patterns.html"),
    examples=(
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
