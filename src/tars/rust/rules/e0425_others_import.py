"""Imports what other files of the crate import, where a name is missing that macros make and no index knows."""

import re
from collections import Counter
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.unknown import unknown_at
from tars.rust.values import Example, Patch

_EVERY = re.compile(r"^(?:pub(?:\([^)]*\))? )?use ([\w:]+::\*);$")
_NAMED = re.compile(r"\buse ([\w:]+);$")
_PATHS_MAX = 4


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    if missing is None or not missing.here:
        return
    here = {site.file.text(one) for one in site.file.walk("use_declaration")}
    named: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for path, file in site.context.files.items():
        for node in file.walk("use_declaration") if path != site.file.path else ():
            text = " ".join(file.text(node).split())
            if text in here or re.search(r"\b(super|self)::", text):
                continue
            if found := _NAMED.search(text):
                named[found[1]] += found[1].endswith(f"::{missing.name}")
            elif found := _EVERY.match(text):
                every[found[1]] += 1
    places = [one.primary for one in site.context.diagnostics if one.code == "E0425" and one.primary is not None]
    # Several names that are all misspelt are less likely than one import that is lost.
    several = len({site.file.text(one) for one in places if one.path == site.file.path}) > 1
    modules = [f"crate::{name}::*" for name in _modules(site)]
    ranked = [one for one, count in named.most_common() if count] + [one for one, _ in every.most_common()]
    for number, path in enumerate(list(dict.fromkeys([*ranked, *modules]))[:_PATHS_MAX]):
        sure = 0.5 if path in named else (0.74 if several and path in modules else 0.2) - 0.03 * number
        yield patch(f"import `{path}`, as others do", sure, site.file.insert_use(path, site.place))


def _modules(site: Site) -> Iterator[str]:
    """The crate's own files at its root whose text has the name, or what a macro would make it of."""
    word = re.compile(rb"\b" + re.escape(site.text.encode()) + rb"\b")
    for path, file in sorted(site.context.files.items()):
        found = re.fullmatch(r"src/(\w+)\.rs", path)
        if found and path != site.file.path and found[1] not in ("lib", "main") and word.search(file.data):
            yield found[1]


PLUGIN = Mend(
    codes=("E0425",),
    title="import what other files import",
    cites=("docs:error_codes/E0425.html", "docs:reference/items/use-declarations.html"),
    examples=(
        Example(
            """
mod made;
mod sums;
pub fn twice(number: u8) -> u8 {
    sums::next(made_one(number))
}
""",
            """
use crate::made::*;

mod made;
mod sums;
pub fn twice(number: u8) -> u8 {
    sums::next(made_one(number))
}
""",
            files={
                "made.rs": "macro_rules! make { ($it:ident) => { pub fn $it(n: u8) -> u8 { n } } }\nmake!(made_one);\n",
                "sums.rs": "use crate::made::*;\npub fn next(n: u8) -> u8 { made_one(n) }\n",
            },
        ),
    ),
    patches=_patches,
)
