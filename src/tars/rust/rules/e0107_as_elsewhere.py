"""Gives a type the last arguments that it has elsewhere: `Result<u8>` is a `Result<u8, Error>`, as its neighbours."""

import re
from collections import Counter
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.values import Example, Patch

_COUNTS = re.compile(r"takes (\d+) generic arguments? but (\d+) generic arguments? (?:was|were) supplied")
_OFFERED_MAX = 2


def _patches(site: Site) -> Iterator[Patch]:
    said = _COUNTS.search(site.diagnostic.message)
    use = next((one for one in (site.node, *ancestors(site.node)) if one.type == "generic_type"), None)
    listed = use.child_by_field_name("type_arguments") if use is not None else None
    given = children(listed) if listed is not None else []
    if said is None or not given or not len(given) == int(said[2]) < int(said[1]):
        return
    name, first = site.text.rpartition("::")[2], [site.file.text(one) for one in given]
    found: Counter[tuple[str, ...]] = Counter()
    for path in sorted(site.context.files):
        file = site.context.files[path]
        for other in file.walk("generic_type"):
            head, arguments = other.child_by_field_name("type"), other.child_by_field_name("type_arguments")
            texts = [file.text(one) for one in children(arguments)] if arguments is not None else []
            if head is None or len(texts) != int(said[1]) or file.text(head).rpartition("::")[2] != name:
                continue
            rest = tuple(texts[len(given) :])
            if not any(re.fullmatch(r"[A-Z]|_", one) or "'" in one for one in rest):
                found[rest] += (3 if texts[: len(given)] == first else 1) * (2 if path == site.file.path else 1)
    for number, (rest, _) in enumerate(found.most_common(_OFFERED_MAX)):
        text = ", ".join(rest)
        yield patch(
            f"it is given `{text}` elsewhere", 0.85 - 0.25 * number, site.file.insert(given[-1].end_byte, f", {text}")
        )


PLUGIN = Mend(
    codes=("E0107",),
    title="give a type the arguments that it has elsewhere",
    cites=("docs:error_codes/E0107.html", "docs:reference/items/generics.html"),
    examples=(
        Example(
            """
pub enum Error {
    Empty,
}
pub fn first(text: &str) -> Result<char, Error> {
    text.chars().next().ok_or(Error::Empty)
}
pub fn second(text: &str) -> Result<Option<char>> {
    first(text)?;
    Ok(text.chars().nth(1))
}
""",
            """
pub enum Error {
    Empty,
}
pub fn first(text: &str) -> Result<char, Error> {
    text.chars().next().ok_or(Error::Empty)
}
pub fn second(text: &str) -> Result<Option<char>, Error> {
    first(text)?;
    Ok(text.chars().nth(1))
}
""",
        ),
    ),
    patches=_patches,
)
