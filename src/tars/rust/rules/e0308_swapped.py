"""Swaps two arguments where only one of them is of the wrong type: `field(value, "name")` → `field("name", value)`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    listed = site.node.parent
    if listed is None or listed.type != "arguments":
        return
    given = children(listed)
    own = site.file.text(site.node)
    if site.diagnostic.code == "E0277":
        # Of other traits than those of closures nothing tells that the order is wrong.
        closures = [one for one in given if one.type == "closure_expression" and one.id != site.node.id]
        if re.match(r"expected an? `Fn(Mut|Once)?\(", site.diagnostic.message) and len(closures) == 1:
            swapped = site.file.replace(site.node, site.file.text(closures[0])), site.file.replace(closures[0], own)
            yield patch("swap the closure and the other argument", 0.75, *swapped)
        elif re.match(r"expected an? `Fn(Mut|Once)?\(", site.diagnostic.message) and len(given) == 2:
            # What holds a function is named as anything else is.
            other = given[1] if given[0].id == site.node.id else given[0]
            swapped = site.file.replace(site.node, site.file.text(other)), site.file.replace(other, own)
            yield patch("swap the two arguments", 0.65, *swapped)
        return
    for number, other in enumerate(one for one in given if one.id != site.node.id and site.file.text(one) != own):
        changes = (site.file.replace(site.node, site.file.text(other)), site.file.replace(other, own))
        yield patch("swap the two arguments", max(0.4 - 0.12 * number, 0.06), *changes)


PLUGIN = Mend(
    codes=("E0308", "E0277"),
    title="swap two arguments",
    cites=("docs:error_codes/E0308.html", "docs:reference/expressions/call-expr.html"),
    examples=(
        Example(
            """
pub fn joined(words: &[&str]) -> String {
    words.iter().fold(|line, word| line + word, String::new())
}
""",
            """
pub fn joined(words: &[&str]) -> String {
    words.iter().fold(String::new(), |line, word| line + word)
}
""",
        ),
        Example(
            """
pub fn folded<F: FnMut(u8, &u8) -> u8>(all: &[u8], mut f: F) -> u8 {
    let first = all.iter().fold(&mut f, 0);
    all.iter().fold(first, f)
}
""",
            """
pub fn folded<F: FnMut(u8, &u8) -> u8>(all: &[u8], mut f: F) -> u8 {
    let first = all.iter().fold(0, &mut f);
    all.iter().fold(first, f)
}
""",
        ),
        Example(
            """
use std::fmt;
pub struct Guard(u8);
impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Guard").field(&self.0, "value").finish()
    }
}
""",
            """
use std::fmt;
pub struct Guard(u8);
impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Guard").field("value", &self.0).finish()
    }
}
""",
        ),
    ),
    patches=_patches,
)
