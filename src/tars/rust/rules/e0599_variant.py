"""Names the variant that an enum has: the nearest in spelling, or the one that the `match` has not named yet."""

from collections.abc import Iterator

from tars.core.near import close_matches
from tars.rust.rules_support.items import declared_type, name_of, variants
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.methods import missing_method
from tars.rust.rules_support.patterns import arms, pattern_of
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    missing = missing_method(site)
    found = declared_type(site.context, str(missing.type)) if missing else None
    if missing is None or found is None or found[1].type != "enum_item" or missing.receiver is not None:
        return
    known = [name_of(found[0], one) for one in variants(found[1])]
    near = close_matches(missing.name, known, n=1)
    match = site.up("match_expression")
    if match is not None and site.up("match_pattern") is not None:
        named = " ".join(pattern_of(site.file, arm) for arm in arms(match))
        left = [name for name in known if f"::{name}" not in named]
        if len(left) == 1:
            yield patch(f"match `{left[0]}`, which is left", 0.65, site.file.replace(site.place, left[0]))
    for name in near:
        yield patch(f"the variant is called `{name}`", 0.6, site.file.replace(site.place, name))
    if len(known) == 1 and not near:
        yield patch(f"the variant is called `{known[0]}`", 0.4, site.file.replace(site.place, known[0]))


PLUGIN = Mend(
    codes=("E0599",),
    title="name a variant that the enum has",
    cites=("docs:error_codes/E0599.html", "docs:book/ch06-02-match.html"),
    examples=(
        Example(
            """
pub enum Light {
    Red,
    Amber,
    Green,
}
pub fn seconds(light: Light) -> u8 {
    match light {
        Light::Red => 30,
        Light::Yellow => 5,
        Light::Green => 20,
    }
}
""",
            """
pub enum Light {
    Red,
    Amber,
    Green,
}
pub fn seconds(light: Light) -> u8 {
    match light {
        Light::Red => 30,
        Light::Amber => 5,
        Light::Green => 20,
    }
}
""",
        ),
    ),
    patches=_patches,
)
