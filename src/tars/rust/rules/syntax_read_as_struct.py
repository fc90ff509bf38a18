"""Mends a path whose `::` lost a colon behind a condition, where it is read as a struct: `if a { Step:one(b) }`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_SINGLE = re.compile(rb"(?<=\w):(?=\w)")


def _patches(site: Site) -> Iterator[Patch]:
    if not site.diagnostic.message.startswith("struct literals are not allowed here"):
        return
    # Who names a field puts a blank behind the colon.
    marks = list(_SINGLE.finditer(site.file.data, site.place.start, site.place.end))
    if marks:
        changes = [site.file.insert(one.end(), ":") for one in marks]
        yield patch("it is a path, not a field", 0.9, *changes)


PLUGIN = Mend(
    codes=("",),
    title="write a path with two colons where it is read as a field",
    cites=("docs:reference/paths.html",),
    examples=(
        Example(
            """
pub struct Step;
impl Step {
    fn one(by: u32) -> u32 {
        by + 1
    }
}
pub fn next(at: u32, end: u32) -> u32 {
    let all = at < end;
    if all {
        Step:one(at)
    } else {
        end
    }
}
""",
            """
pub struct Step;
impl Step {
    fn one(by: u32) -> u32 {
        by + 1
    }
}
pub fn next(at: u32, end: u32) -> u32 {
    let all = at < end;
    if all {
        Step::one(at)
    } else {
        end
    }
}
""",
        ),
    ),
    patches=_patches,
)
