"""Spells a name as it is declared, or the declaration as everything else has it."""

from collections.abc import Iterator

from tars.rust.graph.spelling import nearest
from tars.rust.rules_support.mend import Mend, Site, enclosing_function, patch
from tars.rust.rules_support.names import mentions, replaced
from tars.rust.rules_support.unknown import Unknown, same_missing, unknown_at
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    if missing is None or not missing.name.isidentifier():
        return
    places = same_missing(site, missing.name)
    if not missing.here:
        before = site.diagnostic.message.rpartition("`")[0].rpartition("`")[2]
        for wanted in nearest(missing.name, site.context.symbols.names_in(before, site.place))[:2]:
            yield patch(f"`{wanted}` is meant", 0.62, site.file.replace(site.place, wanted))
        return
    yield from _declaration(site, missing)
    yield from _glued(site, missing.name)
    found = _candidates(site, missing)
    for number, wanted in enumerate(found[:4]):
        sure = 0.64 - 0.1 * number
        if len(places) > 1:
            every = replaced(site.file, places, wanted)
            yield patch(f"`{wanted}` is meant, {len(places)} times", sure, *every)
        yield patch(f"`{wanted}` is meant", sure - 0.02, *replaced(site.file, [site.place], wanted))


def _glued(site: Site, name: str) -> Iterator[Patch]:
    """Two names without what stands between them: `shapesCircle`, `self0`."""
    symbols = site.context.symbols
    if name.startswith("self") and len(name) > len("self") and site.up("function_item") is not None:
        yield patch("put a `.` behind `self`", 0.5, site.file.insert(site.place.start + len("self"), "."))
    scope = set(symbols.names_in("self", site.place))
    for at in range(2, len(name) - 1):
        if name[:at] in scope and name[at:] in symbols.names_in(name[:at], site.place):
            change = site.file.insert(site.place.start + len(name[:at].encode()), "::")
            yield patch(f"`{name[:at]}::{name[at:]}` is meant", 0.7, change)


def _candidates(site: Site, missing: Unknown) -> list[str]:
    """Names in scope that are spelt alike: locals first where a value is asked for, functions where one is called."""
    symbols = site.context.symbols
    names = [name for name in symbols.names_like(missing.name, site.place) if not name.startswith("'")]
    local = {one.name for one in symbols.locals_at(site.place)}
    if missing.is_type:
        return [name for name in names if name[:1].isupper() or (name not in local and name[-1:].isalnum())]
    if missing.is_call:
        return sorted(names, key=lambda name: name in local)
    return sorted(names, key=lambda name: name not in local)


def _declaration(site: Site, missing: Unknown) -> Iterator[Patch]:
    """A local that nothing uses, spelt like what is missing: the declaration has the slip."""
    function = enclosing_function(site.node)
    if function is None or missing.is_type or missing.is_call:
        return
    found = {one.name: one for one in site.context.symbols.locals_at(site.place) if one.kind in ("let", "parameter")}
    for name in nearest(missing.name, found)[:1]:
        if len(mentions(site.file, function, name)) == 1 and len(mentions(site.file, function, missing.name)) > 1:
            changes = replaced(site.file, [found[name].place], missing.name)
            yield patch(f"`{name}` is meant to be `{missing.name}`, which is used", 0.66, *changes)


PLUGIN = Mend(
    codes=("E0425", "E0412", "E0422"),
    title="spell the name as it is declared",
    cites=("docs:error_codes/E0425.html", "docs:reference/names/scopes.html"),
    examples=(
        Example(
            """
pub fn double(count: u8) -> u8 {
    let half = cuont;
    cuont + half
}
""",
            """
pub fn double(count: u8) -> u8 {
    let half = count;
    count + half
}
""",
        ),
        Example(
            """
pub fn double(cuont: u8) -> u8 {
    let half = count;
    count + half
}
""",
            """
pub fn double(count: u8) -> u8 {
    let half = count;
    count + half
}
""",
        ),
        Example(
            """
pub struct Point {
    pub x: i32,
}
pub fn origin() -> Point {
    Pont { x: 0 }
}
""",
            """
pub struct Point {
    pub x: i32,
}
pub fn origin() -> Point {
    Point { x: 0 }
}
""",
        ),
        Example(
            """
pub fn largest() -> f64 {
    std::f64::consts::PHI
}
""",
            """
pub fn largest() -> f64 {
    std::f64::consts::PI
}
""",
        ),
    ),
    patches=_patches,
)
