"""Iterates over what can be iterated: a range up to a number, a text's characters, the list that a struct holds."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import declared_type, fields
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import is_integer, parse_type
from tars.rust.values import Example, Patch

_LISTS = frozenset({"Vec", "[]", "[;]", "VecDeque", "HashMap", "BTreeMap", "HashSet", "BTreeSet", "LinkedList"})


def _patches(site: Site) -> Iterator[Patch]:
    found = re.match(r"`(.+)` is not an iterator", site.diagnostic.message)
    if found is None:
        return
    given = parse_type(found[1])
    bare = given.peeled
    text = site.text
    if is_integer(bare):
        stars = "*" if given.head == "&" else ""
        yield patch("count up to the number", 0.7, site.file.insert(site.place.start, f"0..{stars}"))
    elif bare.head in ("String", "str"):
        value = text.removeprefix("&")
        yield patch("go through its characters", 0.7, site.file.replace(site.place, f"{value}.chars()"))
    elif bare.head in _LISTS:
        how = ".into_iter()" if given.head != "&" else ".iter()"
        yield patch("go through its elements", 0.6, site.file.replace(site.place, f"{text.removeprefix('&')}{how}"))
    elif bare.head in ("Rc", "Arc", "Box") and bare.inner.head in _LISTS:
        yield patch("go through its elements", 0.6, site.file.insert(site.place.end, ".iter()"))
    elif bare.head in ("RefCell", "Mutex") and bare.inner.head in _LISTS:
        how = ".borrow().iter()" if bare.head == "RefCell" else ".lock().unwrap().iter()"
        yield patch("go through what it holds", 0.5, site.file.insert(site.place.end, how))
    elif own := declared_type(site.context, found[1]):
        lists = [name for name, type_ in fields(*own) if parse_type(type_).head in _LISTS]
        if len(lists) == 1:
            yield patch(f"go through its `{lists[0]}`", 0.5, site.file.insert(site.place.end, f".{lists[0]}"))


PLUGIN = Mend(
    codes=("E0277",),
    title="iterate over a range, characters or elements",
    cites=("docs:std/iter/trait.IntoIterator.html", "docs:book/ch03-05-control-flow.html"),
    examples=(
        Example(
            """
pub fn times(n: u32) -> u32 {
    let mut sum = 0;
    for one in n {
        sum += one;
    }
    sum
}
""",
            """
pub fn times(n: u32) -> u32 {
    let mut sum = 0;
    for one in 0..n {
        sum += one;
    }
    sum
}
""",
        ),
        Example(
            """
pub fn spell(name: &str) {
    for letter in name {
        println!("{letter}");
    }
}
""",
            """
pub fn spell(name: &str) {
    for letter in name.chars() {
        println!("{letter}");
    }
}
""",
        ),
    ),
    patches=_patches,
)
