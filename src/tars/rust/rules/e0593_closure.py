"""Gives a closure the parameters that it is called with, and a call of a closure the arguments that it takes."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, children, parts, patch
from tars.rust.rules_support.signatures import uses
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    label = next((one for one in site.labels() if site.file_of(one.place).text(one.place).startswith("|")), None)
    if label is None or label.place.path != site.file.path:
        return
    closure = site.file.node_of(label.place, "closure_expression")
    given = closure.child_by_field_name("parameters") if closure else None
    if closure is None or given is None:
        return
    if site.diagnostic.code == "E0631":
        yield from _typed(site, given)
    elif site.diagnostic.code == "E0593":
        yield from _counted(site, closure, given)


def _counted(site: Site, closure: Node, given: Node) -> Iterator[Patch]:
    numbers = [int(one) for one in re.findall(r"(\d+)", site.diagnostic.message.replace("single 2-tuple", "1"))]
    if len(numbers) < 2:
        return
    wanted, has = numbers[0], numbers[-1]
    listed = parts(site.file, given)
    names = [site.file.text(one) for one in listed]
    body = closure.child_by_field_name("body")
    if wanted == 1 and has > 1:
        yield patch("take the parts of the one argument", 0.65, site.file.replace(given, f"|({', '.join(names)})|"))
    if has > wanted and body is not None:
        kept = [name for name in names if uses(site.file, body, name) or name == "_"]
        if len(kept) <= wanted:
            kept += [name for name in names if name not in kept][: wanted - len(kept)]
            yield patch("take only what it is handed", 0.6, site.file.replace(given, f"|{', '.join(kept)}|"))
    elif has < wanted:
        more = ["_"] * (wanted - has)
        tuple_ = re.fullmatch(r"\((.*)\)", names[0], re.S) if len(names) == 1 else None
        if tuple_ and len(tuple_[1].split(",")) == wanted:
            yield patch("take the arguments one by one", 0.65, site.file.replace(given, f"|{tuple_[1]}|"))
        yield patch("take what else it is handed", 0.5, site.file.replace(given, f"|{', '.join(names + more)}|"))
        yield patch(
            "take what else it is handed, first", 0.35, site.file.replace(given, f"|{', '.join(more + names)}|")
        )


def _typed(site: Site, given: Node) -> Iterator[Patch]:
    """The types that the closure is called with, instead of those that it says."""
    note = next((one.message for one in site.diagnostic.notes if "expected closure signature" in one.message), "")
    found = re.search(r"expected closure signature `(?:for<[^>]*> )?fn\((.*)\) -> ", note)
    typed = children(given, "parameter")
    if found is None or len(typed) != 1:
        return
    type_ = typed[0].child_by_field_name("type")
    pattern = typed[0].child_by_field_name("pattern")
    wanted = re.sub(r"'\w+ ", "", found[1]).removesuffix(",")
    if type_ is not None and parse_type(wanted).known and "," not in wanted:
        yield patch(f"take `{wanted}`, as it is handed", 0.6, site.file.replace(type_, wanted))
    elif pattern is not None:
        yield patch("take what it is handed", 0.5, site.file.replace(typed[0], site.file.text(pattern)))


PLUGIN = Mend(
    codes=("E0593", "E0631"),
    title="let the closure take what it is handed",
    cites=("docs:book/ch13-01-closures.html", "docs:error_codes/E0593.html"),
    examples=(
        Example(
            """
pub fn sums(all: &[(i32, i32)]) -> Vec<i32> {
    all.iter().map(|one, other| one + other).collect()
}
""",
            """
pub fn sums(all: &[(i32, i32)]) -> Vec<i32> {
    all.iter().map(|(one, other)| one + other).collect()
}
""",
        ),
        Example(
            """
pub fn count(all: &[i32]) -> i32 {
    all.iter().fold(0, |sum| sum + 1)
}
""",
            """
pub fn count(all: &[i32]) -> i32 {
    all.iter().fold(0, |sum, _| sum + 1)
}
""",
        ),
        Example(
            """
fn apply(f: impl Fn(usize)) {
    f(1)
}
pub fn show() {
    apply(|n: isize| println!("{n}"));
}
""",
            """
fn apply(f: impl Fn(usize)) {
    f(1)
}
pub fn show() {
    apply(|n: usize| println!("{n}"));
}
""",
        ),
    ),
    patches=_patches,
)
