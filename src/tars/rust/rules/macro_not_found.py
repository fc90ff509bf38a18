"""Finds the macro that is not in scope: declared later in the text, within a module, or spelt otherwise."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.items import attributes
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place

_STANDARD = (
    "println", "print", "eprintln", "eprint", "format", "vec", "panic", "assert", "assert_eq", "assert_ne", "write",
    "writeln", "matches", "dbg", "todo", "unreachable", "include_str", "env", "concat", "stringify", "line", "file",
    "debug_assert", "debug_assert_eq", "thread_local", "unimplemented", "format_args",
)  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    found = re.match(r"cannot find macro `(\w+)`", site.diagnostic.message)
    if found is None:
        return
    name = found[1]
    own: list[str] = []
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for macro in file.walk("macro_definition"):
            called = macro.child_by_field_name("name")
            own += [file.text(called)] if called is not None else []
            if called is not None and file.text(called) == name:
                yield from _reached(site, file, macro)
    for number, wanted in enumerate(list(dict.fromkeys([*nearest(name, own), *nearest(name, _STANDARD)]))[:3]):
        yield patch(f"`{wanted}!` is meant", 0.66 - 0.12 * number, site.file.replace(site.place, wanted))


def _reached(site: Site, file: SourceFile, macro: Node) -> Iterator[Patch]:
    """A macro is known from its definition on, and outside of its module only where the module says so."""
    module = next((one for one in ancestors(macro) if one.type == "mod_item"), None)
    same = file.path == site.file.path
    inside = module is not None and module.start_byte <= site.place.start < module.end_byte
    if module is not None and not inside:
        marked = any("macro_use" in file.text(one) for one in attributes(module))
        if same and not marked:
            indent = file.indent(module.start_byte)
            use = file.insert(module.start_byte, f"#[macro_use]\n{indent}")
            if module.end_byte < site.place.start:
                yield patch("let the module give its macros to what follows", 0.72, use)
        return
    if same and macro.start_byte > site.place.start:
        yield from _moved(site, file, macro)
    elif not same:
        yield from _other_file(site, file)


def _moved(site: Site, file: SourceFile, macro: Node) -> Iterator[Patch]:
    """The definition stands before the item that uses it."""
    first = next((one for one in file.root.children if one.end_byte > site.place.start), None)
    holder = macro.parent
    if first is None or holder is None:
        return
    if holder.type != "source_file":
        first = next((one for one in holder.named_children if one.end_byte > site.place.start), first)
    before = [*attributes(first), first][0]
    own = [*attributes(macro), macro]
    start, end = file.line_start(own[0].start_byte), min(file.line_end(macro.end_byte) + 1, len(file.data))
    start -= file.data[:start].endswith(b"\n\n")
    text = file.data[own[0].start_byte : macro.end_byte].decode("utf-8", "replace")
    gone = Change(Place(file.path, start, end), "")
    indent = file.indent(before.start_byte)
    yield patch("define the macro before it is used", 0.74, file.insert(before.start_byte, f"{text}\n\n{indent}"), gone)


def _other_file(site: Site, file: SourceFile) -> Iterator[Patch]:
    """The `mod` of the file that has it is marked, and stands before what uses the macro."""
    stem = re.sub(r"(/mod)?\.rs$", "", file.path).rpartition("/")[2]
    for path in sorted(site.context.files):
        holder = site.context.files[path]
        for one in children(holder.root, "mod_item"):
            name = one.child_by_field_name("name")
            marked = any("macro_use" in holder.text(mark) for mark in attributes(one))
            if (
                name is not None
                and holder.text(name) == stem
                and one.child_by_field_name("body") is None
                and not marked
            ):
                use = holder.insert(one.start_byte, "#[macro_use]\n")
                yield patch("let the module give its macros to what follows", 0.7, use)


PLUGIN = Mend(
    codes=("",),
    title="find the macro that is not in scope",
    cites=("docs:reference/macros-by-example.html#scoping-exporting-and-importing",),
    examples=(
        Example(
            """
pub fn two() -> u8 {
    one!() + 1
}

macro_rules! one {
    () => {
        1
    };
}
""",
            """
macro_rules! one {
    () => {
        1
    };
}

pub fn two() -> u8 {
    one!() + 1
}
""",
        ),
        Example(
            """
mod numbers {
    macro_rules! one {
        () => {
            1
        };
    }
}
pub fn two() -> u8 {
    one!() + 1
}
""",
            """
#[macro_use]
mod numbers {
    macro_rules! one {
        () => {
            1
        };
    }
}
pub fn two() -> u8 {
    one!() + 1
}
""",
        ),
        Example(
            """
pub fn greet() {
    printnl!("hello");
}
""",
            """
pub fn greet() {
    println!("hello");
}
""",
        ),
    ),
    patches=_patches,
)
