"""Turns an inherent function `default` into an implementation of `Default`."""

from collections.abc import Iterator

from tars.rust.rules_support.items import beginning, removed
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    function = site.up("function_item")
    block = site.file.node_of(site.file.place(function), "impl_item") if function is not None else None
    name = function.child_by_field_name("name") if function is not None else None
    if function is None or block is None or name is None or site.file.text(name) != "default":
        return
    owner, members = block.child_by_field_name("type"), block.child_by_field_name("body")
    if owner is None or members is None or block.child_by_field_name("trait") is not None:
        return
    generics = block.child_by_field_name("type_parameters")
    indent = site.file.indent(block.start_byte)
    visible = next((one for one in function.children if one.type == "visibility_modifier"), None)
    above = Place(site.file.path, beginning(function).start_byte, function.start_byte)
    text = site.file.text(function)
    text = text[len(site.file.text(visible)) :].lstrip() if visible is not None else text
    text = site.file.text(above) + text
    head = f"impl{site.file.text(generics) if generics else ''} Default for {site.file.text(owner)} {{"
    made = f"{head}\n{indent}    {text}\n{indent}}}"
    if len(children(members)) == 1:
        yield patch("implement `Default`", 0.85, site.file.replace(block, made))
        return
    cut = removed(site.file, function)
    yield patch("implement `Default`", 0.8, cut, site.file.insert(block.end_byte, f"\n\n{indent}{made}"))


PLUGIN = Mend(
    codes=("clippy::should_implement_trait",),
    title="implement `Default` instead of a function of that name",
    cites=("tool:clippy::should_implement_trait", "docs:std/default/trait.Default.html"),
    examples=(
        Example(
            """
pub struct Level(pub u8);

impl Level {
    pub fn default() -> Self {
        Level(1)
    }
}
""",
            """
pub struct Level(pub u8);

impl Default for Level {
    fn default() -> Self {
        Level(1)
    }
}
""",
        ),
    ),
    patches=_patches,
)
