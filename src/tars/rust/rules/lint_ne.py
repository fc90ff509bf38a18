"""Removes a `ne` that is written by hand and says the opposite of `eq`, as the one of the trait does."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import removed
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_OPPOSITE = re.compile(r"\{\s*!\s*(self\.eq\(\w+\)|\(\*?self == \*?\w+\))\s*\}")


def _patches(site: Site) -> Iterator[Patch]:
    method = site.up("function_item")
    body = method.child_by_field_name("body") if method is not None else None
    around = method.parent if method is not None else None
    if method is None or body is None or around is None:
        return
    written = site.file.text(body)
    turned = " ".join(written.replace("!=", "==").replace("||", "&&").split())
    others = [one.child_by_field_name("body") for one in around.children if one.id != method.id]
    same = any(turned == " ".join(site.file.text(one).split()) for one in others if one is not None)
    if same or _OPPOSITE.fullmatch(written):
        yield patch("leave `ne` to the trait", 0.85, removed(site.file, method))


PLUGIN = Mend(
    codes=("clippy::partialeq_ne_impl",),
    title="leave `ne` to the trait",
    cites=("tool:clippy::partialeq_ne_impl", "docs:std/cmp/trait.PartialEq.html"),
    examples=(
        Example(
            """
pub struct Word(String);

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn ne(&self, other: &Self) -> bool {
        !self.eq(other)
    }
}
""",
            """
pub struct Word(String);

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
""",
        ),
    ),
    patches=_patches,
)
