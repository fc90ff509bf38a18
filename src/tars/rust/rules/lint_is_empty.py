"""Adds `is_empty` beside a `len` that others can call."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    named = site.diagnostic.message.partition("`")
    length = site.up("function_item", "function_signature_item")
    if length is None:
        length = next((one for one in site.file.walk("function_item", "function_signature_item", within=site.node)
                       if site.file.text(one).partition("(")[0].endswith("fn len")), None)  # fmt: skip
    if length is None or "private `is_empty`" in site.diagnostic.message or not named[1]:
        return
    visibility = next((f"{site.file.text(one)} " for one in length.children if one.type == "visibility_modifier"), "")
    indent = site.file.indent(length.start_byte)
    lines = (f"{visibility}fn is_empty(&self) -> bool {{", "    self.len() == 0", "}")
    yield patch(
        "add `is_empty`", 0.85, site.file.insert(length.end_byte, "\n\n" + "\n".join(indent + one for one in lines))
    )


PLUGIN = Mend(
    codes=("clippy::len_without_is_empty",),
    title="add `is_empty` beside `len`",
    cites=("tool:clippy::len_without_is_empty", "docs:book/ch05-03-method-syntax.html"),
    examples=(
        Example(
            """
pub struct Row(Vec<u8>);

impl Row {
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
""",
            """
pub struct Row(Vec<u8>);

impl Row {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
""",
        ),
    ),
    patches=_patches,
)
