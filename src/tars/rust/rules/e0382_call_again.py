"""Mends a closure that is called more often than it may: its bound is `Fn`, or it clones what it gives away."""

from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.opened import opened
from tars.rust.rules_support.statements import parameter_of
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    bound = site.label("is made to be an `FnOnce` closure here")
    if bound is not None:
        yield from _bounds(site, bound.place)
    moved = site.noted("cannot be invoked more than once because it moves")
    if moved is not None:
        file = site.file_of(moved)
        name = file.text(moved)
        yield patch(f"give away a clone of `{name}`", 0.6, file.insert(moved.end, ".clone()"))
        argument = opened(file).node_at(moved).parent
        if argument is not None and argument.type == "arguments":
            yield patch(f"lend `{name}`", 0.5, file.insert(moved.start, "&"))


def _bounds(site: Site, place: Place) -> Iterator[Patch]:
    file = site.file_of(place)
    if not file.text(place).startswith("FnOnce"):
        return
    trait = Place(place.path, place.start, place.start + len("FnOnce"))
    yield patch("ask for a closure that can be called again", 0.82, Change(trait, "Fn"))
    called = opened(site.file).node_at(site.place)
    parameter = parameter_of(opened(site.file), site.text.partition("(")[0], called)
    if parameter is not None and not any(child.type == "mutable_specifier" for child in parameter.children):
        mutable = site.file.insert(parameter.start_byte, "mut ")
        yield patch("ask for a closure that can be called again", 0.7, Change(trait, "FnMut"), mutable)


PLUGIN = Mend(
    codes=("E0382",),
    title="let a closure be called again",
    cites=("docs:error_codes/E0382.html", "docs:book/ch13-01-closures.html"),
    examples=(
        Example(
            "pub fn twice<F: FnOnce(u8) -> u8>(f: F) -> u8 {\n    f(1) + f(2)\n}\n",
            "pub fn twice<F: Fn(u8) -> u8>(f: F) -> u8 {\n    f(1) + f(2)\n}\n",
        ),
        Example(
            "pub fn twice(f: impl FnOnce()) {\n    f();\n    f();\n}\n\npub fn count(mut n: u8) {\n"
            "    twice(|| n += 1);\n}\n",
            "pub fn twice(mut f: impl FnMut()) {\n    f();\n    f();\n}\n\npub fn count(mut n: u8) {\n"
            "    twice(|| n += 1);\n}\n",
        ),
        Example(
            "pub fn twice(text: String) {\n    let f = || drop(text);\n    f();\n    f();\n}\n",
            "pub fn twice(text: String) {\n    let f = || drop(text.clone());\n    f();\n    f();\n}\n",
        ),
    ),
    patches=_patches,
)
