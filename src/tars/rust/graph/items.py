"""What one Rust file declares: its items with their places, imports and implementations. Pure: a file in, values out.

Nothing is resolved here, so the result depends on the file's bytes alone and may be kept by their hash.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ducktools.classbuilder.prefab import Prefab, attribute
from tree_sitter import Node

from tars.rust.graph.uses import Use, imports_of
from tars.rust.syntax.source import SourceFile

_KINDS = {
    "function_item": "fn",
    "function_signature_item": "fn",
    "struct_item": "struct",
    "enum_item": "enum",
    "union_item": "union",
    "trait_item": "trait",
    "mod_item": "mod",
    "const_item": "const",
    "static_item": "static",
    "type_item": "type",
    "associated_type": "type",
    "macro_definition": "macro",
}
_NESTED = re.compile(rb"\b(?:struct|enum|union|trait|impl|mod|use|fn|const|static|type|macro_rules|extern)\b")
_BARE = re.compile(rb"^\s*#!\[(?:cfg_attr\([^\]]*,\s*)?no_std\b", re.MULTILINE)
_SELF = re.compile(r"\(\s*(?:&\s*(?:'\w+\s+)?)?(?:mut\s+)?self\b")


class Member(NamedTuple):
    """A field (`text` is its type) or a variant (`text` is its declaration)."""

    name: str
    text: str
    visibility: str
    start: int
    end: int


class Declared(NamedTuple):
    """An item. `module` is the inline module that holds it (`a::b`, mostly empty), `owner` the trait or the type of the
    `impl` that it belongs to, `body` whether a function's body or the like holds it (it then has no path)."""

    name: str
    kind: str
    module: str
    owner: str
    trait: str
    visibility: str
    text: str
    start: int
    end: int
    name_start: int
    name_end: int
    body: bool
    members: tuple[Member, ...]
    derives: tuple[str, ...]

    @property
    def takes_self(self) -> bool:
        """Whether a function is a method."""
        return self.kind == "fn" and _SELF.search(self.text) is not None


class Implementation(NamedTuple):
    """`impl<generics> trait for subject`; `trait` is empty for an inherent one."""

    module: str
    generics: str
    trait: str
    subject: str
    start: int
    end: int
    negative: bool


class FileModule(NamedTuple):
    """`mod name;`: `path` is that of a `#[path]` attribute."""

    module: str
    name: str
    path: str
    visibility: str


class Summary(NamedTuple):
    """How much a file declares."""

    kinds: dict[str, int]
    imports: int
    implementations: int
    modules: list[FileModule]


class FileItems(Prefab):
    """All that a file declares, in the order of the text. `shards` holds what others derived from it."""

    items: list[Declared] = attribute(default_factory=list)
    uses: list[Use] = attribute(default_factory=list)
    impls: list[Implementation] = attribute(default_factory=list)
    modules: list[FileModule] = attribute(default_factory=list)
    bare: bool = False
    """Whether it says `#![no_std]`, if only under a condition."""
    shards: dict[object, object] = attribute(default_factory=dict, compare=False)

    def summary(self) -> Summary:
        """How much there is."""
        return Summary(Counter(item.kind for item in self.items), len(self.uses), len(self.impls), self.modules)


class _Within(Prefab, frozen=True):
    module: str = ""
    owner: str = ""
    trait: str = ""
    body: bool = False


def read_items(file: SourceFile) -> FileItems:
    """The items of a file; what does not parse is left out, the rest is found all the same."""
    found = FileItems(bare=_BARE.search(file.data) is not None)
    _walk(file, file.root, _Within(), found)
    return found


def base_name(type_text: str) -> str:
    """The name of a type without references, path, arguments and bounds: `&'a mut shapes::Circle<T>` → `Circle`;
    `[T]` and `[T; 2]` are `slice` and `array`, `()` is `unit`."""
    text = re.sub(
        r"^(?:\s*(?:&+\s*(?:'\w+\s+)?(?:mut\s+)?|\*(?:const|mut)\s+|dyn\s+|impl\s+|mut\s+|'\w+\s+))+", "", type_text
    )
    text = text.strip().strip("`")
    if text.startswith("["):
        return "array" if re.search(r";[^\]]*\]$", text) else "slice"
    if text.startswith("("):
        return "unit" if text.replace(" ", "") == "()" else "tuple"
    head = re.split(r"[<\s+({]", text, maxsplit=1)[0]
    return head.rpartition("::")[2]


def signature_of(file: SourceFile, node: Node) -> str:
    """A declaration on one line, its body, attributes and visibility left out."""
    body = node.child_by_field_name("body")
    start = next((c.start_byte for c in node.children if c.type not in ("attribute_item", "visibility_modifier")), 0)
    end = body.start_byte if body is not None and node.type != "struct_item" else node.end_byte
    return " ".join(file.data[start:end].decode("utf-8", "replace").split()).rstrip("; ")


def _walk(file: SourceFile, parent: Node, within: _Within, found: FileItems) -> None:
    attributes: list[Node] = []
    for node in parent.named_children:
        if node.type in ("attribute_item", "line_comment", "block_comment"):
            attributes += [node] if node.type == "attribute_item" else []
            continue
        _read(file, node, within, attributes, found)
        attributes = []


def _read(file: SourceFile, node: Node, within: _Within, attributes: list[Node], found: FileItems) -> None:
    body = node.child_by_field_name("body")
    if node.type in _KINDS:
        _declare(file, node, within, attributes, found)
    if node.type == "use_declaration" or node.type == "extern_crate_declaration":
        found.uses += imports_of(file, node, within.module, within.body)
    elif node.type == "impl_item":
        _implement(file, node, within, found)
    elif node.type == "mod_item" and body is not None:
        name = _field(file, node, "name")
        inner = f"{within.module}::{name}" if within.module else name
        _walk(file, body, _Within(inner, body=within.body), found)
    elif node.type == "mod_item":
        path = next((m[1] for a in attributes if (m := re.search(r'path\s*=\s*"([^"]+)"', file.text(a)))), "")
        found.modules.append(FileModule(within.module, _field(file, node, "name"), path, _visibility(file, node)))
    elif node.type == "trait_item" and body is not None:
        _walk(file, body, _Within(within.module, _field(file, node, "name"), "", within.body), found)
    elif node.type in ("foreign_mod_item", "ERROR"):
        _walk(file, body or node, within, found)
    elif (node.type not in _KINDS or node.type == "function_item") and _NESTED.search(
        file.data, (body or node).start_byte, node.end_byte
    ):
        for block in _blocks(body or node):
            _walk(file, block, _Within(within.module, body=True), found)


def _blocks(node: Node) -> Iterator[Node]:
    """The blocks and broken parts in which statements, and so items, may stand, those of items left out."""
    stack = [node]
    while stack:
        one = stack.pop()
        if one.type in ("block", "ERROR"):
            yield one
            # What stands in the block's own statements is walked to from there.
            continue
        stack.extend(reversed([child for child in one.named_children if child.type not in _KINDS]))


def _declare(file: SourceFile, node: Node, within: _Within, attributes: list[Node], found: FileItems) -> None:
    name = node.child_by_field_name("name")
    if name is None or name.is_missing:
        return
    derives = tuple(one for attribute in attributes for one in _derives(file.text(attribute)))
    found.items.append(
        Declared(
            file.text(name), _KINDS[node.type], within.module, within.owner, within.trait, _visibility(file, node),
            signature_of(file, node), node.start_byte, node.end_byte, name.start_byte, name.end_byte, within.body,
            tuple(_members(file, node)), derives,
        )
    )  # fmt: skip


def _implement(file: SourceFile, node: Node, within: _Within, found: FileItems) -> None:
    subject, trait = _field(file, node, "type"), _field(file, node, "trait")
    negative = any(child.type == "!" for child in node.children)
    found.impls.append(
        Implementation(
            within.module, _field(file, node, "type_parameters"), trait, subject, node.start_byte, node.end_byte,
            negative,
        )
    )  # fmt: skip
    body = node.child_by_field_name("body")
    if body is not None:
        _walk(file, body, _Within(within.module, base_name(subject), trait, within.body), found)


def _members(file: SourceFile, node: Node) -> Iterator[Member]:
    body = node.child_by_field_name("body")
    if body is None:
        return
    if body.type == "field_declaration_list":
        for one in body.named_children:
            if one.type == "field_declaration":
                yield Member(
                    _field(file, one, "name"), _field(file, one, "type"), _visibility(file, one),
                    one.start_byte, one.end_byte,
                )  # fmt: skip
    elif body.type == "ordered_field_declaration_list":
        visibility, number = "", 0
        for one in body.named_children:
            if one.type == "visibility_modifier":
                visibility = file.text(one)
            elif one.type not in ("attribute_item", "line_comment", "block_comment"):
                yield Member(str(number), file.text(one), visibility, one.start_byte, one.end_byte)
                visibility, number = "", number + 1
    elif body.type == "enum_variant_list":
        for one in body.named_children:
            if one.type == "enum_variant":
                yield Member(_field(file, one, "name"), file.text(one), "pub", one.start_byte, one.end_byte)


def _derives(attribute: str) -> Iterator[str]:
    for inside in re.findall(r"\bderive\s*\(([^)]*)\)", attribute):
        yield from (one.strip().rpartition("::")[2] for one in inside.split(",") if one.strip())


def _visibility(file: SourceFile, node: Node) -> str:
    return next((file.text(child) for child in node.children if child.type == "visibility_modifier"), "")


def _field(file: SourceFile, node: Node, name: str) -> str:
    child = node.child_by_field_name(name)
    return file.text(child) if child is not None else ""
