"""Says whether a raw pointer is one to write through: `*T` → `*mut T`, or `*const T`."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if not site.diagnostic.message.startswith("expected `mut` or `const` keyword in raw pointer type"):
        return
    at = site.file.data.find(b"*", max(site.place.start - 1, 0)) + 1
    # The compiler goes on as if it were `const`, and where that is wrong it says what is wanted instead.
    notes = [note.message for one in site.context.diagnostics if one.code == "E0308" for note in one.notes]
    is_mut = any("expected raw pointer `*mut" in note for note in notes)
    for word, sure in (("mut", 0.93 if is_mut else 0.5), ("const", 0.2 if is_mut else 0.9)):
        yield patch(f"it is a `*{word}`", sure, site.file.insert(at, f"{word} "))


PLUGIN = Mend(
    codes=("",),
    title="say whether a raw pointer is one to write through",
    cites=("docs:reference/types/pointer.html#raw-pointers-const-and-mut",),
    examples=(
        Example(
            """
pub fn first(all: &mut [u8]) -> *u8 {
    all.as_mut_ptr()
}
pub unsafe fn clear(all: &mut [u8]) {
    let start: *mut u8 = first(all);
    unsafe { *start = 0 };
}
""",
            """
pub fn first(all: &mut [u8]) -> *mut u8 {
    all.as_mut_ptr()
}
pub unsafe fn clear(all: &mut [u8]) {
    let start: *mut u8 = first(all);
    unsafe { *start = 0 };
}
""",
        ),
        Example(
            "pub fn first(all: &[u8]) -> *u8 {\n    all.as_ptr()\n}\n",
            "pub fn first(all: &[u8]) -> *const u8 {\n    all.as_ptr()\n}\n",
        ),
    ),
    patches=_patches,
)
