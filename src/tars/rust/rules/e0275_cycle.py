"""Breaks bounds that go round in circles."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.mend import Mend, Site, children, delete_from_list, patch
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    holder = site.up("where_predicate")
    clause = site.up("where_clause")
    if site.diagnostic.code == "E0275" and holder is not None and clause is not None:
        yield patch("ask for nothing that asks for itself", 0.4, _without(site, clause, holder))
    elif site.diagnostic.code == "E0391":
        bounds = site.up("trait_bounds")
        given = children(bounds) if bounds else []
        own = next((one for one in given if one.start_byte <= site.place.start < one.end_byte), None)
        if bounds is not None and own is not None:
            change = site.file.delete(bounds) if len(given) == 1 else delete_from_list(site.file, given, own)
            yield patch("ask for one of the two traits only", 0.4, change)


def _without(site: Site, clause: Node, predicate: Node) -> Change:
    given = children(clause)
    return site.file.delete(clause) if len(given) == 1 else delete_from_list(site.file, given, predicate)


PLUGIN = Mend(
    codes=("E0275", "E0391"),
    title="break bounds that go round in circles",
    cites=("docs:error_codes/E0275.html", "docs:error_codes/E0391.html"),
    examples=(
        Example(
            """
pub trait Shelf {}
pub struct Box2<T>(pub T);
impl<T> Shelf for T where Box2<T>: Shelf {}
""",
            """
pub trait Shelf {}
pub struct Box2<T>(pub T);
impl<T> Shelf for T  {}
""",
        ),
        Example(
            "pub trait One: Other {}\npub trait Other: One {}\n",
            "pub trait One {}\npub trait Other: One {}\n",
        ),
    ),
    patches=_patches,
)
