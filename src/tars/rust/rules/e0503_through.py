"""Mends a use of what is mutably lent: it goes through the loan."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.loans import loan_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import bound_names
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    loan = loan_of(site)
    file = site.file
    first = file.statement(loan.first) if loan is not None else None
    found = re.fullmatch(r"&mut\s+(\w+)", file.text(loan.first)) if loan is not None else None
    names = bound_names(file, first) if first is not None else []
    if first is None or found is None or len(names) != 1:
        return
    node = file.exactly(site.place) or file.node_at(site.place)
    if node.type in ("assignment_expression", "compound_assignment_expr"):
        node = node.child_by_field_name("left") or node
    if file.text(node) == found[1]:
        sure = 0.6 if loan is not None and loan.in_loop else 0.5
        yield patch("use it through the loan", sure, file.replace(node, f"*{names[0]}"))


PLUGIN = Mend(
    codes=("E0503", "E0506"),
    title="use what is lent through the loan",
    cites=("docs:error_codes/E0503.html", "docs:book/ch04-02-references-and-borrowing.html"),
    examples=(
        Example(
            "pub fn down(mut x: u8) {\n    let y = &mut x;\n    while x > 0 {\n        *y -= 1;\n    }\n}\n",
            "pub fn down(mut x: u8) {\n    let y = &mut x;\n    while *y > 0 {\n        *y -= 1;\n    }\n}\n",
        ),
        Example(
            "pub fn down(mut x: u8) {\n    let y = &mut x;\n    x = 3;\n    *y -= 1;\n}\n",
            "pub fn down(mut x: u8) {\n    let y = &mut x;\n    *y = 3;\n    *y -= 1;\n}\n",
        ),
    ),
    patches=_patches,
)
