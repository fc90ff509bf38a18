"""Ends a renaming of a field that was done by half: everywhere that the old name is left, or where it is declared."""

from collections.abc import Iterator

from tars.rust.rules_support.items import declared_type, fields, name_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.renames import is_unused, missing_places, renamed_places
from tars.rust.values import Example, Patch

_CODES = ("E0026", "E0560", "E0609")
_FIELDS_MAX = 4


def _patches(site: Site) -> Iterator[Patch]:
    name = site.text
    found = next((one for word in reversed(site.words) if (one := declared_type(site.context, word))), None)
    if found is None or not name.isidentifier():
        return
    file, struct = found
    owner = name_of(file, struct)
    declared = [one for one, _ in fields(file, struct) if not one.isdigit()]
    places = missing_places(site, _CODES, name, owner)
    if not declared or name in declared or site.place != next(iter(places), None):
        # The first place speaks for all.
        return
    unused = [one for one in declared if is_unused(site.context, one)]
    left = _left_by_literals(site, name, owner)
    ranked = sorted(declared, key=lambda one: (one not in left, one not in unused))[:_FIELDS_MAX]
    for number, field in enumerate(ranked):
        sure = 0.62 if field in left else 0.5 if field in unused else 0.3
        everywhere = "" if len(places) == 1 else f", in all {len(places)} places"
        changes = renamed_places(site, places, field)
        yield patch(f"the field is called `{field}`{everywhere}", sure - 0.03 * number, *changes)
    if len(unused) == 1:
        for own in file.walk("field_declaration", within=struct):
            place = own.child_by_field_name("name")
            if place is not None and file.text(place) == unused[0]:
                yield patch(f"call the field `{name}`, as all do", 0.52, file.replace(place, name))


def _left_by_literals(site: Site, name: str, owner: str) -> set[str]:
    """The fields that the compiler names as missing where a value of the type is made with the unknown name."""
    found = set[str]()
    for one in site.context.diagnostics:
        if one.code == "E0560" and owner in one.message and f"`{name}`" in one.message:
            for note in one.notes:
                before, _, listed = note.message.partition(":")
                if before.startswith("available field"):
                    found |= {part.strip("` ") for part in listed.split(",")}
    return found


PLUGIN = Mend(
    codes=_CODES,
    title="end the renaming of a field",
    cites=("docs:error_codes/E0609.html", "docs:error_codes/E0560.html", "docs:error_codes/E0026.html"),
    examples=(
        Example(
            """
pub struct Item {
    pub title: String,
    pub count: u32,
}
pub fn made(text: &str) -> Item {
    Item { name: text.to_string(), count: 1 }
}
pub fn order(all: &mut [Item]) {
    all.sort_by(|a, b| a.name.cmp(&b.name));
}
""",
            """
pub struct Item {
    pub title: String,
    pub count: u32,
}
pub fn made(text: &str) -> Item {
    Item { title: text.to_string(), count: 1 }
}
pub fn order(all: &mut [Item]) {
    all.sort_by(|a, b| a.title.cmp(&b.title));
}
""",
        ),
        Example(
            """
pub struct Point {
    pub left: i32,
    pub top: i32,
}
pub fn sum(points: &[Point]) -> i32 {
    points.iter().map(|Point { x, top }| x + top).sum()
}
""",
            """
pub struct Point {
    pub x: i32,
    pub top: i32,
}
pub fn sum(points: &[Point]) -> i32 {
    points.iter().map(|Point { x, top }| x + top).sum()
}
""",
        ),
    ),
    patches=_patches,
)
