"""Mends a struct pattern that names a field which the struct does not have."""

from collections.abc import Iterator

from tars.rust.rules_support.items import declared_type, fields, items, name_of
from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, enclosing_function, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    field, pattern = site.up("field_pattern"), site.up("struct_pattern")
    if field is None or pattern is None or len(site.words) < 2:
        return
    type_name, wrong = site.words[0], site.words[-1]
    given = children(pattern, "field_pattern")
    named = {site.file.text(one.child_by_field_name("name") or one) for one in given}
    left = [name for name in _fields(site, type_name) if name not in named]
    if len(left) == 1 or (left and len(left) < 4):
        short = field.child_by_field_name("pattern") is None
        for name in left:
            text = f"{name}: {wrong}" if short else name
            place = site.file.place(field) if short else site.place
            sure = 0.5 if len(left) == 1 else 0.25
            yield patch(f"the field is called `{name}`", sure, site.file.replace(place, text))
    around = enclosing_function(pattern) or site.file.root
    used = sum(site.file.text(one) == wrong for one in site.file.walk("identifier", within=around))
    if used == 0:
        rest = [] if len(left) == 0 or ".." in site.file.text(pattern) else [".."]
        change = site.file.replace(field, "..") if rest else delete_from_list(site.file, children(pattern)[1:], field)
        yield patch(f"leave `{wrong}` out: there is no such field", 0.35, change)


def _fields(site: Site, type_name: str) -> list[str]:
    """The fields of a struct, or of a variant `Enum::Variant`, of the crate."""
    owner, _, last = type_name.rpartition("::")
    if owner:
        for file, enum in items(site.context, "enum_item", name=owner.rpartition("::")[2]):
            for variant in file.walk("enum_variant", within=enum):
                if name_of(file, variant) == last:
                    return [name for name, _ in fields(file, variant)]
    found = declared_type(site.context, type_name)
    return [name for name, _ in fields(*found)] if found else []


PLUGIN = Mend(
    codes=("E0026",),
    title="match a field that the struct has",
    cites=("docs:error_codes/E0026.html", "docs:reference/patterns.html#struct-patterns"),
    examples=(
        Example(
            """
pub struct Point {
    pub east: i32,
    pub north: i32,
}
pub fn sum(point: Point) -> i32 {
    let Point { east, high } = point;
    east + high
}
""",
            """
pub struct Point {
    pub east: i32,
    pub north: i32,
}
pub fn sum(point: Point) -> i32 {
    let Point { east, north: high } = point;
    east + high
}
""",
        ),
        Example(
            """
pub struct Point {
    pub east: i32,
    pub north: i32,
}
pub fn east(point: Point) -> i32 {
    let Point { east, high } = point;
    east
}
""",
            """
pub struct Point {
    pub east: i32,
    pub north: i32,
}
pub fn east(point: Point) -> i32 {
    let Point { east, .. } = point;
    east
}
""",
        ),
    ),
    patches=_patches,
)
