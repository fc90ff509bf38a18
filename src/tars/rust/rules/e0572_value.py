"""Mends `return` outside of a function: the value stands for itself."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    node = site.up("return_expression")
    if node is not None and node.named_children:
        yield patch("write the value itself", 0.9, site.file.replace(node, site.file.text(node.named_children[0])))


PLUGIN = Mend(
    codes=("E0572",),
    title="write the value without `return` where no function is left",
    cites=("docs:error_codes/E0572.html", "docs:reference/expressions/return-expr.html"),
    examples=(Example("pub const ONE: u8 = return 1;\n", "pub const ONE: u8 = 1;\n"),),
    patches=_patches,
)
