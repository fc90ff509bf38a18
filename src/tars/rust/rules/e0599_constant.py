"""Names an associated constant as its type declares it: `Id::Max` → `Id::MAX`."""

import re
from collections.abc import Iterator

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.items import items, name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch

_MISSING = re.compile(r"no (?:associated item|variant.*|function or associated item) named `(\w+)` found for .*`(.+)`")


def _patches(site: Site) -> Iterator[Patch]:
    found = _MISSING.match(site.diagnostic.message)
    if found is None or site.text != found[1]:
        return
    owner = re.sub(r"<.*", "", found[2]).rpartition("::")[2]
    known = [
        name_of(file, one)
        for file, one in items(site.context, "const_item")
        if any(outer.type == "impl_item" and name_of(file, outer) == owner for outer in ancestors(one))
    ]
    for number, name in enumerate(nearest(found[1], dict.fromkeys(known), 2)):
        yield patch(f"`{owner}` has `{name}`", 0.8 - 0.2 * number, site.file.replace(site.place, name))


PLUGIN = Mend(
    codes=("E0599",),
    title="name an associated constant as its type declares it",
    cites=("docs:reference/items/associated-items.html", "docs:error_codes/E0599.html"),
    examples=(
        Example(
            """
pub struct Id(usize);
impl Id {
    const MAX: usize = 100;
    pub fn new(number: usize) -> Option<Id> {
        if number > Id::Max { None } else { Some(Id(number)) }
    }
    pub fn number(&self) -> usize {
        self.0
    }
}
""",
            """
pub struct Id(usize);
impl Id {
    const MAX: usize = 100;
    pub fn new(number: usize) -> Option<Id> {
        if number > Id::MAX { None } else { Some(Id(number)) }
    }
    pub fn number(&self) -> usize {
        self.0
    }
}
""",
        ),
    ),
    patches=_patches,
)
