"""Names the lifetime of every parameter that a function hands on as one, or lets what it returns live only as long."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import parameters
from tars.rust.rules_support.lifetimes import name_references
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_SAID = re.compile(r"explicit lifetime required in the type of `(?:mut )?(\w+)`")
_REQUIRED = re.compile(r"lifetime `('\w+)` required")


def _patches(site: Site) -> Iterator[Patch]:
    function = site.up("function_item")
    required = next((found[1] for one in site.labels() if (found := _REQUIRED.search(one.text))), "")
    asked = _asked(site, function, required) if function is not None else []
    if function is None or not asked:
        return
    if required != "'static":
        changes = [change for one in asked for change in name_references(site.file, one, required)]
        yield patch(f"what is handed over lives for `{required}`", 0.6 if len(asked) == 1 else 0.72, *changes)
    returned = function.child_by_field_name("return_type")
    lent = [one for one in parameters(function) if re.search(r"&|'\w", site.file.text(one))]
    if returned is not None and len(lent) == len(asked) == 1 and required in site.file.text(returned):
        named = [one for one in site.file.walk("lifetime", within=returned) if site.file.text(one) == required]
        yield patch("what is returned lives as long as what is handed over", 0.4,
                    *(site.file.replace(one, "'_") for one in named))  # fmt: skip


def _asked(site: Site, function: Node, required: str) -> list[Node]:
    """The types of the parameters of which the compiler says this in the function; none where another diagnostic is the
    first to say it."""
    said = [
        (one, found[1])
        for one in site.context.diagnostics
        if one.code == site.diagnostic.code and one.primary is not None and one.primary.path == site.file.path
        if function.start_byte <= one.primary.start < function.end_byte and (found := _SAID.search(one.message))
        if any(required in label.text for label in one.labels)
    ]
    if not said or said[0][0] != site.diagnostic:
        return []
    names = {name for _, name in said}
    given = [(one.child_by_field_name("pattern"), one.child_by_field_name("type")) for one in parameters(function)]
    return [
        type_
        for pattern, type_ in given
        if pattern is not None and type_ is not None and site.file.text(pattern).removeprefix("mut ") in names
    ]


PLUGIN = Mend(
    codes=("E0621",),
    title="name the lifetime of all that is handed on",
    cites=("docs:error_codes/E0621.html", "docs:reference/lifetime-elision.html"),
    examples=(
        Example(
            """
pub fn all<'a>(held: &mut Vec<&'a str>, first: &str, mut rest: Option<&str>) {
    held.push(first);
    held.extend(rest.take());
}
""",
            """
pub fn all<'a>(held: &mut Vec<&'a str>, first: &'a str, mut rest: Option<&'a str>) {
    held.push(first);
    held.extend(rest.take());
}
""",
        ),
        Example(
            """
pub struct Part<'a>(&'a str);
impl<'a> Part<'a> {
    pub fn after(text: &str, start: usize) -> Part<'a> {
        Part(&text[start..])
    }
}
""",
            """
pub struct Part<'a>(&'a str);
impl<'a> Part<'a> {
    pub fn after(text: &str, start: usize) -> Part<'_> {
        Part(&text[start..])
    }
}
""",
        ),
    ),
    patches=_patches,
)
