"""Shares between threads what may be shared: `Arc` for `Rc`, `Mutex` for `RefCell`, `+ Send` on trait objects."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_SPANS = re.compile(rb'"(?:\\.|[^"\\])*"|//[^\n]*')


def _patches(site: Site) -> Iterator[Patch]:
    found = re.match(r"`(.+)` cannot be (?:sent|shared) between threads safely", site.diagnostic.message)
    if found is None:
        return
    named = found[1]
    counted, celled = re.search(r"\bRc<", named), re.search(r"\bRefCell<", named)
    data = site.file.data
    if counted and re.search(rb"\bRefCell\b", data):
        both = [*_words(site.file, "Rc", "Arc"), *_locked(site.file)]
        yield patch("share it in an `Arc` with a `Mutex`", 0.5, *both)
    if counted:
        yield patch("count its owners in an `Arc`", 0.6, *_words(site.file, "Rc", "Arc"))
    if celled:
        yield patch("guard it with a `Mutex`", 0.55, *_locked(site.file))
    if objects := re.search(r"dyn .+", named):
        text = re.sub(r" \+ '\w+", "", objects[0]).strip()
        text = text[:-1] if text.count(")") > text.count("(") else text
        changes = [
            Change(Place(site.file.path, hit.end(), hit.end()), " + Send")
            for hit in re.finditer(re.escape(text.encode()) + rb"(?!\s*\+)", data)
        ]
        if changes:
            yield patch("ask for what threads may be sent", 0.6, *changes)


def _words(file: SourceFile, old: str, new: str) -> list[Change]:
    """The name of a type everywhere in the file, with the module that `std` has it in."""
    changes: list[Change] = []
    skipped = [span.span() for span in _SPANS.finditer(file.data)]
    for hit in re.finditer(rf"(?:\b(rc|cell)::)?\b{old}\b".encode(), file.data):
        if not any(start <= hit.start() < end for start, end in skipped):
            module = "sync::" if hit[1] else ""
            changes.append(Change(Place(file.path, *hit.span()), f"{module}{new}"))
    return changes


def _locked(file: SourceFile) -> list[Change]:
    changes = _words(file, "RefCell", "Mutex")
    for hit in re.finditer(rb"\.(?:borrow|borrow_mut)\(\)", file.data):
        changes.append(Change(Place(file.path, *hit.span()), ".lock().unwrap()"))
    return changes


PLUGIN = Mend(
    codes=("E0277",),
    title="share between threads what may be shared",
    cites=("docs:book/ch16-03-shared-state.html", "docs:book/ch16-04-extensible-concurrency-sync-and-send.html"),
    examples=(
        Example(
            """
use std::rc::Rc;
pub fn main() {
    let words = Rc::new(5);
    std::thread::spawn(move || println!("{words}"));
}
""",
            """
use std::sync::Arc;
pub fn main() {
    let words = Arc::new(5);
    std::thread::spawn(move || println!("{words}"));
}
""",
        ),
        Example(
            """
use std::cell::RefCell;
use std::sync::Arc;
pub fn main() {
    let count = Arc::new(RefCell::new(5));
    std::thread::spawn(move || *count.borrow_mut() += 1);
}
""",
            """
use std::sync::Mutex;
use std::sync::Arc;
pub fn main() {
    let count = Arc::new(Mutex::new(5));
    std::thread::spawn(move || *count.lock().unwrap() += 1);
}
""",
        ),
    ),
    patches=_patches,
)
