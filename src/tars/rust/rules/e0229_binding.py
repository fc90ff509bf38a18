"""Moves `Name = Type` from where it may not stand to the bound of the parameter."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.values import Change, Example, Patch

_HOLDERS = ("function_item", "impl_item", "struct_item", "trait_item", "function_signature_item", "enum_item")


def _patches(site: Site) -> Iterator[Patch]:
    arguments = site.up("type_arguments")
    generic = arguments.parent if arguments else None
    if arguments is None or generic is None:
        return
    path = next((one for one in ancestors(generic) if one.type in ("bracketed_type", "qualified_type")), None)
    text = site.file.text(path) if path else ""
    found = re.search(r"<?\s*(\w+) as (.+?)>?$", text, re.S)
    without = _without(site, arguments)
    holder = next((one for one in ancestors(generic) if one.type in _HOLDERS), None)
    if found and holder is not None:
        bound = _bound(site, holder, found[1], site.file.text(generic))
        if bound is not None:
            yield patch(f"ask for it where `{found[1]}` is declared", 0.65, bound, without)
    yield patch("leave it out here", 0.3, without)


def _without(site: Site, arguments: Node) -> Change:
    """The arguments without the binding."""
    given = [one for one in children(arguments) if not (one.start_byte <= site.place.start < one.end_byte)]
    if not given:
        return site.file.delete(arguments)
    return site.file.replace(arguments, f"<{', '.join(site.file.text(one) for one in given)}>")


def _bound(site: Site, holder: Node, name: str, trait: str) -> Change | None:
    """The declaration of the parameter, with the trait."""
    listed = holder.child_by_field_name("type_parameters")
    for one in children(listed) if listed else ():
        declared = site.file.text(one)
        if re.match(rf"{re.escape(name)}\b", declared):
            return site.file.insert(one.end_byte, f" + {trait}" if ":" in declared else f": {trait}")
    return None


PLUGIN = Mend(
    codes=("E0229",),
    title="ask for an associated type in a bound",
    cites=("docs:error_codes/E0229.html", "docs:reference/trait-bounds.html"),
    examples=(
        Example(
            """
pub fn first<I>(_: &<I as Iterator<Item = u8>>::Item) {}
""",
            """
pub fn first<I: Iterator<Item = u8>>(_: &<I as Iterator>::Item) {}
""",
        ),
    ),
    patches=_patches,
)
