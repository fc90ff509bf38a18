"""Calls the function where the variable's value is meant to be its result."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.methods import declared_value
from tars.rust.values import Example, Patch

_ITEM = re.compile(r"`(?:&(?:mut )?)?(?:for<[^>]*> )?fn\(\) -> .*\{(.+)\}`")


def _patches(site: Site) -> Iterator[Patch]:
    texts = [site.diagnostic.message, *(note.message for note in site.diagnostic.notes)]
    texts += [label.text for label in site.labels()]
    found = next((hit for text in texts if (hit := _ITEM.search(text))), None)
    name = re.search(r"(?:&\s*(?:mut\s+)?)?([a-z_]\w*)$", site.text)
    access = site.up("field_expression")
    receiver = access.child_by_field_name("value") if access else None
    if found is None:
        return
    named = site.diagnostic.code == "E0308" and site.node.type in ("scoped_identifier", "identifier")
    if named and site.text.endswith(found[1].rpartition("::")[2]):
        yield patch("call it: its result is meant", 0.8, site.file.insert(site.place.end, "()"))
        return
    text = site.file.text(receiver) if receiver is not None and site.diagnostic.code == "E0599" else ""
    variable = text or (name[1] if name else "")
    value = declared_value(site, variable, site.place.start) if variable else None
    if value is not None and value.type in ("scoped_identifier", "identifier", "generic_function", "field_expression"):
        yield patch("call it: its result is meant", 0.75, site.file.insert(value.end_byte, "()"))


PLUGIN = Mend(
    codes=("E0308", "E0599"),
    title="call the function whose result is meant",
    cites=("docs:book/ch03-03-how-functions-work.html", "docs:reference/types/function-item.html"),
    examples=(
        Example(
            """
pub trait Least {
    fn least() -> Self;
}
pub trait Low<T> {
    fn low() -> T;
}
impl<T: Least> Low<T> for T {
    fn low() -> T {
        Least::least
    }
}
""",
            """
pub trait Least {
    fn least() -> Self;
}
pub trait Low<T> {
    fn low() -> T;
}
impl<T: Least> Low<T> for T {
    fn low() -> T {
        Least::least()
    }
}
""",
        ),
        Example(
            """
fn fill(all: &mut Vec<u8>) {
    all.push(1);
}
pub fn one() -> Vec<u8> {
    let mut all = Vec::new;
    fill(&mut all);
    Vec::from([1])
}
""",
            """
fn fill(all: &mut Vec<u8>) {
    all.push(1);
}
pub fn one() -> Vec<u8> {
    let mut all = Vec::new();
    fill(&mut all);
    Vec::from([1])
}
""",
        ),
        Example(
            """
fn name() -> String {
    "tars".to_string()
}
pub fn size() -> usize {
    let name = name;
    name.len()
}
""",
            """
fn name() -> String {
    "tars".to_string()
}
pub fn size() -> usize {
    let name = name();
    name.len()
}
""",
        ),
    ),
    patches=_patches,
)
