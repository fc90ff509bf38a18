"""Says what an associated type is by what the method of the `impl` gives that returns it: `Option<Self::Item>`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.paths import qualified
from tars.rust.rules_support.tails import given_by
from tars.rust.rules_support.types import RustType, parse_type
from tars.rust.values import Example, Patch

_MISSING = re.compile(r"missing: `([A-Z]\w*)`$")


def _patches(site: Site) -> Iterator[Patch]:
    impl = site.up("impl_item")
    body = impl.child_by_field_name("body") if impl is not None else None
    missing = _MISSING.search(site.diagnostic.message)
    if impl is None or body is None or missing is None:
        return
    found: list[str] = []
    for function in site.file.walk("function_item", within=body):
        returned = function.child_by_field_name("return_type")
        pattern = return_type(site.file, function)
        if returned is None or pattern is None or f"Self::{missing[1]}" not in site.file.text(returned):
            continue
        told = site.context.types([site.file.place(one) for one in given_by(function)])
        types = [_meant(pattern, parse_type(text), missing[1]) for text in told if text is not None]
        found += [qualified(site.context, str(one), site.place) for one in types if one is not None and one.known]
    indent = f"{site.file.indent(impl.start_byte)}    "
    for number, type_ in enumerate(list(dict.fromkeys(found))[:2]):
        written = site.file.insert(body.start_byte + 1, f"\n{indent}type {missing[1]} = {type_};")
        yield patch(f"`{missing[1]}` is `{type_}`, by what is returned", 0.8 - 0.2 * number, written)


def _meant(pattern: RustType, actual: RustType, name: str) -> RustType | None:
    """What stands in a type where the pattern has `Self::Name`."""
    if pattern.head == name and not pattern.arguments:
        return actual
    if pattern.head != actual.head:
        return None
    pairs = zip(pattern.arguments, actual.arguments, strict=False)
    return next((one for pair in pairs if (one := _meant(*pair, name)) is not None), None)


PLUGIN = Mend(
    codes=("E0046",),
    title="say what an associated type is by what is returned",
    cites=("docs:error_codes/E0046.html", "docs:reference/items/associated-items.html#associated-types"),
    examples=(
        Example(
            """
pub struct Words(std::vec::IntoIter<std::ffi::OsString>);
impl Iterator for Words {
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
""",
            """
pub struct Words(std::vec::IntoIter<std::ffi::OsString>);
impl Iterator for Words {
    type Item = std::ffi::OsString;
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
""",
        ),
    ),
    patches=_patches,
)
