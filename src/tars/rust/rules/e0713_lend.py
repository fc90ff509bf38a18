"""Mends returning a loan out of a value whose type has a `Drop` of its own: the value is lent, not handed over."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.statements import parameter_of
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    dropped = next((one for one in site.diagnostic.labels if "drop of `" in one.text), None)
    named = re.search(r"drop of `(\w+)`", dropped.text) if dropped is not None else None
    name = next(
        (one[1] for label in site.diagnostic.labels if (one := re.search(r"borrowed for `('\w+)`", label.text))), ""
    )
    if named is None or not name:
        return
    parameter = parameter_of(site.file, named[1], site.node)
    written = parameter.child_by_field_name("type") if parameter is not None else None
    around = next((one for one in ancestors(site.node) if one.type == "function_item"), None)
    if written is not None and around is not None:
        yield patch("lend the value", 0.7, site.file.insert(written.start_byte, f"&{name} mut "))


PLUGIN = Mend(
    codes=("E0713",),
    title="lend a value whose loan outlives the function",
    cites=("docs:error_codes/E0713.html", "docs:nomicon/dropck.html"),
    examples=(
        Example(
            "pub struct One<'a>(&'a mut String);\n\nimpl Drop for One<'_> {\n    fn drop(&mut self) {}\n}\n\n"
            "pub fn text<'a>(one: One<'a>) -> &'a mut String {\n    &mut *one.0\n}\n",
            "pub struct One<'a>(&'a mut String);\n\nimpl Drop for One<'_> {\n    fn drop(&mut self) {}\n}\n\n"
            "pub fn text<'a>(one: &'a mut One<'a>) -> &'a mut String {\n    &mut *one.0\n}\n",
        ),
    ),
    patches=_patches,
)
