"""What another crate of the workspace keeps in a private module and does not give out."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tree_sitter import Node

from tars.rust.rules_support.items import items
from tars.rust.rules_support.mend import Site, ancestors, children, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Patch

_ITEMS = (
    "struct_item", "enum_item", "union_item", "trait_item", "type_item", "function_item", "const_item", "static_item",
)  # fmt: skip


def given_out(site: Site, name: str) -> Iterator[Patch]:
    """The root of the crate that declares a public item of that name gives it out."""
    if not any("in the root" in label.text for label in site.diagnostic.labels):
        return
    for file, item in items(site.context, *_ITEMS, name=name):
        package, found, inner = file.path.rpartition("src/")
        root = site.context.files.get(f"{package}src/lib.rs")
        parts = [one for one in PurePosixPath(inner).with_suffix("").parts if one != "mod"]
        if root is None or not found or parts == ["lib"] or site.file.path.startswith(f"{package}src/"):
            continue
        if parts and _is_public(file, item):
            yield patch(f"give `{name}` out of its crate", 0.66, _listed(root, "::".join(parts), name))


def _is_public(file: SourceFile, item: Node) -> bool:
    shown = children(item, "visibility_modifier")
    return bool(shown) and file.text(shown[0]) == "pub" and not any(one.type == "mod_item" for one in ancestors(item))


def _listed(root: SourceFile, module: str, name: str) -> Change:
    """The name beside what is given out of that module already, else on a line of its own behind the modules."""
    for one in children(root.root, "use_declaration"):
        argument = one.child_by_field_name("argument")
        path = argument.child_by_field_name("path") if argument is not None else None
        if argument is None or path is None or not root.text(one).startswith("pub use"):
            continue
        if root.text(path).removeprefix("crate::").removeprefix("self::") != module:
            continue
        listed, own = argument.child_by_field_name("list"), argument.child_by_field_name("name")
        if listed is not None and listed.named_children:
            return root.insert(listed.named_children[-1].end_byte, f", {name}")
        if own is not None:
            return root.replace(own, f"{{{root.text(own)}, {name}}}")
    modules = children(root.root, "mod_item")
    at = modules[-1].end_byte if modules else 0
    return root.insert(at, f"\npub use {module}::{name};")
