"""Boxes the large field of an enum's variant, there and where the variant is made."""

from collections.abc import Iterator

from tars.rust.rules_support.items import name_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    for suggestion in site.diagnostic.suggestions:
        field = suggestion.changes[0].place
        variant = site.file.node_of(field, "enum_variant")
        enum = site.file.node_of(field, "enum_item")
        body = variant.child_by_field_name("body") if variant is not None else None
        if variant is None or enum is None or body is None or len(children(body)) != 1:
            continue
        names = {f"{owner}::{name_of(site.file, variant)}" for owner in (name_of(site.file, enum), "Self")}
        made = list(_made(site, names))
        yield patch("box the large field", 0.75, *suggestion.changes, *made)


def _made(site: Site, names: set[str]) -> Iterator[Change]:
    """Each argument that such a variant is made of, boxed."""
    for path in site.context.files:
        file = site.file_of(Place(path, 0, 0))
        for call in file.walk("call_expression"):
            function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
            if function is not None and arguments is not None and file.text(function) in names:
                for one in children(arguments):
                    yield file.replace(one, f"Box::new({file.text(one)})")


PLUGIN = Mend(
    codes=("clippy::large_enum_variant",),
    title="box the large field of a variant",
    cites=("tool:clippy::large_enum_variant", "docs:book/ch15-01-box.html"),
    examples=(
        Example(
            """
pub enum Page {
    Empty,
    Full([u8; 512]),
}

pub fn blank() -> Page {
    Page::Full([0; 512])
}
""",
            """
pub enum Page {
    Empty,
    Full(Box<[u8; 512]>),
}

pub fn blank() -> Page {
    Page::Full(Box::new([0; 512]))
}
""",
        ),
    ),
    patches=_patches,
)
