"""Mends moving a value of a type parameter out of what is lent: the parameter is `Copy`, or a clone is made."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Example, Patch, Place, RustDiagnostic

_TYPE = re.compile(r"if `(\w+)` implemented `Clone`")


def _patches(site: Site) -> Iterator[Patch]:
    found = _hint(site.diagnostic)
    if found is None or found[1].path not in site.context.files:
        return
    name, place, value = found
    file = site.file_of(place)
    copy = _bounded(file, place, "Copy")
    if copy is not None:
        yield patch(f"ask for `{name}: Copy`", 0.7, copy)
    clone = _bounded(file, place, "Clone")
    if clone is not None and value is not None:
        wanted = [
            one for each in site.context.diagnostics if each.code == site.diagnostic.code and (one := _hint(each))
        ]
        places = [one[2] for one in wanted if one[0] == name and one[2] is not None]
        changes = [change for one in dict.fromkeys(places) for change in _cloned(site, one)]
        yield patch(f"ask for `{name}: Clone` and clone", 0.62, clone, *changes)


def _hint(diagnostic: RustDiagnostic) -> tuple[str, Place, Place | None] | None:
    """The type parameter, where it is declared, and the value that could be cloned."""
    for note in diagnostic.notes:
        found = _TYPE.search(note.message)
        declared = next((one.place for one in note.labels if "constraining this type parameter" in one.text), None)
        if found and declared is not None:
            return found[1], declared, next((one.place for one in note.labels if "could clone" in one.text), None)
    return None


def _bounded(file: SourceFile, place: Place, trait: str) -> Change | None:
    """The parameter's declaration with one more bound."""
    node = file.node_at(place)
    parameter: Node | None = next((one for one in (node, *ancestors(node)) if one.type == "type_parameter"), None)
    if parameter is None:
        return None
    bounds = parameter.child_by_field_name("bounds")
    if bounds is None:
        name = parameter.child_by_field_name("name") or parameter
        return file.insert(name.end_byte, f": {trait}")
    return file.insert(bounds.end_byte, f" + {trait}") if trait not in file.text(bounds) else None


def _cloned(site: Site, value: Place) -> Iterator[Change]:
    file = site.file_of(value)
    node = file.exactly(value) or file.node_at(value)
    if node.type == "unary_expression" and file.text(node).startswith("*"):
        yield file.replace(node, f"{file.text(node.named_children[0])}.clone()")
    else:
        yield file.insert(value.end, ".clone()")


PLUGIN = Mend(
    codes=("E0507", "E0508"),
    title="ask that a type parameter can be copied or cloned",
    cites=("docs:error_codes/E0507.html", "docs:book/ch10-02-traits.html"),
    examples=(
        Example(
            "pub fn first<T>(all: &[T]) -> Option<T> {\n    Some(*all.first()?)\n}\n",
            "pub fn first<T: Copy>(all: &[T]) -> Option<T> {\n    Some(*all.first()?)\n}\n",
        ),
        Example(
            "pub fn first<T: PartialEq>(all: &[T]) -> T {\n    all[0]\n}\n",
            "pub fn first<T: PartialEq + Clone>(all: &[T]) -> T {\n    all[0].clone()\n}\n",
        ),
    ),
    patches=_patches,
)
