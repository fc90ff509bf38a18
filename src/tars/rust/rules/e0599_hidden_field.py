"""Reaches for the field of that name: a local hides it, `heads.replace(heads)` → `self.heads.replace(heads)`."""

from collections.abc import Iterator

from tars.rust.rules_support.items import fields, items, parameters
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.rules_support.spots import names_at
from tars.rust.rules_support.types import parse_type
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    impl, function = site.up("impl_item"), enclosing_function(site.node)
    subject = impl.child_by_field_name("type") if impl is not None else None
    given = parameters(function) if function is not None else []
    if subject is None or not given or given[0].type != "self_parameter":
        return
    head = parse_type(site.file.text(subject)).head
    known = {name for file, node in items(site.context, "struct_item", name=head) for name, _ in fields(file, node)}
    access = site.up("field_expression")
    value = access.child_by_field_name("value") if access is not None else None
    names = [value] if value is not None and value.type == "identifier" else names_at(site)
    for number, node in enumerate(one for one in names if site.file.text(one) in known):
        text = site.file.text(node)
        sure = max(0.4 - 0.1 * number, 0.06)
        yield patch(f"the field `{text}` is meant", sure, site.file.insert(node.start_byte, "self."))


PLUGIN = Mend(
    codes=("E0599", "E0308"),
    title="reach for the field that a local hides",
    cites=("docs:reference/expressions/field-expr.html", "docs:book/ch05-03-method-syntax.html"),
    examples=(
        Example(
            """
use std::cell::RefCell;
pub struct Lines {
    heads: RefCell<Option<Vec<usize>>>,
}
impl Lines {
    pub fn read(&self) {
        let heads: Vec<usize> = vec![0];
        heads.replace(Some(heads));
    }
}
""",
            """
use std::cell::RefCell;
pub struct Lines {
    heads: RefCell<Option<Vec<usize>>>,
}
impl Lines {
    pub fn read(&self) {
        let heads: Vec<usize> = vec![0];
        self.heads.replace(Some(heads));
    }
}
""",
        ),
        Example(
            """
pub struct Sum {
    total: u64,
}
impl Sum {
    pub fn add(&mut self, total: u32) -> u64 {
        self.total += u64::from(total);
        total
    }
}
""",
            """
pub struct Sum {
    total: u64,
}
impl Sum {
    pub fn add(&mut self, total: u32) -> u64 {
        self.total += u64::from(total);
        self.total
    }
}
""",
        ),
    ),
    patches=_patches,
)
