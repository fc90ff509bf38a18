"""Says what is made of a value where only its use would tell: `text.parse()` → `text.parse::<Date>()`."""

from collections.abc import Iterator

from tars.rust.rules_support.items import items, name_of, return_type, trait_of
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.rules_support.types import RustType, parse_type, uses_of
from tars.rust.values import Example, Patch

_MAKES = {"parse": "FromStr", "collect": "FromIterator", "sum": "Sum", "product": "Product"}
_SIMPLE = {"parse": ("usize", "u64", "i64", "u32", "f64"), "collect": ("Vec<_>", "String"), "sum": ("u64", "f64"),
           "product": ("u64", "f64")}  # fmt: skip
_TYPES_MAX = 6


def _patches(site: Site) -> Iterator[Patch]:
    statement = site.file.statement(site.place) or site.node
    for access in site.file.walk("field_expression", within=statement):
        field, call = access.child_by_field_name("field"), access.parent
        name = site.file.text(field) if field is not None else ""
        if field is None or name not in _MAKES or call is None or call.type != "call_expression":
            continue
        for number, type_ in enumerate(_types(site, name)):
            sure = max(0.4 - 0.06 * number, 0.06)
            yield patch(f"`{name}` into `{type_}`", sure, site.file.insert(field.end_byte, f"::<{type_}>"))


def _types(site: Site, name: str) -> list[str]:
    """The crate's own that can be made so, then what the function gives back, then the usual ones."""
    found = [
        name_of(file, one)
        for file, one in items(site.context, "impl_item")
        if parse_type(trait_of(file, one)).head == _MAKES[name]
    ]
    returned = return_type(site.file, enclosing_function(site.node))
    inner = list(uses_of(returned)) if isinstance(returned, RustType) else []
    found += [str(one) for one in inner if one.known and one.head not in ("Result", "Option", "()", "Self")]
    return list(dict.fromkeys([*found, *_SIMPLE[name]]))[:_TYPES_MAX]


PLUGIN = Mend(
    codes=("E0282", "E0284", "E0283"),
    title="say what is made of a value",
    cites=("docs:error_codes/E0282.html", "docs:reference/paths.html"),
    examples=(
        Example(
            """
pub struct Day(u8);
impl std::str::FromStr for Day {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Day, Self::Err> {
        u8::from_str(text).map(Day)
    }
}
impl From<Day> for u32 {
    fn from(day: Day) -> u32 {
        u32::from(day.0)
    }
}
pub fn hours(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse().map(|day| day.into())
}
""",
            """
pub struct Day(u8);
impl std::str::FromStr for Day {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Day, Self::Err> {
        u8::from_str(text).map(Day)
    }
}
impl From<Day> for u32 {
    fn from(day: Day) -> u32 {
        u32::from(day.0)
    }
}
pub fn hours(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse::<Day>().map(|day| day.into())
}
""",
        ),
        Example(
            """
pub fn known(text: &str) -> bool {
    text.parse().is_ok()
}
""",
            """
pub fn known(text: &str) -> bool {
    text.parse::<usize>().is_ok()
}
""",
        ),
        Example(
            """
pub fn odd(all: &[u64]) -> bool {
    all.iter().sum() % 2 == 1
}
""",
            """
pub fn odd(all: &[u64]) -> bool {
    all.iter().sum::<u64>() % 2 == 1
}
""",
        ),
    ),
    patches=_patches,
)
