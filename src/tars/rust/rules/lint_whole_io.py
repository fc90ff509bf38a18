"""Reads and writes all that was asked for, where how much it was is not looked at."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch

_WHOLE = {"read": "read_exact", "write": "write_all"}


def _patches(site: Site) -> Iterator[Patch]:
    for call in site.file.walk("call_expression", within=site.node):
        function = call.child_by_field_name("function")
        field = function.child_by_field_name("field") if function is not None else None
        if field is not None and (whole := _WHOLE.get(site.file.text(field))):
            yield patch(f"`{whole}`, which does it all or fails", 0.85, site.file.replace(field, whole))


PLUGIN = Mend(
    codes=("clippy::unused_io_amount",),
    title="read and write all, or fail",
    cites=("tool:clippy::unused_io_amount", "docs:std/io/trait.Read.html#method.read_exact"),
    examples=(
        Example(
            """
use std::io::{self, Write};

pub fn greet(out: &mut impl Write) -> io::Result<()> {
    out.write(b"hello")?;
    Ok(())
}
""",
            """
use std::io::{self, Write};

pub fn greet(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"hello")?;
    Ok(())
}
""",
        ),
    ),
    patches=_patches,
)
