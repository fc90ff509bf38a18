"""Wraps a number in `Some` where a method of options is called on it: `i + 1.filter(…)` → `Some(i + 1).filter(…)`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_NUMBER = re.compile(r"numeric type|`(?:\{integer\}|\{float\}|[iu](?:8|16|32|64|128|size)|f32|f64)`")


def _patches(site: Site) -> Iterator[Patch]:
    access = site.up("field_expression")
    value = access.child_by_field_name("value") if access is not None else None
    call = access.parent if access is not None else None
    if access is None or value is None or call is None or call.type != "call_expression":
        return
    if _NUMBER.search(site.diagnostic.message) is None:
        return
    name = site.text
    symbols = site.context.symbols
    of_numbers = any(one.name == name for type_ in ("i32", "f64") for one in symbols.methods_of(type_))
    if of_numbers or not any(one.name == name for one in symbols.methods_of("Option<i32>")):
        return
    start = value.start_byte
    whole = call.parent
    if whole is not None and whole.type == "binary_expression" and whole.child_by_field_name("right") == call:
        start = whole.start_byte
        written = site.file.insert(start, "Some("), site.file.insert(value.end_byte, ")")
        yield patch(f"wrap what `{name}` is called on in `Some`", 0.7, *written)
    written = site.file.insert(value.start_byte, "Some("), site.file.insert(value.end_byte, ")")
    yield patch(f"wrap what `{name}` is called on in `Some`", 0.6 if start == value.start_byte else 0.4, *written)


PLUGIN = Mend(
    codes=("E0689", "E0599"),
    title="wrap a number in `Some` where a method of options is called on it",
    cites=("docs:error_codes/E0689.html", "docs:std/option/enum.Option.html"),
    examples=(
        Example(
            """
pub fn breaks(text: &str) -> Vec<usize> {
    text.char_indices().filter_map(|(at, letter)| at + 1.filter(|_| letter == '\\n')).collect()
}
""",
            """
pub fn breaks(text: &str) -> Vec<usize> {
    text.char_indices().filter_map(|(at, letter)| Some(at + 1).filter(|_| letter == '\\n')).collect()
}
""",
        ),
        Example(
            """
pub fn first(one: usize) -> Option<usize> {
    one.filter(|it| *it > 2)
}
""",
            """
pub fn first(one: usize) -> Option<usize> {
    Some(one).filter(|it| *it > 2)
}
""",
        ),
    ),
    patches=_patches,
)
