"""Lets a method that borrows its value to write give a loan that may be written to, where that is what is done."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import Found, items, name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.values import Example, Patch

_STATEMENTS = ("expression_statement", "let_declaration", "block")


def _patches(site: Site) -> Iterator[Patch]:
    if "`&` reference" not in site.diagnostic.message:
        return
    seen: set[str] = set()
    for call in _calls(site):
        function = call.child_by_field_name("function")
        field = function.child_by_field_name("field") if function is not None else None
        name = site.file.text(field) if field is not None else ""
        if not name or name in seen:
            continue
        seen.add(name)
        for file, method in items(site.context, "function_item", name=name):
            lent = method.child_by_field_name("return_type")
            if lent is not None and _writes((file, method)) and _is_shared(lent):
                start = next((one.end_byte for one in lent.children if one.type == "lifetime"), lent.start_byte + 1)
                text = " mut" if start > lent.start_byte + 1 else "mut "
                yield patch(f"let `{name_of(file, method)}` lend to write", 0.8, file.insert(start, text))


def _calls(site: Site) -> Iterator[Node]:
    """The calls within what is pointed at, else in its statement, those nearest to the place first."""
    yield from site.file.walk("call_expression", within=site.node)
    for around in ancestors(site.node):
        if around.type in _STATEMENTS:
            return
        if around.type == "call_expression":
            yield around


def _writes(found: Found) -> bool:
    """Whether a method takes its value, or anything else, to write."""
    file, method = found
    return any("&mut" in file.text(one).replace(" ", "") or "mut self" in file.text(one) for one in parameters(method))


def _is_shared(type_: Node) -> bool:
    return type_.type == "reference_type" and not any(one.type == "mutable_specifier" for one in type_.children)


PLUGIN = Mend(
    codes=("E0594", "E0596"),
    title="let a method lend to write",
    cites=("docs:error_codes/E0594.html", "docs:book/ch04-02-references-and-borrowing.html"),
    examples=(
        Example(
            """
pub struct Header {
    pub size: usize,
}
pub struct Many(Header);
impl Many {
    fn header_mut(&mut self) -> &Header {
        &mut self.0
    }
    pub fn grow(&mut self) {
        self.header_mut().size += 1;
    }
}
""",
            """
pub struct Header {
    pub size: usize,
}
pub struct Many(Header);
impl Many {
    fn header_mut(&mut self) -> &mut Header {
        &mut self.0
    }
    pub fn grow(&mut self) {
        self.header_mut().size += 1;
    }
}
""",
        ),
        Example(
            """
pub struct Many(Vec<u8>);
impl Many {
    fn all(&mut self) -> &Vec<u8> {
        &mut self.0
    }
    pub fn grow(&mut self) {
        self.all().push(1);
    }
}
""",
            """
pub struct Many(Vec<u8>);
impl Many {
    fn all(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
    pub fn grow(&mut self) {
        self.all().push(1);
    }
}
""",
        ),
    ),
    patches=_patches,
)
