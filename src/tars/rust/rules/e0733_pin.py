"""Boxes the future of an async function that calls itself."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    changes: list[Change] = []
    for label in site.labels():
        if "recursive call" in label.text and label.place.path == site.file.path:
            awaited = site.node_of(label.place)
            call = children(awaited)[0] if awaited.type == "await_expression" else awaited
            changes.append(site.file.insert(call.start_byte, "Box::pin("))
            changes.append(site.file.insert(call.end_byte, ")"))
    if changes:
        yield patch("put the call's future into a box", 0.8, *changes)


PLUGIN = Mend(
    codes=("E0733",),
    title="box the future of an async function that calls itself",
    cites=("docs:error_codes/E0733.html", "docs:std/boxed/struct.Box.html#method.pin"),
    examples=(
        Example(
            "pub async fn sum(n: u32) -> u32 {\n    if n == 0 { 0 } else { n + sum(n - 1).await }\n}\n",
            "pub async fn sum(n: u32) -> u32 {\n    if n == 0 { 0 } else { n + Box::pin(sum(n - 1)).await }\n}\n",
        ),
    ),
    patches=_patches,
)
