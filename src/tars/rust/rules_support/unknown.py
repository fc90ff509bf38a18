"""Names that the compiler cannot find: what is said of one, and where else in its function the same one is missing."""

import re

from tars.rust.rules_support.mend import Site, enclosing_function
from tars.rust.values import Place

_SAID = re.compile(r"cannot find ([\w, ]+?) `([^`]+)` in (this scope|.+)")
_OTHER = re.compile(
    r"expected (value|function), found (?:built-in attribute|attribute macro|macro|module) `([a-z_]\w*)`"
)


class Unknown:
    """A name that is not found: `kind` is the compiler's word (`value`, `function`, `type`, …), `here` whether it is
    looked for in the scope of its place, and not in a module that stands before it."""

    def __init__(self, kind: str, name: str, here: bool) -> None:
        self.kind = kind
        self.name = name
        self.here = here

    @property
    def is_type(self) -> bool:
        return self.kind in ("type", "trait")

    @property
    def is_call(self) -> bool:
        return self.kind.startswith(("function", "method"))


def unknown_at(site: Site) -> Unknown | None:
    """What the diagnostic says is not found, or is only a macro or module; None where it says something else."""
    found = _SAID.match(site.diagnostic.message)
    if found is not None:
        return Unknown(found[1], found[2], found[3] == "this scope")
    other = _OTHER.match(site.diagnostic.message)
    return Unknown(other[1], other[2], True) if other is not None else None


def same_missing(site: Site, name: str) -> list[Place]:
    """Every place in the function where the compiler misses this name; of a type or module in the whole file."""
    function = enclosing_function(site.node) if name[:1].islower() and site.diagnostic.code == "E0425" else None
    whole = site.file.place(function or site.file.root)
    found = [
        place
        for one in site.context.diagnostics
        if one.code == site.diagnostic.code and (place := one.primary) is not None and place.path == site.file.path
        if whole.start <= place.start and place.end <= whole.end and site.file.text(place) == name
    ]
    return sorted(dict.fromkeys([*found, site.place]))
