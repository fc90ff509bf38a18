"""Writes a name of capitals as other names of types are, wherever it stands."""

from collections.abc import Iterator

from tars.rust.rules_support.items import derived, name_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch, Place

_DECLARED = (
    "enum_variant", "enum_item", "struct_item", "union_item", "type_item", "trait_item", "const_item", "static_item",
)  # fmt: skip
_STANDARD = frozenset({"Clone", "Copy", "Debug", "Default", "Eq", "Hash", "Ord", "PartialEq", "PartialOrd"})


def _patches(site: Site) -> Iterator[Patch]:
    old = site.text
    files = [site.file_of(Place(path, 0, 0)) for path in site.context.files]
    declared = [one for file in files for one in file.walk(*_DECLARED) if name_of(file, one) == old]
    item = site.up("enum_item", "struct_item", "union_item", "type_item", "trait_item")
    if len(declared) != 1 or item is None or not _STANDARD.issuperset(derived(site.file, item)):
        return  # of two it is not known which is meant, and what others derive may write the name into data
    for suggestion in site.diagnostic.suggestions:
        new = suggestion.changes[0].text
        places = [(file, one) for file in files for one in file.walk("identifier", "type_identifier")]
        changes = [Change(file.place(one), new) for file, one in places if file.text(one) == old]
        yield patch(f"`{new}` wherever it stands", 0.85, *changes)


PLUGIN = Mend(
    codes=("clippy::upper_case_acronyms",),
    title="write an acronym as a name",
    cites=("tool:clippy::upper_case_acronyms", "docs:book/ch06-01-defining-an-enum.html"),
    examples=(
        Example(
            """
enum Kind {
    HTTP,
    Mail,
}

pub fn port(plain: bool) -> u16 {
    let kind = if plain { Kind::HTTP } else { Kind::Mail };
    match kind {
        Kind::HTTP => 80,
        Kind::Mail => 25,
    }
}
""",
            """
enum Kind {
    Http,
    Mail,
}

pub fn port(plain: bool) -> u16 {
    let kind = if plain { Kind::Http } else { Kind::Mail };
    match kind {
        Kind::Http => 80,
        Kind::Mail => 25,
    }
}
""",
        ),
    ),
    patches=_patches,
)
