"""Calls a method on what a value holds: behind a cell, a lock, an option or a result."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.methods import between, missing_method
from tars.rust.rules_support.types import RustType
from tars.rust.values import Example, Patch

_OPENED = {"RefCell": (".borrow()", ".borrow_mut()"), "RwLock": (".read().unwrap()", ".write().unwrap()")}


def _patches(site: Site) -> Iterator[Patch]:
    missing = missing_method(site)
    if missing is None or missing.receiver is None:
        return
    held = _held(missing.type)
    if held.head not in (*_OPENED, "Mutex", "Option", "Result") or not held.arguments:
        return
    known = [one for one in site.context.symbols.methods_of(str(held.inner)) if one.name == missing.name]
    if not known and held.head in ("Option", "Result"):
        return
    sure = 0.7 if known else 0.4
    if held.head == "Mutex":
        yield patch("lock it first", sure, between(site, missing.receiver, ".lock().unwrap()"))
    elif held.head in _OPENED:
        changes = any("&mut self" in one.signature for one in known)
        yield patch("borrow what it holds", sure, between(site, missing.receiver, _OPENED[held.head][changes]))
    else:
        yield from _unwrapped(site, missing.receiver, held, by_value="(self" in known[0].signature)


def _held(type_: RustType) -> RustType:
    """Without the references, boxes and counters around it."""
    bare = type_.peeled
    return _held(bare.inner) if bare.head in ("Rc", "Arc", "Box") and bare.arguments else bare


def _unwrapped(site: Site, receiver: Node, held: RustType, *, by_value: bool) -> Iterator[Patch]:
    function = next((one for one in ancestors(receiver) if one.type in ("function_item", "closure_expression")), None)
    returned = return_type(site.file, function)
    place = receiver.type in ("identifier", "field_expression", "self")
    loan = ".as_ref()" if place and not held.inner.is_copied and not by_value else ""
    if returned is not None and returned.head == held.head:
        yield patch("pass its absence on to the caller", 0.55, between(site, receiver, f"{loan}?"))
    yield patch("take the value, which must be there", 0.4, between(site, receiver, f"{loan}.unwrap()"))


PLUGIN = Mend(
    codes=("E0599",),
    title="call a method on what the value holds",
    cites=("docs:book/ch15-05-interior-mutability.html", "docs:std/option/enum.Option.html"),
    examples=(
        Example(
            """
use std::cell::RefCell;
pub fn add(all: &RefCell<Vec<u8>>) {
    all.push(1);
}
""",
            """
use std::cell::RefCell;
pub fn add(all: &RefCell<Vec<u8>>) {
    all.borrow_mut().push(1);
}
""",
        ),
        Example(
            "pub fn size(all: &[String]) -> Option<String> {\n    Some(all.first().to_uppercase())\n}\n",
            "pub fn size(all: &[String]) -> Option<String> {\n    Some(all.first()?.to_uppercase())\n}\n",
        ),
    ),
    patches=_patches,
)
