"""Asks a type parameter for the one trait that declares what is called on it."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch

_BOUND = re.compile(r"(?::| \+)\s*(?:\w+::)*\w+")


def _patches(site: Site) -> Iterator[Patch]:
    said = " ".join(note.message for note in site.diagnostic.notes)
    if "the following trait defines an item" not in said:
        return
    asked = {
        one.changes[0]
        for one in site.diagnostic.suggestions
        if len(one.changes) == 1
        and one.changes[0].place.path in site.context.files
        and _BOUND.fullmatch(one.changes[0].text)
    }
    if len(asked) == 1:
        change: Change = asked.pop()
        again = sum(change in one.changes for other in site.context.diagnostics for one in other.suggestions)
        yield patch(f"ask for `{change.text.lstrip(':+ ')}`, which declares it", 0.9 if again > 1 else 0.75, change)


PLUGIN = Mend(
    codes=("E0599",),
    title="ask a type parameter for the trait that declares what is called on it",
    cites=("docs:error_codes/E0599.html", "docs:reference/trait-bounds.html"),
    examples=(
        Example(
            """
pub trait Number: Sized {
    fn read(text: &str) -> Option<Self>;
    fn zero() -> Self;
}
pub struct Pair<T>(pub T, pub T);
impl<T: 'static> Pair<T> {
    pub fn first(self) -> T {
        self.0
    }
}
impl<T> Number for Pair<T> {
    fn read(text: &str) -> Option<Self> {
        Some(Pair(T::read(text)?, T::zero()))
    }
    fn zero() -> Self {
        Pair(T::zero(), T::zero())
    }
}
""",
            """
pub trait Number: Sized {
    fn read(text: &str) -> Option<Self>;
    fn zero() -> Self;
}
pub struct Pair<T>(pub T, pub T);
impl<T: 'static> Pair<T> {
    pub fn first(self) -> T {
        self.0
    }
}
impl<T: Number> Number for Pair<T> {
    fn read(text: &str) -> Option<Self> {
        Some(Pair(T::read(text)?, T::zero()))
    }
    fn zero() -> Self {
        Pair(T::zero(), T::zero())
    }
}
""",
        ),
    ),
    patches=_patches,
)
