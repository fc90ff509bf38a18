"""One change for all the names of a module that miss an import: a lost `use` of several names is mended at once."""

import re

from tars.rust.rules_support.mend import Site
from tars.rust.source import SourceFile
from tars.rust.values import Change, Place, RustDiagnostic

_MISSING = re.compile(
    r"cannot find (?:[\w, ]+?) `\w+` in this scope|expected trait, found derive macro|failed to resolve: use of"
)
_CODES = frozenset({"E0425", "E0422", "E0433", "E0405", "E0404", "E0531"})


def imports_of_all(site: Site) -> list[Change]:
    """Imports of every name that is missing in the module of the diagnostic, from where each most likely is; nothing
    where they are fewer than two, where one is nowhere, or where the diagnostic is not the first of them."""
    module = _module(site.file, site.place)
    names: dict[str, Place] = {}
    first: RustDiagnostic | None = None
    for one in site.context.diagnostics:
        place = one.primary
        if one.code not in _CODES or place is None or place.path != site.file.path or not _MISSING.match(one.message):
            continue
        name = site.file.text(place)
        if re.fullmatch(r"\w+", name) and _module(site.file, place) == module:
            first = first or one
            names.setdefault(name, place)
    if len(names) < 2 or first is not site.diagnostic:
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
