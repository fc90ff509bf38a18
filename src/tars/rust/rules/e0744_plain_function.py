"""Takes `const` from a function that waits: nothing can wait while the compiler evaluates."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.values import Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    message = site.diagnostic.message
    if "not allowed in" not in message or not ("async" in message or "await" in message):
        return
    function = enclosing_function(site.node)
    modifiers = next((one for one in function.children if one.type == "function_modifiers"), None) if function else None
    word = next((one for one in modifiers.children if one.type == "const"), None) if modifiers is not None else None
    if word is None:
        return
    end = word.end_byte
    while site.file.data[end : end + 1].isspace():
        end += 1
    yield patch("let it be called at run time only", 0.5, site.file.delete(Place(site.file.path, word.start_byte, end)))


PLUGIN = Mend(
    codes=("E0744", "E0658"),
    title="take `const` from a function that waits",
    cites=("docs:error_codes/E0744.html", "docs:reference/const_eval.html#const-functions"),
    examples=(
        Example(
            """
use std::future::Future;
pub const fn later(number: u8) -> impl Future<Output = u8> {
    async move { number + 1 }
}
""",
            """
use std::future::Future;
pub fn later(number: u8) -> impl Future<Output = u8> {
    async move { number + 1 }
}
""",
        ),
    ),
    patches=_patches,
)
