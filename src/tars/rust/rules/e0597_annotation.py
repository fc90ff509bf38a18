"""Mends a variable that is annotated to hold only what lives for ever, and is given what does not."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    label = site.label("type annotation requires that")
    if label is None or label.place.path != site.file.path:
        return
    text = site.file.text(label.place)
    less = re.sub(r"&'static\s+", "&", text)
    if less != text:
        yield patch("let it hold what lives shorter", 0.75, site.file.replace(label.place, less))


PLUGIN = Mend(
    codes=("E0597", "E0716"),
    title="annotate a variable with no more than its values can promise",
    cites=("docs:error_codes/E0597.html", "docs:rust-by-example/scope/lifetime/static_lifetime.html"),
    examples=(
        Example(
            'pub fn show() {\n    let x = 5;\n    let seen: &\'static u8 = &x;\n    println!("{seen}");\n}\n',
            'pub fn show() {\n    let x = 5;\n    let seen: &u8 = &x;\n    println!("{seen}");\n}\n',
        ),
        Example(
            'pub fn show() {\n    let seen: &\'static String = &String::from("a");\n    println!("{seen}");\n}\n',
            'pub fn show() {\n    let seen: &String = &String::from("a");\n    println!("{seen}");\n}\n',
        ),
    ),
    patches=_patches,
)
