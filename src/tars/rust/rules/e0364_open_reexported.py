"""Makes public what a public interface shows: what `pub use` re-exports, and what a public trait or function names."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.visibility import declaration_at, opened
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0446":
        label = site.label("declared as private")
        node = declaration_at(site.file_of(label.place), label.place) if label else None
        change = opened(site.file_of(label.place), node) if label and node else None
        if change is not None:
            yield patch(f"make `{site.words[0]}` public as the interface is that shows it", 0.65, change)
        return
    yield from _reexported(site)
    use = site.up("use_declaration")
    own = children(use, "visibility_modifier") if use else []
    if own and site.file.text(own[0]) == "pub":
        name = site.words[0] if site.words else "it"
        yield patch(f"re-export `{name}` within the crate only", 0.4, site.file.replace(own[0], "pub(crate)"))


def _reexported(site: Site) -> Iterator[Patch]:
    written = site.text.partition(" as ")[0]
    name = written.rpartition("::")[2]
    paths = site.context.symbols.paths_of(name, site.place)
    for path in (written, *paths, name):
        place = site.context.symbols.definition(path)
        if place is None:
            continue
        file = site.file_of(place)
        node = declaration_at(file, place)
        change = opened(file, node) if node else None
        if node is not None and change is not None:
            yield patch(f"make `{name}` public, as its re-export is", 0.65, change)
        return


PLUGIN = Mend(
    codes=("E0364", "E0365", "E0446"),
    title="make public what a public interface shows",
    cites=(
        "docs:error_codes/E0364.html",
        "docs:error_codes/E0365.html",
        "docs:error_codes/E0446.html",
        "docs:reference/visibility-and-privacy.html",
    ),
    examples=(
        Example(
            """
mod shapes {
    pub(crate) struct Circle;
}
pub use shapes::Circle;
""",
            """
mod shapes {
    pub struct Circle;
}
pub use shapes::Circle;
""",
        ),
        Example(
            """
mod shapes {
    pub const SIDES: u8 = 4;
}
pub use shapes as forms;
""",
            """
pub mod shapes {
    pub const SIDES: u8 = 4;
}
pub use shapes as forms;
""",
        ),
        Example(
            """
struct Ounce;
pub trait Weigh {
    type Unit;
}
impl Weigh for u8 {
    type Unit = Ounce;
}
""",
            """
pub struct Ounce;
pub trait Weigh {
    type Unit;
}
impl Weigh for u8 {
    type Unit = Ounce;
}
""",
        ),
    ),
    patches=_patches,
)
