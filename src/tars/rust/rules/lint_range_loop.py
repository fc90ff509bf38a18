"""Goes through what a loop only indexes, as clippy would have it, with a name in the place of each index."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import free_name, parameter_of
from tars.rust.values import Change, Example, Patch

_THROUGH = ("field_expression", "index_expression")


def _patches(site: Site) -> Iterator[Patch]:
    loop = site.up("for_expression")
    body = loop.child_by_field_name("body") if loop is not None else None
    if loop is None or body is None or len(site.words) < 2:
        return
    index, indexed = site.words[0], site.words[1]
    name = free_name(site.file, loop, *_names(indexed))
    places = [node for node in site.file.walk("index_expression", within=body) if _is(site, node, indexed, index)]
    uses = [_as_name(site, node, name) for node in places]
    for suggestion in site.diagnostic.suggestions:
        head = [Change(one.place, one.text.replace("<item>", name)) for one in suggestion.changes]
        if not places or len(head) != 2 or any(one.place.end > body.start_byte for one in head):
            continue
        lent = _is_reference(site, loop, indexed)
        yield patch("go through the elements", 0.6 if lent else 0.85, *head, *uses)
        bare = [Change(one.place, re.sub(r"^&(mut )?", "", one.text)) for one in head]
        if bare != head:
            yield patch("go through the elements", 0.85 if lent else 0.6, *bare, *uses)


def _is_reference(site: Site, loop: Node, indexed: str) -> bool:
    """Whether what is indexed is a parameter that is a reference, which clippy would borrow once more."""
    parameter = parameter_of(site.file, indexed, loop)
    written = parameter.child_by_field_name("type") if parameter is not None else None
    return written is not None and written.type == "reference_type"


def _names(indexed: str) -> tuple[str, str]:
    """What an element of `points` may be called: `point`, and where that is no word, `item`."""
    last = indexed.rpartition(".")[2]
    return (last[:-1] if last.endswith("s") and len(last) > 2 and last.isidentifier() else "item"), "item"


def _is(site: Site, node: Node, indexed: str, index: str) -> bool:
    value, position = _index_parts(node)
    return site.file.text(value) == indexed and site.file.text(position) == index


def _index_parts(node: Node) -> tuple[Node, Node]:
    """What is indexed, and by what."""
    return node.named_children[0], node.named_children[-1]


def _as_name(site: Site, node: Node, name: str) -> Change:
    """A method, a field and an index look through a reference, and so does what prints; all else takes what it leads
    to."""
    parent = node.parent
    if parent is not None and parent.type == "reference_expression":
        return site.file.replace(parent, name)
    looked_through = parent is not None and (
        (parent.type in _THROUGH and parent.named_children[0].id == node.id) or _is_macro(site, parent)
    )
    return site.file.replace(node, name if looked_through else f"*{name}")


def _is_macro(site: Site, arguments: Node) -> bool:
    call = arguments.parent if arguments.type == "arguments" else None
    function = call.child_by_field_name("function") if call is not None else None
    return function is not None and site.file.text(function).endswith("!")


PLUGIN = Mend(
    codes=("clippy::needless_range_loop",),
    title="go through the elements instead of their indices",
    cites=("tool:clippy::needless_range_loop", "docs:book/ch03-05-control-flow.html"),
    examples=(
        Example(
            """
pub fn sum(sizes: &[i32]) -> i32 {
    let mut total = 0;
    for i in 0..sizes.len() {
        total += sizes[i];
    }
    total
}
""",
            """
pub fn sum(sizes: &[i32]) -> i32 {
    let mut total = 0;
    for size in sizes {
        total += *size;
    }
    total
}
""",
        ),
        Example(
            """
pub fn show(words: &[String]) {
    for i in 0..words.len() {
        println!("{} {} {}", i, words[i], words[i].len());
    }
}
""",
            """
pub fn show(words: &[String]) {
    for (i, word) in words.iter().enumerate() {
        println!("{} {} {}", i, word, word.len());
    }
}
""",
        ),
        Example(
            """
pub fn clear(all: &mut [u8], from: usize) {
    for i in from..all.len() {
        all[i] = 0;
    }
}
""",
            """
pub fn clear(all: &mut [u8], from: usize) {
    for item in all.iter_mut().skip(from) {
        *item = 0;
    }
}
""",
        ),
    ),
    patches=_patches,
)
