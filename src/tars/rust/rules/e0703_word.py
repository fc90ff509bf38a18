"""Leaves out, or puts right, a word that an item cannot have: an unknown ABI, a misplaced `static` or `unsafe`."""

import re
from collections.abc import Iterator

from tars.core.near import close_matches
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Change, Example, Patch, Place

_CALLING = ("C", "C-unwind", "Rust", "system", "system-unwind", "stdcall", "cdecl", "sysv64", "win64", "efiapi")


def _patches(site: Site) -> Iterator[Patch]:
    code = site.diagnostic.code
    if code == "E0703" and site.text.startswith('"'):
        near = close_matches(site.text.strip('"'), _CALLING, n=1)
        yield patch("the calling convention of C", 0.65 if near in ([], ["C"]) else 0.3, Change(site.place, '"C"'))
        for name in near:
            yield patch(f"the calling convention `{name}`", 0.5, Change(site.place, f'"{name}"'))
    elif code == "E0704":
        yield patch("let the crate see it", 0.45, site.file.replace(site.place, "crate"))
    elif code == "E0570":
        yield patch("the calling convention of the system", 0.5, Change(site.place, '"system"'))
        yield patch("the calling convention of C", 0.45, Change(site.place, '"C"'))
    elif code == "E0752":
        yield from _without(site, "async", "`main` is not async")
    elif code == "E0045":
        module = site.up("foreign_mod_item", "function_item")
        modifiers = next(site.file.walk("extern_modifier", within=module), None) if module else None
        abi = next(site.file.walk("string_literal", within=modifiers), None) if modifiers else None
        if abi is not None:
            yield patch("only C has variadic functions", 0.75, site.file.replace(abi, '"C"'))
    elif code == "E0197":
        yield from _without(site, "unsafe", "an `impl` without a trait is not unsafe")
    elif code == "E0697":
        yield from _without(site, "static", "closures are not static")
    elif code == "E0379":
        yield from _without(site, "const", "functions of traits are not const")


def _without(site: Site, word: str, reason: str) -> Iterator[Patch]:
    start = site.file.line_start(site.place.start)
    around = site.up("impl_item", "function_item", "function_signature_item", "closure_expression")
    start = around.start_byte if around is not None else start
    end = around.end_byte if around is not None else site.place.end
    found = re.search(rf"\b{word}\s+".encode(), site.file.data[start:end])
    if found:
        place = Place(site.file.path, start + found.start(), start + found.end())
        yield patch(reason, 0.8, Change(place, ""))


PLUGIN = Mend(
    codes=("E0045", "E0197", "E0379", "E0570", "E0697", "E0703", "E0704", "E0752"),
    title="write only the words that an item can have",
    cites=("docs:reference/items/external-blocks.html", "docs:error_codes/E0703.html"),
    examples=(
        Example("pub mod one {\n    pub(see) struct Dog;\n}\n", "pub mod one {\n    pub(crate) struct Dog;\n}\n"),
        Example('pub extern "stdcall" fn one() {}\n', 'pub extern "system" fn one() {}\n'),
        Example("async fn main() {}\n", "fn main() {}\n"),
        Example(
            """
extern "Rust" {
    pub fn show(n: u8, ...);
}
""",
            """
extern "C" {
    pub fn show(n: u8, ...);
}
""",
        ),
        Example(
            """
pub struct Dog;
unsafe impl Dog {}
""",
            """
pub struct Dog;
impl Dog {}
""",
        ),
        Example(
            """
pub trait Nine {
    const fn nine() -> u8;
}
""",
            """
pub trait Nine {
    fn nine() -> u8;
}
""",
        ),
        Example(
            """
pub fn one() -> u8 {
    let give = static || 1;
    give()
}
""",
            """
pub fn one() -> u8 {
    let give = || 1;
    give()
}
""",
        ),
        Example(
            """
pub extern "see" fn one() -> u8 {
    1
}
""",
            """
pub extern "C" fn one() -> u8 {
    1
}
""",
        ),
    ),
    patches=_patches,
)
