"""Ends what the file ends within: a `;` behind its last item."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    message = site.diagnostic.message
    if message.endswith("found `<eof>`") and "`;`" in message:
        end = len(site.file.data.rstrip())
        yield patch("end the last item", 0.85, site.file.insert(end, ";"))


PLUGIN = Mend(
    codes=("",),
    title="end the last item of a file",
    cites=("docs:reference/items.html",),
    examples=(Example("pub const ONE: [u8; 1] = [\n    1,\n]\n", "pub const ONE: [u8; 1] = [\n    1,\n];\n"),),
    patches=_patches,
)
