"""Mends a closure that can be called once only where it is to be called more often: it gives away a clone or a loan."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.opened import opened
from tars.rust.rules_support.traits import derives
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    moved = next((one for one in site.labels() if "it moves the variable" in one.text), None)
    changed = next((one for one in site.labels() if "it mutates the variable" in one.text), None)
    if moved is not None and moved.place.path == site.file.path:
        place = moved.place
        yield patch("give away a clone", 0.65, site.file.insert(place.end, ".clone()"))
        argument = opened(site.file).node_at(place).parent
        if argument is not None and argument.type == "arguments":
            yield patch("lend it", 0.45, site.file.insert(place.start, "&"))
        yield from _copied(site, place)
    if moved is not None or changed is not None:
        yield from _asked(site)


def _copied(site: Site, place: Place) -> Iterator[Patch]:
    """The variable's type made one that is copied."""
    type_ = site.context.types([place])[0]
    changes = derives(site.context, type_, "Copy") if type_ and re.fullmatch(r"\w+", type_) else None
    if changes:
        yield patch(f"derive `Copy` for `{type_}`", 0.55, *changes)


def _asked(site: Site) -> Iterator[Patch]:
    """The function that asks for too much asks for less."""
    found = re.search(
        r"implements the `(Fn|FnMut)` trait, but this closure only implements `(\w+)`", site.diagnostic.message
    )
    bound = next((one.place for one in site.labels() if "required by this bound" in one.text), None)
    if found is None or bound is None:
        return
    file = site.file_of(bound)
    if file.text(bound).startswith(found[1]):
        trait = Place(bound.path, bound.start, bound.start + len(found[1]))
        yield patch(f"ask for `{found[2]}` only", 0.5, Change(trait, found[2]))


PLUGIN = Mend(
    codes=("E0525",),
    title="let a closure be called as often as it is to be",
    cites=("docs:error_codes/E0525.html", "docs:book/ch13-01-closures.html"),
    examples=(
        Example(
            "fn call(f: impl Fn()) {\n    f();\n    f();\n}\n\npub fn twice(text: String) {\n"
            "    let f = || drop(text);\n    call(f);\n}\n",
            "fn call(f: impl Fn()) {\n    f();\n    f();\n}\n\npub fn twice(text: String) {\n"
            "    let f = || drop(text.clone());\n    call(f);\n}\n",
        ),
        Example(
            "fn call(f: impl Fn()) {\n    f();\n}\n\npub fn once(text: String) {\n    let f = || drop(text);\n"
            "    call(f);\n}\n",
            "fn call(f: impl FnOnce()) {\n    f();\n}\n\npub fn once(text: String) {\n"
            "    let f = || drop(text);\n    call(f);\n}\n",
        ),
    ),
    patches=_patches,
)
