"""One change for all the names of a module that miss an import: a lost `use` of several names is mended at once."""

import re

from tree_sitter import Node

from tars.rust.rules_support.items import attributes
from tars.rust.rules_support.mend import Site
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place, RustDiagnostic

_MISSING = re.compile(
    r"cannot find (?:[\w, ]+?) `\w+` in this scope|expected trait, found derive macro|failed to resolve: use of"
)
_CODES = frozenset({"E0425", "E0412", "E0422", "E0433", "E0405", "E0404", "E0531"})


def imports_of_all(site: Site) -> list[Change]:
    """Imports of every name that is missing in the module of the diagnostic, from where each most likely is; nothing
    where they are fewer than two, where one is nowhere, or where the diagnostic is not the first of its code."""
    names = _missing(site)
    if len(names) < 2:
        return []
    paths: list[str] = []
    for name, place in names.items():
        found = [path for path in site.context.symbols.paths_of(name, place) if "::" in path]
        if not found:
            return []
        paths.append(found[0])
    holders: dict[str, list[str]] = {}
    for path in paths:
        holder, _, name = path.rpartition("::")
        holders.setdefault(holder, []).append(name)
    return _inserted(site, holders)


def missing_names(site: Site) -> set[str]:
    """The names that are missing in the module of the diagnostic; none where it is not the first of its code there."""
    return set(_missing(site))


def _missing(site: Site) -> dict[str, Place]:
    """The names that are missing in the module of the diagnostic, each where it is missed first; none where another
    diagnostic of its code is the first of them."""
    module = _module(site.file, site.place)
    names: dict[str, Place] = {}
    first: RustDiagnostic | None = None
    for one in site.context.diagnostics:
        place = one.primary
        if one.code not in _CODES or place is None or place.path != site.file.path or not _MISSING.match(one.message):
            continue
        name = site.file.text(place)
        if re.fullmatch(r"\w+", name) and _module(site.file, place) == module:
            first = first or (one if one.code == site.diagnostic.code else None)
            names.setdefault(name, place)
    return names if first is site.diagnostic else {}


def imported(file: SourceFile, path: str, near: Place) -> Change:
    """An import of the path in the module of the place: in the braces of another one from there, else among the others
    by the alphabet."""
    scope = file.node_of(near, "mod_item") or file.root
    body = scope.child_by_field_name("body") or scope
    uses = [one for one in body.children if one.type == "use_declaration"]
    return _in_braces(file, uses, path) or _among(file, uses, path) or file.insert_use(path, near)


def _in_braces(file: SourceFile, uses: list[Node], path: str) -> Change | None:
    """`use std::rc::{Rc};` takes `Weak` in too, where it is on one line and not public."""
    holder, _, name = path.rpartition("::")
    for one in uses:
        listing = next((child for child in one.children if child.type == "scoped_use_list"), None)
        before = listing.child_by_field_name("path") if listing is not None else None
        braces = listing.child_by_field_name("list") if listing is not None else None
        if before is None or braces is None or file.text(before).replace(" ", "") != holder:
            continue
        inside = braces.named_children
        plain = all(child.type in ("identifier", "self") for child in inside)
        if one.children[0].type == "visibility_modifier" or not inside or not plain or "\n" in file.text(braces):
            continue
        after = next((child for child in inside if child.type == "identifier" and file.text(child) > name), None)
        if after is not None:
            return file.insert(after.start_byte, f"{name}, ")
        return file.insert(inside[-1].end_byte, f", {name}")
    return None


def _among(file: SourceFile, uses: list[Node], path: str) -> Change | None:
    """A line of its own between those of the same crate."""
    crate = path.partition("::")[0]
    same = [
        (one, text)
        for one in uses
        if (argument := one.child_by_field_name("argument")) and (text := file.text(argument)).startswith(f"{crate}::")
    ]
    after = next((one for one, text in same if text > path), None)
    if after is not None:
        start = attributes(after)[0].start_byte if attributes(after) else after.start_byte
        return file.insert(start, f"use {path};\n{file.indent(start)}")
    if same:
        last = same[-1][0]
        return file.insert(last.end_byte, f"\n{file.indent(last.start_byte)}use {path};")
    return None


def _inserted(site: Site, holders: dict[str, list[str]]) -> list[Change]:
    changes = []
    for holder, inner in sorted(holders.items()):
        path = f"{holder}::{inner[0]}" if len(inner) == 1 else f"{holder}::{{{', '.join(sorted(inner))}}}"
        changes.append(site.file.insert_use(path, site.place))
    if len(changes) > 1 and changes[0].text.endswith("\n\n"):
        head = [Change(one.place, one.text.replace("\n\n", "\n", 1)) for one in changes[:-1]]
        return [*head, changes[-1]]
    return changes


def _module(file: SourceFile, place: Place) -> int:
    """Where the inline module of a place begins; -1 for the file's own."""
    found = file.node_of(place, "mod_item")
    return found.start_byte if found is not None else -1
