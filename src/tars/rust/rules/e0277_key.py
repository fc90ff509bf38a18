"""Looks something up by a key of the type that the map has."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.conversions import conversions
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch

_WAYS_MAX = 2


def _patches(site: Site) -> Iterator[Patch]:
    found = re.match(r"the trait bound `(.+): (?:\w+::)*Borrow<(.+)>` is not satisfied", site.diagnostic.message)
    node = site.node
    value = node.child_by_field_name("value") if node.type == "reference_expression" else None
    if found is None:
        return
    given = value if value is not None else node
    loan = "" if value is not None else "&"
    ways = [way for way in conversions(parse_type(found[2]), parse_type(found[1])) if "?" not in way.template]
    for way in ways[:_WAYS_MAX]:
        text = loan + way.applied(site.file.text(given), given.type)
        yield patch(f"{way.reason}, as the keys are", 0.6, site.file.replace(given, text))


PLUGIN = Mend(
    codes=("E0277",),
    title="look up by a key of the map's type",
    cites=("docs:std/borrow/trait.Borrow.html", "docs:std/collections/struct.HashMap.html"),
    examples=(
        Example(
            """
use std::collections::HashMap;
pub fn get(all: &HashMap<String, u8>, letter: char) -> Option<&u8> {
    all.get(&letter)
}
""",
            """
use std::collections::HashMap;
pub fn get(all: &HashMap<String, u8>, letter: char) -> Option<&u8> {
    all.get(&letter.to_string())
}
""",
        ),
    ),
    patches=_patches,
)
