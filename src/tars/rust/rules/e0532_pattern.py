"""Writes the pattern of a variant or struct as it is declared: unit, with fields in order, or with named fields."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.items import Found, fields, items, name_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch

_PATTERNS = ("tuple_struct_pattern", "struct_pattern")
_DECLARED = ("enum_variant", "struct_item")


def _patches(site: Site) -> Iterator[Patch]:
    whole = site.node
    if whole.type not in _PATTERNS and whole.parent is not None and whole.parent.type in _PATTERNS:
        whole = whole.parent
    path = whole.child_by_field_name("type") if whole.type in _PATTERNS else whole
    if path is None:
        return
    written = site.file.text(path)
    found = _declared(site, written)
    if site.diagnostic.code == "E0531":
        yield from _known(site, whole, path, written)
        return
    for one in found[:2]:
        text = _pattern(site, whole, written, one)
        if text != site.file.text(whole):
            yield patch(f"match `{written}` as it is declared", 0.68, site.file.replace(whole, text))
    if not found and whole.type == "tuple_struct_pattern" and written[:1].islower():
        yield from _called(site, whole)


def _declared(site: Site, written: str) -> list[Found]:
    """The variants and structs of that name, of the enum that the path names where it names one."""
    *owners, name = written.split("::")
    found: list[Found] = []
    for file, node in items(site.context, "enum_item", "struct_item"):
        if node.type == "struct_item":
            found += [(file, node)] if name_of(file, node) == name and not owners else []
        elif not owners or owners[-1] in ("Self", name_of(file, node)):
            found += [(file, one) for one in file.walk("enum_variant", within=node) if name_of(file, one) == name]
    return found


def _pattern(site: Site, whole: Node, written: str, found: Found) -> str:
    """The given sub-patterns are kept: in their order, or as the fields' values."""
    file, node = found
    body = node.child_by_field_name("body")
    given = [site.file.text(one) for one in children(whole)[1:]] if whole.type in _PATTERNS else []
    given = [one for one in given if one != ".."]
    if body is None:
        return written
    names = [name for name, _ in fields(file, node)]
    if body.type == "ordered_field_declaration_list":
        inner = [re.sub(r"^\w+\s*:\s*", "", one) for one in given] if len(given) == len(names) else []
        return f"{written}({', '.join(inner or ['_'] * len(names)) if len(names) <= 3 or inner else '..'})"
    pairs = list(zip(names, given, strict=False)) if whole.type == "tuple_struct_pattern" else []
    parts = [name if name == value else f"{name}: {value}" for name, value in pairs if value != "_"]
    return f"{written} {{ {', '.join([*parts, *(['..'] if len(parts) < len(names) else [])])} }}"


def _known(site: Site, whole: Node, path: Node, written: str) -> Iterator[Patch]:
    """A name that nothing has: a variant without its enum, or one that is spelt alike."""
    name = written.rpartition("::")[2]
    every: list[tuple[str, Found]] = []
    for file, node in items(site.context, "enum_item", "struct_item"):
        if node.type == "struct_item":
            every.append((name_of(file, node), (file, node)))
        for one in file.walk("enum_variant", within=node):
            every.append((f"{name_of(file, node)}::{name_of(file, one)}", (file, one)))
    exact = [full for full, _ in every if full.rpartition("::")[2] == name and full != written]
    for full in exact[:3]:
        yield patch(f"`{full}` is meant", 0.7, site.file.replace(path, full))
    near = nearest(name, [full.rpartition("::")[2] for full, _ in every])
    for wanted in near[:2]:
        full = next(full for full, _ in every if full.rpartition("::")[2] == wanted)
        text = full if "::" in full and "::" not in written else re.sub(r"\w+$", wanted, written)
        yield patch(f"`{text}` is meant", 0.6, site.file.replace(path, text))
    for full in site.context.symbols.paths_of(name, site.place)[:2]:
        if full.count("::") >= 2 and full.startswith("std::"):
            yield patch(f"`{full}` is meant", 0.4, site.file.replace(path, full))


def _called(site: Site, whole: Node) -> Iterator[Patch]:
    """A call is no pattern; a guard may compare with what it gives."""
    arm = site.up("match_arm")
    pattern = arm.child_by_field_name("pattern") if arm else None
    if pattern is not None and children(pattern)[0].id == whole.id and pattern.child_by_field_name("condition") is None:
        text = f"value if value == {site.file.text(whole)}"
        yield patch("compare with what the function gives", 0.4, site.file.replace(whole, text))


PLUGIN = Mend(
    codes=("E0532", "E0531", "E0164", "E0533"),
    title="write the pattern as the variant is declared",
    cites=("docs:error_codes/E0532.html", "docs:error_codes/E0531.html", "docs:reference/patterns.html"),
    examples=(
        Example(
            """
pub enum State {
    Done,
    Failed(String),
}
pub fn tell(state: &State) -> bool {
    match state {
        State::Done => true,
        State::Failed => false,
    }
}
""",
            """
pub enum State {
    Done,
    Failed(String),
}
pub fn tell(state: &State) -> bool {
    match state {
        State::Done => true,
        State::Failed(_) => false,
    }
}
""",
        ),
        Example(
            """
pub enum State {
    Done,
    Failed(String),
}
pub fn tell(state: &State) -> bool {
    match state {
        State::Done(_) => true,
        State::Failed(text) => text.is_empty(),
    }
}
""",
            """
pub enum State {
    Done,
    Failed(String),
}
pub fn tell(state: &State) -> bool {
    match state {
        State::Done => true,
        State::Failed(text) => text.is_empty(),
    }
}
""",
        ),
        Example(
            """
pub enum Step {
    Quit,
    Move { x: i32, y: i32 },
}
pub fn far(step: &Step) -> i32 {
    match step {
        Step::Quit => 0,
        Step::Move(x, y) => x + y,
    }
}
""",
            """
pub enum Step {
    Quit,
    Move { x: i32, y: i32 },
}
pub fn far(step: &Step) -> i32 {
    match step {
        Step::Quit => 0,
        Step::Move { x, y } => x + y,
    }
}
""",
        ),
        Example(
            """
pub enum Step {
    Quit,
    Move { x: i32, y: i32 },
}
pub fn moves(step: &Step) -> bool {
    match step {
        Step::Quit => false,
        Step::Move => true,
    }
}
""",
            """
pub enum Step {
    Quit,
    Move { x: i32, y: i32 },
}
pub fn moves(step: &Step) -> bool {
    match step {
        Step::Quit => false,
        Step::Move { .. } => true,
    }
}
""",
        ),
        Example(
            """
pub enum State {
    Done,
    Failed(String),
}
pub fn tell(state: &State) -> bool {
    match state {
        State::Done => true,
        Failed(text) => text.is_empty(),
    }
}
""",
            """
pub enum State {
    Done,
    Failed(String),
}
pub fn tell(state: &State) -> bool {
    match state {
        State::Done => true,
        State::Failed(text) => text.is_empty(),
    }
}
""",
        ),
    ),
    patches=_patches,
)
