"""Mends a trait object whose lifetime nothing tells: the bound is written."""

from collections.abc import Iterator

from tars.rust.rules_support.lifetimes import in_scope
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    node = site.node
    names = [*reversed(in_scope(site.file, node)), "'static"]
    for number, name in enumerate(names):
        text = f"{site.text} + {name}"
        bare = node.parent is not None and node.parent.type not in ("reference_type", "pointer_type")
        text = text if bare else f"({text})"
        yield patch(f"it lives for `{name}`", 0.7 * 0.7**number, site.file.replace(site.place, text))


PLUGIN = Mend(
    codes=("E0228", "E0227"),
    title="write how long a trait object lives",
    cites=("docs:error_codes/E0228.html", "docs:reference/lifetime-elision.html#default-trait-object-lifetimes"),
    examples=(
        Example(
            "pub trait Show {}\n\npub struct Two<'a, 'b, T: ?Sized + 'a + 'b>(&'a T, &'b T);\n\n"
            "pub type Shown<'a, 'b> = Two<'a, 'b, dyn Show>;\n",
            "pub trait Show {}\n\npub struct Two<'a, 'b, T: ?Sized + 'a + 'b>(&'a T, &'b T);\n\n"
            "pub type Shown<'a, 'b> = Two<'a, 'b, dyn Show + 'b>;\n",
        ),
        Example(
            "pub trait A<'a>: 'a {}\npub trait B<'b>: 'b {}\npub trait Both<'a, 'b>: A<'a> + B<'b> {}\n\n"
            "pub struct One<'a, 'b, 'c: 'a + 'b> {\n    pub x: &'c u8,\n    pub both: dyn Both<'a, 'b>,\n}\n",
            "pub trait A<'a>: 'a {}\npub trait B<'b>: 'b {}\npub trait Both<'a, 'b>: A<'a> + B<'b> {}\n\n"
            "pub struct One<'a, 'b, 'c: 'a + 'b> {\n    pub x: &'c u8,\n    pub both: dyn Both<'a, 'b> + 'c,\n}\n",
        ),
    ),
    patches=_patches,
)
