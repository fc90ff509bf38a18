"""Gives a closure that outlives its function a clone of what is used beside it: `move` alone would take it away."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.names import written
from tars.rust.rules_support.statements import put_before
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    closure = site.up("closure_expression", "async_block")
    name = site.words[0] if site.words else ""
    if closure is None or not name.isidentifier() or name == "self":
        return
    file = site.file
    statement = file.statement(file.place(closure))
    if statement is None or statement.parent is None:
        return
    loops = ("for_expression", "while_expression", "loop_expression")
    looped = next((one for one in ancestors(closure) if one.type in loops), None)
    own = looped.child_by_field_name("pattern") if looped is not None else None
    if own is not None and name in written(file, own):
        return
    later = [one for one in statement.parent.named_children if one.start_byte > statement.start_byte]
    if looped is None and not any(name in written(file, one) for one in later):
        return
    at = closure.start_byte + (len("async") if closure.type == "async_block" else 0)
    word = " move" if closure.type == "async_block" else "move "
    cloned = put_before(file, statement, f"let {name} = {name}.clone();")
    if looped is not None:
        yield patch(f"each gets a clone of `{name}`", 0.72, cloned, file.insert(at, word))
        return
    # Later uses are of the first one: the clone must not hide it.
    block = f"{{ let {name} = {name}.clone(); {file.text(closure)[: at - closure.start_byte]}{word}"
    rest = file.data[at : closure.end_byte].decode("utf-8", "replace")
    yield patch(f"give it a clone of `{name}`", 0.72, file.replace(closure, f"{block}{rest} }}"))


PLUGIN = Mend(
    codes=("E0373",),
    title="give a closure a clone of what is used beside it",
    cites=("docs:error_codes/E0373.html", "docs:book/ch13-01-closures.html"),
    examples=(
        Example(
            """
use std::sync::Arc;
use std::thread;
pub fn count(names: Arc<Vec<String>>) -> usize {
    let mut all = Vec::new();
    for _ in 0..2 {
        all.push(thread::spawn(|| names.len()));
    }
    all.into_iter().map(|one| one.join().unwrap()).sum()
}
""",
            """
use std::sync::Arc;
use std::thread;
pub fn count(names: Arc<Vec<String>>) -> usize {
    let mut all = Vec::new();
    for _ in 0..2 {
        let names = names.clone();
        all.push(thread::spawn(move || names.len()));
    }
    all.into_iter().map(|one| one.join().unwrap()).sum()
}
""",
        ),
        Example(
            """
use std::thread;
pub fn count(names: Vec<String>) -> usize {
    let one = thread::spawn(|| names.len());
    one.join().unwrap() + names.len()
}
""",
            """
use std::thread;
pub fn count(names: Vec<String>) -> usize {
    let one = thread::spawn({ let names = names.clone(); move || names.len() });
    one.join().unwrap() + names.len()
}
""",
        ),
    ),
    patches=_patches,
)
