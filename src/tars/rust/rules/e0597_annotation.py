"""Mends a variable that is annotated to hold only what lives for ever, and is given what does not."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import bound_names, index_in, mentions, moved_before, siblings, statements
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    label = site.label("type annotation requires that")
    if label is None or label.place.path != site.file.path:
        return
    text = site.file.text(label.place)
    less = re.sub(r"&'static\s+", "&", text)
    if less == text:
        return
    change = site.file.replace(label.place, less)
    longer = _declared_further_out(site, label.place)
    if longer:
        yield patch("let it hold what lives shorter, and let that live long enough", 0.7, change, *longer)
    yield patch("let it hold what lives shorter", 0.75, change)


def _declared_further_out(site: Site, annotation: Place) -> tuple[Change, ...]:
    """The value's declaration put before the block that ends before the annotated variable's last use."""
    file = site.file
    declared = site.label("declared here")
    holder = file.node_of(annotation, "let_declaration")
    names = bound_names(file, holder) if holder is not None else []
    statement = file.node_of(declared.place, "let_declaration") if declared is not None else None
    if holder is None or statement is None or not names or statement.parent == holder.parent:
        return ()
    found = siblings(file, annotation, Place(file.path, statement.start_byte, statement.end_byte))
    if found is None or found[1].type not in ("block", "expression_statement"):
        return ()
    block = statements(holder.parent) if holder.parent is not None else []
    later = block[index_in(block, found[1]) + 1 :]
    if not any(mentions(file, one, name) for one in later for name in names):
        return ()
    return moved_before(file, statement, found[1])


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
        Example(
            "fn set<T>(to: &mut T, from: T) {\n    *to = from;\n}\n\npub fn show() {\n"
            '    let mut seen: &\'static str = "a";\n    {\n        let text = String::new();\n'
            '        set(&mut seen, &text);\n    }\n    println!("{seen}");\n}\n',
            "fn set<T>(to: &mut T, from: T) {\n    *to = from;\n}\n\npub fn show() {\n"
            '    let mut seen: &str = "a";\n    let text = String::new();\n    {\n'
            '        set(&mut seen, &text);\n    }\n    println!("{seen}");\n}\n',
        ),
    ),
    patches=_patches,
)
