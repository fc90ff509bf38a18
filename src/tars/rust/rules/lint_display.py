"""Turns an inherent `to_string` into an implementation of `Display`, which gives `to_string` to all."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import beginning, removed
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.statements import statements
from tars.rust.values import Example, Patch, Place

_FORMATTED = "format!("


def _patches(site: Site) -> Iterator[Patch]:
    method = site.up("function_item")
    block = site.file.node_of(site.file.place(method), "impl_item") if method is not None else None
    if method is None or block is None or block.child_by_field_name("trait") is not None:
        return
    body, owner = method.child_by_field_name("body"), block.child_by_field_name("type")
    members = block.child_by_field_name("body")
    if body is None or owner is None or members is None:
        return
    generics = block.child_by_field_name("type_parameters")
    indent = site.file.indent(block.start_byte)
    above = Place(site.file.path, beginning(method).start_byte, method.start_byte)
    lines = [
        f"impl{site.file.text(generics) if generics else ''} std::fmt::Display for {site.file.text(owner)} {{",
        f"    {site.file.text(above)}fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{",
        *_written(site, body),
        "    }",
        "}",
    ]
    text = f"\n{indent}".join(lines)
    if len(children(members)) == 1:
        yield patch("implement `Display`", 0.85, site.file.replace(block, text))
        return
    cut = removed(site.file, method)
    yield patch("implement `Display`", 0.8, cut, site.file.insert(block.end_byte, f"\n\n{indent}{text}"))


def _written(site: Site, body: Node) -> Iterator[str]:
    """The lines that write what the body makes."""
    inside = statements(body)
    last = site.file.text(inside[-1]) if inside else ""
    if len(inside) == 1 and last.startswith(_FORMATTED) and "\n" not in last:
        yield f"        write!(f, {last.removeprefix(_FORMATTED)}"
        return
    made = site.file.text(body).replace("\n", "\n    ")
    yield f"        let text: String = {made};"
    yield "        f.write_str(&text)"


PLUGIN = Mend(
    codes=("clippy::inherent_to_string",),
    title="implement `Display` instead of `to_string`",
    cites=("tool:clippy::inherent_to_string", "docs:std/fmt/trait.Display.html"),
    examples=(
        Example(
            """
pub struct Point(i32, i32);

impl Point {
    pub fn to_string(&self) -> String {
        format!("({}, {})", self.0, self.1)
    }
}
""",
            """
pub struct Point(i32, i32);

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({}, {})", self.0, self.1)
    }
}
""",
        ),
        Example(
            """
pub struct Word(String);

impl Word {
    pub fn new(text: &str) -> Self {
        Word(text.to_string())
    }

    /// The word, in capitals.
    pub fn to_string(&self) -> String {
        let mut all = String::new();
        for letter in self.0.chars() {
            all.push(letter.to_ascii_uppercase());
        }
        all
    }
}
""",
            """
pub struct Word(String);

impl Word {
    pub fn new(text: &str) -> Self {
        Word(text.to_string())
    }
}

impl std::fmt::Display for Word {
    /// The word, in capitals.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text: String = {
            let mut all = String::new();
            for letter in self.0.chars() {
                all.push(letter.to_ascii_uppercase());
            }
            all
        };
        f.write_str(&text)
    }
}
""",
        ),
    ),
    patches=_patches,
)
