"""Traits: what deriving one asks for, and implementations that follow from a type's fields."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.mending.rule import Context
from tars.rust.rules_support.items import (
    Found,
    attributes,
    derived,
    fields,
    implements,
    insert_derives,
    items,
    name_of,
    variants,
)
from tars.rust.rules_support.types import FLOATS, RustType, parse_type, uses_of
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

DERIVED_WITH = {
    "Debug": (), "Clone": (), "Default": (), "Hash": (), "PartialEq": (), "Copy": ("Clone",), "Eq": ("PartialEq",),
    "PartialOrd": ("PartialEq",), "Ord": ("PartialEq", "Eq", "PartialOrd"),
}  # fmt: skip
"""The traits that can be derived, each with those that it asks for besides."""
_ORDER = ("Debug", "Clone", "Copy", "Default", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash")
_NEVER = {
    "Copy": frozenset({"String", "Vec", "Box", "Rc", "Arc", "HashMap", "HashSet", "BTreeMap", "RefCell", "&mut "}),
    "Eq": FLOATS, "Ord": FLOATS | {"HashMap", "HashSet"}, "Hash": FLOATS | {"HashMap", "HashSet"},
    "PartialOrd": frozenset({"HashMap", "HashSet"}), "Default": frozenset({"&mut ", "fn"}),
    "Clone": frozenset({"&mut "}),
}  # fmt: skip
"""The types that keep what holds them from deriving a trait."""


def derives(context: Context, type_name: str, trait: str) -> list[Change] | None:
    """The changes that let one of the crate's types derive a trait: those that the trait asks for and those of its
    fields' types among them; None where it cannot, or where the type is not of the crate."""
    if trait not in DERIVED_WITH:
        return None
    wanted: dict[str, tuple[Found, set[str]]] = {}
    if not _collect(context, type_name, trait, wanted):
        return None
    changes: list[Change] = []
    for (file, node), traits in wanted.values():
        changes.append(insert_derives(file, node, *sorted(traits, key=_ORDER.index)))
    return changes


def _collect(context: Context, type_name: str, trait: str, wanted: dict[str, tuple[Found, set[str]]]) -> bool:
    """Gathers what is to be derived into `wanted`; False where a field forbids it."""
    found = next(items(context, "struct_item", "enum_item", name=type_name), None)
    if found is None or (trait == "Default" and found[1].type == "enum_item"):
        return False
    lacking = [one for one in (*DERIVED_WITH[trait], trait) if not implements(context, type_name, one)]
    entry = wanted.setdefault(type_name, (found, set()))
    new = [one for one in lacking if one not in entry[1]]
    entry[1].update(new)
    if not entry[1]:
        del wanted[type_name]
    generics = {name.strip() for name in re.findall(r"[A-Z]\w*", _generics(*found))}
    for type_ in _field_types(*found):
        for one in uses_of(type_):
            if any(one.head in _NEVER.get(each, ()) for each in new) or one.head.startswith("dyn "):
                return False
            own = next(items(context, "struct_item", "enum_item", name=one.head), None)
            if own is None or one.head in generics or one.head == type_name:
                continue
            if not all(
                implements(context, one.head, each) or _collect(context, one.head, each, wanted) for each in new
            ):
                return False
    return True


def _generics(file: SourceFile, node: Node) -> str:
    declared = node.child_by_field_name("type_parameters")
    return file.text(declared) if declared else ""


def _field_types(file: SourceFile, node: Node) -> Iterator[RustType]:
    for holder in variants(node) if node.type == "enum_item" else [node]:
        for _, type_ in fields(file, holder):
            yield parse_type(type_)


def without_derive(file: SourceFile, node: Node, trait: str) -> Change | None:
    """The item's `#[derive]` without that trait; the whole attribute goes where nothing is left."""
    for attribute in attributes(node):
        text = file.text(attribute)
        inner = re.match(r"(#\s*\[\s*derive\s*\()(.*)(\)\s*\])$", text, re.S)
        if inner is None:
            continue
        names = [name.strip() for name in inner[2].split(",") if name.strip()]
        kept = [name for name in names if name.rpartition("::")[2] != trait]
        if len(kept) == len(names):
            continue
        if kept:
            return file.replace(attribute, f"{inner[1]}{', '.join(kept)}{inner[3]}")
        end = attribute.end_byte
        while file.data[end : end + 1] in (b" ", b"\n"):
            end += 1
        return Change(Place(file.path, attribute.start_byte, end), "")
    return None


def after(file: SourceFile, node: Node, text: str) -> Change:
    """`text` as further items behind this one."""
    return file.insert(node.end_byte, f"\n\n{text}")


def impl_header(file: SourceFile, node: Node, trait: str) -> str:
    """`impl Trait for Type` with the type's generics."""
    generics = _generics(file, node)
    names = re.findall(r"(?:^|[<,])\s*(?:const\s+)?('?\w+)", re.sub(r"<[^<>]*>(?!$)", "", generics))
    arguments = f"<{', '.join(names)}>" if names else ""
    return f"impl{generics} {trait} for {name_of(file, node)}{arguments}"


def display_impl(file: SourceFile, node: Node, *, debug: bool) -> str:
    """An `impl Display` that shows the type's one field, else, as it is shown for debugging, or its fields."""
    given = fields(file, node) if node.type == "struct_item" else []
    if len(given) == 1:
        body = f'write!(f, "{{}}", self.{given[0][0]})'
    elif debug or not given:
        body = 'write!(f, "{self:?}")'
    else:
        holes = ", ".join(name + ": {}" if not name.isdigit() else "{}" for name, _ in given)
        body = f'write!(f, "{holes}", {", ".join(f"self.{name}" for name, _ in given)})'
    return (
        f"{impl_header(file, node, 'std::fmt::Display')} {{\n"
        f"    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{\n        {body}\n    }}\n}}"
    )


def debug_if_needed(context: Context, file: SourceFile, node: Node) -> list[Change]:
    """The derive of `Debug` that the type lacks, if any."""
    if "Debug" in derived(file, node) or implements(context, name_of(file, node), "Debug"):
        return []
    return derives(context, name_of(file, node), "Debug") or []
