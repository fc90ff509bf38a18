"""Takes a counter that a loop carries along from `enumerate`, as clippy would have it."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import declaration, line_place, statements
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    loop = site.up("for_expression")
    body = loop.child_by_field_name("body") if loop is not None else None
    if loop is None or body is None or not site.words:
        return
    counter = site.words[0]
    let = declaration(site.file, counter, site.file.place(loop))
    steps = [one for one in statements(body) if re.fullmatch(rf"{counter}\s*\+=\s*1;?", site.file.text(one))]
    if let is None or len(steps) != 1:
        return
    gone = [site.file.delete(line_place(site.file, one)) for one in (let, steps[0])]
    for suggestion in site.diagnostic.suggestions:
        yield patch("count with the loop", 0.85, *suggestion.changes, *gone)


PLUGIN = Mend(
    codes=("clippy::explicit_counter_loop",),
    title="let the loop count",
    cites=("tool:clippy::explicit_counter_loop", "docs:book/ch13-02-iterators.html"),
    examples=(
        Example(
            """
pub fn weighed(all: &[usize]) -> usize {
    let mut place = 0;
    let mut total = 0;
    for one in all {
        total += one * place;
        place += 1;
    }
    total
}
""",
            """
pub fn weighed(all: &[usize]) -> usize {
    let mut total = 0;
    for (place, one) in all.iter().enumerate() {
        total += one * place;
    }
    total
}
""",
        ),
    ),
    patches=_patches,
)
