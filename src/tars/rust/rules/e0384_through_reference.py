"""Mends an assignment to a parameter that is a `&mut`: what it refers to was meant."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import parameter_of
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    node = site.up("assignment_expression")
    left, right = (node.child_by_field_name(name) for name in ("left", "right")) if node is not None else (None, None)
    if left is None or right is None or left.type != "identifier":
        return
    file = site.file
    parameter = parameter_of(file, file.text(left), left)
    written = parameter.child_by_field_name("type") if parameter is not None else None
    if written is None or not re.match(r"&\s*('\w+\s+)?mut\b", file.text(written)):
        return
    changes = [file.insert(left.start_byte, "*")]
    if borrowed := re.match(r"&\s*mut\s+", file.text(right)):
        changes.append(file.delete(Place(file.path, right.start_byte, right.start_byte + len(borrowed[0]))))
    yield patch("assign to what the parameter refers to", 0.92, *changes)


PLUGIN = Mend(
    codes=("E0384", "E0308"),
    title="assign through a `&mut` parameter",
    cites=("docs:error_codes/E0384.html", "docs:book/ch04-02-references-and-borrowing.html#mutable-references"),
    examples=(
        Example(
            "pub fn set(x: &mut u8) {\n    let mut y = 3;\n    x = &mut y;\n}\n",
            "pub fn set(x: &mut u8) {\n    let mut y = 3;\n    *x = y;\n}\n",
        ),
        Example(
            "pub fn set(text: &mut String) {\n    text = String::new();\n}\n",
            "pub fn set(text: &mut String) {\n    *text = String::new();\n}\n",
        ),
    ),
    patches=_patches,
)
