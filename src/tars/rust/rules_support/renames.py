"""Names that were changed where they are declared and not where they are used, or the other way round."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from tars.rust.mending.rule import Context
from tars.rust.rules_support.mend import Site
from tars.rust.rules_support.names import mentions, replaced
from tars.rust.rules_support.opened import opened
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Change, Place

_NAMES = ("identifier", "type_identifier", "field_identifier", "shorthand_field_identifier")


@lru_cache(maxsize=4096)
def _written(file: SourceFile) -> Counter[str]:
    return Counter(file.text(node) for node in file.walk(*_NAMES))


def is_unused(context: Context, name: str) -> bool:
    """Whether a name is written where it is declared, and nowhere else in the crate."""
    return sum(_written(opened(context.files[path]))[name] for path in sorted(context.files)) == 1


def missing_places(site: Site, codes: Sequence[str], name: str, owner: str = "") -> list[Place]:
    """Every place of the crate where the compiler misses this name, with these codes; with `owner` only where its
    message names that type too."""
    found = []
    for one in site.context.diagnostics:
        place = one.primary
        if one.code not in codes or place is None or place.path not in site.context.files:
            continue
        place = last_segment(site.file_of(place), place)
        if site.file_of(place).text(place) == name and (not owner or owner in one.message):
            found.append(place)
            if one.code == "E0432":  # Where what is imported is used, the compiler keeps still.
                file = site.file_of(place)
                found += mentions(file, file.root, name)
    return sorted(dict.fromkeys(found))


def last_segment(file: SourceFile, place: Place) -> Place:
    """Where the last name of a path is written."""
    name = file.text(place).rpartition("::")[2]
    return Place(place.path, place.end - len(name.encode()), place.end)


def renamed_places(site: Site, places: Sequence[Place], name: str) -> list[Change]:
    """The name written at all these places, of any file."""
    return [change for place in places for change in replaced(site.file_of(place), [place], name)]
