"""Lets a trait object that is returned live as long as what is in it: nothing has to live for ever then."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.lifetimes import declare, fresh_lifetime
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.values import Example, Patch

_OBJECT = re.compile(r"dyn\s+[\w:]+(?:\s*<[^<>]*>)?(?=\s*>)")


def _patches(site: Site) -> Iterator[Patch]:
    function = enclosing_function(site.node)
    returned = function.child_by_field_name("return_type") if function is not None else None
    listed = function.child_by_field_name("type_parameters") if function is not None else None
    if function is None or returned is None or listed is None or not site.words:
        return
    file, text = site.file, site.file.text(returned)
    found = list(_OBJECT.finditer(text))
    name = fresh_lifetime(file, function)
    declared = declare(file, function, name)
    parameter = next(
        (one for one in listed.named_children
         if (own := one.child_by_field_name("name")) is not None and file.text(own) == site.words[0]), None,
    )  # fmt: skip
    if len(found) != 1 or declared is None or parameter is None:
        return
    bounds = parameter.child_by_field_name("bounds")
    lives = file.insert(parameter.end_byte, f" + {name}" if bounds is not None else f": {name}")
    at = returned.start_byte + len(text[: found[0].end()].encode())
    yield patch(
        f"what is returned lives as long as `{site.words[0]}`", 0.3, declared, lives, file.insert(at, f" + {name}")
    )


PLUGIN = Mend(
    codes=("E0310",),
    title="let a trait object live as long as what is in it",
    cites=("docs:error_codes/E0310.html", "docs:reference/lifetime-elision.html#default-trait-object-lifetimes"),
    examples=(
        Example(
            """
pub fn boxed<T: std::fmt::Display>(value: T) -> Box<dyn std::fmt::Display> {
    Box::new(value)
}
pub fn shown(text: &str) -> String {
    boxed(text).to_string()
}
""",
            """
pub fn boxed<'a, T: std::fmt::Display + 'a>(value: T) -> Box<dyn std::fmt::Display + 'a> {
    Box::new(value)
}
pub fn shown(text: &str) -> String {
    boxed(text).to_string()
}
""",
        ),
    ),
    patches=_patches,
)
