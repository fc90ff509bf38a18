"""Makes a value where a type, a module or a macro is named: a literal, a constructor, a conversion, a path."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_type, derived, fields, name_of
from tars.rust.rules_support.makers import taking
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.types import NUMBERS
from tars.rust.values import Example, Patch

_EMPTY = {"String": "String::new()", "Vec": "Vec::new()", "HashMap": "HashMap::new()", "HashSet": "HashSet::new()"}
_FROM = ("String", "PathBuf", "Box", "Rc", "Arc", "RefCell", "Cell", "Mutex", "RwLock")


def _patches(site: Site) -> Iterator[Patch]:
    written = site.text
    call = site.node if site.node.type == "call_expression" else None
    if call is None and site.node.parent is not None and site.node.parent.type == "call_expression":
        around = site.node.parent
        function = around.child_by_field_name("function")
        call = around if function is not None and function.id == site.node.id else None
    function = call.child_by_field_name("function") if call else None
    name = site.file.text(function) if function is not None else written
    listed = call.child_by_field_name("arguments") if call else None
    given = children(listed) if listed else []
    message = site.diagnostic.message
    if "macro" in message:
        yield patch("call the macro with `!`", 0.8, site.file.insert(site.place.end, "!"))
    elif "module" in message:
        yield from _path(site)
    elif call is not None:
        yield from _called(site, call, name, given)
    else:
        yield from _named(site, name)


def _path(site: Site) -> Iterator[Patch]:
    """`mem.swap(…)` → `mem::swap(…)`."""
    around = site.node.parent
    dot = site.node.next_sibling
    if around is not None and around.type == "field_expression" and dot is not None and dot.type == ".":
        yield patch("write a path with `::`", 0.75, site.file.replace(dot, "::"))


def _called(site: Site, call: Node, name: str, given: list[Node]) -> Iterator[Patch]:
    texts = [site.file.text(one) for one in given]
    if name in NUMBERS and len(given) == 1:
        inner = texts[0] if given[0].type in ("identifier", "integer_literal", "float_literal") else f"({texts[0]})"
        yield patch(f"convert it to `{name}`", 0.6, site.file.replace(call, f"{inner} as {name}"))
        return
    last = name.rpartition("::")[2]
    found = declared_type(site.context, name)
    if found is not None and found[1].type == "struct_item":
        own = fields(*found)
        body = found[1].child_by_field_name("body")
        if body is not None and body.type == "field_declaration_list" and len(own) == len(given):
            pairs = [
                field if field == text else f"{field}: {text}" for (field, _), text in zip(own, texts, strict=True)
            ]
            literal = f"{name} {{ {', '.join(pairs)} }}"
            yield patch("give the fields by their names", 0.68, site.file.replace(call, literal))
        for maker in taking(site.context, last, len(given)):
            whole = f"{name}::{maker}({', '.join(texts)})"
            yield patch(f"make it with `{maker}`", 0.6, site.file.replace(call, whole))
    elif last in _FROM and len(given) == 1:
        word = "from" if last in ("String", "PathBuf") else "new"
        yield patch(f"make it with `{word}`", 0.66, site.file.replace(call, f"{name}::{word}({texts[0]})"))
    elif not given and site.context.symbols.implements(last, "Default"):
        yield patch("make an empty one", 0.5, site.file.replace(call, f"{name}::new()"))


def _named(site: Site, name: str) -> Iterator[Patch]:
    """A type alone, where a value of it is asked for."""
    last = name.rpartition("::")[2]
    found = declared_type(site.context, name)
    if found is not None and found[1].type == "struct_item":
        own = fields(*found)
        around = {local.name for local in site.context.symbols.locals_at(site.place)}
        for maker in taking(site.context, last, 0):
            yield patch(f"make it with `{maker}`", 0.6, site.file.replace(site.place, f"{name}::{maker}()"))
        if own and all(field in around for field, _ in own):
            inner = ", ".join(field for field, _ in own)
            yield patch("fill its fields", 0.6, site.file.replace(site.place, f"{name} {{ {inner} }}"))
        if "Default" in derived(*found):
            yield patch("take the default", 0.5, site.file.replace(site.place, f"{name}::default()"))
    elif found is not None and found[1].type == "enum_item":
        for variant in found[0].walk("enum_variant", within=found[1]):
            if variant.child_by_field_name("body") is None:
                text = f"{name}::{name_of(found[0], variant)}"
                yield patch(f"`{text}` is meant", 0.3, site.file.replace(site.place, text))
    elif last in _EMPTY:
        yield patch("make an empty one", 0.6, site.file.replace(site.place, f"{name}::new()"))
    elif last in NUMBERS or last == "bool":
        yield patch("take its default", 0.3, site.file.replace(site.place, "false" if last == "bool" else "0"))


PLUGIN = Mend(
    codes=("E0423",),
    title="make a value of what is named",
    cites=("docs:error_codes/E0423.html", "docs:book/ch05-01-defining-structs.html"),
    examples=(
        Example(
            """
pub struct Point {
    x: i32,
    y: i32,
}
pub fn origin() -> Point {
    Point(0, 0)
}
""",
            """
pub struct Point {
    x: i32,
    y: i32,
}
pub fn origin() -> Point {
    Point { x: 0, y: 0 }
}
""",
        ),
        Example(
            """
pub struct Point {
    x: i32,
}
impl Point {
    pub fn new() -> Self {
        Point { x: 1 }
    }
}
pub fn origin() -> Point {
    Point
}
""",
            """
pub struct Point {
    x: i32,
}
impl Point {
    pub fn new() -> Self {
        Point { x: 1 }
    }
}
pub fn origin() -> Point {
    Point::new()
}
""",
        ),
        Example(
            """
pub fn half(count: u32) -> f64 {
    f64(count) / 2.0
}
""",
            """
pub fn half(count: u32) -> f64 {
    count as f64 / 2.0
}
""",
        ),
        Example(
            """
mod shapes {
    pub fn area() -> u8 {
        1
    }
}
pub fn total() -> u8 {
    shapes.area()
}
""",
            """
mod shapes {
    pub fn area() -> u8 {
        1
    }
}
pub fn total() -> u8 {
    shapes::area()
}
""",
        ),
        Example(
            """
pub fn greet() -> String {
    String("hello")
}
""",
            """
pub fn greet() -> String {
    String::from("hello")
}
""",
        ),
    ),
    patches=_patches,
)
