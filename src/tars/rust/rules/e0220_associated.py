"""Names the associated type that a trait has, or declares the one that is asked of it."""

import re
from collections.abc import Iterator

from tars.core.near import close_matches
from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.items import declared_trait, items, name_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch

_STANDARD = ("Item", "Output", "Error", "Err", "Target", "IntoIter", "Owned", "IntoFuture")


def _patches(site: Site) -> Iterator[Patch]:
    wrong = site.text
    if not re.fullmatch(r"\w+", wrong):
        return
    standard = [name for name in _STANDARD if name.lower() == wrong.lower() and name != wrong]
    for name in standard:
        yield patch(f"it is called `{name}`", 0.75, site.file.replace(site.place, name))
    around = site.up("trait_item")
    yield from () if standard else _spelt(site, wrong)
    trait = (site.file, around) if around is not None else declared_trait(site.context, _trait(site))
    if trait is None:
        return
    file, node = trait
    known = [name_of(file, one) for one in file.walk("associated_type", within=node)]
    near = close_matches(wrong, known, n=1) or (known if len(known) == 1 else [])
    for name in near:
        yield patch(f"it is called `{name}`", 0.55, site.file.replace(site.place, name))
    body = node.child_by_field_name("body")
    if body is not None and not standard:
        inner = children(body)
        apart = b"\n" in file.data[body.start_byte : body.end_byte]
        indent = file.indent(inner[0].start_byte) if inner and apart else file.indent(node.start_byte) + "    "
        text = f"\n{indent}type {wrong};" if apart else f" type {wrong};"
        yield patch(f"declare `{wrong}` in the trait", 0.35, file.insert(body.start_byte + 1, text))


def _spelt(site: Site, wrong: str) -> Iterator[Patch]:
    """The nearest in spelling of all associated types that the crate's traits and the usual ones declare."""
    declared = (
        name_of(file, one) for file, trait in items(site.context, "trait_item")
        for one in file.walk("associated_type", within=trait)
    )  # fmt: skip
    for name in nearest(wrong, dict.fromkeys((*declared, *_STANDARD)), 2):
        yield patch(f"it is spelt `{name}`", 0.7, site.file.replace(site.place, name))


def _trait(site: Site) -> str:
    found = re.search(r"(?:not found for|in trait|in) `([^`]+)`", site.diagnostic.message)
    text = found[1] if found else ""
    path = site.up("scoped_type_identifier", "qualified_type")
    qualified = re.search(r"<.+ as ([^<>]+)>", site.file.text(path)) if path else None
    return qualified[1] if qualified else text


PLUGIN = Mend(
    codes=("E0220", "E0576"),
    title="name an associated type that the trait has",
    cites=("docs:error_codes/E0220.html", "docs:book/ch20-02-advanced-traits.html"),
    examples=(
        Example(
            """
pub unsafe trait Holds {
    type Item;
}
pub struct All<A: Holds>(Vec<A::Item>);
impl<A: Holds> All<A> {
    pub fn first(&self) -> Option<&A::Ietm> {
        self.0.first()
    }
}
""",
            """
pub unsafe trait Holds {
    type Item;
}
pub struct All<A: Holds>(Vec<A::Item>);
impl<A: Holds> All<A> {
    pub fn first(&self) -> Option<&A::Item> {
        self.0.first()
    }
}
""",
        ),
        Example(
            "pub fn first<I: Iterator>(mut all: I) -> Option<I::item> {\n    all.next()\n}\n",
            "pub fn first<I: Iterator>(mut all: I) -> Option<I::Item> {\n    all.next()\n}\n",
        ),
        Example(
            """
pub trait Shelf {
    type Book;
    fn first(&self) -> <Self as Shelf>::Volume;
}
""",
            """
pub trait Shelf {
    type Book;
    fn first(&self) -> <Self as Shelf>::Book;
}
""",
        ),
    ),
    patches=_patches,
)
