"""Implements a trait for the type that is imported and nowhere named, where it is implemented for another one twice."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch

_OFFERED_MAX = 3


def _patches(site: Site) -> Iterator[Patch]:
    for label in site.diagnostic.labels:
        if label.place.path not in site.context.files:
            continue
        file = site.file_of(label.place)
        impl = file.node_of(label.place, "impl_item")
        type_ = impl.child_by_field_name("type") if impl is not None else None
        head = type_.child_by_field_name("type") if type_ is not None and type_.type == "generic_type" else type_
        if head is None or head.type != "type_identifier":
            continue
        for number, name in enumerate(_unused(file)):
            if number < _OFFERED_MAX:
                sure = 0.7 - 0.12 * number + 0.05 * label.primary
                yield patch(f"implement it for `{name}`, which is imported", sure, file.replace(head, name))


def _unused(file: SourceFile) -> Iterator[str]:
    """The types that the file imports by name and does not name again."""
    named: set[str] = set()
    for one in file.walk("type_identifier", "identifier"):
        if not any(around.type == "use_declaration" for around in ancestors(one)):
            named.add(file.text(one))
    uses = file.walk("use_declaration")
    yield from dict.fromkeys(name for one in uses for name in _names(file, one) if name not in named)


def _names(file: SourceFile, use: Node) -> list[str]:
    return re.findall(r"\b([A-Z]\w*[a-z]\w*)\b(?=\s*[;,}])", file.text(use))


PLUGIN = Mend(
    codes=("E0119",),
    title="implement a trait for the type that is imported for it",
    cites=("docs:error_codes/E0119.html", "docs:reference/items/implementations.html#trait-implementation-coherence"),
    examples=(
        Example(
            """
use std::rc::Rc;
use std::sync::Arc;
pub trait Steady {}
impl<T: ?Sized> Steady for Box<T> {}
impl<T: ?Sized> Steady for Rc<T> {}
impl<T: ?Sized> Steady for Box<T> {}
""",
            """
use std::rc::Rc;
use std::sync::Arc;
pub trait Steady {}
impl<T: ?Sized> Steady for Box<T> {}
impl<T: ?Sized> Steady for Rc<T> {}
impl<T: ?Sized> Steady for Arc<T> {}
""",
        ),
    ),
    patches=_patches,
)
