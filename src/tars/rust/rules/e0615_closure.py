"""Makes a closure of a method that is taken as a value: it takes what the method takes beside `self`."""

from collections.abc import Iterator

from tars.rust.rules_support.items import items, parameters
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    access = site.up("field_expression")
    if access is None or len(site.words) < 2:
        return
    name, owner = site.words[0], parse_type(site.words[1]).peeled.head
    for file, impl in items(site.context, "impl_item", name=owner):
        for one in file.walk("function_item", within=impl):
            own = one.child_by_field_name("name")
            if own is None or file.text(own) != name:
                continue
            given = [part.child_by_field_name("pattern") for part in parameters(one) if part.type == "parameter"]
            names = [file.text(part).removeprefix("mut ") for part in given if part is not None]
            if names and all(each.isidentifier() for each in names):
                listed, value = ", ".join(names), site.file.text(access)
                text = f"|{listed}| {value}({listed})"
                yield patch(f"a closure that calls `{name}`", 0.6, site.file.replace(access, text))
                return


PLUGIN = Mend(
    codes=("E0615",),
    title="make a closure of a method that is taken as a value",
    cites=("docs:error_codes/E0615.html", "docs:reference/expressions/closure-expr.html"),
    examples=(
        Example(
            """
pub struct Scale(i32);
impl Scale {
    pub fn times(&self, number: i32) -> i32 {
        self.0 * number
    }
}
pub fn scaled(scale: &Scale, all: Vec<i32>) -> Vec<i32> {
    all.into_iter().map(scale.times).collect()
}
""",
            """
pub struct Scale(i32);
impl Scale {
    pub fn times(&self, number: i32) -> i32 {
        self.0 * number
    }
}
pub fn scaled(scale: &Scale, all: Vec<i32>) -> Vec<i32> {
    all.into_iter().map(|number| scale.times(number)).collect()
}
""",
        ),
    ),
    patches=_patches,
)
