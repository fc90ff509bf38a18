"""Puts the `!` back behind a macro that is called among items: `check {…}` → `check! {…}`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_SAID = re.compile(r"missing `(?:enum|struct|fn|trait|union|enum` or `\w+)` for \w+ definition|expected one of `!`")


def _patches(site: Site) -> Iterator[Patch]:
    if not _SAID.search(site.diagnostic.message):
        return
    found = re.match(rb"\s*(\w+)", site.file.data[site.place.start :])
    if found is None:
        return
    own = {
        file.text(called)
        for file in site.context.files.values()
        for macro in file.walk("macro_definition")
        if (called := macro.child_by_field_name("name")) is not None
    }
    name = found[1].decode("utf-8", "replace")
    if name in own or name in ("thread_local", "macro_rules", "compile_error", "include"):
        yield patch(f"`{name}` is a macro", 0.85, site.file.insert(site.place.start + found.end(), "!"))


PLUGIN = Mend(
    codes=("",),
    title="put the `!` back behind a macro",
    cites=("docs:reference/macros.html", "docs:book/ch20-05-macros.html"),
    examples=(
        Example(
            """
macro_rules! check {
    ($($it:expr),+ $(,)?) => { $(const _: () = assert!($it);)+ };
}
check {
    1 < 2,
    2 < 3,
}
""",
            """
macro_rules! check {
    ($($it:expr),+ $(,)?) => { $(const _: () = assert!($it);)+ };
}
check! {
    1 < 2,
    2 < 3,
}
""",
        ),
    ),
    patches=_patches,
)
