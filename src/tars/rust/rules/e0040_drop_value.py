"""Drops a value where its destructor is called: the value itself, not the reference that `Drop::drop` takes."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    call = site.up("call_expression")
    function = call.child_by_field_name("function") if call is not None else None
    listed = call.child_by_field_name("arguments") if call is not None else None
    if call is None or function is None or listed is None:
        return
    if function.type == "field_expression":
        value = function.child_by_field_name("value")
    else:
        given = children(listed)
        value = given[0] if len(given) == 1 else None
        while value is not None and value.type == "reference_expression":
            value = value.child_by_field_name("value")
    if value is not None:
        yield patch("drop the value itself", 0.85, site.file.replace(call, f"drop({site.file.text(value)})"))


PLUGIN = Mend(
    codes=("E0040",),
    title="drop a value by `drop`",
    cites=("docs:error_codes/E0040.html", "docs:std/mem/fn.drop.html"),
    examples=(
        Example(
            """
pub struct Guard(pub u8);
impl Drop for Guard {
    fn drop(&mut self) {}
}
pub fn end(mut guard: Guard) {
    Guard::drop(&mut guard);
}
""",
            """
pub struct Guard(pub u8);
impl Drop for Guard {
    fn drop(&mut self) {}
}
pub fn end(mut guard: Guard) {
    drop(guard);
}
""",
        ),
        Example(
            """
pub struct Guard(pub u8);
impl Drop for Guard {
    fn drop(&mut self) {}
}
pub struct Door { pub guard: Guard }
pub fn end(door: Door) {
    door.guard.drop();
}
""",
            """
pub struct Guard(pub u8);
impl Drop for Guard {
    fn drop(&mut self) {}
}
pub struct Door { pub guard: Guard }
pub fn end(door: Door) {
    drop(door.guard);
}
""",
        ),
    ),
    patches=_patches,
)
