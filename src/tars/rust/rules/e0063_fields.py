"""Fills the fields that a struct expression misses: from variables of their names, else with empty values."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import Found, declared_type, fields, implements, items, name_of
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.patterns import empty_value
from tars.rust.rules_support.scope import locals_before
from tars.rust.rules_support.types import parse_type
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    struct = site.up("struct_expression")
    body = struct.child_by_field_name("body") if struct else None
    found = _declaration(site, struct) if struct else None
    if struct is None or body is None or found is None:
        return
    given = {site.file.text(one.named_children[0]) for one in children(body) if one.named_children}
    missing = [(name, type_) for name, type_ in fields(*found) if name not in given]
    if not missing:
        return
    known = {local.name for local in locals_before(site.file, struct)}
    texts, sure = [], 0.7
    for name, type_ in missing:
        value, confidence = _value(site, struct, name, type_, known)
        sure = min(sure, confidence)
        texts.append(name if value == name else f"{name}: {value}")
    yield patch(f"give {', '.join(f'`{name}`' for name, _ in missing)}", sure, _insert(site.file, body, texts))
    owner = name_of(*found)
    if implements(site.context, owner, "Default") and not _within_default(site.file, struct, owner):
        rest = _insert(site.file, body, ["..Default::default()"])
        yield patch("give the rest their defaults", 0.4, rest)


def _within_default(file: SourceFile, node: Node, owner: str) -> bool:
    """Whether this stands in the type's own `impl Default`, which would call itself for ever."""
    impl = next((one for one in ancestors(node) if one.type == "impl_item"), None)
    return impl is not None and "Default" in file.text(impl).partition("{")[0] and name_of(file, impl) == owner


def _declaration(site: Site, struct: Node) -> Found | None:
    said = site.words[-1] if site.words else ""
    owner, _, last = re.sub(r"<.*", "", said).rpartition("::")
    if owner:
        for file, enum in items(site.context, "enum_item", name=owner.rpartition("::")[2]):
            for variant in file.walk("enum_variant", within=enum):
                if name_of(file, variant) == last:
                    return file, variant
    return declared_type(site.context, said)


def _value(site: Site, struct: Node, name: str, type_: str, known: set[str]) -> tuple[str, float]:
    """What a field may be given, and how likely that is meant."""
    if name in known:
        return name, 0.7
    other = next(_elsewhere(site, struct, name), None)
    empty = empty_value(parse_type(type_))
    if other is not None and re.fullmatch(r"-?[\d._]+|true|false|None|\w+::new\(\)", other):
        return other, 0.4
    return (empty, 0.3) if empty is not None else ("Default::default()", 0.2)


def _elsewhere(site: Site, struct: Node, name: str) -> Iterator[str]:
    """What other expressions of the same struct give the field."""
    head = site.file.text(struct.child_by_field_name("name") or struct)
    for one in site.file.walk("struct_expression"):
        if one.id != struct.id and site.file.text(one.child_by_field_name("name") or one) == head:
            for field in site.file.walk("field_initializer", within=one):
                own, value = field.child_by_field_name("field"), field.child_by_field_name("value")
                if own is not None and value is not None and site.file.text(own) == name:
                    yield site.file.text(value)


def _insert(file: SourceFile, body: Node, texts: list[str]) -> Change:
    """The fields behind the others, laid out as they are."""
    given = children(body)
    if given and given[-1].type == "base_field_initializer":
        return file.insert(given[-1].start_byte, "".join(f"{text}, " for text in texts))
    if not given:
        return file.replace(body, "{ " + ", ".join(texts) + " }")
    last = given[-1]
    apart = file.line_start(last.start_byte) != file.line_start(body.start_byte)
    after = last.next_sibling
    if apart:
        indent = file.indent(last.start_byte)
        comma = after is not None and after.type == ","
        end = after.end_byte if comma and after is not None else last.end_byte
        joined = "".join(f"\n{indent}{text}{'' if text.startswith('..') else ','}" for text in texts)
        return file.insert(end, joined if comma else "," + joined)
    return file.insert(last.end_byte, "".join(f", {text}" for text in texts))


PLUGIN = Mend(
    codes=("E0063",),
    title="give every field a value",
    cites=("docs:error_codes/E0063.html", "docs:book/ch05-01-defining-structs.html"),
    examples=(
        Example(
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
pub fn point(x: i32, y: i32) -> Point {
    Point { x }
}
""",
            """
pub struct Point {
    pub x: i32,
    pub y: i32,
}
pub fn point(x: i32, y: i32) -> Point {
    Point { x, y }
}
""",
        ),
        Example(
            """
pub struct Node {
    pub value: i32,
    pub next: Option<Box<Node>>,
}
pub fn leaf(value: i32) -> Node {
    Node {
        value,
    }
}
""",
            """
pub struct Node {
    pub value: i32,
    pub next: Option<Box<Node>>,
}
pub fn leaf(value: i32) -> Node {
    Node {
        value,
        next: None,
    }
}
""",
        ),
    ),
    patches=_patches,
)
