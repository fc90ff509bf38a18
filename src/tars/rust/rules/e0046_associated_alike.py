"""Says what an associated type is as the one beside it is: `type Item = I::Item` beside `type Error = I::Error`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.items import name_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch

_MISSING = re.compile(r"missing: `([A-Z]\w*)`$")


def _patches(site: Site) -> Iterator[Patch]:
    impl = site.up("impl_item")
    body = impl.child_by_field_name("body") if impl is not None else None
    missing = _MISSING.search(site.diagnostic.message)
    if impl is None or body is None or missing is None:
        return
    for one in children(body, "type_item"):
        own, type_ = name_of(site.file, one), one.child_by_field_name("type")
        text = site.file.text(type_) if type_ is not None else ""
        if not re.search(rf"::{own}\b", text):
            continue
        indent = site.file.indent(one.start_byte)
        said = re.sub(rf"::{own}\b", f"::{missing[1]}", text)
        written = f"type {missing[1]} = {said};\n{indent}"
        yield patch(f"say what `{missing[1]}` is as `{own}` is said", 0.8, site.file.insert(one.start_byte, written))
        return


PLUGIN = Mend(
    codes=("E0046",),
    title="say what an associated type is as others are said",
    cites=("docs:error_codes/E0046.html", "docs:reference/items/associated-items.html#associated-types"),
    examples=(
        Example(
            """
pub trait Source {
    type Item;
    type Error;
    fn next(&mut self) -> Result<Option<Self::Item>, Self::Error>;
}
impl<I: Source + ?Sized> Source for &mut I {
    type Error = I::Error;
    fn next(&mut self) -> Result<Option<I::Item>, I::Error> {
        (**self).next()
    }
}
""",
            """
pub trait Source {
    type Item;
    type Error;
    fn next(&mut self) -> Result<Option<Self::Item>, Self::Error>;
}
impl<I: Source + ?Sized> Source for &mut I {
    type Item = I::Item;
    type Error = I::Error;
    fn next(&mut self) -> Result<Option<I::Item>, I::Error> {
        (**self).next()
    }
}
""",
        ),
    ),
    patches=_patches,
)
