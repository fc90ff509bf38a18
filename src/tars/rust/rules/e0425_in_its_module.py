"""Names what else is named of a module where it holds no such thing: `fmt::Option` is `fmt::Result`, as elsewhere."""

import re
from collections import Counter
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch

_MISSING = re.compile(r"cannot find type `(\w+)` in module `(?:\w+::)*(\w+)`")
_OFFERED_MAX = 2


def _patches(site: Site) -> Iterator[Patch]:
    said = _MISSING.match(site.diagnostic.message)
    if said is None or site.text != said[1]:
        return
    returned = _is_returned(site)
    found: Counter[str] = Counter()
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for one in file.walk("scoped_type_identifier"):
            module, _, name = file.text(one).rpartition("::")
            given = one.parent is not None and one.parent.child_by_field_name("return_type") == one
            if module.rpartition("::")[2] == said[2] and name != said[1] and given == returned:
                found[name] += 2 if path == site.file.path else 1
    for number, (name, _) in enumerate(found.most_common(_OFFERED_MAX)):
        yield patch(
            f"`{said[2]}::{name}` is meant, as elsewhere", 0.75 - 0.2 * number, site.file.replace(site.place, name)
        )


def _is_returned(site: Site) -> bool:
    """Whether the type is all that a function returns."""
    whole = next((one for one in (site.node, *ancestors(site.node)) if one.type == "scoped_type_identifier"), None)
    around = whole.parent if whole is not None else None
    return around is not None and around.child_by_field_name("return_type") == whole


PLUGIN = Mend(
    codes=("E0425",),
    title="name what else is named of a module",
    cites=("docs:error_codes/E0425.html", "docs:reference/paths.html"),
    examples=(
        Example(
            """
use std::fmt;
pub struct One;
pub struct Two;
impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one")
    }
}
impl fmt::Display for Two {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Option {
        f.write_str("two")
    }
}
""",
            """
use std::fmt;
pub struct One;
pub struct Two;
impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one")
    }
}
impl fmt::Display for Two {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("two")
    }
}
""",
        ),
    ),
    patches=_patches,
)
