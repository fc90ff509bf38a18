"""Opens an item of the crate that is there, but private: `fn sum` → `pub fn sum`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.visibility import SURE, declaration_at, opened
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    for note in site.diagnostic.notes:
        if "exists but is inaccessible" not in note.message:
            continue
        for label in note.labels:
            if label.place.path not in site.context.files:
                continue
            file = site.file_of(label.place)
            declared = declaration_at(file, label.place)
            for word, less in SURE if declared is not None else ():
                change = opened(file, declared, word) if declared is not None else None
                if change is not None:
                    yield patch(f"make it `{word}`", 0.8 - less, change)


PLUGIN = Mend(
    codes=("E0425",),
    title="open an item that is private",
    cites=("docs:reference/visibility-and-privacy.html", "docs:error_codes/E0425.html"),
    examples=(
        Example(
            """
mod sums {
    fn sum(one: u8, two: u8) -> u8 {
        one + two
    }
    pub fn zero() -> u8 {
        sum(0, 0)
    }
}
use sums::*;
pub fn twice(number: u8) -> u8 {
    zero() + sum(number, number)
}
""",
            """
mod sums {
    pub fn sum(one: u8, two: u8) -> u8 {
        one + two
    }
    pub fn zero() -> u8 {
        sum(0, 0)
    }
}
use sums::*;
pub fn twice(number: u8) -> u8 {
    zero() + sum(number, number)
}
""",
        ),
    ),
    patches=_patches,
)
