"""Names a parameter where a pattern may not stand."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    names = [name for name in re.findall(r"[a-z_]\w*", site.text) if name not in ("mut", "ref", "_")]
    bare = re.fullmatch(r"(?:&\s*)?(?:mut\s+)?(\w+)", site.text)
    name = bare[1] if bare else "_".join(names) if len(names) < 4 else names[0]
    if name:
        yield patch("give it a name", 0.7, site.file.replace(site.place, name))


PLUGIN = Mend(
    codes=("E0130", "E0561", "E0642"),
    title="name the parameter instead of taking it apart",
    cites=("docs:error_codes/E0642.html", "docs:error_codes/E0130.html"),
    examples=(
        Example("pub type Show = fn(mut n: u8);\n", "pub type Show = fn(n: u8);\n"),
        Example(
            'extern "C" {\n    pub fn far((x, y): (u32, u32)) -> u32;\n}\n',
            'extern "C" {\n    pub fn far(x_y: (u32, u32)) -> u32;\n}\n',
        ),
        Example(
            "pub trait Far {\n    fn far((x, y): (u32, u32)) -> u32;\n}\n",
            "pub trait Far {\n    fn far(x_y: (u32, u32)) -> u32;\n}\n",
        ),
    ),
    patches=_patches,
)
