"""Says of a block of foreign functions that it is unsafe, as the edition of 2024 wants it: `unsafe extern "C" {`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.message.startswith("extern blocks must be unsafe"):
        start = site.place.start
        visible = site.up("foreign_mod_item")
        modifier = next((one for one in visible.children if one.type == "extern_modifier"), None) if visible else None
        yield patch("say `unsafe extern`", 0.9, site.file.insert(modifier.start_byte if modifier else start, "unsafe "))


PLUGIN = Mend(
    codes=("",),
    title="say that a block of foreign functions is unsafe",
    cites=("docs:reference/items/external-blocks.html", "docs:edition-guide/rust-2024/unsafe-extern.html"),
    examples=(
        Example(
            'extern "C" {\n    fn abs(x: i32) -> i32;\n}\npub fn a(x: i32) -> i32 {\n    unsafe { abs(x) }\n}\n',
            'unsafe extern "C" {\n    fn abs(x: i32) -> i32;\n}\npub fn a(x: i32) -> i32 {\n    unsafe { abs(x) }\n}\n',
            edition="2024",
        ),
    ),
    patches=_patches,
)
