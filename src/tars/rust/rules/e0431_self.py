"""Leaves out a `self` in the braces of an import that has no module before them: it names nothing."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, deleted_line, patch
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    if site.text != "self" or "imports need to be explicitly named" not in site.diagnostic.message:
        return
    listed, declaration = site.up("use_list"), site.up("use_declaration")
    if listed is None or declaration is None or listed.parent is None or listed.parent.type != "use_declaration":
        return
    others = [one for one in listed.named_children if one.start_byte != site.place.start]
    if not others:
        yield patch("leave out an import of nothing", 0.4, deleted_line(site.file, declaration))
    elif len(others) == 1:
        yield patch("leave out what names nothing", 0.6, site.file.replace(listed, site.file.text(others[0])))
    else:
        node = next(one for one in listed.named_children if one.start_byte == site.place.start)
        start, end = node.start_byte, node.end_byte
        if node.next_sibling is not None and node.next_sibling.type == ",":
            end = next(one.start_byte for one in others if one.start_byte > start) if node.next_named_sibling else end
        elif node.prev_sibling is not None and node.prev_sibling.type == ",":
            start = node.prev_sibling.start_byte
        yield patch("leave out what names nothing", 0.6, Change(Place(site.file.path, start, end), ""))


PLUGIN = Mend(
    codes=("", "E0431"),
    title="leave out a `self` that names nothing",
    cites=("docs:error_codes/E0431.html", "docs:reference/items/use-declarations.html"),
    examples=(
        Example(
            """
use {std::fmt, self};
pub fn write(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("one")
}
""",
            """
use std::fmt;
pub fn write(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("one")
}
""",
        ),
        Example(
            """
use {std::fmt, self, std::rc::Rc};
pub fn write(f: &mut fmt::Formatter<'_>, text: &Rc<str>) -> fmt::Result {
    f.write_str(text)
}
""",
            """
use {std::fmt, std::rc::Rc};
pub fn write(f: &mut fmt::Formatter<'_>, text: &Rc<str>) -> fmt::Result {
    f.write_str(text)
}
""",
        ),
    ),
    patches=_patches,
)
