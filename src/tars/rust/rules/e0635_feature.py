"""Drops `#![feature(…)]`: a stable compiler refuses it, and no compiler knows every name."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, deleted_line, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    attribute = site.up("inner_attribute_item")
    if attribute is None or "feature" not in site.file.text(attribute):
        return
    inside = re.search(r"feature\s*\(([^)]*)\)", site.file.text(attribute))
    names = [name.strip() for name in inside[1].split(",") if name.strip()] if inside is not None else []
    if site.diagnostic.code == "E0635" and len(names) > 1 and site.text in names:
        rest = ", ".join(name for name in names if name != site.text)
        yield patch(
            f"drop the feature `{site.text}`, which is unknown",
            0.6,
            site.file.replace(attribute, f"#![feature({rest})]"),
        )
    yield patch("do without features: this compiler is a stable one", 0.7, deleted_line(site.file, attribute))


PLUGIN = Mend(
    codes=("E0635", "E0554"),
    title="do without a feature gate",
    cites=("docs:error_codes/E0635.html", "docs:error_codes/E0554.html"),
    examples=(
        Example(
            """#![feature(box_patterns_of_the_future)]
pub fn one() -> u8 {
    1
}
""",
            """pub fn one() -> u8 {
    1
}
""",
        ),
    ),
    patches=_patches,
)
